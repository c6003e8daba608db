package kql

import (
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/investigate"
)

// condition says in KQL that a row of the table holds the term; false when the table cannot say.
func (t *Table) condition(term investigate.Term) (string, bool) {
	columns := t.Columns[term.Kind]
	if lines := t.Columns["text"]; len(columns) == 0 && len(lines) > 0 {
		if !textual(term) {
			return "", false
		}
		columns = lines
	}
	var any []string
	for _, c := range columns {
		if test, ok := c.test(term.Kind, term.Value); ok {
			any = append(any, test)
		}
	}
	if len(any) == 0 {
		return "", false
	}
	test := alternatives(any)
	if term.Host == "" {
		return test, true
	}
	scope, ok := t.scope(term.Host)
	return "(" + scope + " and " + test + ")", ok
}

// textual tells the values that are looked for in lines of text, in tables that have hardly anything else. Of short numbers every log is full.
func textual(t investigate.Term) bool {
	short := len(t.Value) < 6 && strings.Trim(t.Value, "0123456789") == ""
	return len(t.Value) > 2 && (!short || t.Host != "")
}

// scope says that a row is about a machine, named with its domain or without, or by its address.
func (t *Table) scope(host string) (string, bool) {
	var any []string
	if _, err := netip.ParseAddr(host); err == nil {
		for _, c := range append(t.Columns["ip"][:len(t.Columns["ip"]):len(t.Columns["ip"])], t.Columns["text"]...) {
			if test, ok := c.test("ip", host); ok {
				any = append(any, test)
			}
		}
		return alternatives(any), len(any) > 0
	}
	name, _, _ := strings.Cut(strings.TrimSuffix(strings.Trim(host, edges), "$"), ".")
	for _, column := range t.Hosts {
		if test, ok := (Column{column, Within}).test("host", name); ok {
			any = append(any, test)
		}
	}
	return alternatives(any), len(any) > 0
}

func alternatives(any []string) string {
	if len(any) == 1 {
		return any[0]
	}
	return "(" + strings.Join(any, " or ") + ")"
}

// edges is what may stand around a value in one log and not in another.
const edges = " \t\r\n\\\"'`{}[]()."

var scheme = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*://`)

// test compares one column with a value.
func (c Column) test(kind investigate.Kind, value string) (string, bool) {
	value = strings.Trim(value, edges)
	switch kind {
	case "url": // whoever logs one may leave out how it begins
		value = scheme.ReplaceAllString(value, "")
	case "user": // a column that holds nothing but the name does not hold the domain
		if c.Holds == Whole {
			value = bare(value)
		}
	}
	if value == "" {
		return "", false
	}
	switch c.Holds {
	case Whole:
		return c.expr() + " =~ " + Literal(value), true
	case Within:
		return c.expr() + " has " + Literal(value), true
	case Number:
		n, err := strconv.ParseInt(value, 10, 64)
		return c.expr() + " == " + strconv.FormatInt(n, 10), err == nil && n >= 0
	}
	return "", false
}

// bare is an account without its domain; what is nothing else stays as it is.
func bare(user string) string {
	name := user[strings.LastIndexByte(user, '\\')+1:]
	if name, _, _ = strings.Cut(name, "@"); name == "" {
		return user
	}
	return name
}

// within says that a row is of the window; both ends are included.
func within(column string, from, to time.Time) string {
	return column + " between (" + moment(from) + " .. " + moment(to) + ")"
}
