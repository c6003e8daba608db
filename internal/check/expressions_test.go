package check

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

func everyRule() []rule { return slices.Concat(allTables()...) }

func TestLeadIsWhatEachMatchBeginsWith(t *testing.T) {
	t.Parallel()
	n := 0
	for _, r := range everyRule() {
		if r.then == "" {
			continue
		}
		prefix, _ := regexp.MustCompile("(?is)" + r.then).LiteralPrefix()
		if lead := leadOf(r.then); lead != 0 {
			n++
			if prefix == "" || prefix[0] != lead {
				t.Errorf("%q begins with %q, not with %q", r.then, prefix, lead)
			}
		}
	}
	if n < 10 {
		t.Errorf("the lead of %d expressions is known", n)
	}
	for _, then := range []string{`/a|b`, `-?x`, `<*y`, `a/`, `(/)`, `[/]x|y`, `=[)]|x`, `<[[:alpha:]]|x`} {
		if leadOf(then) != 0 {
			t.Errorf("%q may begin otherwise", then)
		}
	}
}

// What an expression finds at the places where it may begin is what a search of the whole text finds.
func TestExpressionsFindWhatASearchFinds(t *testing.T) {
	t.Parallel()
	texts := []string{
		"", "net", "xnet user", "internet user; net user bob", "NET1.EXE user", "sudo sudo -u#-1 id", strings.Repeat("sudo ", 40) + "sudo -u #-1", "\u017fudo -u #-1", "sudo -u #-1 \u212a",
		"sc \\\\ws-1 create x", "powershell -enc " + strings.Repeat("A", 15), "powershell -enc " + strings.Repeat("A", 16), "/etc/sudoers.d/x", `C:\Temp\lsass.dmp`, "decrypt", "authorized_keys2",
	}
	words := 0
	for _, r := range everyRule() {
		if r.then == "" {
			continue
		}
		s := "(?is)" + r.then
		e, whole := newExpression(s), regexp.MustCompile(s)
		words += bool2int(e.word != "")
		need := strings.NewReplacer(" + ", " ", "|", " ", "<", "", ">", "", "!", "").Replace(r.need)
		for _, text := range append(texts, need, "x "+need, strings.ReplaceAll(need, " ", "")) {
			var room [shortText]byte
			got, want := e.find(text, lowered(text, &room)), whole.FindStringIndex(text)
			if !slices.Equal(got, want) {
				t.Errorf("%q in %q: %v, want %v", s, text, got, want)
			}
		}
	}
	if words < 20 {
		t.Errorf("the beginning of %d expressions is known", words)
	}
}

func TestMayBeHexMissesNothing(t *testing.T) {
	t.Parallel()
	octets := newDecoder().octets()
	digits := strings.Repeat("0123456789aBcDeF", 3)
	for _, text := range []string{"", `\x41\x42\x43`, `\x41\x42\x43\x44`, `\X4f\x4E\x41\x41`, `a\x41\x42\x43\x44`, `\x4\x41\x42\x43`, digits[:39], digits[:40], "x" + digits, digits + "g", `C:\x86\x64\x.exe`} {
		if octets.MatchString(text) && !mayBeHex(text) {
			t.Errorf("%q is missed", text)
		}
	}
	if mayBeHex(`C:\x86\x64\x.exe`) || mayBeHex(digits[:39]) {
		t.Error("everything is taken for hexadecimal")
	}
}
