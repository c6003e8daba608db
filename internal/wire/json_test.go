package wire_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
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

// FuzzTime: a time is written as package time would.
func FuzzTime(f *testing.F) {
	for _, at := range [][2]int64{{0, 0}, {1767225600, 310000000}, {1767225599, 1}, {-62135596800, 5}, {253402300799, 999999999}, {253402300800, 0}, {-99999999999, 120}} {
		f.Add(at[0], at[1])
	}
	f.Fuzz(func(t *testing.T, sec, ns int64) {
		at := time.Unix(sec, ns)
		want := `"at":"` + at.UTC().Format(time.RFC3339Nano) + `"`
		if at.IsZero() {
			want = ""
		}
		if got := string(wire.Time(nil, "at", at)); got != want {
			t.Fatalf("%s, wanted %s", got, want)
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
