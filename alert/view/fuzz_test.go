package view_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode"

	"github.com/seed-959697dd/soc/alert/view"
)

// FuzzText holds Text to its promises for any record: one JSON object or a refusal, of bounded size, that says the same
// again; and where nothing is escaped and nothing put together, every value is a piece of the record.
func FuzzText(f *testing.F) {
	for _, c := range records {
		f.Add([]byte(c.record))
	}
	f.Fuzz(func(t *testing.T, record []byte) {
		before := bytes.Clone(record)
		out, ok := view.Text([]byte("x"), record)
		again, same := view.Text([]byte("x"), record)
		if !bytes.Equal(record, before) || !bytes.Equal(out, again) || ok != same || out[0] != 'x' {
			t.Fatalf("Text(%q) changed the record, dst or its mind", record)
		}
		if !ok {
			if len(out) != 1 {
				t.Fatalf("refused, yet appended %q", out)
			}
			return
		}
		out = out[1:]
		if out[0] != '{' || !json.Valid(out) {
			t.Fatalf("Text(%q) is no JSON object: %s", record, out)
		}
		if len(out) > 6*len(record)+1024 {
			t.Fatalf("Text of %d bytes has %d", len(record), len(out))
		}
		if bytes.ContainsAny(record, "\\\"&") || bytes.Contains(record, []byte("#01")) {
			return
		}
		var members map[string]any
		if err := json.Unmarshal(out, &members); err != nil {
			t.Fatal(err)
		}
		found := func(v string) bool { return strings.Contains(string(record), v) }
		for name, m := range members {
			switch name {
			case "xml", "Event", "audit", "json": // put together, decoded, copied
				return
			case "syslog":
				delete(m.(map[string]any), "facility")
				delete(m.(map[string]any), "severity")
			case "auth":
				delete(m.(map[string]any), "result")
				delete(m.(map[string]any), "method")
			case "access":
				delete(m.(map[string]any), "user")
			}
		}
		if v := invented(members, found); v != "" {
			t.Fatalf("Text(%q) holds %q, which the record does not: %s", record, v, out)
		}
	})
}

// invented returns a value inside v that is not found.
func invented(v any, found func(string) bool) string {
	switch v := v.(type) {
	case string:
		if !found(v) {
			return v
		}
	case []any:
		for _, e := range v {
			if s := invented(e, found); s != "" {
				return s
			}
		}
	case map[string]any:
		for _, e := range v {
			if s := invented(e, found); s != "" {
				return s
			}
		}
	}
	return ""
}

// fields returns the members of one object inside the view, in order, repeated ones too.
func fields(t *testing.T, record string, path ...string) [][2]string {
	t.Helper()
	out, ok := view.Text(nil, []byte(record))
	if !ok {
		t.Fatalf("Text(%q) was refused", record)
	}
	raw := json.RawMessage(out)
	for _, name := range path {
		var members map[string]json.RawMessage
		if err := json.Unmarshal(raw, &members); err != nil || members[name] == nil {
			t.Fatalf("Text(%q) = %s has no %v", record, out, path)
		}
		raw = members[name]
	}
	var all [][2]string
	d := json.NewDecoder(bytes.NewReader(raw))
	for depth := 0; ; {
		token, err := d.Token()
		if err != nil {
			return all
		}
		switch v := token.(type) {
		case json.Delim:
			if v == '{' {
				depth++
			} else {
				depth--
			}
		case string:
			var value any
			if err := d.Decode(&value); err != nil {
				t.Fatal(err)
			}
			if text, ok := value.(string); ok && depth == 1 {
				all = append(all, [2]string{v, text})
			}
		}
	}
}

// word makes a key, text a value, of whatever the fuzzer sends.
func word(s string) string {
	keep := func(r rune) rune {
		if r < 128 && (r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return r
		}
		return -1
	}
	return "k" + strings.Map(keep, s[:min(len(s), 30)])
}

func text(s, without string) string {
	drop := func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar || r == '\uFEFF' || strings.ContainsRune(without, r) {
			return -1
		}
		return r
	}
	return strings.TrimSpace(strings.Map(drop, strings.ToValidUTF8(s, "")))
}

func checkFields(t *testing.T, got [][2]string, want ...string) {
	t.Helper()
	if len(got) != len(want)/2 {
		t.Fatalf("got %q, want %q", got, want)
	}
	for i, g := range got {
		if g[0] != want[2*i] || g[1] != want[2*i+1] {
			t.Fatalf("got %q, want %q", got, want)
		}
	}
}

// FuzzCEF: what a sender escapes by the book comes back as it was.
func FuzzCEF(f *testing.F) {
	f.Add("A|B", `C:\x\`, "src", "a=b c=d", "msg", `\n=|`)
	f.Fuzz(func(t *testing.T, vendor, name, k1, v1, k2, v2 string) {
		vendor, name = "v"+text(vendor, ""), "n"+text(name, "")
		k1, k2, v1, v2 = word(k1), word(k2), text(v1, ""), text(v2, "")
		header := strings.NewReplacer(`\`, `\\`, `|`, `\|`)
		value := strings.NewReplacer(`\`, `\\`, `=`, `\=`)
		record := "CEF:0|" + header.Replace(vendor) + "|p|1|2|" + header.Replace(name) + "|3|" +
			k1 + "=" + value.Replace(v1) + " " + k2 + "=" + value.Replace(v2)
		checkFields(t, fields(t, record, "cef"), "version", "0", "vendor", vendor, "product", "p", "device_version", "1",
			"signature", "2", "name", name, "severity", "3")
		checkFields(t, fields(t, record, "cef", "ext"), k1, v1, k2, v2)
	})
}

// FuzzLEEF: attributes come back whatever their values hold but the delimiter.
func FuzzLEEF(f *testing.F) {
	f.Add("src", "a=b|c", "msg", `C:\x y=z`, true)
	f.Fuzz(func(t *testing.T, k1, v1, k2, v2 string, caret bool) {
		k1, k2, v1, v2 = word(k1), word(k2), text(v1, "^"), text(v2, "^")
		record := "LEEF:1.0|v|p|1|2|" + k1 + "=" + v1 + "\t" + k2 + "=" + v2
		if caret {
			record = "LEEF:2.0|v|p|1|2|^|" + k1 + "=" + v1 + "^" + k2 + "=" + v2
		}
		checkFields(t, fields(t, record, "leef", "ext"), k1, v1, k2, v2)
	})
}

// FuzzKV: quoted values come back; a quote inside is escaped, and a backslash is not, so that values hold none here.
func FuzzKV(f *testing.F) {
	f.Add("src", `say "x=1, y=2" now`, "msg", "CEF:0|a|b|c|d|e|f|")
	f.Fuzz(func(t *testing.T, k1, v1, k2, v2 string) {
		k1, k2, v1, v2 = word(k1), word(k2), text(v1, `\`), text(v2, `\`)
		quote := strings.NewReplacer(`"`, `\"`)
		record := k1 + `="` + quote.Replace(v1) + `" ` + k2 + `="` + quote.Replace(v2) + `"`
		checkFields(t, fields(t, record, "kv"), k1, v1, k2, v2)
	})
}
