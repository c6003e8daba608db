package sigma

import (
	"fmt"
	"strings"
)

// maxExpansion bounds the texts that the placeholders of one value expand to.
const maxExpansion = 10_000

// expand replaces the placeholders of a value, %name%, by their configured values. A value of a placeholder is a Sigma string: it
// may hold wildcards. Without the modifier expand a percent sign is itself.
func (c *compiler) expand(it item, text string) ([][]rune, error) {
	if !it.modifiers["expand"] {
		return [][]rune{parsePattern(text)}, nil
	}
	list := []string{""}
	for text != "" {
		before, name, after, found := cutPlaceholder(text)
		values := []string{""}
		if found {
			if values = c.options.Placeholders[name]; len(values) == 0 {
				return nil, fmt.Errorf("placeholder %%%s%% has no values", name)
			}
		}
		if len(list)*len(values) > maxExpansion {
			return nil, fmt.Errorf("placeholders expand to more than %d texts", maxExpansion)
		}
		next := make([]string, 0, len(list)*len(values))
		for _, front := range list {
			for _, v := range values {
				next = append(next, front+before+v)
			}
		}
		list, text = next, after
	}
	out := make([][]rune, len(list))
	for i, s := range list {
		out[i] = parsePattern(s)
	}
	return out, nil
}

// cutPlaceholder splits at the first %name%; a percent sign behind a backslash is none.
func cutPlaceholder(s string) (before, name, after string, found bool) {
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' {
			i++
			continue
		}
		if s[i] != '%' {
			continue
		}
		if end := strings.IndexByte(s[i+1:], '%'); end > 0 {
			return s[:i], s[i+1 : i+1+end], s[i+end+2:], true
		}
	}
	return s, "", "", false
}
