package stream_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/seed-959697dd/soc/alert/stream"
)

// FuzzCSV: a table that encoding/csv writes comes back cell by cell, whatever the cells hold.
func FuzzCSV(f *testing.F) {
	f.Add("10:00", "a, b", `say "no"`, "ws-01", "x\ny", "")
	f.Add("", "", "", "{\"a\":1}", "'", "\r\n\"")
	f.Add("a;b", "\t", "=1+1", "ü", "\u202e", " ")
	f.Fuzz(func(t *testing.T, a, b, c, d, e, g string) {
		rows := [][]string{{a, b, c}, {d, e, g}}
		var text bytes.Buffer
		w := csv.NewWriter(&text)
		if err := w.Write([]string{"time", "user name", "host"}); err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			for i, cell := range row {
				// encoding/csv reads \r\n in a quoted cell as \n, and neither side can tell a blank row from no row.
				if strings.ContainsAny(cell, "\x00\r") || !utf8.ValidString(cell) {
					return
				}
				row[i] = cell
			}
			if strings.Join(row, "") == "" {
				return
			}
			if err := w.Write(row); err != nil {
				t.Fatal(err)
			}
		}
		w.Flush()
		var got []map[string]string
		src := stream.Source{Name: "t.csv", Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text.Bytes())), nil }}
		err := stream.Read(context.Background(), src, stream.Limits{}, func(b stream.Batch) error {
			for _, r := range b.Rejects {
				t.Errorf("rejected %q: %s", r.Raw, r.Reason)
			}
			for _, r := range b.Records {
				m := map[string]string{}
				if err := json.Unmarshal(r.View, &m); err != nil {
					t.Fatalf("%v: %q of %q", err, r.View, text.String())
				}
				got = append(got, m)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != len(rows) {
			t.Fatalf("%d rows of %q", len(got), text.String())
		}
		for i, row := range rows {
			for k, name := range []string{"time", "user name", "host"} {
				if got[i][name] != row[k] {
					t.Fatalf("row %d, %s: %q, wanted %q, of %q", i, name, got[i][name], row[k], text.String())
				}
			}
		}
	})
}
