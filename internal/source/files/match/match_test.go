package match_test

import (
	"bytes"
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/seed-959697dd/soc/internal/source/files/match"
)

// slow is what Find promises, said once more in the plainest way.
func slow(literals []match.Literal, text []byte) (hits []match.Hit) {
	for at := range text {
		for i, l := range literals {
			if len(l.Text) >= match.Shortest && bytes.Equal(asciiLower(text[at:min(len(text), at+len(l.Text))]), asciiLower([]byte(l.Text))) &&
				(!l.Head || match.Begins(text, at)) && (!l.Tail || match.Ends(text, at+len(l.Text))) {
				hits = append(hits, match.Hit{At: at, Literal: i})
			}
		}
	}
	return hits
}

func asciiLower(b []byte) []byte {
	b = bytes.Clone(b)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return b
}

func TestFind(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		value, text string
		want        bool
	}{
		"an address is no other that begins like it": {"10.0.5.1", "src=10.0.5.14 dst=110.0.5.1", false},
		"an address at the end":                      {"10.0.5.1", "src=10.0.5.1", true},
		"a domain in its subdomain":                  {"evil.example", "www.evil.example.", true},
		"a domain in another word":                   {"evil.example", "devil.example evil.examples", false},
		"letter case":                                {"SharpDump.exe", `C:\\Temp\\SHARPDUMP.EXE"`, true},
		"behind an escaped line break":               {"whoami", `"ls\nwhoami"`, true},
		"behind an escaped quote":                    {"whoami", `\u0022whoami`, true},
		"in a URL":                                   {"whoami", `cmd=a%20whoami`, true},
		"a short value alone":                        {"944", `pid":944`, true},
		"a short value in a number":                  {"944", `1944 9440`, false},
		"a short value is all there is":              {"944", `944`, true},
		"a long value, cut":                          {"0123456789abcdef", "0123456789abcde", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := match.New([]match.Literal{{Text: c.value, Head: true, Tail: true}}, nil)
			for pad := range 12 { // wherever the looks fall
				text := []byte(strings.Repeat(" ", pad) + c.text + strings.Repeat(" ", pad*3))
				if got := len(s.Find(nil, text)) > 0; got != c.want {
					t.Errorf("%q in %q: %v", c.value, text, got)
				}
			}
			if got := len(s.Find(nil, []byte(c.text))) > 0; got != c.want {
				t.Errorf("%q in %q: %v", c.value, c.text, got)
			}
		})
	}
}

func FuzzFind(f *testing.F) {
	f.Add(`ab\nABC abcabc 0123456789 %20abc`, "abc,0123456,23456789,c a,bca")
	f.Add("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "aaa,aaaa,aaaaa,aaaaaaa,aaaaaaaaaaa,aaaaaaaaaaaaaaaa")
	f.Fuzz(func(t *testing.T, text, values string) {
		var literals []match.Literal
		for i, v := range strings.Split(values, ",") {
			literals = append(literals, match.Literal{Text: v, Head: i&1 == 0, Tail: i&2 == 0})
		}
		if len(literals) > 64 || len(text) > 1<<12 {
			t.Skip("the slow way takes too long")
		}
		var sample match.Sample
		sample.Add([]byte(text))
		want := slow(literals, []byte(text))
		for _, s := range []*match.Sample{nil, &sample} {
			got := match.New(literals, s).Find(nil, []byte(text))
			slices.SortFunc(want, order)
			if diff := gocmp.Diff(want, got); diff != "" && len(want)+len(got) > 0 {
				t.Errorf("(-slow +fast):\n%s", diff)
			}
		}
	})
}

func order(a, b match.Hit) int {
	return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Literal, b.Literal))
}

// BenchmarkFind looks for 200 values of the kinds that an investigation asks for, 20 of them process ids, in lines of a web server and a Windows host.
func BenchmarkFind(b *testing.B) {
	for _, short := range []int{0, 20} {
		b.Run(fmt.Sprintf("200 values, %d short", short), func(b *testing.B) {
			r := rand.New(rand.NewPCG(1, 2))
			text := logs(r, 1<<20)
			var sample match.Sample
			sample.Add(text[:64<<10])
			s := match.New(values(r, 200, short), &sample)
			var hits []match.Hit
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				hits = s.Find(hits[:0], text)
			}
		})
	}
}

func values(r *rand.Rand, n, short int) (list []match.Literal) {
	kinds := []func() string{
		func() string { return fmt.Sprintf("10.%d.%d.%d", r.IntN(256), r.IntN(256), r.IntN(256)) },
		func() string { return fmt.Sprintf("%s%d.example.com", word(r, 6), r.IntN(100)) },
		func() string { return word(r, 5) + "." + word(r, 7) },
		func() string { return fmt.Sprintf("WS-%04d", r.IntN(10000)) },
		func() string { return fmt.Sprintf("%016x%016x", r.Uint64(), r.Uint64()) },
		func() string { return word(r, 9) + ".exe" },
	}
	for i := range n {
		text := kinds[i%len(kinds)]()
		if i < short {
			text = fmt.Sprint(1000 + r.IntN(9000))
		}
		list = append(list, match.Literal{Text: text, Head: true, Tail: true})
	}
	return list
}

func word(r *rand.Rand, n int) string {
	const syllables = "ba be bi co da de fo ga ho in ka lo ma no or pa ra se ta un vi wa"
	parts := strings.Fields(syllables)
	var b strings.Builder
	for b.Len() < n {
		b.WriteString(parts[r.IntN(len(parts))])
	}
	return b.String()
}

func logs(r *rand.Rand, size int) []byte {
	var b bytes.Buffer
	for b.Len() < size {
		fmt.Fprintf(&b, "10.%d.%d.%d - %s [12/Mar/2026:10:%02d:%02d +0000] \"GET /%s/%s?id=%d HTTP/1.1\" 200 %d \"-\" \"Mozilla/5.0 (Windows NT 10.0; Win64; x64)\"\n",
			r.IntN(256), r.IntN(256), r.IntN(256), word(r, 6), r.IntN(60), r.IntN(60), word(r, 5), word(r, 8), r.IntN(100000), r.IntN(10000))
		fmt.Fprintf(&b, "{\"@timestamp\":\"2026-03-12T10:%02d:%02d.%03dZ\",\"EventID\":1,\"Computer\":\"WS-%04d.example.com\",\"Image\":\"C:\\\\Windows\\\\System32\\\\%s.exe\",\"ProcessId\":%d,\"Hashes\":\"SHA256=%016x%016x\",\"User\":\"EXAMPLE\\\\%s\"}\n",
			r.IntN(60), r.IntN(60), r.IntN(1000), r.IntN(10000), word(r, 8), r.IntN(10000), r.Uint64(), r.Uint64(), word(r, 6))
	}
	return b.Bytes()[:size]
}
