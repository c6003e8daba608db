package term_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/seed-959697dd/soc/internal/term"
)

func TestCleanShowsWhatATerminalWouldActOn(t *testing.T) {
	t.Parallel()
	rows := map[string]struct{ in, want string }{
		"plain text stays":                 {`user alice logged in from 10.0.0.7`, `user alice logged in from 10.0.0.7`},
		"nothing stays nothing":            {"", ""},
		"a backslash stays":                {`C:\new\table`, `C:\new\table`},
		"colour":                           {"a\x1b[31mred\x1b[0m", `a\x1b[31mred\x1b[0m`},
		"window title":                     {"\x1b]0;owned\a", `\x1b]0;owned\x07`},
		"tab, newline, carriage return":    {"a\tb\nc\rd", `a\tb\nc\rd`},
		"null and delete":                  {"\x00\x7f", `\x00\x7f`},
		"backspace over a verdict":         {"malicious\b\b\b", `malicious\x08\x08\x08`},
		"a C1 control as a character":      {"\u009b31m", `\u009b31m`},
		"a C1 control as a byte":           {"\x9b31m", `\x9b31m`},
		"bytes that are no UTF-8":          {"a\xffb\xc3(", `a\xffb\xc3(`},
		"a surrogate half":                 {"\xed\xa0\x80", `\xed\xa0\x80`},
		"an overlong slash":                {"\xc0\xaf", `\xc0\xaf`},
		"right-to-left override":           {"exe\u202egpj", `exe\u202egpj`},
		"bidi isolates and marks":          {"\u2066\u2069\u200e\u061c", `\u2066\u2069\u200e\u061c`},
		"zero width":                       {"pay\u200bpal\u2060\u200c\u200d", `pay\u200bpal\u2060\u200c\u200d`},
		"soft hyphen":                      {"pay\u00adpal", `pay\u00adpal`},
		"byte order mark":                  {"\ufeffid", `\ufeffid`},
		"line and paragraph separator":     {"a\u2028b\u2029", `a\u2028b\u2029`},
		"tag characters":                   {"hi\U000e0041\U000e007f", `hi\U000e0041\U000e007f`},
		"supplementary selectors":          {"x\U000e0100\U000e01ef", `x\U000e0100\U000e01ef`},
		"fillers that draw nothing":        {"\u3164\u115f\u034f", `\u3164\u115f\u034f`},
		"private use and unassigned":       {"\ue000\U0010ffff", `\ue000\U0010ffff`},
		"Chinese, Japanese, Korean":        {"警告　アラート 경고", "警告　アラート 경고"},
		"accents, also as combining marks": {"café cafe\u0301", "café cafe\u0301"},
		"Arabic and Hebrew letters":        {"تنبيه אזהרה", "تنبيه אזהרה"},
		"emoji with its selector":          {"🔥 ❤\ufe0f 👍🏽", "🔥 ❤\ufe0f 👍🏽"},
		"a joined emoji comes apart":       {"👩\u200d💻", `👩\u200d💻`},
		"the replacement character itself": {"\ufffd", "\ufffd"},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := term.Clean(row.in); got != row.want {
				t.Errorf("Clean(%q) = %q, want %q", row.in, got, row.want)
			}
			if got := string(term.AppendClean([]byte("> "), row.in)); got != "> "+row.want {
				t.Errorf("AppendClean(%q) = %q, want %q", row.in, got, "> "+row.want)
			}
		})
	}
}

func TestCleanTextCostsNoMemory(t *testing.T) {
	text := strings.Repeat("powershell.exe -nop -w hidden 警告 ", 50)
	if n := testing.AllocsPerRun(10, func() { term.Clean(text) }); n != 0 {
		t.Errorf("Clean of clean text allocates %v times", n)
	}
}

func TestEveryCharacterOfADangerousClassIsEscaped(t *testing.T) {
	t.Parallel()
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if !utf8.ValidRune(r) || !dangerous(r) {
			continue
		}
		if got := term.Clean(string(r)); !printableASCII(got) {
			t.Fatalf("Clean(%U) = %q: not an escape", r, got)
		}
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{"", "plain", "\x1b[2J", "\xff\x9b", "a\u202eb", "👩\u200d💻", "\U000e0041", "\xc2", `\x1b`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := term.Clean(s)
		if !utf8.ValidString(got) {
			t.Fatalf("Clean(%q) is no UTF-8: %q", s, got)
		}
		for _, r := range got {
			if dangerous(r) {
				t.Fatalf("Clean(%q) still has %U", s, r)
			}
		}
		if again := term.Clean(got); again != got {
			t.Fatalf("Clean is not settled: %q, then %q", got, again)
		}
		if cell := term.CSVCell(s); cell != "" && strings.IndexAny(cell, "=+-@\t\r") == 0 {
			t.Fatalf("CSVCell(%q) starts a formula: %q", s, cell)
		}
	})
}

// dangerous is the promise in its own words, apart from how Clean keeps it.
func dangerous(r rune) bool {
	switch {
	case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Bidi_Control, unicode.Join_Control):
		return true
	case r >= 0xe0000 && r <= 0xe0fff: // tags and supplementary variation selectors
		return true
	default:
		return r == 0x115f || r == 0x1160 || r == 0x3164 || r == 0xffa0 // fillers: letters that draw nothing
	}
}

func printableASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) < 0
}
