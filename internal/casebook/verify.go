package casebook

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/tidwall/gjson"
)

// Finding is something in the book that is not as its journal tells it.
type Finding struct {
	Record int64  // the journal record that tells it otherwise; 0 when none tells of it
	Where  string // the journal, or the table
	ID     string // of the row: a verdict, a case, a precedent, an alert
	What   string
}

// Proof is what Verify read and found.
type Proof struct {
	Records                                              int64
	Head                                                 string // the hash of the last record
	Alerts, Verdicts, Closings, Decisions, Notes, Alarms int64
	Untold                                               int64 // rows from before the journal told of them, by an earlier version
	Partly                                               int64 // rows of which records of an earlier version tell some columns only
	Findings                                             []Finding
	More                                                 int64 // findings beyond those
	known                                                map[Finding]struct{}
}

// maxFindings bounds the findings that a proof lists.
const maxFindings = 100

// Err is nil when everything is as the journal tells it, else an ErrJournal with the first finding.
func (p *Proof) Err() error {
	if len(p.Findings) == 0 {
		return nil
	}
	f := &p.Findings[0]
	return fmt.Errorf("%w: record %d: %s %s %s", ErrJournal, f.Record, f.Where, f.ID, f.What)
}

func (p *Proof) add(f Finding) {
	if _, dup := p.known[f]; dup {
		return
	}
	if len(p.Findings) == maxFindings {
		p.More++
		return
	}
	p.known[f] = struct{}{}
	p.Findings = append(p.Findings, f)
}

// Verify recomputes the journal and compares the book with it, table by table and column by column; TestEveryColumnIsInTheJournal names the few
// that no record tells of, and why. A journal that was
// written anew as a whole holds in itself: compare Head with one that was kept elsewhere to find that.
func (b *Book) Verify(ctx context.Context) (*Proof, error) {
	// One transaction is one view of the book, whatever others write meanwhile.
	tx, err := b.db.BeginTx(ctx, b.engine.view())
	if err != nil {
		return nil, b.fail("verifying", err)
	}
	defer func() { _ = tx.Rollback() }()
	c := &chain{tx: tx, zip: &b.zip, proof: &Proof{known: map[Finding]struct{}{}}, told: map[int64]*Record{}, replay: newReplay(), rows: newTold(), coming: newComing(), earlier: map[string]int64{}}
	for _, part := range []func(context.Context) error{c.records, c.pending, c.head, c.runs, c.parties, c.verdicts, c.names, c.closings, c.gone, c.alerts, c.waiting, c.arrivals, c.marks, c.people, c.cases, c.watch, c.plans, c.approvals, c.errands, c.steps, c.ladder} {
		if err := part(ctx); err != nil {
			return nil, b.fail("verifying", err)
		}
	}
	c.proof.Records, c.proof.Head = c.seq, c.hash
	return c.proof, nil
}

// chain is one verification.
type chain struct {
	tx      *sql.Tx
	zip     *zip
	proof   *Proof
	seq     int64
	hash    string
	sums    []runSum          // of the runs' records, in order
	told    map[int64]*Record // the other records
	before  int64             // the last record of a version that did not tell which rows it wrote
	until   sql.NullInt64     // when one wrote last that did not tell all of them
	count   struct{ alerts, verdicts int64 }
	rows    told
	coming  coming
	earlier map[string]int64 // rows of tables of which an earlier version told nothing
	replay  replay
}

// runSum is what a run's record says about the rows that it wrote.
type runSum struct {
	seq int64
	sum string
}

func (c *chain) finding(record int64, where, id, what string) {
	c.proof.add(Finding{record, where, id, what})
}

// each hands over the rows of a query; yield scans.
func (c *chain) each(ctx context.Context, query string, yield func(scan func(...any) error) error) error {
	rows, err := c.tx.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := yield(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// records checks each record against the one before it. One that was changed is found once: the next is held against what it says of itself.
func (c *chain) records(ctx context.Context) error {
	var room []byte
	return c.each(ctx, `SELECT seq, previous, hash, at, who, what FROM journal ORDER BY seq`, func(scan func(...any) error) error {
		var r Record
		var at sql.NullInt64
		if err := scan(&r.Seq, &r.Previous, &r.Hash, &at, &r.By, &r.What); err != nil {
			return err
		}
		r.At = instant(at)
		var sum string
		sum, room = r.sumIn(room)
		switch {
		case r.Seq != c.seq+1:
			c.finding(c.seq+1, "journal", "", missing(c.seq+1, r.Seq-1))
		case r.Previous != c.hash:
			c.finding(r.Seq, "journal", "", "the record does not follow the one before it")
		case r.Hash != sum:
			c.finding(r.Seq, "journal", "", "the record was changed")
		}
		c.seq, c.hash = r.Seq, r.Hash
		c.tell(&r)
		return nil
	})
}

func missing(from, to int64) string {
	if from >= to {
		return "the record is missing"
	}
	return fmt.Sprintf("the records %d to %d are missing", from, to)
}

// tell notes what a record says the tables hold.
func (c *chain) tell(r *Record) {
	what := gjson.ParseBytes(r.What)
	do := what.Get("do").Str
	if do == "earlier" {
		c.confessed(r, what)
		return
	}
	if c.coming.take(r, do, what) {
		c.rows.begun = true
		return
	}
	if do != "keep" {
		one := *r
		c.told[r.Seq] = &one
		c.replay.person(&one, do, what)
		if do == "reopen" {
			c.rows.reopened(r.Seq, what)
		}
		return
	}
	c.count.alerts += what.Get("alerts").Int()
	c.count.verdicts += what.Get("verdicts").Int()
	for _, id := range what.Get("reopened").Array() {
		delete(c.replay.closed, id.Str)
	}
	for _, id := range what.Get("woken").Array() {
		delete(c.replay.asleep, id.Str)
	}
	for _, id := range what.Get("opened").Array() {
		c.replay.since[id.Str] = nanos(r.At)
	}
	if !c.rows.run(r, what) {
		c.until = nanos(r.At)
	}
	if sum := what.Get("kept").Str; sum != "" {
		c.sums = append(c.sums, runSum{r.Seq, sum})
	} else {
		c.before = r.Seq
	}
}

func (c *chain) head(ctx context.Context) error {
	seq, hash, err := head(ctx, c.tx)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		c.finding(c.seq, "journal", "", "nothing says any more that the record is the last")
	case err != nil:
		return err
	case seq > c.seq:
		c.finding(c.seq+1, "journal", "", missing(c.seq+1, seq))
	case seq < c.seq:
		c.finding(seq+1, "journal", "", "the record comes after the one that the head of the journal names")
	case hash != c.hash:
		c.finding(seq, "journal", "", "the record is another than the head of the journal names")
	}
	return c.each(ctx, `SELECT seq FROM head WHERE one <> 1`, func(scan func(...any) error) error {
		err := scan(&seq)
		c.finding(seq, "journal", "", "the journal has a second head, which names the record")
		return err
	})
}
