package tui

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Term is one condition of a filter: Field has Text in it, whatever its letters' size. An empty field means any.
type Term struct {
	Field, Text string
	Not         bool
}

// Fields are the fields that a filter may name.
func Fields() []string {
	return []string{"host", "user", "rule", "title", "severity", "route", "as", "by", "id"}
}

// ParseFilter reads what a person typed: words that must be somewhere in the case, field:word for one place, a minus before what must
// not be there, quotation marks around what has blanks in it.
func ParseFilter(text string) ([]Term, error) {
	var list []Term
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		var t Term
		if rest, not := strings.CutPrefix(text, "-"); not {
			t.Not, text = true, rest
		}
		if name, rest, ok := strings.Cut(text, ":"); ok && !strings.ContainsAny(name, ` "`) && name != "" {
			if !slices.Contains(Fields(), name) {
				return nil, fmt.Errorf("%s: no such field; there are %s", name, strings.Join(Fields(), ", "))
			}
			t.Field, text = name, rest
		}
		if rest, quoted := strings.CutPrefix(text, `"`); quoted {
			var ok bool
			if t.Text, text, ok = strings.Cut(rest, `"`); !ok {
				return nil, errors.New("a quotation mark is not closed")
			}
		} else {
			t.Text, text, _ = strings.Cut(text, " ")
		}
		if t.Text == "" {
			return nil, errors.New("a field or a minus without a word behind it")
		}
		list = append(list, t)
	}
	return list, nil
}
