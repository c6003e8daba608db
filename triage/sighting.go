package triage

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/alert"
)

// Kind is what a sighting is of.
type Kind string

// The kinds of sightings.
const (
	OfRule        Kind = "rule"        // a rule on a host
	OfDestination Kind = "destination" // something outside that the estate talked to
	OfSource      Kind = "source"      // a user's network
	OfRegion      Kind = "region"      // a cloud account's region
)

// Sighting says that the estate saw a value about a subject, and on which day first (days since 1970, UTC).
type Sighting struct {
	Kind           Kind
	Subject, Value string
	Day            int32
}

// Trait is a fact of one alert that is worth a word when it is the first of its kind: the sighting without its day, and where
// it stands.
type Trait struct {
	Kind           Kind
	Subject, Value string
	Trust          alert.Trust
	Ref            alert.Ref
}

// maxTraits bounds the traits of one alert, and those that a group is told of.
const maxTraits = 4

// traits appends the traits of an alert.
func traits(list []Trait, a *alert.Alert) []Trait {
	from := a.First(alert.EntitySlot(alert.Source, alert.IP))
	if from != nil {
		list = outbound(list, a, from)
		for _, s := range [...]alert.Slot{alert.EntitySlot(alert.Actor, alert.User), alert.EntitySlot(alert.Target, alert.User)} {
			if user := a.First(s); user != nil {
				list = trait(list, OfSource, user, network(from.Value), from)
				break
			}
		}
	}
	if region, account := a.First(alert.SlotRegion), a.First(alert.SlotAccount); region != nil && account != nil {
		list = trait(list, OfRegion, account, strings.ToLower(region.Value), region)
	}
	return list
}

// outbound notes what a machine of one's own network talked to outside.
func outbound(list []Trait, a *alert.Alert, from *alert.Field) []Trait {
	if !private(from.Value) {
		return list
	}
	if to := a.First(alert.EntitySlot(alert.Target, alert.IP)); to != nil && network(to.Value) != "" && !private(to.Value) {
		list = trait(list, OfDestination, nil, to.Value, to)
	}
	if to := a.First(alert.EntitySlot(alert.Target, alert.Domain)); to != nil {
		list = trait(list, OfDestination, nil, strings.ToLower(to.Value), to)
	}
	return list
}

func trait(list []Trait, kind Kind, subject *alert.Field, value string, f *alert.Field) []Trait {
	if value == "" || len(list) == maxTraits {
		return list
	}
	t := Trait{Kind: kind, Value: value, Trust: f.Trust, Ref: alert.Cite(f, "")}
	if subject != nil {
		t.Subject, t.Trust = strings.ToLower(subject.Value), min(f.Trust, subject.Trust)
	}
	return append(list, t)
}

// network is the /24 or /48 that an address lies in, which stays when a provider hands out another address, as the address's own
// first bytes (192.0.2) or as a prefix (2001:db8::/48); nothing when v is no address.
func network(v string) string {
	a, err := netip.ParseAddr(v)
	switch {
	case err != nil:
		return ""
	case a.Is4():
		return v[:strings.LastIndexByte(v, '.')]
	}
	p, _ := a.WithZone("").Prefix(48) // the length fits
	return p.String()
}

// written is a network as people write it.
func written(network string) string {
	if strings.Contains(network, ":") {
		return network
	}
	return network + ".0/24"
}

// keys are those of the trait and of its subject.
func (t *Trait) keys() (value, subject uint64) {
	subject = fold(fold(offset64, string(t.Kind)), t.Subject)
	return fold(subject, t.Value), subject
}

const offset64 = 14695981039346656037

// fold continues an FNV-1a hash by a text and its end. A collision costs a wrong or missing hint at worst.
func fold(h uint64, s string) uint64 {
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return (h ^ 0xff) * 1099511628211
}

// noted is a trait on its way into the memory of firsts.
type noted struct {
	value, subject uint64
	at             int64
}

// firsts remembers when each trait, and each subject of one, was first seen. Its answers do not depend on the order in which
// things are noted, as long as it is not full.
type firsts struct {
	ages
	begin int64 // of everything that was noted
}

func (f *firsts) note(n noted) {
	if n.at == 0 {
		return
	}
	if f.begin == 0 || n.at < f.begin {
		f.begin = n.at
	}
	f.first(n.subject, n.at)
	f.first(n.value, n.at)
}

// silence is how long the subject had been known before a trait was first seen, if that lies within the day before t and is a day or
// more; else 0.
func (f *firsts) silence(t *Trait, at int64) time.Duration {
	if time.Duration(at-f.begin) < 24*time.Hour {
		return 0
	}
	value, subject := t.keys()
	first, ok := f.at(value)
	begin, known := f.at(subject)
	if !ok || !known || time.Duration(at-first) >= 24*time.Hour {
		return 0
	}
	if quiet := time.Duration(first - begin); quiet >= 24*time.Hour {
		return quiet
	}
	return 0
}

// signal is what it means that the trait is new after quiet.
func (t *Trait) signal(quiet time.Duration) Signal {
	s := Signal{Check: "novelty", Family: Novelty, Trust: t.Trust, Receipts: []alert.Ref{t.Ref}}
	switch t.Kind {
	case OfSource:
		s.Weight, s.Sentence = 600, fmt.Sprintf("user %s, known for %s, was not seen from network %s before", t.Subject, days(quiet), written(t.Value))
	case OfRegion:
		s.Weight, s.Sentence = 900, fmt.Sprintf("account %s, known for %s, was not seen in region %s before", t.Subject, days(quiet), t.Value)
	case OfDestination, OfRule:
		s.Weight, s.Sentence = 300, fmt.Sprintf("no alert of the %s before names %s as a destination", days(quiet), t.Value)
	}
	return s
}

// memory is what the estate saw in earlier runs, by the keys of the context. A group knows only of days before its own, so
// that neither its own copies nor the future leak into its verdict.
type memory []struct {
	rule, host uint32
	day        int32
}

func (m *memory) add(s Sighting) {
	*m = append(*m, struct {
		rule, host uint32
		day        int32
	}{hash32(s.Subject), hash32(s.Value), s.Day})
}

// endOf is the last moment of a day: a group of that same day does not see what is remembered of it.
func endOf(day int32) int64 { return int64(day+1)*int64(24*time.Hour) - 1 }

// remember takes a sighting that is no rule's.
func (f *firsts) remember(s *Sighting) {
	t := Trait{Kind: s.Kind, Subject: s.Subject, Value: s.Value}
	value, subject := t.keys()
	f.note(noted{value, subject, endOf(s.Day)})
}

// recall takes the memory into a window.
func (m memory) recall(w *window) {
	for _, s := range m {
		end := endOf(s.day)
		w.onHost.first(uint64(s.rule)<<32|uint64(s.host), end)
		w.known.first(uint64(s.rule), end)
		w.begin = min(w.begin, end)
	}
}
