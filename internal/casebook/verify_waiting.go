package casebook

import (
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/tidwall/gjson"
)

// coming is what the records tell of rows that come and go: what waits for a worker, what arrived from systems and how far those were read.
type coming struct {
	waiting map[short16]int64 // rows, and the record that tells of each
	arrived map[short16]arrived
	dropped map[string]struct{}
	marks   map[string]marked
}

// short16 is what brief makes, in bytes.
type short16 [16]byte

// arrived is what a record tells of an item that arrived.
type arrived struct {
	seq          int64
	brief, shown short16
}

// marked is how far a source was read, by a record.
type marked struct {
	seq   int64
	query string
	began sql.NullInt64
	until sql.NullInt64
}

func newComing() coming {
	return coming{waiting: map[short16]int64{}, arrived: map[short16]arrived{}, dropped: map[string]struct{}{}, marks: map[string]marked{}}
}

// take follows one record; false: it is about something else.
func (t *coming) take(r *Record, do string, what gjson.Result) bool {
	switch do {
	case "await":
		for _, row := range briefs(what.Get("rows").Str) {
			t.waiting[row] = r.Seq
		}
	case "take":
		for _, row := range briefs(what.Get("rows").Str) {
			delete(t.waiting, row)
		}
	case "arrive":
		for row := range slices.Chunk(briefs(what.Get("rows").Str), 3) {
			if len(row) == 3 {
				t.arrived[row[0]] = arrived{r.Seq, row[1], row[2]}
			}
		}
	case "drop":
		t.dropped[drop(what.Get("source").Str, what.Get("item").Str, what.Get("digest").Str)] = struct{}{}
	case "mark":
		t.marks[what.Get("source").Str] = marked{r.Seq, what.Get("query").Str, timeOf(what.Get("began")), timeOf(what.Get("until"))}
	default:
		return false
	}
	return true
}

func drop(source, item, digest string) string {
	return string(canon(nil).text(source).text(item).text(digest))
}

func briefs(text string) (list []short16) {
	for ; len(text) >= 32; text = text[32:] {
		list = append(list, briefOf(text[:32]))
	}
	return list
}

func briefOf(text string) (b short16) {
	_, _ = hex.Decode(b[:], []byte(text)) // what is none is met by no row
	return b
}

// waiting compares what waits for a worker with the records by which it came.
func (c *chain) waiting(ctx context.Context) error {
	err := c.each(ctx, `SELECT place, digest, id, fingerprint, arrived, input, body, display FROM waiting ORDER BY place, digest`, func(scan func(...any) error) error {
		var r waitingRow
		var body []byte
		if err := scan(&r.place, &r.digest, &r.id, &r.fingerprint, &r.arrived, &r.input, &body, &r.display); err != nil {
			return err
		}
		c.holds("waiting", r.id, r.digest, body)
		row := briefOf(r.brief())
		if _, ok := c.coming.waiting[row]; !ok && !c.untold("waiting") {
			c.finding(0, "waiting", r.id, "no record of the journal tells of it")
		}
		delete(c.coming.waiting, row)
		return nil
	})
	lost := map[int64]int{}
	for _, seq := range c.coming.waiting {
		lost[seq]++
	}
	c.missing("waiting", lost)
	return err
}

// missing finds rows that records tell of and that are not there.
func (c *chain) missing(where string, lost map[int64]int) {
	for seq, n := range lost {
		word := "one that the record tells of is missing"
		if n > 1 {
			word = fmt.Sprintf("%d that the record tells of are missing", n)
		}
		c.finding(seq, where, "", word)
	}
}

// arrivals compares what arrived from systems with the records by which it came. What waits no more is an alert of the book, or was dropped.
func (c *chain) arrivals(ctx context.Context) error {
	const query = `SELECT r.source, r.item, r.edition, r.digest, r.changed, r.received, r.waits, r.body, r.display,
		CASE WHEN r.waits = 0 THEN (SELECT COUNT(*) FROM alerts a WHERE a.digest = r.digest) ELSE 0 END FROM arrivals r ORDER BY r.source, r.item, r.edition`
	err := c.each(ctx, query, func(scan func(...any) error) error {
		var r arrivalRow
		var body []byte
		var judged int64
		if err := scan(&r.source, &r.item, &r.edition, &r.digest, &r.changed, &r.received, &r.waits, &body, &r.display, &judged); err != nil {
			return err
		}
		if r.waits == 1 {
			c.holds("arrivals", r.item, r.digest, body)
		} else if body != nil || r.display != nil {
			c.finding(0, "arrivals", r.item, "has bytes, and does not wait")
		}
		key := briefOf(r.key())
		told, ok := c.coming.arrived[key]
		delete(c.coming.arrived, key)
		shown := briefOf(r.shown())
		switch {
		case !ok && c.untold("arrivals"):
		case !ok:
			c.finding(0, "arrivals", r.item, "no record of the journal tells of it")
		case told.brief != briefOf(r.brief()):
			c.finding(told.seq, "arrivals", r.item, "says something else than the record")
		case told.shown != shown && (r.waits != 0 || judged == 0 && !c.wasDropped(&r)):
			c.finding(told.seq, "arrivals", r.item, "waits, or does not, against what the record says")
		}
		return nil
	})
	lost := map[int64]int{}
	for _, a := range c.coming.arrived {
		lost[a.seq]++
	}
	c.missing("arrivals", lost)
	return err
}

func (c *chain) wasDropped(r *arrivalRow) bool {
	_, ok := c.coming.dropped[drop(r.source, r.item, "sha256:"+hex.EncodeToString(r.digest))]
	return ok
}

// marks compares how far sources were read with the records: those tell of it about once an hour.
func (c *chain) marks(ctx context.Context) error {
	err := c.each(ctx, `SELECT source, query, began, mark, told FROM marks ORDER BY source`, func(scan func(...any) error) error {
		var source, query string
		var began, mark, upto sql.NullInt64
		if err := scan(&source, &query, &began, &mark, &upto); err != nil {
			return err
		}
		told, ok := c.coming.marks[source]
		delete(c.coming.marks, source)
		switch {
		case !ok && c.untold("marks"):
		case !ok:
			c.finding(0, "marks", source, "no record of the journal tells of it")
		case query != told.query || began != told.began || upto != told.until || mark.Valid != upto.Valid || mark.Int64 < upto.Int64 || mark.Int64-upto.Int64 > int64(markTold):
			c.finding(told.seq, "marks", source, "was read from or up to another time than the record tells of, or the hour after")
		}
		return nil
	})
	lost := map[int64]int{}
	for _, m := range c.coming.marks {
		lost[m.seq]++
	}
	c.missing("marks", lost)
	return err
}
