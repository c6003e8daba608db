package investigate

import (
	"cmp"
	"net/netip"
	"strings"
	"time"
)

// lead is a value that is followed, and how it came into the case.
type lead struct {
	fact    string
	terms   []Term // that find records with it
	why     string
	hop     int
	at      time.Time   // when it was met, zero: unknown
	times   []time.Time // all of them, for what must lie near one
	source  string      // the input it was met in
	path    string      // of a file, as the record has it
	host    string      // the machine it was met on
	port    string      // of an address
	addr    netip.Addr  // from where alone a credential is followed; invalid: from everywhere
	hostile bool        // it is where the intruder comes from, not only where something went
	written bool        // a file that came from the case, not one that it used
	pages   bool        // of what a server did: only what it would run
	asked   bool        // a file that a web request of the case asked for
	logons  bool        // of an account: where it signs in, not what it does
	run     bool        // a file that a process of the case ran
	shell   bool        // of an address: a shell of the case talked to it
	alarm   bool        // of an address: an alert of the case names it as the other end
	users   []string    // whose other remote shells are followed, see sisters
	deeds   bool        // of a session: its beginning, its end and the deeds in it, see sessionDeeds
}

func (l *lead) kind() Kind {
	k, _, _ := strings.Cut(l.fact, "\x00")
	return Kind(k)
}

func (l *lead) value() string {
	_, v, _ := strings.Cut(l.fact, "\x00")
	v, _, _ = strings.Cut(v, "\x00")
	return v
}

// by is the relation that a record has to the case when it has the value.
func (l *lead) by() string {
	switch k := l.kind(); k {
	case "process", "process.key", "process.id":
		return "tree"
	case "port":
		return "connection"
	case "arrival", "made":
		return "session"
	case "ip":
		return "address"
	case "domain":
		return "name"
	case "mail.id":
		return "message"
	case "user":
		return "account"
	default: // connection, url, hash, file, session, credential, request
		return string(k)
	}
}

// rank orders what is asked for first: what ties surely before what may be anybody's.
func rank(k Kind) int {
	switch k {
	case "process.key":
		return 0
	case "process.id", "session", "credential", "mail.id", "request":
		return 1
	case "connection", "port":
		return 2
	case "hash", "url":
		return 3
	case "file", "domain", "process":
		return 4
	}
	return 5
}

func (l *lead) compare(o *lead) int {
	return cmp.Or(cmp.Compare(l.hop, o.hop), cmp.Compare(rank(l.kind()), rank(o.kind())), strings.Compare(l.fact, o.fact))
}

// stake is how a process belongs to a case.
type stake struct {
	why  string
	hop  int
	from time.Time // zero: always. What it did before does not belong
	to   time.Time // zero: always. What it did later does not belong
	out  bool      // only how it reached out, and what it started
}

// covers tells whether what a process did at a time belongs.
func (s *stake) covers(at time.Time) bool {
	return at.IsZero() || (s.from.IsZero() || !at.Before(s.from)) && (s.to.IsZero() || !at.After(s.to))
}

// widen takes in the time of another stake in the same process; false when that adds nothing.
func (s *stake) widen(o *stake) bool {
	old := *s
	if !s.from.IsZero() && (o.from.IsZero() || o.from.Before(s.from)) {
		s.from = o.from
	}
	if !s.to.IsZero() && (o.to.IsZero() || o.to.After(s.to)) {
		s.to = o.to
	}
	s.out = s.out && o.out
	return *s != old
}

// tie is how a record belongs to a case.
type tie struct {
	by  string // the relation, see Event
	why string
	hop int
}
