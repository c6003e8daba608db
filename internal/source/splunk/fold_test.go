package splunk_test

import (
	"encoding/json"
	"encoding/xml"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/seed-959697dd/soc/internal/source/splunk"
)

// FuzzHeld: whoever wrote a value into an event, as it is, as JSON, as JSON in ASCII or as XML, the row holds it, whatever its letter case;
// and it does not hold one that goes on with a letter.
func FuzzHeld(f *testing.F) {
	for _, v := range []string{"alice", `C:\Windows\new\table.exe`, `say "hi"`, "a & b <c>", "ümlaut 日本", `\\srv\share\u0041x`, "tab\there", "line\nbreak", `a\"b`, `x\\`, "&amp;lt;", "&#65;"} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if value = strings.Trim(value, "\\\" \t\r\n"); !utf8.ValidString(value) || len(value) < 3 || strings.ContainsAny(value, "\x00\ufffd") || strings.Contains(value, "&") && strings.Contains(value, ";") {
			t.Skip("an entity that an event holds as it is cannot be told from one that XML made")
		}
		for _, r := range value {
			if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r >= 0xd800 && r < 0xe000 || r == 0xfffe || r == 0xffff {
				t.Skip("XML cannot hold it")
			}
		}
		var x strings.Builder
		if err := xml.EscapeText(&x, []byte(value)); err != nil {
			t.Fatal(err)
		}
		j, err := json.Marshal(map[string]string{"file": value})
		if err != nil {
			t.Fatal(err)
		}
		for name, raw := range map[string]string{"plain": "file " + value + " end", "json": string(j), "xml": "<file>" + x.String() + "</file>"} {
			row, err := json.Marshal(map[string]any{"_raw": raw, "other": []string{"one", "two"}})
			if err != nil {
				t.Fatal(err)
			}
			if !splunk.Held(row, value) {
				t.Errorf("%s: %q is not held by %s", name, value, row)
			}
		}
		row, err := json.Marshal(map[string]string{"file": "x" + value + "x"})
		if first, last := value[0], value[len(value)-1]; err == nil && letter(first) && letter(last) && !strings.Contains("x"+value+"x", value+value) && splunk.Held(row, value) {
			t.Errorf("%q is held by %s", value, row)
		}
	})
}

func letter(c byte) bool { return c >= 'a' && c <= 'z' }
