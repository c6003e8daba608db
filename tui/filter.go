package tui

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/seed-959697dd/soc/internal/query"
)

// Term is one condition of a filter: Field has Text in it, whatever its letters' size. An empty field means any.
type Term struct {
	Field, Text string
	Not         bool
}

// Filter is what a person typed to see some cases only: words, or a condition in the policy's language. Without either it is all.
type Filter struct {
	Terms []Term
	Query *query.Query
}

// Fields are the fields that the words of a filter may name.
func Fields() []string {
	return []string{"host", "user", "rule", "title", "severity", "route", "as", "by", "owner", "id"}
}

// signs are what a condition has outside of quotation marks, and words have not.
var signs = regexp.MustCompile(`[=!<>]=|[<>(]|&&|\|\||\bin\s*\[|"\s+in\s`)

// quotedText is a text in quotation marks.
var quotedText = regexp.MustCompile(`"[^"]*"`)

// isQuery tells a condition from words.
func isQuery(text string) bool {
	return signs.MatchString(quotedText.ReplaceAllString(text, `""`))
}

// ParseFilter reads what a person typed: a condition, see package query, where there is a comparison or a call in it; else words that must be
// somewhere in the case, field:word for one place, a minus before what must not be there, quotation marks around what has blanks in it. The
// error is a *query.Fault.
func ParseFilter(text string) (Filter, error) {
	if isQuery(text) {
		q, err := query.Parse(text)
		return Filter{Query: q}, err
	}
	terms, err := parseTerms(text)
	return Filter{Terms: terms}, err
}

func parseTerms(whole string) (list []Term, err error) {
	rest := strings.TrimLeft(whole, " ")
	fault := func(what string) error {
		return &query.Fault{Column: utf8.RuneCountInString(whole[:len(whole)-len(rest)]), What: what}
	}
	for ; rest != ""; rest = strings.TrimLeft(rest, " ") {
		var t Term
		text := rest
		if after, not := strings.CutPrefix(text, "-"); not {
			t.Not, text = true, after
		}
		if name, after, ok := strings.Cut(text, ":"); ok && !strings.ContainsAny(name, ` "`) && name != "" {
			if !slices.Contains(Fields(), name) {
				return nil, fault(fmt.Sprintf("%s: no such field; there are %s", name, strings.Join(Fields(), ", ")))
			}
			t.Field, text = name, after
		}
		if after, quoted := strings.CutPrefix(text, `"`); quoted {
			var ok bool
			if t.Text, text, ok = strings.Cut(after, `"`); !ok {
				return nil, fault("a quotation mark is not closed")
			}
		} else {
			t.Text, text, _ = strings.Cut(text, " ")
		}
		if t.Text == "" {
			return nil, fault("a field or a minus without a word behind it")
		}
		list, rest = append(list, t), text
	}
	return list, nil
}
