package respond_test

import (
	"html"
	"strings"
	"testing"

	"github.com/seed-959697dd/soc/respond"
)

// An alert quotes what an attacker wrote, and a comment is read by people who are signed in.
func TestAnInertTextIsTextOnly(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "plain, 1.2.3.4 - ok", "![x](//evil.example/p.png)", "<img src=x onerror=alert(1)>", "[sign in](javascript:alert(1))", "@all **now**", "&lt;b&gt;", "!{lens{}}", "`a` ~~b~~ |c| \\",
	} {
		got := respond.Inert(text)
		if html.UnescapeString(got) != text {
			t.Errorf("%q is shown as %q", text, html.UnescapeString(got))
		}
		if bare := strings.NewReplacer("&#", "").Replace(got); strings.ContainsAny(bare, "<>[](){}!*_`~|\\@&") {
			t.Errorf("%q became %q", text, got)
		}
	}
}
