package wire_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/seed-959697dd/soc/internal/wire"
)

// FuzzString: what is written is JSON that reads back as the same text, and holds nothing that a terminal could obey.
func FuzzString(f *testing.F) {
	for _, s := range []string{"", "plain text of some length", "a\"b\\c\n\t\r\x00\x1b[2J", "\u202egnp.exe\u2066", "\u00ad\u200b\ufeff", "ü漢字😀\U000e0041", "\xff\xfe", "\x7f\u0085"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		b := wire.String(nil, s)
		var back string
		if err := json.Unmarshal(b, &back); err != nil {
			t.Fatalf("%q: %v", b, err)
		}
		if want := strings.ToValidUTF8(s, "\ufffd"); utf8.ValidString(s) && back != want {
			t.Fatalf("%q came back as %q", s, back)
		}
		for _, r := range string(b) {
			if wire.Hidden(r) {
				t.Fatalf("%q holds %U", b, r)
			}
		}
	})
}

func TestReaderOfWhatWasCut(t *testing.T) {
	whole := wire.AppendText(wire.AppendText(nil, "first"), strings.Repeat("x", 300))
	for n := range whole {
		r := wire.NewReader(whole[:n])
		if a, b := r.Text(), r.Text(); !r.Bad {
			t.Fatalf("%d bytes read as %q and %q", n, a, b)
		}
	}
	r := wire.NewReader(whole)
	if a, b := r.Text(), r.Text(); r.Bad || a != "first" || len(b) != 300 {
		t.Fatalf("%q, %d", a, len(b))
	}
}
