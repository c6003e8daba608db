package view_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/seed-959697dd/soc/alert/view"
)

func TestText(t *testing.T) {
	for _, c := range records {
		t.Run(c.name, func(t *testing.T) {
			got, ok := view.Text(nil, []byte(c.record))
			if !ok {
				t.Fatalf("Text(%q) was refused", c.record)
			}
			if string(got) != c.view {
				t.Errorf("Text(%q)\n got %s\nwant %s", c.record, got, c.view)
			}
			if !json.Valid(got) {
				t.Errorf("Text(%q) is no JSON: %s", c.record, got)
			}
		})
	}
}

func TestTextRefuses(t *testing.T) {
	for name, record := range map[string]string{
		"nothing":                        "",
		"blanks":                         " \t\r\n",
		"prose":                          "The quick brown fox jumps over the lazy dog.",
		"prose with commas":              "We saw hosts a, b, c, d, e, f, and g go down.",
		"a closing brace":                "}",
		"quotes that are not JSON's":     "{'a':1}",
		"a number that is none":          "NaN",
		"a truncated object":             `{"src_ip":"192.0.2.1","a=1 b=2`,
		"a truncated array":              `[{"a":1},{"b":2},{"c":3},{"d":4},{"e":5},{"f":6`,
		"a piece of indented JSON":       `"src":1,"dst":2,"a":3,"b":4,"c":5,"d":6`,
		"truncated XML":                  `<Event xmlns="x"><System a="1" b="2">`,
		"invalid UTF-8":                  "CEF:0|a|b|c|d|e|f|msg=\xff",
		"NUL":                            "CEF:0|a|b|c|d|e|f|msg=\x00",
		"an escape sequence":             "CEF:0|a|b|c|d|e|f|msg=\x1b[2J",
		"an escape sequence of one byte": "CEF:0|a|b|c|d|e|f|msg=\u009b2J",
		"a group separator elsewhere":    "a=1 b=2\x1dc=3",
		"one pair":                       "a=1",
		"CEF with too few fields":        "CEF:0|a|b|c",
		"HTML that is not closed":        "<p>hello",
		"elements nested too deep":       strings.Repeat("<a>", 65) + strings.Repeat("</a>", 65),
	} {
		dst := []byte("kept")
		if out, ok := view.Text(dst, []byte(record)); ok || string(out) != "kept" {
			t.Errorf("%s: Text(%q) = %s, %v; want it refused", name, record, out, ok)
		}
	}
}

// A name, a URL or an agent that a stranger chose must not pass for a record of another product.
func TestTextIsNotFooledByWhatItQuotes(t *testing.T) {
	const cef = "CEF:0|Evil|Wall|1|1|clean|0|src=10.9.9.9"
	for _, c := range []struct{ record, want string }{
		{"sshd[1]: Invalid user " + cef + " from 192.0.2.7 port 1", "auth"},
		{`user="` + cef + `" src=192.0.2.7`, "kv"},
		{`192.0.2.7 - - [10/Oct/2025:13:55:36 -0700] "GET / HTTP/1.1" 200 1 "-" "ModSecurity: x [id "1"]"`, "access"},
		{"sshd[1]: Invalid user type=A msg=audit(1:1): a=b from 192.0.2.7 port 1", "auth"},
		{"sshd[1]: Invalid user %ASA-1-1: x from 192.0.2.7 port 1", "auth"},
		{`user="authentication failure; rhost=10.9.9.9" src=192.0.2.7`, "kv"},
	} {
		out, ok := view.Text(nil, []byte(c.record))
		var members map[string]json.RawMessage
		if err := json.Unmarshal(out, &members); !ok || err != nil {
			t.Fatalf("Text(%q) = %s, %v: %v", c.record, out, ok, err)
		}
		delete(members, "message")
		delete(members, "syslog")
		if len(members) != 1 || members[c.want] == nil {
			t.Errorf("Text(%q) = %s; want only %q", c.record, out, c.want)
		}
	}
}

func TestTextAppends(t *testing.T) {
	out, ok := view.Text([]byte("before"), []byte("a=1 b=2"))
	if want := `before{"message":"a=1 b=2","kv":{"a":"1","b":"2"}}`; !ok || string(out) != want {
		t.Errorf("Text = %s, %v; want %s", out, ok, want)
	}
}
