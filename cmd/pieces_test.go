package cmd

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/seed-959697dd/soc/alert/indicator"
	"github.com/seed-959697dd/soc/alert/stream"
)

// source is an input that is handed out as wrap does.
func source(text string, wrap func(io.Reader) io.Reader) []stream.Source {
	return []stream.Source{{Name: "t", Open: func() (io.ReadCloser, error) { return io.NopCloser(wrap(strings.NewReader(text))), nil }}}
}

// found runs text through pieces and tells each indicator with its place in the whole.
func found(t *testing.T, sources []stream.Source) string {
	t.Helper()
	var all strings.Builder
	var x extraction
	x.json = true
	err := pieces(context.Background(), sources, x.worker, func(p *piece, _ bool) error {
		all.Write(p.out)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

// However a text arrives, what is found in it and where is the same as in one piece.
func TestPiecesTearNothing(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	for i := range 9000 {
		fmt.Fprintf(&text, "line %d asks http://host%d.example.com/a?b=%d from 192.0.2.%d, version 1.2.3.4\r\n", i, i, i, i%250)
		if i%10 == 0 {
			fmt.Fprintf(&text, "<a href=3D\"http://soft%d.example.org/long=\nline\">\n\n", i)
		}
	}
	var want []byte
	p := &piece{input: "t", text: []byte(text.String()), line: 1}
	var x extraction
	x.json = true
	x.worker()(p)
	if want = p.out; len(want) < 9000*100 || p.counts[0] != 9000 {
		t.Fatalf("%d addresses in one piece", p.counts[0])
	}
	for name, wrap := range map[string]func(io.Reader) io.Reader{
		"whole":             func(r io.Reader) io.Reader { return r },
		"half":              iotest.HalfReader,
		"data with the end": iotest.DataErrReader,
	} {
		if got := found(t, source(text.String(), wrap)); got != string(want) {
			t.Errorf("%s: %d bytes of documents, want %d", name, len(got), len(want))
		}
	}
}

// A line beyond every bound is cut where nothing is torn, and memory holds a small part of it.
func TestPiecesOfOneLine(t *testing.T) {
	t.Parallel()
	one := `{"ip":"192.0.2.1","version":"1.2.3.4","url":"http://a.example.com/x"},`
	n := 5 * longestLine / len(one)
	got := found(t, source(strings.Repeat(one, n), func(r io.Reader) io.Reader { return r }))
	if ips, urls := strings.Count(got, `"type":"ip"`), strings.Count(got, `"type":"url"`); ips != n || urls != n {
		t.Errorf("%d addresses and %d links of %d", ips, urls, n)
	}
	if last := fmt.Sprintf(`"offset":%d,"line":1`, (n-1)*len(one)+strings.Index(one, "http")); !strings.Contains(got, last) {
		t.Errorf("the last link is not at %s", last)
	}
}

func TestRewritingInPiecesComesBack(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("see http://example.com/a and hxxp://b[.]example.com, 192.0.2.1\n", 20000)
	rewrite := func(text string, write func() rewriter) string {
		var all bytes.Buffer
		use := func() func(*piece) {
			w := write()
			return func(p *piece) { p.out = w(p.out, p.text[p.from:]) }
		}
		err := pieces(context.Background(), source(text, func(r io.Reader) io.Reader { return r }), use, func(p *piece, _ bool) error {
			all.Write(p.out)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return all.String()
	}
	safe := rewrite(text, func() rewriter { return new(indicator.Scanner).Defang })
	if strings.Contains(safe, "http://") {
		t.Error("a link still works")
	}
	if back := rewrite(safe, func() rewriter { return indicator.Refang }); back != text {
		t.Error("the text did not come back")
	}
}

func TestUTF16IsText(t *testing.T) {
	t.Parallel()
	text := "\xff\xfe"
	for _, c := range "from 192.0.2.1\n" {
		text += string([]byte{byte(c), 0})
	}
	if got := found(t, source(text, func(r io.Reader) io.Reader { return r })); !strings.Contains(got, `"value":"192.0.2.1","defanged":"192[.]0[.]2[.]1","offset":5,"line":1`) {
		t.Error(got)
	}
}
