package files_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/alert/stream"
	"github.com/seed-959697dd/soc/internal/source/files"
	"github.com/seed-959697dd/soc/investigate"
)

// values are what is looked for, and beside each what must not be taken for it.
var values = []struct{ value, other string }{
	{"10.0.5.1", "10.0.5.14"},
	{"evil.example", "devil.example"},
	{`C:\Program Files\SharpDump.exe`, `C:\Program Files (x86)\SharpDump.exe`},
	{`EXAMPLE\mmüller`, `EXAMPLE\mmuller`},
	{`"quoted" & <marked>`, `quoted and marked`},
	{"{F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6}", "{F81D4FAE-7DEC-11D0-A765-00A0C91E6BF7}"},
	{"https://evil.example/a/b?c=d&e=f", "https://evil.example/a/b?c=d&e=g"},
	{"用户名称", "用户"},
	{"2001:DB8:0:0::17", "2001:DB8:0:0::18"},
	{"whoami /all", "whoami /allow"},
	{`\\fs01\c$\new\table`, `\\fs02\c$\new\table`},
}

func terms() (list []investigate.Term) {
	for _, v := range values {
		list = append(list, investigate.Term{Kind: "file", Value: v.value})
	}
	return append(list, investigate.Term{Kind: "process.id", Value: "2211", Host: "ws01.example.com"})
}

// row is a record before a container writes it: an id, and texts in which a value may stand.
type row struct {
	id    string
	texts []string
	met   []int // the terms it holds
}

func rows(r *rand.Rand, n int) (list []row) {
	for i := range n {
		o := row{id: fmt.Sprintf("id-%06d", i), texts: []string{"x", "y", "WS02"}}
		switch k := r.IntN(4 * len(values)); {
		case k < len(values):
			o.texts[0] = pad(r, values[k].value)
			o.met = []int{k}
			if k == 6 {
				o.met = []int{1, 6}
			}
		case k < 2*len(values):
			o.texts[0] = pad(r, values[k-len(values)].other)
			if k-len(values) == 6 {
				o.met = []int{1}
			}
		case k < 2*len(values)+2:
			o.texts[1] = "2211"
			if r.IntN(2) == 0 {
				o.texts[2] = "ws01"
				o.met = []int{len(values)}
			}
		}
		list = append(list, o)
	}
	return list
}

// pad puts a value into a text, in the letter case of somebody else.
func pad(r *rand.Rand, value string) string {
	switch r.IntN(4) {
	case 0:
		value = strings.ToUpper(value)
	case 1:
		value = strings.ToLower(value)
	}
	return strings.Replace([]string{"%s", "in (%s) here", "a %s", "%s -", "=%s;"}[r.IntN(5)], "%s", value, 1)
}

func quote(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(len(s)%2 == 0)
	_ = e.Encode(s)
	return strings.TrimSpace(b.String())
}

func ascii(s string) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(s)) {
		if u < 0x80 {
			b.WriteByte(byte(u))
		} else {
			fmt.Fprintf(&b, `\u%04x`, u)
		}
	}
	return b.String()
}

func object(o row) string {
	return fmt.Sprintf(`{"time":"2026-03-01T10:00:00Z","id":%s,"text":%s,"pid":%s,"host":%s}`, quote(o.id), quote(o.texts[0]), quote(o.texts[1]), quote(o.texts[2]))
}

func xmlText(s string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(s))
	return b.String()
}

func event(o row) string {
	return fmt.Sprintf("<Event xmlns=\"http://schemas.microsoft.com/win/2004/08/events/event\"><System><EventID>1</EventID><Computer>%s</Computer></System>\n<EventData><Data Name=\"Id\">%s</Data><Data Name=\"T\">%s</Data><Data Name=\"ProcessId\">%s</Data></EventData></Event>",
		xmlText(o.texts[2]), o.id, xmlText(o.texts[0]), o.texts[1])
}

func csvCell(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

func each(list []row, between string, write func(row) string) string {
	var parts []string
	for _, o := range list {
		parts = append(parts, write(o))
	}
	return strings.Join(parts, between)
}

// containers write rows in every way that is read.
var containers = map[string]func(r *rand.Rand, list []row) []byte{
	"NDJSON": func(_ *rand.Rand, list []row) []byte { return []byte(each(list, "\n", object) + "\n") },
	"NDJSON, no end of the last line, CRLF, blank lines, a mark": func(_ *rand.Rand, list []row) []byte {
		return []byte("\ufeff\n\r\n" + each(list, "\r\n \n", object))
	},
	"NDJSON in ASCII":    func(_ *rand.Rand, list []row) []byte { return []byte(ascii(each(list, "\n", object)) + "\n") },
	"JSON within NDJSON": func(_ *rand.Rand, list []row) []byte { return []byte(each(list, "\n", nested) + "\n") },
	"several objects on a line": func(r *rand.Rand, list []row) []byte {
		b := "{\"id\":\"\"}\n"
		for len(list) > 0 {
			n := min(len(list), 1+r.IntN(9))
			b += each(list[:n], "", object) + "\n"
			list = list[n:]
		}
		return []byte(b)
	},
	"responses": func(r *rand.Rand, list []row) []byte {
		var b strings.Builder
		for len(list) > 0 {
			n := min(len(list), 1+r.IntN(30))
			b.WriteString(`{"Records":[` + each(list[:n], ",", object) + "]}\n")
			list = list[n:]
		}
		return []byte(b.String())
	},
	"one response": func(_ *rand.Rand, list []row) []byte { return []byte(`{"Records":[` + each(list, ",", object) + "]}") },
	"array":        func(_ *rand.Rand, list []row) []byte { return []byte("[\n" + each(list, ",\n", object) + "\n]\n") },
	"indented":     func(_ *rand.Rand, list []row) []byte { return []byte(each(list, "\n", indented) + "\n") },
	"syslog":       func(_ *rand.Rand, list []row) []byte { return []byte(each(list, "\n", syslog) + "\n") },
	"CEF, wrapped": func(r *rand.Rand, list []row) []byte { return []byte(each(list, "\n", cef(r)) + "\n") },
	"events": func(_ *rand.Rand, list []row) []byte {
		return []byte("<Events>" + each(list, "\n", event) + "</Events>")
	},
	"CSV": func(_ *rand.Rand, list []row) []byte {
		return []byte("time,id,text,pid,host\n" + each(list, "\n", csvRow) + "\n")
	},
	"Zeek":            func(_ *rand.Rand, list []row) []byte { return []byte(zeekHead + each(list, "\n", zeekRow) + "\n") },
	"NDJSON, gzipped": func(_ *rand.Rand, list []row) []byte { return packed([]byte(each(list, "\n", object) + "\n")) },
	"NDJSON, UTF-16": func(_ *rand.Rand, list []row) []byte {
		b := []byte{0xff, 0xfe}
		for _, u := range utf16.Encode([]rune(each(list, "\n", object))) {
			b = append(b, byte(u), byte(u>>8))
		}
		return b
	},
}

func nested(o row) string {
	return fmt.Sprintf(`{"id":%s,"message":%s}`, quote(o.id), quote(object(o)))
}

func indented(o row) string {
	var b bytes.Buffer
	_ = json.Indent(&b, []byte(object(o)), "", "  ")
	return b.String()
}

func syslog(o row) string {
	return fmt.Sprintf("Mar  1 10:00:00 %s app[%s]: %s %s", o.texts[2], o.texts[1], o.id, o.texts[0])
}

func cef(r *rand.Rand) func(o row) string {
	return func(o row) string {
		wrap := []string{" ", " \n", " \r\n"}[r.IntN(3)]
		text := strings.NewReplacer(`\`, `\\`, `=`, `\=`).Replace(o.texts[0])
		return fmt.Sprintf("CEF:0|Example|Product|1.0|100|name|5|rt=1772359200000 externalId=%s%sdhost=%s dpid=%s%smsg=%s", o.id, wrap, o.texts[2], o.texts[1], wrap, text)
	}
}

func csvRow(o row) string {
	return fmt.Sprintf("2026-03-01T10:00:00Z,%s,%s,%s,%s", o.id, csvCell(o.texts[0]), o.texts[1], o.texts[2])
}

const zeekHead = "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tx\n#fields\tts\tid\ttext\tpid\thost\n#types\ttime\tstring\tstring\tcount\tstring\n"

func zeekRow(o row) string {
	return fmt.Sprintf("1772359200.000000\t%s\t%s\t%s\t%s", o.id, strings.ReplaceAll(o.texts[0], `\`, `\\`), o.texts[1], o.texts[2])
}

func packed(p []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(p)
	_ = z.Close()
	return b.Bytes()
}

var idPattern = regexp.MustCompile(`id-\d{6}`)

// TestEveryContainer asserts the law: whatever the container and wherever the blocks end, what is found are the records that hold the values, at
// the places that reading the input from its begin gives them.
func TestEveryContainer(t *testing.T) {
	t.Parallel()
	set := formats(t)
	for name, write := range containers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(7, uint64(len(name))))
			list := rows(r, 200)
			path := filepath.Join(t.TempDir(), "log")
			if err := os.WriteFile(path, write(r, list), 0o600); err != nil {
				t.Fatal(err)
			}
			want := slowly(t, path, set, list)
			for range 5 {
				block := 32 << r.IntN(10)
				s := open(t, []string{path}, files.Options{Formats: set, Block: block + r.IntN(block), Workers: 1 + r.IntN(3), Limits: stream.Limits{Record: 8 << 10}})
				for again := range 2 { // the second time with what it remembers
					got, answer := search(t, s, investigate.Query{Terms: terms()})
					if diff := cmp.Diff(want, got); diff != "" {
						t.Fatalf("blocks of %d bytes, question %d (-want +got):\n%s", block, again+1, diff)
					}
					counts := make([]int64, len(terms()))
					for _, o := range list {
						for _, k := range o.met {
							counts[k]++
						}
					}
					if diff := cmp.Diff(counts, answer.Counts); diff != "" {
						t.Errorf("counts (-want +got):\n%s", diff)
					}
					if len(answer.Gaps) > 0 {
						t.Errorf("gaps: %v", answer.Gaps)
					}
				}
			}
		})
	}
}

// slowly reads the whole input, and says of each record that holds something where it stands.
func slowly(t *testing.T, path string, set *alert.Set, list []row) (want []string) {
	t.Helper()
	holding := map[string]bool{}
	for _, o := range list {
		holding[o.id] = len(o.met) > 0
	}
	sources, err := stream.Expand([]string{path}, nil)
	if err != nil {
		t.Fatal(err)
	}
	parser := set.NewParser()
	err = stream.Read(t.Context(), sources[0], stream.Limits{Record: 8 << 10}, func(b stream.Batch) error {
		for _, rec := range b.Records {
			for off, raw := rec.Offset, rec.Raw; len(raw) > 0; {
				var a alert.Alert
				rest, err := parser.Parse(&a, raw, rec.View)
				if err != nil {
					t.Fatalf("%s: %v", raw, err)
				}
				if id := idPattern.FindString(string(a.Raw)); holding[id] {
					want = append(want, fmt.Sprintf("%s:%d:%d %s", path, rec.Line, off, id))
				}
				off += int64(len(raw) - len(rest))
				raw = rest
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return want
}

func formats(t testing.TB) *alert.Set {
	t.Helper()
	set, err := alert.NewSet(alert.Options{Now: time.Date(2026, 3, 12, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func open(t testing.TB, paths []string, o files.Options) *files.Source {
	t.Helper()
	s, err := files.Open(paths, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func search(t testing.TB, s *files.Source, q investigate.Query) (found []string, answer investigate.Answer) {
	t.Helper()
	answer, err := s.Search(context.Background(), q, func(a *alert.Alert) error {
		found = append(found, fmt.Sprintf("%s:%d:%d %s", a.Input.Name, a.Input.Line, a.Input.Offset, idPattern.Find(a.Raw)))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found, answer
}
