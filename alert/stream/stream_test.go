package stream_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-959697dd/soc/alert/stream"
)

// source is an input from memory; plain byte readers count as pipes.
func source(r io.Reader) stream.Source {
	return stream.Source{Name: "in", Open: func() (io.ReadCloser, error) { return io.NopCloser(r), nil }}
}

// read gathers everything one input gives.
func read(t testing.TB, r io.Reader, lim stream.Limits) stream.Batch {
	t.Helper()
	var all stream.Batch
	err := stream.Read(context.Background(), source(r), lim, func(b stream.Batch) error {
		all.Records = append(all.Records, b.Records...)
		all.Rejects = append(all.Rejects, b.Rejects...)
		all.Gaps = append(all.Gaps, b.Gaps...)
		all.Bytes += b.Bytes
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// tell writes a batch as a list of short lines: "line:offset raw", "line:offset+bytes! reason", "gap reason".
func tell(b stream.Batch) []string {
	var out []string
	for _, r := range b.Records {
		s := fmt.Sprintf("%d:%d %s", r.Line, r.Offset, r.Raw)
		if r.View != nil {
			s += " => " + string(r.View)
		}
		out = append(out, s)
	}
	for _, r := range b.Rejects {
		out = append(out, fmt.Sprintf("%d:%d+%d! %s", r.Line, r.Offset, r.Bytes, r.Reason))
	}
	for _, g := range b.Gaps {
		out = append(out, "gap "+g.Reason)
	}
	return out
}

type example struct {
	in   string
	lim  stream.Limits
	want []string
}

func check(t *testing.T, examples map[string]example) {
	t.Helper()
	for name, e := range examples {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for how, r := range map[string]io.Reader{
				"at once":      strings.NewReader(e.in),
				"byte by byte": iotest.OneByteReader(strings.NewReader(e.in)),
			} {
				b := read(t, r, e.lim)
				if !strings.HasPrefix(name, "UTF-16") {
					holds(t, []byte(e.in), b)
				}
				if diff := cmp.Diff(e.want, tell(b)); diff != "" {
					t.Errorf("%s (-want +got):\n%s", how, diff)
				}
			}
		})
	}
}

func TestLines(t *testing.T) {
	t.Parallel()
	check(t, map[string]example{
		"nothing":                         {in: ""},
		"blank lines only":                {in: "\n \r\n\t\n"},
		"one object per line":             {in: "{\"a\":1}\n{\"a\":2}\n", want: []string{`1:0 {"a":1}`, `2:8 {"a":2}`}},
		"no newline at the end":           {in: "{\"a\":1}\n{\"a\":2}", want: []string{`1:0 {"a":1}`, `2:8 {"a":2}`}},
		"carriage returns and blanks":     {in: "\r\n{\"a\":1}\r\n\r\n{\"a\":2}\r\n", want: []string{`2:2 {"a":1}`, `4:13 {"a":2}`}},
		"byte order mark":                 {in: "\ufeff{\"a\":1}\n{}", want: []string{`1:3 {"a":1}`, `2:11 {}`}},
		"UTF-16 little endian":            {in: "\xff\xfe{\x00}\x00\n\x00\xe9\x00", want: []string{"1:0 {}", "2:3 \u00e9"}},
		"UTF-16 little without a mark":    {in: "{\x00}\x00\n\x00\xe9\x00", want: []string{"1:0 {}", "2:3 \u00e9"}},
		"UTF-16 big without a mark":       {in: "\x00{\x00}\x00\n\x00\xe9", want: []string{"1:0 {}", "2:3 \u00e9"}},
		"no UTF-16":                       {in: "a\x00bc\n", want: []string{"1:0 a\x00bc"}},
		"UTF-16 big endian":               {in: "\xfe\xff\x00{\x00}\x00\n\x00\xe9", want: []string{"1:0 {}", "2:3 \u00e9"}},
		"a broken line":                   {in: "{\"a\":1}\n{\"a\":\n{\"a\":3}\n", want: []string{`1:0 {"a":1}`, `2:8 {"a":`, `3:14 {"a":3}`}},
		"a broken first line":             {in: "{\"a\":\n{\"a\":2}\n", want: []string{`1:0 {"a":`, `2:6 {"a":2}`}},
		"a line that only looks balanced": {in: "{\"a\":1}}\n{}\n", want: []string{`1:0 {"a":1}}`, `2:9 {}`}},
		"text":                            {in: "one\n  two\n", want: []string{"1:0 one", "2:4   two"}},
		"log lines in brackets":           {in: "[Mon Nov 23] x\n[error] y", want: []string{"1:0 [Mon Nov 23] x", "2:15 [error] y"}},
		"NUL bytes":                       {in: "\x00\x00\n{}\n", want: []string{"1:0 \x00\x00", "2:3 {}"}},
		"a long line": {
			in: "{}\n" + strings.Repeat("x", 70) + "\n{}", lim: stream.Limits{Record: 64},
			want: []string{"1:0 {}", "3:74 {}", "2:3+70! line longer than a record may be"},
		},
	})
}

func TestValues(t *testing.T) {
	t.Parallel()
	check(t, map[string]example{
		"indented objects": {
			in:   "{\n  \"a\": 1\n}\n{\n  \"a\": \"}\\\"\"\n}\n",
			want: []string{"1:0 {\n  \"a\": 1\n}", "4:13 {\n  \"a\": \"}\\\"\"\n}"},
		},
		"several on one line": {in: "{\"a\":1}{\"a\":2} {\"a\":3}\n", want: []string{`1:0 {"a":1}`, `1:7 {"a":2}`, `1:15 {"a":3}`}},
		"a truncated object costs itself": {
			in:   "{\n  \"a\": 1,\n{\n  \"a\": 2\n}\n{\n \"a\": 3\n}",
			want: []string{"3:12 {\n  \"a\": 2\n}", "6:25 {\n \"a\": 3\n}", "1:0+12! value begins where none may stand"},
		},
		"truncated in a string": {
			in:   "{\n \"a\": \"xy\n{\n \"a\": 2\n}\n",
			want: []string{"3:12 {\n \"a\": 2\n}", "1:0+12! line ends inside a string"},
		},
		"truncated at the end": {
			in:   "{\n \"a\": 1\n}\n{\n \"a\":",
			want: []string{"1:0 {\n \"a\": 1\n}", "4:12+7! input ends inside a value"},
		},
		"a value that is too long": {
			in: "{\n\"a\":\"" + strings.Repeat("x", 80) + "\"\n}\n{\n}\n", lim: stream.Limits{Record: 64},
			want: []string{"4:91 {\n}", "1:0+91! value longer than a record may be"},
		},
		"text between values": {in: "{\n}\noops\n{\n}", want: []string{"1:0 {\n}", "3:4 oops", "4:9 {\n}"}},
	})
}

func TestArrays(t *testing.T) {
	t.Parallel()
	check(t, map[string]example{
		"on one line":     {in: `[{"a":1},{"a":[2]}]`, want: []string{`1:1 {"a":1}`, `1:9 {"a":[2]}`}},
		"over many lines": {in: "[\n  {\n    \"a\": 1\n  },\n  {}\n]\n", want: []string{"2:4 {\n    \"a\": 1\n  }", "5:24 {}"}},
		"empty":           {in: "[]"},
		"two arrays":      {in: "[{}]\n[{}]\n", want: []string{"1:1 {}", "2:6 {}"}},
		"other elements": {
			in: `[1,"x",[{}],null,{}]`,
			want: []string{
				`1:17 {}`, "1:1+1! array element is not an object", "1:3+3! array element is not an object",
				"1:7+4! array element is not an object", "1:12+4! array element is not an object",
			},
		},
		"truncated": {
			in:   `[{"a":1},{"a":`,
			want: []string{`1:1 {"a":1}`, "1:9+5! input ends inside a value", "gap array is not closed, it begins on line 1"},
		},
		"truncated between elements": {in: `[{"a":1},`, want: []string{`1:1 {"a":1}`, "gap array is not closed, it begins on line 1"}},
		"a broken element costs itself": {
			in:   "[\n  {\"a\":\n  {\"a\":2},\n  {\"a\":3}\n]\n",
			want: []string{`3:12 {"a":2}`, `4:23 {"a":3}`, "2:4+6! value begins where none may stand"},
		},
		"a wrong token is left to the parser": {in: `[{"a":},{}]`, want: []string{`1:1 {"a":}`, "1:8 {}"}},
		"a cut array before another": {
			in:   "[\n  {\"a\":1},\n[\n  {\"a\":2}\n]\n",
			want: []string{`2:4 {"a":1}`, `4:17 {"a":2}`, "gap array is not closed, it begins on line 1"},
		},
		"brackets without end": {
			in:   strings.Repeat("[", 5000) + "\n{}\n",
			want: []string{"2:5001 {}", "1:1+5000! array element is not an object", "gap array is not closed, it begins on line 1"},
		},
		"an element that is too long": {
			in: `[{"a":"` + strings.Repeat("x", 80) + `"},{}]`, lim: stream.Limits{Record: 64},
			want: []string{"1:90 {}", "1:1+88! value longer than a record may be"},
		},
	})
}

func TestEnvelopes(t *testing.T) {
	t.Parallel()
	check(t, map[string]example{
		"Elasticsearch on one line": {
			in:   `{"took":3,"_shards":{"total":1},"hits":{"total":{"value":2},"hits":[{"_id":"a"},{"_id":"b"}]}}` + "\n",
			want: []string{`1:68 {"_id":"a"}`, `1:80 {"_id":"b"}`},
		},
		"Elasticsearch indented": {
			in:   "{\n  \"took\": 3,\n  \"hits\": {\n    \"hits\": [\n      {\"_id\": \"a\"}\n    ]\n  }\n}\n{\n  \"hits\": {\"hits\": []}\n}\n{\n}",
			want: []string{`5:47 {"_id": "a"}`, "12:99 {\n}"},
		},
		"a response per line": {
			in:   "{\"value\":[{\"a\":1}],\"@odata.nextLink\":\"x\"}\n{\"value\":[{\"a\":2}]}\n{\"id\":3}\n",
			want: []string{`1:10 {"a":1}`, `2:52 {"a":2}`, `3:62 {"id":3}`},
		},
		"CloudTrail":             {in: `{"Records":[{"a":1},{"a":2}]}`, want: []string{`1:12 {"a":1}`, `1:20 {"a":2}`}},
		"empty responses":        {in: "{\"value\":[]}\n{\"hits\":{\"total\":0,\"hits\":[]}}\n{\"errors\":[],\"resources\":[]}\n"},
		"Splunk export rows":     {in: `{"preview":false,"offset":0,"result":{"a":1}}`, want: []string{`1:0 {"preview":false,"offset":0,"result":{"a":1}}`}},
		"no array of objects":    {in: `{"data":{"a":1}}` + "\n" + `{"items":["a"]}`, want: []string{`1:0 {"data":{"a":1}}`, `2:17 {"items":["a"]}`}},
		"an alert with events":   {in: `{"rule":"x","events":[{"a":1}]}`, want: []string{`1:0 {"rule":"x","events":[{"a":1}]}`}},
		"an alert, events first": {in: `{"events":[{"a":1}],"severity":3}`, want: []string{`1:0 {"events":[{"a":1}],"severity":3}`}},
		"a response cut off costs its line": {
			in:   "{\"value\":[{\"a\":1},{\"b\":\n{\"value\":[{\"a\":2}]}\n",
			want: []string{`1:10 {"a":1}`, `2:34 {"a":2}`, "1:18+6! line ends inside a value", "gap array is not closed, it begins on line 1"},
		},
		"a response longer than a record": {
			in: `{"value":[` + strings.Repeat(`{"a":1},`, 20) + `{"a":2}]}` + "\n{}\n", lim: stream.Limits{Record: 64},
			want: append(repeated(20, 10, 8, `{"a":1}`), `1:170 {"a":2}`, "2:180 {}"),
		},
	})
}

func repeated(n, offset, step int, raw string) []string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf("1:%d %s", offset+i*step, raw))
	}
	return out
}

func TestTables(t *testing.T) {
	t.Parallel()
	check(t, map[string]example{
		"plain": {
			in:   "time,host,message\n1,ws-1,hello\r\n2,,\"a \"\"b\"\"\"\n",
			want: []string{`2:18 1,ws-1,hello => {"time":"1","host":"ws-1","message":"hello"}`, `3:32 2,,"a ""b""" => {"time":"2","message":"a \"b\""}`},
		},
		"quoted header, byte order mark, semicolons": {
			in:   "\ufeff\"a\";\"b c\";\"d\"\n1;2;3",
			want: []string{`2:17 1;2;3 => {"a":"1","b c":"2","d":"3"}`},
		},
		"newline in a cell": {
			in:   "a,b,c\n1,\"x\ny\",3\n4,5,6\n",
			want: []string{"2:6 1,\"x\ny\",3 => {\"a\":\"1\",\"b\":\"x\\ny\",\"c\":\"3\"}", `4:16 4,5,6 => {"a":"4","b":"5","c":"6"}`},
		},
		"JSON in a cell, columns twice": {
			in:   "a,a,c\n1,\"{\"\"k\"\":1}\",[2]\n",
			want: []string{`2:6 1,"{""k"":1}",[2] => {"a":"1","a":"{\"k\":1}","c":"[2]"}`},
		},
		"wrong number of fields": {
			in:   "a,b,c\n1,2,3\n1,2\n4,5,6\n",
			want: []string{`2:6 1,2,3 => {"a":"1","b":"2","c":"3"}`, `4:16 4,5,6 => {"a":"4","b":"5","c":"6"}`, "3:12+3! row has another number of fields than the header"},
		},
		"a stray quote costs its line": {
			in:   "a,b,c\n1,2,3\n1,\"2,3\n4,5,6\n7,8,9\n",
			want: []string{`2:6 1,2,3 => {"a":"1","b":"2","c":"3"}`, `4:19 4,5,6 => {"a":"4","b":"5","c":"6"}`, `5:25 7,8,9 => {"a":"7","b":"8","c":"9"}`, "3:12+6! quoted field has no end"},
		},
		"text with commas is not a table": {in: "Nov 23 10:00:01 a, b, c\nNov 23 10:00:02 a, b, c\n", want: []string{"1:0 Nov 23 10:00:01 a, b, c", "2:24 Nov 23 10:00:02 a, b, c"}},
		"a table needs a row":             {in: "a,b,c\n", want: []string{"1:0 a,b,c"}},
	})
}

func TestBlocks(t *testing.T) {
	t.Parallel()
	check(t, map[string]example{
		"XML documents over several lines": {
			in:   "<?xml version='1.0'?>\n<!-- x -->\n<Scan id='1'>\n <Event/>\n</Scan>\n<?xml version='1.0'?>\n<Scan>\n 2</Scan>\n",
			want: []string{"1:0 <?xml version='1.0'?>\n<!-- x -->\n<Scan id='1'>\n <Event/>\n</Scan>", "6:65 <?xml version='1.0'?>\n<Scan>\n 2</Scan>"},
		},
		"an XML document without an end": {
			in:   "<?xml version='1.0'?>\n<Scan>\n<?xml version='1.0'?>\n<Scan>\n</Scan>\n",
			want: []string{"2:22 <Scan>", "3:29 <?xml version='1.0'?>\n<Scan>\n</Scan>"},
		},
		"Windows events": {
			in:   "<?xml version='1.0'?>\n<Events>\n<Event xmlns='x'>\n <System/>\n</Event><Event>2</Event>\n</Events>\n",
			want: []string{"3:31 <Event xmlns='x'>\n <System/>\n</Event>", "5:68 <Event>2</Event>"},
		},
		"an event cut off costs itself": {
			in:   "<Event>\n<Event>2</Event>\n<Event>3",
			want: []string{"2:8 <Event>2</Event>", "1:0+8! event has no end", "3:25+8! event has no end"},
		},
		"an event that is too long": {
			in: "<Event>" + strings.Repeat("x", 80) + "</Event>\n<Event>2</Event>\n", lim: stream.Limits{Record: 64},
			want: []string{"2:96 <Event>2</Event>", "1:0+95! event longer than a record may be"},
		},
		"ModSecurity audit log": {
			in:   "--0a1b2c3d-A--\nx\n--0a1b2c3d-Z--\n\n--0a1b2c3e-A--\ny\n--0a1b2c3e-Z--\n",
			want: []string{"1:0 --0a1b2c3d-A--\nx\n--0a1b2c3d-Z--", "5:33 --0a1b2c3e-A--\ny\n--0a1b2c3e-Z--"},
		},
		"an audit entry cut off costs itself": {
			in:   "--0a1b2c3d-A--\nx\n--0a1b2c3e-A--\ny\n--0a1b2c3e-Z--\n",
			want: []string{"3:17 --0a1b2c3e-A--\ny\n--0a1b2c3e-Z--", "1:0+17! audit entry has no end"},
		},
	})
}

func TestReadStopsWithEmitsError(t *testing.T) {
	t.Parallel()
	calls := 0
	in := bytes.Repeat([]byte("{}\n"), 100_000)
	err := stream.Read(context.Background(), source(bytes.NewReader(in)), stream.Limits{}, func(stream.Batch) error {
		calls++
		return io.ErrClosedPipe
	})
	if !errors.Is(err, io.ErrClosedPipe) || calls != 1 {
		t.Errorf("error %v after %d calls, want io.ErrClosedPipe after one", err, calls)
	}
}

func TestReadObeysContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err := stream.Read(ctx, source(strings.NewReader("{}\n")), stream.Limits{}, func(stream.Batch) error { return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
}

// TestPipeIsNotHeldBack writes a line only when the one before has come out.
func TestPipeIsNotHeldBack(t *testing.T) {
	t.Parallel()
	r, w := io.Pipe()
	out := make(chan int)
	go func() {
		defer w.Close()
		for range 3 {
			if _, err := io.WriteString(w, "{}\n"); err != nil {
				return
			}
			<-out
		}
	}()
	n := 0
	err := stream.Read(t.Context(), source(r), stream.Limits{}, func(b stream.Batch) error {
		n += len(b.Records)
		out <- n
		return nil
	})
	if err != nil || n != 3 {
		t.Errorf("%d records, error %v; want 3", n, err)
	}
}
