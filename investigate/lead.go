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
	at      time.Time  // when it was met, zero: unknown
	path    string     // of a file, as the record has it
	host    string     // the machine it was met on
	port    string     // of an address
	addr    netip.Addr // from where alone a credential is followed; invalid: from everywhere
	hostile bool       // it is where the intruder comes from, not only where something went
	written bool       // a file that came from the case, not one that it used
	run     bool       // a file that a process of the case ran
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
	root bool      // the alert names it
}

// tie is how a record belongs to a case.
type tie struct {
	why string
	hop int
}
