package investigate

import (
	"slices"
	"strings"

	"github.com/seed-959697dd/soc/alert"
)

// Pivot is a question that can be put to logs about one thing of a case.
type Pivot struct {
	Name     string // in the catalogue
	Sentence string // what it finds; the thing is named behind it
	types    string // of the things it can be put about
	terms    func(value string) []Term
	meets    func(t *trace, value string) bool // the value is folded as facts are
}

// Types are those of the things it can be put about.
func (p *Pivot) Types() []string { return strings.Fields(p.types) }

// Fits tells whether the question can be put about a thing of that type.
func (p *Pivot) Fits(typ string) bool {
	return slices.Contains(p.Types(), typ)
}

// Pivots are the catalogue from which others than this package choose, a model for one. It is closed: a question is a name of it and a thing
// that stands in the case.
func Pivots() []Pivot {
	one := func(k Kind) func(string) []Term { return func(v string) []Term { return []Term{{Kind: k, Value: v}} } }
	codes := func(list ...string) func(string) []Term {
		return func(host string) (terms []Term) {
			for _, c := range list {
				terms = append(terms, Term{Kind: "event.code", Value: c, Host: host})
			}
			return terms
		}
	}
	has := func(k Kind) func(*trace, string) bool {
		return func(t *trace, v string) bool { return t.has(fact(k, v, "")) }
	}
	return []Pivot{
		{"account-logons", "where an account signed in, or failed to", "user", one("user"), func(t *trace, v string) bool { return t.is(logon, failed) && t.has(fact("user", v, "")) }},
		{"account-actions", "what an account did", "user", one("user"), func(t *trace, v string) bool {
			return slices.Contains(t.values(alert.EntitySlot(alert.Actor, alert.User), foldUser), v)
		}},
		{"host-logons", "who signed in on a host", "host", codes("4624", "4625", "Accepted"), func(t *trace, v string) bool { return t.host == v && t.is(logon, failed) }},
		{"host-changes", "which services, tasks and accounts were made or changed on a host", "host", codes("7045", "4697", "4698", "4702", "4720", "4732"), func(t *trace, v string) bool {
			return t.host == v && t.is(service, task, account)
		}},
		{"address-elsewhere", "who else had to do with an address", "ip", one("ip"), has("ip")},
		{"name-elsewhere", "who else had to do with a domain", "domain", one("domain"), has("domain")},
		{"url-elsewhere", "who else asked for a URL", "url", one("url"), has("url")},
		{"file-elsewhere", "where else a file of that name is", "file process", one("file"), has("file")},
		{"hash-elsewhere", "where else a file with that hash is", "hash", one("hash"), has("hash")},
	}
}

// has tells whether a record has a fact.
func (t *trace) has(fact string) bool {
	_, met := slices.BinarySearch(t.facts, fact)
	return met
}

// maxThings bounds the things of a case about which questions can be put.
const maxThings = 60

// Things are what questions can be put about, each once: those of the alerts, then those of the events.
func (k *Case) Things() (list []Thing) {
	met := map[string]bool{}
	add := func(t Thing) {
		v := pivotal(t.Type, t.Value)
		if key := t.Type + "\x00" + v; v != "" && !met[key] && len(list) < maxThings {
			met[key] = true
			list = append(list, t)
		}
	}
	records := k.Records()
	for _, alerts := range [...]bool{true, false} {
		for i := range records {
			if strings.HasPrefix(records[i].Cite, "alert ") != alerts {
				continue
			}
			for _, t := range records[i].Things {
				if t.Role != "observer" {
					add(t)
				}
			}
		}
	}
	return list
}

// pivotal is a value as facts have it; empty when nothing can be asked about it.
func pivotal(typ, value string) string {
	switch typ {
	case "user":
		if v := foldUser(value); len(v) > 2 && !strings.HasSuffix(v, "$") && !everybody(v) {
			return v
		}
	case "host":
		return foldHost(value)
	case "ip":
		if a := address(value); a.IsValid() {
			return a.String()
		}
	case "domain":
		if v := foldName(value); strings.Contains(v, ".") && !everyones(v) {
			return v
		}
	case "url":
		if strings.Contains(value, "://") {
			return value
		}
	case "file", "process":
		return fileName(value)
	case "hash":
		return strings.ToLower(value)
	}
	return ""
}
