package sigma

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// The wildcards of a pattern, beside its characters.
const (
	anyText rune = -1 - iota // *: any text, also none
	anyChar                  // ?: one character
	anyDash                  // one of the characters that start a parameter (windash)
)

// dashes are what anyDash stands for: hyphen, slash, en dash, em dash, horizontal bar.
// Source: Sigma modifiers specification 2.1, windash.
const dashes = "-/\u2013\u2014\u2015"

// pattern is one Sigma string: characters and wildcards. It matches a whole text.
type pattern struct {
	runes  []rune
	pieces []string // the texts between the stars, when there is no other wildcard
	plain  bool     // pieces say it all
	cased  bool     // compared as written; else runes are in lower case and so must be the text
}

// parsePattern reads a Sigma string: a backslash makes the next wildcard or backslash a character, any other backslash is itself.
// Source: Sigma rules specification 2.1, "Escaping".
func parsePattern(s string) []rune {
	runes := make([]rune, 0, len(s)+2)
	escaped := false
	for _, r := range s {
		switch {
		case escaped:
			if r != '*' && r != '?' && r != '\\' {
				runes = append(runes, '\\')
			}
			runes = append(runes, r)
			escaped = false
		case r == '\\':
			escaped = true
		case r == '*':
			runes = append(runes, anyText)
		case r == '?':
			runes = append(runes, anyChar)
		default:
			runes = append(runes, r)
		}
	}
	if escaped {
		runes = append(runes, '\\')
	}
	return runes
}

// newPattern compiles the characters and wildcards.
func newPattern(runes []rune, cased bool) *pattern {
	p := &pattern{runes: make([]rune, 0, len(runes)), plain: true, cased: cased}
	var piece strings.Builder
	for i, r := range runes {
		if r == anyText && i > 0 && runes[i-1] == anyText {
			continue
		}
		if r >= 0 && !cased {
			r = unicode.ToLower(r)
		}
		p.runes = append(p.runes, r)
		switch {
		case r == anyText:
			p.pieces = append(p.pieces, piece.String())
			piece.Reset()
		case r < 0:
			p.plain = false
		default:
			piece.WriteRune(r)
		}
	}
	p.pieces = append(p.pieces, piece.String())
	return p
}

// exact returns the text that alone matches.
func (p *pattern) exact() (string, bool) {
	return p.pieces[0], p.plain && len(p.pieces) == 1
}

// matches reports whether the whole text matches. Text of a pattern that is not cased is in lower case.
func (p *pattern) matches(s string) bool {
	if !p.plain {
		return glob(p.runes, s)
	}
	last := len(p.pieces) - 1
	if last == 0 {
		return s == p.pieces[0]
	}
	if !strings.HasPrefix(s, p.pieces[0]) {
		return false
	}
	s = s[len(p.pieces[0]):]
	for _, piece := range p.pieces[1:last] {
		at := strings.Index(s, piece)
		if at < 0 {
			return false
		}
		s = s[at+len(piece):]
	}
	return strings.HasSuffix(s, p.pieces[last])
}

// glob matches with ? and dashes: it tries again behind the last star only, so that its time is bounded by the product of
// the lengths.
func glob(pattern []rune, s string) bool {
	p, at := 0, 0
	star, retry := -1, 0
	for at < len(s) {
		r, size := utf8.DecodeRuneInString(s[at:])
		switch {
		case p < len(pattern) && pattern[p] == anyText:
			star, retry = p, at
			p++
		case p < len(pattern) && fits(pattern[p], r):
			p++
			at += size
		case star >= 0:
			_, size = utf8.DecodeRuneInString(s[retry:])
			retry += size
			p, at = star+1, retry
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == anyText {
		p++
	}
	return p == len(pattern)
}

func fits(want, r rune) bool {
	switch want {
	case anyChar:
		return true
	case anyDash:
		return strings.ContainsRune(dashes, r)
	}
	return want == r
}

// longest returns the longest text, in lower case, that every matching text contains.
func (p *pattern) longest() string {
	var longest, cur string
	for _, r := range append(p.runes[:len(p.runes):len(p.runes)], anyText) {
		if r >= 0 {
			cur += string(unicode.ToLower(r))
			continue
		}
		if len(cur) > len(longest) {
			longest = cur
		}
		cur = ""
	}
	return longest
}

// find returns where in s the pattern's own text stands, for a receipt: the first long piece, else the whole.
func (p *pattern) find(s string) (start, end int) {
	piece := ""
	for _, text := range p.pieces {
		if len(text) > len(piece) {
			piece = text
		}
	}
	if at := strings.Index(s, piece); p.plain && piece != "" && at >= 0 {
		return at, at + len(piece)
	}
	return 0, len(s)
}
