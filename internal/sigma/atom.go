package sigma

import (
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// atom is one question about one field. Any of the field's values may answer it.
type atom struct {
	field int32
	kind  atomKind
	test  test  // asksValue
	other int32 // asksField: the field compared with
	head  bool  // asksField: it may go on behind the other's value
	tail  bool  // asksField: it may begin before the other's value
	cased bool  // asksField
}

type atomKind uint8

const (
	asksValue   atomKind = iota
	asksNull             // the field has no value
	asksPresent          // the field has a value
	asksField            // the field equals another
)

// test is a question about one value.
type test interface {
	holds(e *event, v *leaf) bool
	literal() (text string, exact, ok bool)
	key() string
}

// literal returns the text that the field must hold for the answer yes.
func (a *atom) literal() (literal, bool) {
	if a.kind != asksValue {
		return literal{}, false
	}
	text, exact, ok := a.test.literal()
	exact = exact && a.field != keywords
	if !ok || !exact && len(text) < minLiteral {
		return literal{}, false
	}
	return literal{a.field, exact, text}, true
}

// key tells atoms apart.
func (a *atom) key() string {
	k := fmt.Sprint(a.field, a.kind, a.other, a.head, a.tail, a.cased)
	if a.test != nil {
		k += a.test.key()
	}
	return k
}

func (p *pattern) holds(e *event, v *leaf) bool {
	if p.cased {
		return p.matches(v.value)
	}
	return p.matches(e.lower(v))
}

func (p *pattern) literal() (string, bool, bool) {
	if text, ok := p.exact(); ok {
		return strings.ToLower(text), true, true
	}
	text := p.longest()
	return text, false, text != ""
}

func (p *pattern) key() string { return fmt.Sprintf("pattern %v %v", p.cased, p.runes) }

// expression is a regular expression, found anywhere in a value.
type expression struct {
	*regexp.Regexp
	must string // every text that matches holds this, in lower case
}

func (x expression) holds(e *event, v *leaf) bool {
	return (x.must == "" || strings.Contains(e.lower(v), x.must)) && x.MatchString(v.value)
}

func (x expression) literal() (string, bool, bool) { return x.must, false, x.must != "" }

func (x expression) key() string { return "re " + x.String() }

// network is a range of addresses.
type network struct{ netip.Prefix }

func (n network) holds(_ *event, v *leaf) bool {
	a, err := netip.ParseAddr(v.value)
	return err == nil && n.Contains(a.Unmap().WithZone(""))
}

func (network) literal() (string, bool, bool) { return "", false, false }

func (n network) key() string { return "cidr " + n.String() }

// number compares a numeric value.
type number struct {
	relation string // lt, lte, gt, gte
	bound    float64
}

func (n number) holds(_ *event, v *leaf) bool {
	x, err := strconv.ParseFloat(v.value, 64)
	if err != nil {
		return false
	}
	switch n.relation {
	case "lt":
		return x < n.bound
	case "lte":
		return x <= n.bound
	case "gt":
		return x > n.bound
	}
	return x >= n.bound
}

func (number) literal() (string, bool, bool) { return "", false, false }

func (n number) key() string { return fmt.Sprint(n.relation, n.bound) }

// moment compares one part of a time, in UTC.
type moment struct {
	part string // minute, hour, day, week, month, year
	want int
}

func (m moment) holds(_ *event, v *leaf) bool {
	t, ok := parseTime(v.value)
	return ok && partOf(t, m.part) == m.want
}

func (moment) literal() (string, bool, bool) { return "", false, false }

func (m moment) key() string { return fmt.Sprint(m.part, m.want) }

func partOf(t time.Time, part string) int {
	switch part {
	case "minute":
		return t.Minute()
	case "hour":
		return t.Hour()
	case "day":
		return t.Day()
	case "week":
		_, week := t.ISOWeek()
		return week
	case "month":
		return int(t.Month())
	}
	return t.Year()
}

// parseTime reads the ways in which event records write a time.
func parseTime(s string) (time.Time, bool) {
	if len(s) < 10 || len(s) > 40 {
		return time.Time{}, false
	}
	for _, layout := range [...]string{time.RFC3339, "2006-01-02T15:04:05", time.DateTime, time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}
