package check

import (
	"bytes"
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode/utf8"
)

// Source: none of its own: how the expressions of rules are matched, not what they know.

// expression is a regular expression, and the text with which each of its matches begins. It is tried only where that text
// stands: a search that tries every place costs more than all the rest of a check.
type expression struct {
	word  string                // in lower case; empty when it is not known or too short to tell
	edge  bool                  // the word must begin where a word begins
	here  func() *regexp.Regexp // matches at the beginning of a text
	whole func() *regexp.Regexp
	least int       // letters of run in a row that every match holds; 0 when it is not known
	run   [256]bool // of ASCII
}

// newExpression compiles nothing yet: most expressions are never asked.
func newExpression(s string) *expression {
	e := &expression{here: pattern(`\A(?:` + s + `)`), whole: pattern(s)}
	if tree, err := syntax.Parse(s, syntax.Perl); err == nil {
		e.word, e.edge = beginning(tree)
		e.longest(tree)
	}
	return e
}

// minLetters is from which length on a run of letters is seldom enough to be looked for.
const minLetters = 12

// longest learns the first long run of letters that an expression asks for, as those for Base64 do.
func (e *expression) longest(tree *syntax.Regexp) {
	if tree.Op != syntax.OpConcat {
		return
	}
	for _, part := range tree.Sub {
		if part.Op != syntax.OpRepeat || part.Min < minLetters || part.Sub[0].Op != syntax.OpCharClass {
			continue
		}
		e.least = part.Min
		for pairs := part.Sub[0].Rune; len(pairs) > 1; pairs = pairs[2:] {
			for r := pairs[0]; r <= min(pairs[1], utf8.RuneSelf-1); r++ {
				e.run[r] = true
			}
		}
		return
	}
}

// runs tells whether the run of letters stands in an ASCII text.
func (e *expression) runs(text string) bool {
	n := 0
	for i := 0; i < len(text) && n < e.least; i++ {
		if n++; !e.run[text[i]] {
			n = 0
		}
	}
	return n >= e.least
}

// beginning is what every match of an expression begins with.
func beginning(tree *syntax.Regexp) (word string, edge bool) {
	first := tree
	if tree.Op == syntax.OpConcat {
		first = tree.Sub[0]
		if first.Op == syntax.OpWordBoundary {
			first, edge = tree.Sub[1], true
		}
	}
	if first.Op != syntax.OpLiteral || len(first.Rune) < 2 {
		return "", false
	}
	word = strings.ToLower(string(first.Rune))
	if !isASCII(word) || edge && !isWordByte(word[0]) {
		return "", false
	}
	return word, edge
}

// isWordByte tells what \w and \b take for a part of a word.
func isWordByte(c byte) bool { return isAlnum(c) || c == '_' }

// maxTries bounds at how many places an expression is tried before the text is searched as a whole, which is linear in its length.
const maxTries = 16

// find returns where the expression matches first, nil when it does not. low is the text in lower case.
func (e *expression) find(text string, low []byte) []int {
	if !isASCII(text) { // a letter beyond ASCII may be taken for one of the word's
		return e.whole().FindStringIndex(text)
	}
	if e.least > 0 && !e.runs(text) {
		return nil
	}
	if e.word == "" {
		return e.whole().FindStringIndex(text)
	}
	var room [64]byte
	word := append(room[:0], e.word...)
	for at, tries := 0, 0; ; at++ {
		i := bytes.Index(low[at:], word)
		if i < 0 {
			return nil
		}
		if at += i; e.edge && at > 0 && isWordByte(low[at-1]) {
			continue
		}
		if m := e.here().FindStringIndex(text[at:]); m != nil {
			return []int{at + m[0], at + m[1]}
		}
		if tries++; tries == maxTries {
			return e.whole().FindStringIndex(text)
		}
	}
}
