package cmd

import (
	"strings"
	"testing"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

// A comment in a SIEM quotes what an attacker wrote: it holds no address that a screen makes a link of.
func TestReasonsHoldNothingToClick(t *testing.T) {
	t.Parallel()
	got := reasons([]triage.Signal{{Weight: 1, Sentence: "the command line names http://evil.example/a", Receipts: []alert.Ref{{Path: "process.command_line", Value: "curl https://evil.example/b www.evil-example.com"}}}})
	if strings.Contains(got, "http") || strings.Contains(got, "example.com") || strings.Contains(got, "evil.example") || !strings.Contains(got, "evil[.]example/b") {
		t.Errorf("the comment says %q", got)
	}
}
