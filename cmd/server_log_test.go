package cmd_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/seed-959697dd/soc/cmd"
)

// What strangers do to a server is said, cleaned, and not as often as they like.
func TestAServerSaysWhatGoesWrong(t *testing.T) {
	t.Parallel()
	var errs strings.Builder
	log := cmd.ServerLog(&errs, "hook")
	for n := range 12 {
		_, _ = fmt.Fprintf(log, "http: TLS handshake error from 192.0.2.7:%d: EOF", 40000+n)
		_, _ = fmt.Fprintf(log, "http: TLS handshake error from [2001:db8::1]:%d: EOF", 40000+n)
	}
	_, _ = fmt.Fprintf(log, "http: a header \x1b[2J\nand another line")
	for n := range 200 {
		_, _ = fmt.Fprintf(log, "odd %c%c", 'a'+n%26, 'a'+n/26)
	}
	got := strings.Split(strings.TrimSpace(errs.String()), "\n")
	want := []string{
		"soc: hook: TLS handshake error from 192.0.2.7:40000: EOF", "soc: hook: 10 times by now: TLS handshake error from [2001:db8::1]:40004: EOF", `soc: hook: a header \x1b[2J and another line`,
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("it said %q, want %q", got[i], want[i])
		}
	}
	if len(got) > 110 || !strings.Contains(got[len(got)-1], "100 times by now: other trouble") {
		t.Errorf("%d lines, the last %q", len(got), got[len(got)-1])
	}
}
