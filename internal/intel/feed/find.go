package feed

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-959697dd/soc/internal/intel/feed/ioc"
	"github.com/seed-959697dd/soc/internal/intel/feed/store"
)

// Link is how an entry of a feed and a value that was looked up belong together.
type Link uint8

// The links, the closest first.
const (
	Exact    Link = iota // the entry is the value
	Parent               // the entry is a domain that stands for the names below it
	Range                // the entry is a range in which the address lies
	Part                 // the entry is the host of the URL, or the domain of the mail address
	SameHost             // the entry is another URL on this host
)

// Hit is an entry of a feed that a value led to.
type Hit struct {
	Feed  string
	Entry ioc.Indicator
	Link  Link
	meta  *store.Meta
}

// Place names the entry as receipts do: feed and line, with the file between them in a feed of several.
func (h *Hit) Place() string {
	name := h.Feed
	if h.Entry.File != "" {
		name += "/" + h.Entry.File
	}
	return name + ":" + strconv.FormatInt(h.Entry.Line, 10)
}

// Answer is what the feeds know about a value.
type Answer struct {
	Value ioc.Value
	Hits  []Hit
	By    string // the warning list that says the value is no evidence
}

// Lookup tells what the feeds know about a text, which may be defanged. The error is about the text, or about a file.
func (s *Set) Lookup(text string) (Answer, error) {
	v, err := ioc.Parse(text)
	if err != nil {
		return Answer{}, err
	}
	a := Answer{Value: v, Hits: s.find(nil, v.Type, v.Text)}
	a.By = s.excuse(v.Type, v.Text, a.Hits)
	return a, s.Err()
}

// find appends what the feeds know about a value in its normal spelling.
func (s *Set) find(hits []Hit, typ ioc.Type, value string) []Hit {
	if len(s.feeds) == 0 {
		return hits
	}
	hits = s.whole(hits, typ, value)
	if kind, host := ioc.Within(typ, value); kind != ioc.None {
		hits = s.part(hits, kind, host)
	}
	return hits
}

// part looks up the host of a URL or of a mail address. What is found is one step farther away.
func (s *Set) part(hits []Hit, typ ioc.Type, value string) []Hit {
	n := len(hits)
	hits = s.whole(hits, typ, value)
	for i := n; i < len(hits); i++ {
		if hits[i].Link != SameHost {
			hits[i].Link = Part
		}
	}
	// A URL that is known itself is on its own host: that says nothing more.
	return slices.DeleteFunc(hits, func(h Hit) bool {
		return h.Link == SameHost && slices.ContainsFunc(hits[:n], func(e Hit) bool { return e.Feed == h.Feed })
	})
}

// maxParents bounds the names above a domain that are asked for; there is no reason for a deeper entry.
const maxParents = 8

// whole looks up a value and what stands for it.
func (s *Set) whole(hits []Hit, typ ioc.Type, value string) []Hit {
	key := store.KeyOf(typ, value)
	hosts := typ == ioc.IP || typ == ioc.Domain
	var host store.Key
	var addr netip.Addr
	if hosts {
		host = store.HostKey(value)
	}
	if typ == ioc.IP {
		addr, _ = netip.ParseAddr(value) // it is in its normal spelling
	}
	for _, f := range s.feeds {
		if f.has[typ] {
			hits = s.ask(hits, f, &key, Exact)
		}
		if typ == ioc.IP && f.ranges != nil {
			hits = s.askRange(hits, f, addr)
		}
		if hosts && f.has[ioc.URL] {
			hits = s.ask(hits, f, &host, SameHost)
		}
	}
	if typ == ioc.Domain && s.wild {
		hits = s.parents(hits, value)
	}
	return hits
}

// parents looks up the names above a domain. A public suffix is never met: the readers let none in that stands for names below it.
func (s *Set) parents(hits []Hit, name string) []Hit {
	for range maxParents {
		dot := strings.IndexByte(name, '.')
		name = name[dot+1:]
		if strings.IndexByte(name, '.') < 0 {
			break
		}
		key := store.KeyOf(ioc.Domain, name)
		for _, f := range s.feeds {
			if f.Meta.Wild > 0 && f.May(&key) {
				hits = s.ask(hits, f, &key, Parent)
			}
		}
	}
	return hits
}

func (s *Set) askRange(hits []Hit, f *one, addr netip.Addr) []Hit {
	p, ok := f.ranges.LookupPrefixLPM(netip.PrefixFrom(addr, addr.BitLen()))
	if !ok {
		return hits
	}
	key := store.KeyOf(ioc.CIDR, p.String())
	return s.ask(hits, f, &key, Range)
}

// ask appends what one feed knows under a key.
func (s *Set) ask(hits []Hit, f *one, key *store.Key, link Link) []Hit {
	if !f.May(key) {
		return hits
	}
	in, found, err := f.Find(key)
	if err != nil {
		s.fail(err)
		return hits
	}
	if !found || link == Parent && !in.Wild {
		return hits
	}
	return append(hits, Hit{Feed: f.Meta.Name, Entry: in, Link: link, meta: &f.Meta})
}

// fail keeps the first error for Err.
func (s *Set) fail(err error) { s.broken.CompareAndSwap(nil, &err) }

// excuse names the warning list that knows a value, or nothing. Where no more than its host is known, one that knows the host is enough.
// A list of hosts excuses a URL that is known itself only when it names nothing on the host: malware lies on good hosts, too.
func (s *Set) excuse(typ ioc.Type, value string, hits []Hit) string {
	kind, host := ioc.Within(typ, value)
	if kind != ioc.None && slices.ContainsFunc(hits, func(h Hit) bool { return h.Link < Part }) {
		kind = ioc.None
	}
	for _, f := range s.warnings {
		if s.excuses(f, typ, value) || kind != ioc.None && s.excuses(f, kind, host) {
			return "warning list " + f.Meta.Name
		}
	}
	return ""
}

func (s *Set) excuses(f *one, typ ioc.Type, value string) bool {
	if len(f.Meta.Applies) > 0 && !slices.Contains(f.Meta.Applies, typ.String()) {
		return false
	}
	alone := Set{feeds: []*one{f}, wild: f.Meta.Wild > 0}
	hits := alone.whole(nil, typ, value)
	if typ == ioc.URL && ioc.Bare(value) {
		if kind, host := ioc.HostOf(value); kind != ioc.None {
			hits = alone.whole(hits, kind, host)
		}
	}
	if err := alone.Err(); err != nil {
		s.fail(err)
	}
	if slices.ContainsFunc(hits, func(h Hit) bool { return h.Link != SameHost }) {
		return true
	}
	low := strings.ToLower(value)
	for _, sub := range f.substrings {
		if strings.Contains(low, sub) {
			return true
		}
	}
	for _, re := range f.regexes {
		if re.MatchString(value) {
			return true
		}
	}
	return false
}
