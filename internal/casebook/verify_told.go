package casebook

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"maps"
	"slices"

	"github.com/tidwall/gjson"
)

// told is what the records of runs tell of rows, and what is read beside these.
type told struct {
	begun   bool                // some record tells as this version does
	lots    map[int64]*lot      // by record: the alerts that it wrote
	older   int64               // alerts that records of an earlier version wrote, which do not tell which
	more    map[string][2]int64 // alerts of which more copies came: how many there were when they were written, and how many there are
	spans   map[string][]span   // of verdicts that kept their documents
	aliases map[string]string
	named   map[string][]addition // parties that people's reopening added
	parties map[string][]Party    // as the book has them, sorted
}

// lot is the alerts of one record.
type lot struct {
	seq    int64
	alerts int64
	sum    string
	met    [][sha256.Size]byte
	over   bool
}

// span is when a verdict began and ended before a record, and since.
type span struct {
	seq     int64
	was, is [2]sql.NullInt64
}

type addition struct {
	seq     int64
	parties []Party
}

func newTold() told {
	return told{lots: map[int64]*lot{}, more: map[string][2]int64{}, spans: map[string][]span{}, aliases: map[string]string{}, named: map[string][]addition{}, parties: map[string][]Party{}}
}

// run follows the record of a run; false: an earlier version wrote it, which told less.
func (t *told) run(r *Record, what gjson.Result) bool {
	sum := what.Get("members")
	if !sum.Exists() {
		t.older += what.Get("alerts").Int()
		return false
	}
	t.begun = true
	t.lots[r.Seq] = &lot{seq: r.Seq, alerts: what.Get("alerts").Int(), sum: sum.Str}
	what.Get("copies").ForEach(func(k, v gjson.Result) bool {
		list := v.Array()
		if len(list) == 2 {
			was := list[0].Int()
			if before, ok := t.more[k.Str]; ok {
				was = before[0]
			}
			t.more[k.Str] = [2]int64{was, list[1].Int()}
		}
		return true
	})
	what.Get("spans").ForEach(func(k, v gjson.Result) bool {
		if list := v.Array(); len(list) == 4 {
			t.spans[k.Str] = append(t.spans[k.Str], span{r.Seq, [2]sql.NullInt64{maybe(list[0]), maybe(list[1])}, [2]sql.NullInt64{maybe(list[2]), maybe(list[3])}})
		}
		return true
	})
	what.Get("aliases").ForEach(func(k, v gjson.Result) bool {
		if _, ok := t.aliases[k.Str]; !ok { // the first word counts
			t.aliases[k.Str] = v.Str
		}
		return true
	})
	return true
}

func maybe(v gjson.Result) sql.NullInt64 {
	return sql.NullInt64{Int64: v.Int(), Valid: v.Type == gjson.Number}
}

// reopened follows the record of a person who opened a case again.
func (t *told) reopened(seq int64, what gjson.Result) {
	what.Get("parties").ForEach(func(k, v gjson.Result) bool {
		n := addition{seq: seq}
		for _, p := range v.Array() {
			n.parties = append(n.parties, Party{p.Get("kind").Str, p.Get("value").Str})
		}
		t.named[k.Str] = append(t.named[k.Str], n)
		return true
	})
}

// parties reads whom verdicts are about, for what tells of those.
func (c *chain) parties(ctx context.Context) error {
	return c.each(ctx, `SELECT verdict, kind, value FROM parties`, func(scan func(...any) error) error {
		var id string
		var p Party
		if err := scan(&id, &p.Kind, &p.Value); err != nil {
			return err
		}
		c.rows.parties[id] = append(c.rows.parties[id], p)
		return nil
	})
}

// whole puts a verdict's row together as it was when its document was written.
func (c *chain) whole(r *wholeRow) {
	for i, s := range slices.DeleteFunc(c.rows.spans[r.id], func(s span) bool { return s.seq <= r.run }) {
		if i == 0 {
			r.first, r.last = s.was[0], s.was[1]
		}
	}
	for _, n := range c.rows.named[r.id] {
		if n.seq > r.run {
			r.parties = slices.DeleteFunc(r.parties, func(p Party) bool { return slices.Contains(n.parties, p) })
		}
	}
	r.parties = unique(r.parties)
}

// stretched tells whether a verdict begins and ends as the records say that changed it since.
func (c *chain) stretched(id string, run int64, first, last sql.NullInt64) bool {
	list := c.rows.spans[id]
	return len(list) == 0 || list[len(list)-1].seq <= run || list[len(list)-1].is == [2]sql.NullInt64{first, last}
}

// lacks tells whether the parties that people's reopening added are no more there.
func (c *chain) lacks(id string, run int64, parties []Party) bool {
	for _, n := range c.rows.named[id] {
		if n.seq <= run {
			continue
		}
		for _, p := range n.parties {
			if !slices.Contains(parties, p) {
				return true
			}
		}
	}
	return false
}

// names compares the names that lead to other verdicts, and finds parties of verdicts that are not there.
func (c *chain) names(ctx context.Context) error {
	for _, id := range slices.Sorted(maps.Keys(c.rows.parties)) {
		c.finding(0, "parties", id, "is no verdict of the book")
	}
	err := c.each(ctx, `SELECT id, verdict FROM aliases ORDER BY id`, func(scan func(...any) error) error {
		var id, verdict string
		if err := scan(&id, &verdict); err != nil {
			return err
		}
		want, ok := c.rows.aliases[id]
		switch {
		case !ok && c.untold("aliases"):
		case !ok:
			c.finding(0, "aliases", id, "leads to "+verdict+", and no record of the journal tells of it")
		case want != verdict:
			c.finding(0, "aliases", id, "leads to "+verdict+", and the journal tells of "+want)
		}
		delete(c.rows.aliases, id)
		return nil
	})
	for _, id := range slices.Sorted(maps.Keys(c.rows.aliases)) {
		c.finding(0, "aliases", id, "is missing")
	}
	return err
}

// grown is how many copies there were of an alert of which more came, and how many there are.
func (c *chain) grown(a *alertRow) (m [2]int64, ok bool) {
	if len(c.rows.more) > 0 {
		m, ok = c.rows.more[brief(canon(nil).text(string(a.digest)).text(a.id))]
	}
	return m, ok
}

// member notes an alert of the lot that it is in, and compares the lot when that is complete.
func (c *chain) member(seq int64, a *alertRow, room []byte) []byte {
	if m, ok := c.grown(a); ok {
		if a.copies != m[1] {
			c.finding(0, "alerts", a.id, fmt.Sprintf("came %d times, and the journal tells of %d", a.copies, m[1]))
		}
		a.copies = m[0]
	}
	if seq == 0 {
		if c.rows.older--; c.rows.older < 0 {
			c.finding(0, "alerts", a.id, "no record of the journal tells of it")
		} else {
			c.proof.Partly++
		}
		return room
	}
	l := c.rows.lots[seq]
	if l == nil || l.over {
		c.finding(seq, "alerts", a.id, "is not among those that the record tells of")
		return room
	}
	var sum [sha256.Size]byte
	sum, room = a.sum(room)
	if l.met = append(l.met, sum); int64(len(l.met)) == l.alerts {
		c.lot(l)
	}
	return room
}

func (c *chain) lot(l *lot) {
	if l.over = true; together(l.met) != l.sum {
		c.finding(l.seq, "alerts", "", "one of them is another than the record tells of, or stands elsewhere")
	}
	l.met = nil
}

// lost finds lots that are not complete.
func (c *chain) lost() {
	for _, seq := range slices.Sorted(maps.Keys(c.rows.lots)) {
		if l := c.rows.lots[seq]; !l.over && (l.alerts > 0 || together(nil) != l.sum) {
			c.finding(seq, "alerts", "", fmt.Sprintf("the record tells of %d, the book holds %d of them", l.alerts, len(l.met)))
		}
	}
}
