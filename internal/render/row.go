package render

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/triage"
)

// Row is what a list shows of one verdict. Its texts are clean and its own: it may be kept when the verdict is gone.
type Row struct {
	ID, Case    string
	Title, Rule string // Rule is the detection with its format
	Host, User  string
	Source      string // address or host it came from
	Severity    triage.Severity
	Route       triage.Route
	Score       triage.Weight
	Standing    string // "uncalibrated", or the probability in words
	Count       int
	First, Last time.Time
	Because     []string // the sentences of the strongest terms, strongest first
	Gaps        []alert.Gap
}

// document is what of an alert's document is shown.
type document struct {
	ID, Format, Vendor, Product, Title, Action string
	Digest                                     string
	Time                                       time.Time
	Input                                      alert.Place
	Rule                                       struct{ ID, Name string }
	Techniques                                 []string
	Entities                                   []entity
}

type entity struct{ Type, Role, Value, Path string }

// read decodes the verdict's alert. Its documents are this program's own: what does not decode stays empty.
func read(v *triage.Verdict) *document {
	d := &document{}
	_ = json.Unmarshal(v.Alert, d)
	return d
}

// find returns the value of the first entity of a type, in the order of the roles given.
func (d *document) find(typ string, roles ...string) string {
	for _, role := range roles {
		for i := range d.Entities {
			if d.Entities[i].Type == typ && d.Entities[i].Role == role {
				return d.Entities[i].Value
			}
		}
	}
	return ""
}

func (d *document) host() string { return d.find("host", "target", "source", "related", "observer") }
func (d *document) user() string { return d.find("user", "actor", "target", "related") }
func (d *document) source() string {
	if ip := d.find("ip", "source"); ip != "" {
		return ip
	}
	return d.find("host", "source")
}

func (d *document) rule() string {
	for _, name := range []string{d.Rule.Name, d.Rule.ID, d.Title} {
		if name != "" {
			return d.Format + ": " + name
		}
	}
	return d.Format
}

func (d *document) title() string {
	if d.Title != "" {
		return d.Title
	}
	return d.rule()
}

// reasons is how many sentences a list shows.
const reasons = 3

// RowOf makes the row of a verdict.
func RowOf(v *triage.Verdict) *Row {
	d := read(v)
	return &Row{
		ID: keep(v.ID), Case: keep(v.Case), Title: keep(d.title()), Rule: keep(d.rule()),
		Host: keep(d.host()), User: keep(d.user()), Source: keep(d.source()),
		Severity: v.Severity, Route: v.Route, Score: v.Score, Standing: standing(v.Calibrated, v.Probability),
		Count: v.Count, First: v.First, Last: v.Last, Because: because(v, reasons), Gaps: gaps(v.Gaps),
	}
}

// Brief is RowOf for verdicts that are only counted: where it goes, its rule and its gaps.
func Brief(v *triage.Verdict) *Row {
	var d document
	for i, r := range gjson.GetManyBytes(v.Alert, "format", "rule.name", "rule.id", "title") {
		*[]*string{&d.Format, &d.Rule.Name, &d.Rule.ID, &d.Title}[i] = r.String()
	}
	return &Row{Rule: keep(d.rule()), Route: v.Route, Score: v.Score, Severity: v.Severity, Gaps: gaps(v.Gaps)}
}

// because is the sentences of the n strongest terms that speak for an attack, each once; a verdict that nothing speaks
// for shows what speaks against it.
func because(v *triage.Verdict, n int) []string {
	var list []string
	for _, sign := range []triage.Weight{1, -1} {
		for i := range v.Signals { // strongest first
			s := &v.Signals[i]
			if said := keep(s.Sentence); s.Term*sign > 0 && len(list) < n && !slices.Contains(list, said) {
				list = append(list, said)
			}
		}
		if len(list) > 0 {
			break
		}
	}
	return list
}

func gaps(list []alert.Gap) []alert.Gap {
	var kept []alert.Gap
	for _, g := range list {
		kept = append(kept, alert.Gap{Check: keep(g.Check), Source: keep(g.Source), Class: g.Class, Reason: keep(g.Reason)})
	}
	return kept
}

// longest bounds a text that is kept for a list, in bytes: a screen shows no more of it.
const longest = 1024

// keep is a clean copy of s that holds on to nothing.
func keep(s string) string {
	if len(s) > longest {
		n := longest
		for n > longest-utf8.UTFMax && !utf8.RuneStart(s[n]) {
			n--
		}
		s = s[:n]
	}
	return strings.Clone(term.Clean(s))
}
