package read

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/seed-959697dd/soc/internal/intel/feed/ioc"
)

// atom is one value of a STIX pattern that can be looked up.
type atom struct {
	typ   ioc.Type
	value string
	part  bool // the pattern asks for more than this
}

// Bounds of a pattern.
const (
	maxPattern = 64 << 10 // bytes
	maxAtoms   = 1000
)

// parsePattern takes the values out of a STIX pattern that stand in it by equality: = , IN (...) and, for addresses, ISSUBSET. What a
// pattern compares in other ways, and what it negates, is left out; a pattern of which nothing is left is an error.
// Source: STIX Version 2.1, section 9.
func parsePattern(text string) ([]atom, error) {
	if len(text) > maxPattern {
		return nil, fmt.Errorf("a pattern of %d bytes", len(text))
	}
	tokens, err := scanPattern(text)
	if err != nil {
		return nil, err
	}
	p := &patternReader{tokens: tokens}
	for p.i < len(p.tokens) && len(p.atoms) <= maxAtoms {
		p.next()
	}
	if len(p.atoms) > maxAtoms {
		return nil, fmt.Errorf("a pattern of more than %d values", maxAtoms)
	}
	if len(p.atoms) == 0 {
		if p.wrong != nil {
			return nil, p.wrong
		}
		return nil, errors.New("a pattern without a value that can be looked up")
	}
	for i := range p.atoms {
		p.atoms[i].part = p.and
	}
	return p.atoms, nil
}

type patternReader struct {
	tokens []token
	i      int
	atoms  []atom
	and    bool  // somewhere two comparisons have to hold together
	wrong  error // of the first value that is none
}

type tokenKind uint8

const (
	tokWord tokenKind = iota // a path, a keyword
	tokText                  // a quoted literal
	tokMark                  // an operator or a bracket
)

type token struct {
	kind tokenKind
	text string
}

// next reads one token, and with a path the comparison that it begins.
func (p *patternReader) next() {
	t := p.take()
	if t.kind != tokWord {
		return
	}
	if t.text == "AND" || t.text == "FOLLOWEDBY" {
		p.and = true
	}
	if !strings.Contains(t.text, ":") {
		return
	}
	op := p.take()
	not := op.text == "NOT"
	if not {
		op = p.take()
	}
	switch op.text {
	case "=", "ISSUBSET":
		p.value(t.text, p.take(), not)
	case "IN":
		for p.i < len(p.tokens) && p.tokens[p.i].text != ")" {
			if t2 := p.take(); t2.kind == tokText {
				p.value(t.text, t2, not)
			}
		}
	}
}

func (p *patternReader) take() token {
	if p.i >= len(p.tokens) {
		return token{}
	}
	p.i++
	return p.tokens[p.i-1]
}

// value keeps a literal that is compared with a path whose type is known.
func (p *patternReader) value(path string, lit token, not bool) {
	if not || lit.kind != tokText {
		return
	}
	object, property, _ := strings.Cut(path, ":")
	typ, err := ioc.None, error(nil)
	value := ""
	switch {
	case property == "value" && object == "domain-name":
		typ = ioc.Domain
	case property == "value" && object == "url":
		typ = ioc.URL
	case property == "value" && object == "email-addr", object == "email-message" && strings.HasSuffix(property, "_ref.value"):
		typ = ioc.Mail
	case property == "value" && (object == "ipv4-addr" || object == "ipv6-addr"), object == "network-traffic" && strings.HasSuffix(property, "_ref.value"),
		strings.HasPrefix(property, "resolves_to_refs"), strings.Contains(property, "hashes."):
		var v ioc.Value
		v, err = ioc.Parse(lit.text)
		typ, value = v.Type, v.Text
	default:
		return
	}
	if value == "" && err == nil {
		value, err = typ.Normal(ioc.Refang(lit.text))
	}
	if err != nil {
		if p.wrong == nil {
			p.wrong = err
		}
		return
	}
	if a := (atom{typ: typ, value: value}); !slices.Contains(p.atoms, a) {
		p.atoms = append(p.atoms, a)
	}
}

// scanPattern cuts a pattern into tokens.
func scanPattern(s string) ([]token, error) {
	var list []token
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
		case c == '\'':
			text, end, ok := literal(s, i)
			if !ok {
				return nil, errors.New("a pattern whose quote is not closed")
			}
			list, i = append(list, token{tokText, text}), end
		case wordByte(c):
			end := word(s, i)
			list, i = append(list, token{tokWord, s[i:end]}), end
		default:
			list, i = append(list, token{tokMark, s[i : i+1]}), i+1
		}
	}
	return list, nil
}

// literal reads a quoted text from i on, in which a backslash escapes.
func literal(s string, i int) (text string, end int, ok bool) {
	var b strings.Builder
	for i++; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
		case s[i] == '\'':
			return b.String(), i + 1, true
		}
		b.WriteByte(s[i])
	}
	return "", 0, false
}

func wordByte(c byte) bool {
	return c|0x20-'a' <= 25 || c-'0' <= 9 || c == '-' || c == '_' || c == ':' || c == '.' || c == '*'
}

// word ends behind a path: names, dots, quoted keys behind a dot, indexes in brackets.
func word(s string, i int) int {
	for i < len(s) {
		switch {
		case wordByte(s[i]):
			i++
		case s[i] == '\'' && s[i-1] == '.':
			_, end, ok := literal(s, i)
			if !ok {
				return i
			}
			i = end
		case s[i] == '[' && wordByte(s[i-1]) && strings.IndexByte(s[i:], ']') > 0 && !strings.ContainsAny(s[i:i+strings.IndexByte(s[i:], ']')], " :'"):
			i += strings.IndexByte(s[i:], ']') + 1
		default:
			return i
		}
	}
	return i
}
