package casebook

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// What is planted can be stored, and comes back as it was; two texts never become one.
func FuzzPlantedTextsComeBack(f *testing.F) {
	for _, s := range []string{"", "plain", "\x00", "a\xffb", "\U000f0000", "\U000f0000\x00", "\U000f00ff\xf3\xb0", "\U000f0100", "ä\xc3"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p := plant(s)
		if !utf8.ValidString(p) || strings.IndexByte(p, 0) >= 0 {
			t.Errorf("%q cannot be stored", p)
		}
		if back := unearth(p); back != s {
			t.Errorf("%q came back as %q", s, back)
		}
	})
}

func TestAKeyIsShort(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ä", 400)
	for in, same := range map[string]bool{"": true, strings.Repeat("x", maxKey): true, long: false, long + "x": false, strings.Repeat("\x80", 9000): false} {
		if got := short(in); len(got) > maxKey || (got == in) != same || utf8.ValidString(in) && !utf8.ValidString(got) {
			t.Errorf("%d bytes became %q", len(in), got)
		}
	}
	if short(long) == short(long+"x") {
		t.Error("two texts have one key")
	}
}
