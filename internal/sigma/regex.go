package sigma

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode"
)

// newExpression compiles a regular expression. Sigma asks for PCRE without look-around; what RE2 lacks is an error.
func newExpression(text, flags string) (expression, error) {
	if flags != "" {
		text = "(?" + flags + ")" + text
	}
	re, err := regexp.Compile(text)
	if err != nil {
		return expression{}, fmt.Errorf("regular expression: %w", err)
	}
	tree, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return expression{}, fmt.Errorf("regular expression: %w", err)
	}
	must := required(tree.Simplify())
	if len(must) < minLiteral {
		must = ""
	}
	return expression{re, must}, nil
}

// required returns the longest text, in lower case, that stands in every text that the expression matches.
func required(re *syntax.Regexp) string {
	if re.Op == syntax.OpLiteral {
		return folded(re)
	}
	if re.Op != syntax.OpCapture && re.Op != syntax.OpPlus && re.Op != syntax.OpConcat {
		return ""
	}
	longest := ""
	for _, sub := range re.Sub {
		if text := required(sub); len(text) > len(longest) {
			longest = text
		}
	}
	return longest
}

// folded returns the longest piece of a literal whose lower case is sure: where case does not count, ſ matches s but is another
// letter in lower case, and so for all letters beyond ASCII.
func folded(re *syntax.Regexp) string {
	text := string(re.Rune)
	if re.Flags&syntax.FoldCase == 0 {
		return strings.ToLower(text)
	}
	longest := ""
	for piece := range strings.FieldsFuncSeq(text, func(r rune) bool { return r > unicode.MaxASCII || r == 's' || r == 'S' }) {
		if len(piece) > len(longest) {
			longest = piece
		}
	}
	return strings.ToLower(longest)
}
