package stream_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/seed-959697dd/soc/alert/stream"
)

const zeekHeader = "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tnotice\n#open\t2026-01-02-03-04-05\n" +
	"#fields\tts\tid.orig_h\tnote\tactions\tok\tpeers\tsub\n#types\ttime\taddr\tenum\tset[enum]\tbool\tvector[string]\tstring\n"

func TestZeek(t *testing.T) {
	conn := "#separator |\n#path|conn\n#fields|ts|uid\n#types|time|string\n2|C1\n"
	in := zeekHeader +
		"1.5\t192.0.2.7\tScan::Port\tA,B\tT\t(empty)\tC:\\\\x\\x09\"y\"\r\n" +
		"short\trow\n" +
		"\n1.6\t-\tScan::Port\tA\tF\t-\t(empty)\n#close\t2026-01-02-03-04-06\n" + conn
	want := []string{
		`9: {"_path":"notice","ts":"1.5","id.orig_h":"192.0.2.7","note":"Scan::Port","actions":["A","B"],"ok":true,"peers":[],"sub":"C:\\x\t\"y\""}`,
		`10! row has another number of fields than the header`,
		`12: {"_path":"notice","ts":"1.6","note":"Scan::Port","actions":["A"],"ok":false,"sub":""}`,
		`18: {"_path":"conn","ts":"2","uid":"C1"}`,
	}
	var got []string
	src := stream.Source{Name: "notice.log", Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(in)), nil }}
	err := stream.Read(context.Background(), src, stream.Limits{}, func(b stream.Batch) error {
		for _, r := range b.Records {
			got = append(got, fmt.Sprintf("%d: %s", r.Line, r.View))
			if raw := string(r.Raw); !strings.HasPrefix(in[r.Offset:], raw) || strings.ContainsAny(raw, "\r\n") {
				t.Errorf("line %d: %q does not stand at %d", r.Line, raw, r.Offset)
			}
		}
		for _, r := range b.Rejects {
			got = append(got, fmt.Sprintf("%d! %s", r.Line, r.Reason))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, g := range got {
		seen[g] = true
	}
	for _, x := range want {
		if !seen[x] {
			t.Errorf("missing %s", x)
		}
	}
	if len(got) != len(want) {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
}
