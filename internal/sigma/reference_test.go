package sigma_test

import (
	"encoding/base64"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
)

// The evaluator that the compiled one must agree with: each modifier as the specification has it, on maps and regular expressions,
// with no thought of speed.

type refItem struct {
	field     string
	modifiers []string
	values    []any // string, float64, bool, nil
}

type refEvent map[string][]string // the values of each field; none: absent or null

func (it refItem) has(m string) bool { return slices.Contains(it.modifiers, m) }

func (it refItem) matches(e refEvent) bool {
	all, one := true, false
	for _, v := range it.values {
		ok := it.one(v, e)
		all, one = all && ok, one || ok
	}
	result := one
	if it.has("all") {
		result = all
	}
	return result != it.has("neq")
}

func (it refItem) one(v any, e refEvent) bool {
	have := e[it.field]
	if it.field == "" {
		have = nil
		for _, list := range e {
			have = append(have, list...)
		}
	}
	if v == nil {
		return len(have) == 0
	}
	if it.has("exists") {
		return (len(have) > 0) == v.(bool)
	}
	if it.has("fieldref") {
		return slices.ContainsFunc(have, func(x string) bool {
			return slices.ContainsFunc(e[v.(string)], func(y string) bool { return it.affix(x, y) })
		})
	}
	return slices.ContainsFunc(have, func(x string) bool { return it.value(v, x) })
}

// affix compares two texts as contains, startswith and endswith say.
func (it refItem) affix(x, y string) bool {
	x, y = strings.ToLower(x), strings.ToLower(y)
	switch {
	case it.has("contains"):
		return strings.Contains(x, y)
	case it.has("startswith"):
		return strings.HasPrefix(x, y)
	case it.has("endswith"):
		return strings.HasSuffix(x, y)
	}
	return x == y
}

func (it refItem) value(v any, have string) bool {
	text := fmt.Sprint(v)
	if f, ok := v.(float64); ok {
		text = strconv.FormatFloat(f, 'f', -1, 64)
	}
	for _, m := range it.modifiers {
		switch m {
		case "re":
			return it.regexp(text, have)
		case "cidr":
			a, err := netip.ParseAddr(have)
			return err == nil && netip.MustParsePrefix(text).Contains(a)
		case "lt", "lte", "gt", "gte":
			x, err := strconv.ParseFloat(have, 64)
			y, _ := strconv.ParseFloat(text, 64)
			return err == nil && map[string]bool{"lt": x < y, "lte": x <= y, "gt": x > y, "gte": x >= y}[m]
		case "minute", "hour", "day", "week", "month", "year":
			t, err := time.Parse(time.RFC3339, have)
			_, week := t.UTC().ISOWeek()
			t = t.UTC()
			parts := map[string]int{
				"minute": t.Minute(), "hour": t.Hour(), "day": t.Day(), "week": week, "month": int(t.Month()), "year": t.Year(),
			}
			return err == nil && strconv.Itoa(parts[m]) == text
		}
	}
	for _, pattern := range it.patterns(text) {
		if regexp.MustCompile(pattern).MatchString(have) {
			return true
		}
	}
	return false
}

func (it refItem) regexp(text, have string) bool {
	flags := ""
	for _, f := range [...]string{"i", "m", "s"} {
		if it.has(f) {
			flags += f
		}
	}
	if flags != "" {
		text = "(?" + flags + ")" + text
	}
	return regexp.MustCompile(text).MatchString(have)
}

// patterns are the regular expressions of which one must match, after encodings and parameter dashes.
func (it refItem) patterns(text string) []string {
	texts := []string{text}
	plain := strings.ReplaceAll(text, `\\`, `\`)
	switch {
	case it.has("wide") || it.has("utf16le"):
		plain = refUTF16(plain, false)
	case it.has("utf16be"):
		plain = refUTF16(plain, true)
	case it.has("utf16"):
		plain = "\xff\xfe" + refUTF16(plain, false)
	}
	escape := strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`).Replace
	if it.has("base64") {
		texts = []string{escape(base64.StdEncoding.EncodeToString([]byte(plain)))}
	}
	if it.has("base64offset") {
		texts = nil
		for o := range 3 {
			texts = append(texts, escape(refOffset(plain, o)))
		}
	}
	if it.has("windash") {
		texts = refDashes(texts[0])
	}
	var list []string
	for _, s := range texts {
		list = append(list, it.anchored(refGlob(s)))
	}
	return list
}

func (it refItem) anchored(re string) string {
	anywhere := it.has("contains") || it.field == ""
	front, back := `\A`, `\z`
	if anywhere || it.has("endswith") {
		front = ""
	}
	if anywhere || it.has("startswith") {
		back = ""
	}
	flags := "(?is)"
	if it.has("cased") {
		flags = "(?s)"
	}
	return flags + front + re + back
}

// refGlob writes a Sigma string as a regular expression.
func refGlob(s string) string {
	var re strings.Builder
	runes := []rune(s)
	for i := 0; i < len(runes); i++ {
		switch r := runes[i]; {
		case r == '\\' && i+1 < len(runes) && strings.ContainsRune(`*?\`, runes[i+1]):
			i++
			re.WriteString(regexp.QuoteMeta(string(runes[i])))
		case r == '*':
			re.WriteString(".*")
		case r == '?':
			re.WriteString(".")
		default:
			re.WriteString(regexp.QuoteMeta(string(r)))
		}
	}
	return re.String()
}

// refDashes writes out every way to spell the parameters of a text.
func refDashes(s string) []string {
	list := []string{""}
	last := 0
	for _, at := range regexp.MustCompile(`\B[-/]\b`).FindAllStringIndex(s, -1) {
		var next []string
		for _, front := range list {
			for _, dash := range []string{"-", "/", "–", "—", "―"} {
				next = append(next, front+s[last:at[0]]+dash)
			}
		}
		list, last = next, at[1]
	}
	for i := range list {
		list[i] += s[last:]
	}
	return list
}

func refUTF16(s string, big bool) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		if big {
			b = append(b, byte(u>>8), byte(u))
		} else {
			b = append(b, byte(u), byte(u>>8))
		}
	}
	return string(b)
}

// refOffset is the part of a Base64 text that is the same whatever stands around s at this offset.
func refOffset(s string, offset int) string {
	encode := func(filler string) string {
		return base64.StdEncoding.EncodeToString([]byte(strings.Repeat(filler, offset) + s + strings.Repeat(filler, 3)))
	}
	a, b := encode("\x00"), encode("\xff")
	same := ""
	for i := range min((offset+len(s))*8/6, len(a)) {
		if a[i] == b[i] {
			same += a[i : i+1]
		}
	}
	return same
}
