package feed

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/intel/feed/ioc"
	"github.com/seed-959697dd/soc/triage"
)

// Check tells what the feeds know about the values of an alert: addresses, domains, URLs, mail addresses, hashes, CVEs. It is
// immutable and safe for concurrent use. Addresses that mean nothing outside their own network are not looked up.
type Check struct {
	set *Set
	o   CheckOptions
}

// CheckOptions are what a Check knows besides the feeds.
type CheckOptions struct {
	Now      time.Time      // for alerts that carry no time, or one later than this that an attacker can write
	Networks []netip.Prefix // the estate's own: a feed that names them is mistaken, or we are the attacker
	Domains  []string       // the estate's own, with what lies under them
}

// NewCheck makes a check over open feeds, which the caller closes after the last alert.
func NewCheck(s *Set, o CheckOptions) *Check {
	o.Networks, o.Domains = slices.Clone(o.Networks), slices.Clone(o.Domains)
	for i, d := range o.Domains {
		o.Domains[i] = strings.ToLower(strings.Trim(d, "."))
	}
	return &Check{s, o}
}

// Name is what policies call the check.
func (*Check) Name() string { return "intel" }

// Check implements triage.Check.
func (c *Check) Check(a *alert.Alert, note func(triage.Signal)) {
	if len(c.set.feeds) == 0 {
		return
	}
	for i := range a.Fields {
		f := &a.Fields[i]
		typ := typeOf(f)
		if typ == ioc.None {
			continue
		}
		value, err := typ.Normal(f.Value)
		if err != nil || typ == ioc.IP && !public(value) {
			continue
		}
		if hits := c.set.find(nil, typ, value); len(hits) > 0 && !said(a, i, typ, value) {
			c.tell(a, f, typ, value, hits, note)
		}
	}
}

// typeOf is what kind of indicator a field holds, None when it holds none. What cannot be one is told from its looks: most fields
// are none, and an error costs more than a glance.
func typeOf(f *alert.Field) ioc.Type {
	if f.Slot == alert.SlotCVE {
		return ioc.CVE
	}
	_, typ := f.Slot.Entity()
	switch {
	case typ == alert.IP:
		return ioc.IP
	case typ == alert.Domain && strings.IndexByte(f.Value, '.') > 0:
		return ioc.Domain
	case typ == alert.URL && strings.Contains(f.Value, "://"):
		return ioc.URL
	case typ == alert.Mail:
		return ioc.Mail
	case typ == alert.Hash:
		return hashes[min(len(f.Value), len(hashes)-1)]
	}
	return ioc.None
}

// hashes are the types by length.
var hashes = [...]ioc.Type{32: ioc.MD5, 40: ioc.SHA1, 64: ioc.SHA256, 128: ioc.SHA512, 129: ioc.None}

func public(value string) bool {
	a, err := netip.ParseAddr(value)
	return err == nil && ioc.Public(a)
}

// said tells whether an earlier field of the alert had the same value.
func said(a *alert.Alert, i int, typ ioc.Type, value string) bool {
	for k := range a.Fields[:i] {
		f := &a.Fields[k]
		if typeOf(f) != typ {
			continue
		}
		if v, err := typ.Normal(f.Value); err == nil && v == value {
			return true
		}
	}
	return false
}

// tell makes one signal of what the feeds know about one value.
func (c *Check) tell(a *alert.Alert, f *alert.Field, typ ioc.Type, value string, hits []Hit, note func(triage.Signal)) {
	at := c.at(a)
	var live, over []weighed
	for i := range hits {
		if hits[i].Link == Part && said(a, len(a.Fields), hits[i].Entry.Type, hits[i].Entry.Value) {
			continue // the host stands in the alert itself and has a signal of its own
		}
		if w := hits[i].weigh(at); w.expired {
			over = append(over, w)
		} else {
			live = append(live, w)
		}
	}
	by := cmp.Or(c.own(typ, value), c.set.excuse(typ, value, hits))
	if len(live) == 0 {
		if live = over; len(live) == 0 {
			return
		}
		by = cmp.Or(by, "feed "+live[0].Feed+": expired "+live[0].Entry.Until.Format(time.DateOnly))
	}
	slices.SortStableFunc(live, func(x, y weighed) int {
		return cmp.Or(cmp.Compare(y.Entry.Verdict, x.Entry.Verdict), cmp.Compare(abs(y.weight), abs(x.weight)))
	})
	// Who calls a value benign has no say where somebody else calls it something else: the worse verdict counts.
	live = slices.DeleteFunc(live, func(w weighed) bool { return w.Entry.Verdict == ioc.Benign && live[0].Entry.Verdict != ioc.Benign })
	s := c.signal(a, f, live, at)
	s.By, s.Hard = by, s.Hard && by == ""
	note(s)
}

// at is the time by which entries are young or expired. One that an attacker can write is not believed beyond now: it would let every
// entry expire.
func (c *Check) at(a *alert.Alert) time.Time {
	if a.Time.IsZero() {
		return c.o.Now
	}
	if f := a.First(alert.SlotTime); (f == nil || f.Trust == alert.Attacker) && !c.o.Now.IsZero() && a.Time.After(c.o.Now) {
		return c.o.Now
	}
	return a.Time
}

func abs(w triage.Weight) triage.Weight { return max(w, -w) }

// maxReceipts bounds the receipts of one signal.
const maxReceipts = 8

func (c *Check) signal(a *alert.Alert, f *alert.Field, hits []weighed, at time.Time) triage.Signal {
	cited := hits[:min(len(hits), maxReceipts)]
	fields, sources := make([]*alert.Field, len(cited)), make([]string, len(cited))
	for i := range cited {
		fields[i], sources[i] = f, cited[i].Place()
	}
	weight, hard := together(hits), slices.ContainsFunc(hits, func(w weighed) bool { return w.hard() })
	says := sentence(f.Value, hits, at)
	if hits[0].Entry.Verdict > ioc.Benign && turnedAway(a, f) {
		weight, hard = weight/2, false
		says += "; it was turned away"
	}
	s := triage.Note("intel", triage.Reputation, weight, says, "", fields...).From(sources...)
	s.Hard = hard
	return s
}

// turnedAway tells an address that came from outside and was stopped at the door: known scanners knock all day.
func turnedAway(a *alert.Alert, f *alert.Field) bool {
	role, typ := f.Slot.Entity()
	if said := a.First(alert.SlotAction); said != nil && said.Trust == alert.Attacker {
		return false // whoever knocks could have written it
	}
	return typ == alert.IP && role == alert.Source && a.Action.Stopped()
}

// own tells values that belong to the estate.
func (c *Check) own(typ ioc.Type, value string) string {
	host := value
	if kind, part := ioc.Within(typ, value); kind != ioc.None {
		typ, host = kind, part
	}
	if typ == ioc.IP {
		addr, _ := netip.ParseAddr(host) // it is in its normal spelling
		for _, p := range c.o.Networks {
			if p.Contains(addr) {
				return "the estate's own network " + p.String()
			}
		}
	}
	if typ == ioc.Domain {
		for _, d := range c.o.Domains {
			if host == d || strings.HasSuffix(host, "."+d) {
				return "the estate's own domain " + d
			}
		}
	}
	return ""
}
