package render

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/triage"
)

// maxCell is what a cell of the common spreadsheets holds; the alert ids end before it.
const maxCell = 32_000

// CSVHeader appends the names of the columns of CSV.
func CSVHeader(b []byte) []byte {
	return record(b, []string{
		"id", "route", "severity", "score", "disposition", "title", "rule", "host", "user", "source_ip", "count", "first", "last", "because", "alert_ids",
	})
}

// CSV appends one row for a verdict. No cell starts a formula.
func CSV(b []byte, v *triage.Verdict) []byte {
	d := read(v)
	cell := term.CSVCell
	return record(b, []string{
		cell(v.ID), v.Route.String(), v.Severity.String(), strconv.Itoa(int(v.Score)), v.Disposition.String(),
		cell(d.title()), cell(d.rule()), cell(d.host()), cell(d.user()), cell(d.find("ip", "source")),
		strconv.Itoa(v.Count), stamp(v.First), stamp(v.Last), cell(strings.Join(because(v, reasons), "; ")), cell(idList(v)),
	})
}

// record appends one line; a buffer in memory takes every write.
func record(b []byte, cells []string) []byte {
	buf := bytes.NewBuffer(b)
	w := csv.NewWriter(buf)
	_ = w.Write(cells)
	w.Flush()
	return buf.Bytes()
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

func idList(v *triage.Verdict) string {
	var list strings.Builder
	left := v.More
	for i, id := range v.IDs {
		if list.Len()+len(id) > maxCell {
			left += len(v.IDs) - i
			break
		}
		if i > 0 {
			list.WriteByte(' ')
		}
		list.WriteString(id)
	}
	if left > 0 {
		list.WriteString(" and " + strconv.Itoa(left) + " more")
	}
	return list.String()
}
