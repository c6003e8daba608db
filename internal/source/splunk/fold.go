package splunk

import (
	"html"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/tidwall/gjson"
)

// folded is the text of a row's values, each on its own.
func folded(row gjson.Result) string {
	var b strings.Builder
	row.ForEach(func(_, v gjson.Result) bool {
		list := []gjson.Result{v}
		if v.IsArray() {
			list = v.Array()
		}
		for _, v := range list {
			b.WriteString(fold(v.String()))
			b.WriteByte('\n') // which no folded text holds
		}
		return true
	})
	return b.String()
}

// spellings are the forms in which a row may hold a value. An event that is JSON has line ends and their like as escapes. What backslash ends a value
// and what escapes the quote behind it cannot be told: at the ends there are none.
func spellings(value string) []string {
	value = strings.Trim(value, "\\\" \t\r\n")
	list := []string{fold(value)}
	if escaped := strings.NewReplacer("\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(value); escaped != value {
		list = append(list, fold(escaped))
	}
	return list
}

// fold writes a text in a form in which it does not matter who wrote it: letters in lower case, what JSON and XML escape as it is,
// backslashes and quotes one, white space a blank. Whatever holds a value holds the value's form in its own.
func fold(text string) string {
	text = entities(text)
	b := make([]byte, 0, len(text))
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		if r == '\\' {
			r, n = escape(text[i:])
		}
		i += n
		switch {
		case r == '\\' || r == '"' || r == ' ':
			if len(b) > 0 && b[len(b)-1] == byte(r) {
				continue
			}
		case unicode.IsSpace(r) || unicode.IsControl(r):
			if r = ' '; len(b) > 0 && b[len(b)-1] == ' ' {
				continue
			}
		}
		b = utf8.AppendRune(b, unicode.ToLower(r))
	}
	return string(b)
}

// entities writes those of XML as what they stand for.
func entities(text string) string {
	if !strings.Contains(text, "&") {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); {
		if text[i] != '&' {
			b.WriteByte(text[i])
			i++
			continue
		}
		r, n := entity(text[i:])
		b.WriteRune(r)
		i += n
	}
	return b.String()
}

// entity reads one of XML; an & that begins none stands for itself.
func entity(s string) (rune, int) {
	end := strings.IndexByte(s[:min(len(s), 10)], ';')
	if end < 0 {
		return '&', 1
	}
	switch name := s[1:end]; {
	case name == "amp", name == "lt", name == "gt", name == "quot", name == "apos", strings.HasPrefix(name, "#"):
		if text := html.UnescapeString(s[:end+1]); utf8.RuneCountInString(text) == 1 {
			r, _ := utf8.DecodeRuneInString(text)
			return r, end + 1
		}
	}
	return '&', 1
}

// escape reads what a run of backslashes begins.
func escape(s string) (rune, int) {
	n := 1
	for n < len(s) && s[n] == '\\' {
		n++
	}
	if n == len(s) {
		return '\\', n
	}
	switch s[n] {
	case '"', '/', '\'':
		return rune(s[n]), n + 1
	case 'u':
		if r, ok := hex4(s[n-1:]); ok {
			if n > 1 && n%2 == 1 {
				return '\\', n - 1 // one of its own stands before it
			}
			if utf16.IsSurrogate(r) && len(s) >= n+5 {
				if low, ok := hex4(s[n+5:]); ok && utf16.DecodeRune(r, low) != utf8.RuneError {
					return utf16.DecodeRune(r, low), n + 11
				}
			}
			return r, n + 5
		}
	}
	return '\\', n
}

func hex4(s string) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(s[2:6], 16, 16)
	return rune(n), err == nil
}

// holds tells whether a folded text holds a folded value, with no word going on around it.
func holds(text, value string) bool {
	for from := 0; value != ""; {
		i := strings.Index(text[from:], value)
		if i < 0 {
			return false
		}
		at, end := from+i, from+i+len(value)
		if !(goesOn(lastRune(text[:at])) && goesOn(firstRune(value))) && !(goesOn(lastRune(value)) && goesOn(firstRune(text[end:]))) {
			return true
		}
		from = at + 1
	}
	return false
}

func goesOn(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

func firstRune(s string) rune { r, _ := utf8.DecodeRuneInString(s); return r }

func lastRune(s string) rune { r, _ := utf8.DecodeLastRuneInString(s); return r }
