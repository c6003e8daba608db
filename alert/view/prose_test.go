package view_test

import (
	"encoding/json"
	"testing"

	"github.com/seed-959697dd/soc/alert/view"
)

func TestProse(t *testing.T) {
	for _, record := range []string{
		"The quick brown fox jumps over the lazy dog.",
		"Group <G1> User <bob> IP <192.0.2.7> Client Type: Example VPN Agent",
		"client @0x7f01 192.0.2.7#58925 (www.example.com): query: www.example.com IN A + (10.0.0.2)",
		"Disconnected from user bob 192.0.2.7 port 22",
		"1673541902.3 FW_01 events dhcp no offers for mac 00:00:5E:00:53:01",
		"(548804) Invalid user (Rejected): [bob] (from client WLAN port 9815)",
		"[client 192.0.2.7] File does not exist: /var/www/x",
		"\uFEFFDHCPACK on 10.0.0.7 to ws-1 via eth0\r\n",
		`User "bob" failed to log in`,
		"<133006> <6069> User bob failed",
	} {
		out, ok := view.Prose([]byte("x"), []byte(record))
		if !ok || out[0] != 'x' || !json.Valid(out[1:]) {
			t.Errorf("Prose(%q) = %s, %v", record, out, ok)
		}
	}
	out, ok := view.Prose(nil, []byte(" a line\tof \"words\" \r\n"))
	if want := `{"message":"a line\tof \"words\""}`; !ok || string(out) != want {
		t.Errorf("Prose = %s, want %s", out, want)
	}
}

func TestProseRefuses(t *testing.T) {
	for _, record := range []string{
		"", " \t\r\n", "}", `"`, "{]", "{'a':1}", "NaN", `{"id":"h2"`, "hello", "two words", "1 2 3 4 5", "--- *** ... !!!", "= = = = =",
		`{"a": "b c d e f"`, `"name": "three short words",`, `  "x y z w"`, `['a b', 'c d e']`, "]", "] and then some", "[", `["a b c d"]`, `[{"a b c":1`,
		`name": "bob", "other": "words here"`, "<p>hello there my friend", "<Event> one two three", "three words\x00here now", "three words \x1b[2J now", "bad \xff utf8 is here",
		"one two th\u009bree four", "abc\x1ddef ghi jkl mno",
	} {
		if out, ok := view.Prose([]byte("kept"), []byte(record)); ok || string(out) != "kept" {
			t.Errorf("Prose(%q) = %s, %v; want it refused", record, out, ok)
		}
	}
}
