// Package read turns the files that threat intelligence comes in into indicators: plain lists, CSV (abuse.ch's and any with a header
// or declared columns), STIX 2.1 bundles, MISP events and MISP warning lists. What a file is it finds out by its content.
//
// A line that is no indicator is rejected and the reading goes on; a file that is cut off, that is something else, or that is mostly
// rejects is an error, so that the caller keeps what it had. Memory is bounded whatever comes, time is linear. The package stores
// nothing and opens no connection. Start with Feed, Source and Options.
package read

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"time"

	"golang.org/x/net/publicsuffix"

	"github.com/seed-959697dd/soc/internal/intel/feed/ioc"
)

// Source is one file of a feed. Open may be called several times and hands out the same bytes each time.
type Source struct {
	Name string // for people
	File string // its name within a feed of several files, else empty
	Open func() (io.ReadCloser, error)
}

// Options say what a feed does not say itself.
type Options struct {
	Kind       string // list, csv, stix, misp or warninglist; empty: found out
	Columns    map[string]string
	Verdict    ioc.Verdict // of entries that say none; Malicious when Unsaid
	Confidence uint8       // of entries that say none
	TLP        ioc.TLP     // of entries that say none
	Wild       bool        // domains stand for the names below them, too
	Warning    bool        // it is a list of what is no attack, whatever its form
}

// Kinds are the forms that Options.Kind may name.
func Kinds() []string { return []string{"list", "csv", "stix", "misp", "warninglist"} }

// Sink takes what is read. An error of Entry or Reject ends the reading.
type Sink struct {
	Entry  func(*ioc.Indicator) error
	Reject func(*Reject) error
}

// Reject is a line or an object that is no indicator. Raw is good until the sink returns.
type Reject struct {
	Input  string
	Line   int64 // from 1
	Offset int64 // from 0
	Reason string
	Raw    []byte
}

// Result is the account of one file: Read = Kept + Skipped + Rejected. A line that holds three hashes counts three times.
type Result struct {
	Kind     string // as Options.Kind, or the name of a feed whose form is known: urlhaus, threatfox, ...
	Read     int64
	Kept     int64
	Skipped  int64 // not for detection, or revoked
	Rejected int64
	Title    string     // a warning list's own name
	Applies  []ioc.Type // the types a warning list is about; none means all
	Warning  bool
}

// Errors that a caller may tell apart.
var (
	ErrHTML    = errors.New("is HTML, not a feed")
	ErrCut     = errors.New("is cut off")
	ErrNotFeed = errors.New("is no feed that is known")
)

// usualConfidence is for entries about which nobody said anything.
const usualConfidence = 75

// Feed reads one file.
func Feed(src Source, o Options, to Sink) (Result, error) {
	r := &reader{src: src, o: o, to: to}
	r.res.Warning = o.Warning
	err := r.read()
	if err == nil && r.lines && r.res.Rejected > r.res.Kept+r.res.Skipped {
		err = fmt.Errorf("%w: %d of %d lines are no indicators, the first in line %d: %s", ErrNotFeed, r.res.Rejected, r.res.Read, r.first.Line, r.first.Reason)
	}
	if err == nil && r.res.Kept == 0 {
		err = fmt.Errorf("%w: it holds no indicator", ErrNotFeed)
		if r.first.Reason != "" {
			err = fmt.Errorf("%w: it holds no indicator; line %d: %s", ErrNotFeed, r.first.Line, r.first.Reason)
		}
	}
	if err != nil {
		err = fmt.Errorf("%s %w", src.Name, err)
	}
	return r.res, err
}

type reader struct {
	src   Source
	o     Options
	to    Sink
	res   Result
	usual uint8  // confidence of this form of feed
	lines bool   // it is read line by line
	first Reject // without its bytes
}

func (r *reader) read() error {
	kind := r.o.Kind
	if kind == "" {
		var err error
		if kind, err = r.recognise(); err != nil {
			return err
		}
	}
	r.res.Kind = kind
	switch kind {
	case "list", "csv":
		return r.text(kind)
	case "stix":
		return r.stix()
	case "misp":
		return r.misp()
	case "warninglist":
		return r.warnings()
	}
	return fmt.Errorf("%w: there is no form %q", ErrNotFeed, kind)
}

// place is where something stands in its file.
type place struct{ line, offset int64 }

// keep fills in what the entry did not say and hands it over, unless it would match what is nobody's business.
func (r *reader) keep(in *ioc.Indicator, at place, raw []byte) error {
	in.File, in.Line = r.src.File, at.line
	in.Verdict = cmp.Or(in.Verdict, r.o.Verdict, ioc.Malicious)
	if r.res.Warning {
		in.Verdict = ioc.Benign
	}
	in.Confidence = min(cmp.Or(in.Confidence, r.o.Confidence, r.usual, usualConfidence), 100)
	in.TLP = cmp.Or(in.TLP, r.o.TLP)
	in.Wild = in.Type == ioc.Domain && (in.Wild || r.o.Wild)
	if in.First.After(in.Last) {
		in.Last = in.First
	}
	if in.Verdict != ioc.Benign {
		if why := tooWide(in); why != "" {
			return r.reject(at, raw, why)
		}
	}
	r.res.Read++
	r.res.Kept++
	return r.to.Entry(in)
}

// tooWide says why an entry would match what it should not. Blocklists for firewalls hold private ranges; as intelligence they would
// accuse every machine of the estate.
func tooWide(in *ioc.Indicator) string {
	kind, host := ioc.Within(in.Type, in.Value)
	if in.Type == ioc.IP {
		kind, host = in.Type, in.Value
	}
	switch {
	case kind == ioc.IP:
		if a, err := netip.ParseAddr(host); err == nil && !ioc.Public(a) {
			return host + " is no public address"
		}
	case in.Type == ioc.CIDR:
		p, err := netip.ParsePrefix(in.Value)
		if least := 8; err == nil && (p.Bits() < least || p.Addr().Is6() && p.Bits() < 2*least) {
			return in.Value + " covers too much to mean anything"
		}
		if err == nil && !ioc.Public(p.Addr()) {
			return in.Value + " is no public range"
		}
	case in.Wild:
		if suffix, _ := publicsuffix.PublicSuffix(in.Value); suffix == in.Value {
			return in.Value + " is a public suffix: everybody's names lie under it"
		}
	}
	return ""
}

func (r *reader) reject(at place, raw []byte, reason string) error {
	r.res.Read++
	r.res.Rejected++
	rej := Reject{Input: r.src.Name, Line: at.line, Offset: at.offset, Reason: reason, Raw: raw}
	if r.res.Rejected == 1 {
		r.first = rej
		r.first.Raw = nil
	}
	return r.to.Reject(&rej)
}

func (r *reader) skip() {
	r.res.Read++
	r.res.Skipped++
}

// moment reads the times that feeds write, with or without parts of a second; the zero time for what is none.
func moment(s string) time.Time {
	if len(s) < 8 {
		return time.Time{}
	}
	for _, layout := range [...]string{time.DateTime, time.RFC3339, time.DateTime + " UTC", "2006-01-02T15:04:05", time.DateOnly} {
		if len(s) >= len(time.DateOnly) && s[4] == '-' {
			if t, err := time.Parse(layout, s); err == nil && t.Year() > 1970 {
				return t.UTC()
			}
		}
	}
	return unix(s)
}

// unix reads seconds since 1970 as text.
func unix(s string) time.Time {
	n := int64(0)
	for i := range len(s) {
		if s[i]-'0' > 9 || n > 1<<33 {
			return time.Time{}
		}
		n = 10*n + int64(s[i]-'0')
	}
	if n == 0 || n > 1<<33 { // the year 2242
		return time.Time{}
	}
	return time.Unix(n, 0).UTC()
}
