package splunk

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"
)

// test tells whether a row is meant.
type test func(row) bool

// reader reads the expression of a search command.
type reader struct {
	list []token
	at   int
}

func expression(list []token) (test, error) {
	r := &reader{list: list}
	t, err := r.or()
	if err == nil && r.at < len(list) {
		err = trouble(fmt.Sprintf("Error in 'search' command: Unable to parse the search: unexpected '%s'.", r.list[r.at].text))
	}
	return t, err
}

func (r *reader) word(w string) bool {
	ok := r.at < len(r.list) && !r.list[r.at].quoted && r.list[r.at].text == w
	if ok {
		r.at++
	}
	return ok
}

func (r *reader) end() bool {
	return r.at >= len(r.list) || r.list[r.at].sign && r.list[r.at].text == ")"
}

func (r *reader) or() (test, error) {
	var any []test
	for {
		t, err := r.and()
		if err != nil {
			return nil, err
		}
		if any = append(any, t); !r.word("OR") {
			return func(x row) bool {
				for _, t := range any {
					if t(x) {
						return true
					}
				}
				return false
			}, nil
		}
	}
}

func (r *reader) and() (test, error) {
	var all []test
	for !r.end() && (r.list[r.at].quoted || r.list[r.at].text != "OR") {
		if r.word("AND") {
			continue
		}
		t, err := r.not()
		if err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return func(x row) bool {
		for _, t := range all {
			if !t(x) {
				return false
			}
		}
		return true
	}, nil
}

func (r *reader) not() (test, error) {
	if r.word("NOT") {
		t, err := r.not()
		return func(x row) bool { return !t(x) }, err
	}
	if r.word("(") {
		t, err := r.or()
		if err == nil && !r.word(")") {
			err = trouble("Error in 'search' command: Unable to parse the search: unbalanced parentheses.")
		}
		return t, err
	}
	return r.term()
}

// term is a value, or a field and its value.
func (r *reader) term() (test, error) {
	t := r.list[r.at]
	if t.sign {
		return nil, trouble(fmt.Sprintf("Error in 'search' command: Unable to parse the search: unexpected '%s'.", t.text))
	}
	r.at++
	if r.at+1 >= len(r.list) || !r.list[r.at].sign || r.list[r.at].text != "=" && r.list[r.at].text != "!=" {
		return phrase(t.text), nil
	}
	negative, value := r.list[r.at].text == "!=", r.list[r.at+1]
	if value.sign {
		return nil, trouble("Error in 'search' command: Unable to parse the search: Comparator '=' has an invalid term on the right hand side.")
	}
	r.at += 2
	match := pattern(value.text, false)
	return func(x row) bool {
		for _, v := range values(x[t.text]) {
			if match.MatchString(v) {
				return !negative
			}
		}
		return negative
	}, nil
}

// values are those of a field, which may have several.
func values(v any) []string {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		var list []string
		for _, o := range v {
			list = append(list, fmt.Sprint(o))
		}
		return list
	case time.Time:
		return nil
	}
	return []string{fmt.Sprint(v)}
}

// phrase looks for a text in the raw event, where it may not go on with a letter or digit. The asterisk stands for anything.
func phrase(text string) test {
	match := pattern(text, true)
	return func(x row) bool {
		raw, _ := x["_raw"].(string)
		return match.MatchString(raw)
	}
}

func pattern(text string, within bool) *regexp.Regexp {
	parts := strings.Split(text, "*")
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	re := strings.Join(parts, "(?s:.*)")
	if !within {
		return regexp.MustCompile("(?i)^(?:" + re + ")$")
	}
	edge := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
	if rs := []rune(text); len(rs) > 0 {
		if edge(rs[0]) {
			re = `(?:^|[^\pL\pN])` + re
		}
		if edge(rs[len(rs)-1]) {
			re += `(?:[^\pL\pN]|$)`
		}
	}
	return regexp.MustCompile("(?i)" + re)
}
