package indicator_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/publicsuffix"

	"github.com/seed-959697dd/soc/alert/indicator"
)

// hit is a Found that stays.
type hit struct {
	Type   indicator.Type
	Value  string
	Offset int
	Len    int
}

func scan(b []byte) (hits []hit) {
	indicator.Scan(b, func(f indicator.Found) bool {
		hits = append(hits, hit{f.Type, string(f.Value), f.Offset, f.Len})
		return true
	})
	return hits
}

func seeds(f *testing.F) {
	f.Helper()
	for _, row := range rows {
		f.Add([]byte(row.text))
	}
	for _, s := range []string{
		"[[.]] hxxxp://a [://] hTTp://x.y/ HXXP://x fxp:// sftp://files.example.com/ (((.))) [dot]](at){@}", "hxxp.com:1 hxxps[:]//a[.com",
		"::1 [::1]:80 2001[:]db8::1%eth0 1:2:3:4:5:6:7:8:9", "a.a.a.a.a.a.a", "http://http://http://", "\\\\\\.\\u002e\\x", "&#46;&amp;%3a%2f%2f",
	} {
		f.Add([]byte(s))
	}
}

// What is found lies inside the text, begins no earlier than what was found before it unless it is a mail address around that, and
// is found again where its text stands alone.
func FuzzScan(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		hits := scan(text)
		for i, h := range hits {
			if h.Offset < 0 || h.Len <= 0 || h.Offset+h.Len > len(text) || h.Value == "" {
				t.Fatalf("%+v is not in the text", h)
			}
			if i > 0 && h.Offset < hits[i-1].Offset && h.Type != indicator.Mail {
				t.Fatalf("%+v behind %+v", h, hits[i-1])
			}
			alone := text[h.Offset : h.Offset+h.Len]
			if !contains(scan(alone), h) && !contextual(h, alone) {
				t.Fatalf("%q reads as %+v in its text, and as %+v alone", alone, h, scan(alone))
			}
		}
	})
}

func contains(hits []hit, h hit) bool {
	return slices.ContainsFunc(hits, func(o hit) bool { return o.Type == h.Type && o.Value == h.Value })
}

// contextual are the hashes that a word in front names, and links with a comma, which ends one that begins a line, or with a
// sign that means something else where lines are broken softly; and networks, whose length stands behind them.
func contextual(h hit, alone []byte) bool {
	return h.Type == indicator.ImpHash || h.Type == indicator.JA3 || h.Type == indicator.URL && bytes.ContainsAny(alone, ",=") ||
		h.Type == indicator.IP && strings.HasSuffix(h.Value, ".0.0")
}

// Two texts with a line end between them hold what each holds.
func FuzzLinesStandAlone(f *testing.F) {
	for _, row := range rows {
		f.Add([]byte(row.text), []byte("see http://example.org/a and 192.0.2.9"))
		f.Add([]byte("version"), []byte(row.text))
	}
	f.Fuzz(func(t *testing.T, a, b []byte) {
		if bytes.HasSuffix(a, []byte("=")) || bytes.HasSuffix(a, []byte("=\r")) || bytes.Contains(b, []byte("=")) {
			return // a soft break joins lines
		}
		want := scan(a)
		for _, h := range scan(b) {
			h.Offset += len(a) + 1
			want = append(want, h)
		}
		got := scan(append(append(append([]byte(nil), a...), '\n'), b...))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
	})
}

// Refang gives back every text that Defang wrote, and nothing in that text works.
func FuzzRefang(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		var s indicator.Scanner
		safe := s.Defang(nil, text)
		if back := indicator.Refang(nil, safe); !bytes.Equal(back, text) {
			t.Fatalf("%q became %q and came back as %q", text, safe, back)
		}
		for _, live := range []string{"http://", "https://", "ftp://", "HTTP://"} {
			if bytes.Contains(safe, []byte(live)) {
				t.Fatalf("%q still holds %s", safe, live)
			}
		}
		for _, h := range scan(text) {
			alone := s.Disarm(nil, h.Type, []byte(h.Value))
			if back := indicator.Refang(nil, alone); string(back) != h.Value {
				t.Fatalf("%q became %q and came back as %q", h.Value, alone, back)
			}
			if h.Type == indicator.Domain && strings.Contains(strings.ReplaceAll(string(alone), "[.]", ""), ".") {
				t.Fatalf("%q is live", alone)
			}
		}
	})
}

func TestTopLevelDomainsAreThoseOfTheList(t *testing.T) {
	t.Parallel()
	n := 0
	for _, tld := range indicator.TopLevel() {
		if strings.Trim(tld, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			continue // the same in another script
		}
		n++
		if _, icann := publicsuffix.PublicSuffix("a.b.c." + tld); !icann {
			t.Errorf("%s is no top-level domain", tld)
		}
	}
	if n < 1400 {
		t.Errorf("only %d top-level domains", n)
	}
}
