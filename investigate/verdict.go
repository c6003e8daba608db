package investigate

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/triage"
)

// Verdict is what correlation wants to know of a verdict's document. Its texts are its own.
type Verdict struct {
	ID, Case    string   // the case it stood in when it was written
	Apart       []string // cases that a person took its case apart from
	Fingerprint string   // of its group
	Alert       string   // the id of the alert that stands for it
	Title       string
	First, Last time.Time     // zero: unknown
	Score, Base triage.Weight // their difference is the evidence
	Route       triage.Route
	Phases      Phases
	Entities    []Entity // sorted, each once

	borrowed triage.Weight
}

// Entity is a value that two verdicts may share. Kind is an entity type of alert documents, or "rule". Value is folded: see fold.
type Entity struct{ Kind, Value string }

func (e Entity) compare(o Entity) int {
	return cmp.Or(cmp.Compare(e.Kind, o.Kind), cmp.Compare(e.Value, o.Value))
}

// maxEntities bounds what one verdict brings, so that one that names everything neither costs nor links more than others. Its first
// ones count: format files name what an alert is about before its details.
const maxEntities = 48

// ErrNoVerdict means that a document is none of a verdict.
var ErrNoVerdict = errors.New("no verdict of this program")

// ReadVerdict reads a document of kind verdict, version 1.
func ReadVerdict(doc string) (Verdict, error) {
	if !gjson.Valid(doc) {
		return Verdict{}, ErrNoVerdict
	}
	v := Verdict{}
	kind, version := "", int64(0)
	gjson.Parse(doc).ForEach(func(key, r gjson.Result) bool {
		switch key.Str {
		case "kind":
			kind = r.Str
		case "version":
			version = r.Int()
		case "id":
			v.ID = strings.Clone(r.Str)
		case "case":
			v.Case = strings.Clone(r.Str)
		case "group":
			v.First, v.Last = moment(r.Get("first_time")), moment(r.Get("last_time"))
			v.Fingerprint = strings.Clone(r.Get("fingerprint").Str)
		case "alert":
			v.about(r)
		case "score":
			v.Score = triage.Weight(r.Int())
		case "signals":
			v.borrowed = borrowed(r)
		case "base":
			v.Base = triage.Weight(r.Int())
		case "route":
			v.Route = routeOf(r.Str)
		}
		return true
	})
	v.Score -= v.borrowed
	if kind != "verdict" || version != 1 || !minted(v.ID, "v-") {
		return Verdict{}, ErrNoVerdict
	}
	if !minted(v.Case, "c-") {
		v.Case = triage.CaseOf(v.ID)
	}
	if v.Last.Before(v.First) {
		v.Last = v.First
	}
	return v, nil
}

// borrowed is the part of a verdict's score that is its neighbours' evidence. Counted here it would tie whatever stood near an attack to it.
func borrowed(signals gjson.Result) (w triage.Weight) {
	signals.ForEach(func(_, s gjson.Result) bool {
		if s.Get("family").Str == string(triage.Agreement) {
			w += max(0, triage.Weight(s.Get("term").Int()))
		}
		return true
	})
	return w
}

// minted tells whether an id is one that this program gives: the rest of it goes into text and further ids as it is.
func minted(id, prefix string) bool {
	rest, ok := strings.CutPrefix(id, prefix)
	return ok && rest != "" && strings.Trim(rest, "0123456789abcdef") == ""
}

// routeOf reads a route's name; an unknown one is a person's.
func routeOf(name string) triage.Route {
	for _, r := range [...]triage.Route{triage.Closed, triage.Escalate} {
		if r.String() == name {
			return r
		}
	}
	return triage.Review
}

func moment(r gjson.Result) time.Time {
	t, err := time.Parse(time.RFC3339Nano, r.Str)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

// about takes what the alert says that stands for the verdict.
func (v *Verdict) about(a gjson.Result) {
	v.Alert, v.Title = strings.Clone(a.Get("id").Str), strings.Clone(a.Get("title").Str)
	if v.Title == "" {
		v.Title = strings.Clone(a.Get("rule.name").Str)
	}
	a.Get("techniques").ForEach(func(_, t gjson.Result) bool {
		v.Phases |= phaseOf(t.Str)
		return true
	})
	a.Get("entities").ForEach(func(_, e gjson.Result) bool {
		if k, ok := key(e); ok && (k.Kind != "domain" || foreign(k.Value, a)) {
			v.Entities = append(v.Entities, k)
		}
		return len(v.Entities) < maxEntities
	})
	rule := a.Get("rule.id").Str
	if rule == "" {
		rule = v.Title
	}
	if rule != "" {
		v.Entities = append(v.Entities, Entity{"rule", a.Get("format").Str + " " + rule})
	}
	slices.SortFunc(v.Entities, Entity.compare)
	v.Entities = slices.Compact(v.Entities)
}

// key is what an entity of an alert's document is compared by; ok is false for one that says nothing about who belongs together: a
// port, the machine that only looked on, an account that every machine has.
func key(e gjson.Result) (Entity, bool) {
	kind, value := e.Get("type").Str, e.Get("value").Str
	if !links(kind) || e.Get("role").Str == "observer" {
		return Entity{}, false
	}
	value = fold(kind, value)
	if value == "" || kind == "user" && everywhere(value) || kind == "ip" && nowhere(value) {
		return Entity{}, false
	}
	return Entity{strings.Clone(kind), strings.Clone(value)}, true
}

// foreign tells a domain from one in which hosts and accounts of the alert have their names: that is this estate's, and everybody's in it.
func foreign(domain string, a gjson.Result) bool {
	own := !strings.Contains(domain, ".") // as Windows names its own
	a.Get("entities").ForEach(func(_, e gjson.Result) bool {
		if kind := e.Get("type").Str; kind == "host" || kind == "user" {
			name, found := strings.CutSuffix(strings.ToLower(e.Get("value").Str), domain)
			own = own || found && (strings.HasSuffix(name, ".") || strings.HasSuffix(name, "@"))
		}
		return !own
	})
	return !own
}

// fold makes one of the ways in which products write one name: hosts without their domain, accounts without domain and realm.
func fold(kind, value string) string {
	value = strings.ToLower(strings.TrimSpace(value))
	switch kind {
	case "host":
		if strings.Trim(value, "0123456789.") != "" {
			value, _, _ = strings.Cut(value, ".")
		}
	case "user":
		value = value[strings.LastIndexByte(value, '\\')+1:]
		value, _, _ = strings.Cut(value, "@")
	}
	return value
}

// everywhere tells the accounts that a system brings along. Source: Microsoft, "Well-known security identifiers"; Linux Standard
// Base, "Required users".
func everywhere(user string) bool {
	switch user {
	case "system", "local service", "network service", "anonymous logon", "localsystem", "root", "nobody", "daemon", "-", "s-1-5-18", "s-1-5-19", "s-1-5-20":
		return true
	}
	return strings.HasSuffix(user, "$")
}

// nowhere tells the addresses that are those of any machine. Source: RFC 6890.
func nowhere(ip string) bool {
	return ip == "0.0.0.0" || ip == "::" || ip == "::1" || strings.HasPrefix(ip, "127.")
}
