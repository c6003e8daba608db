package casebook

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/tidwall/gjson"
)

// Verify recomputes the journal and compares what people decided and noted with it. Its error, an ErrJournal, names the
// first record that was changed, cut out, put in or moved. A journal that was written anew as a whole holds in itself:
// compare Head with one that was kept elsewhere to find that.
func (b *Book) Verify(ctx context.Context) error {
	// One transaction is one view of the book, whatever others write meanwhile.
	tx, err := b.db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return b.fail("verifying", err)
	}
	defer func() { _ = tx.Rollback() }()
	c := &chain{tx: tx}
	if err := c.verify(ctx); err != nil {
		return b.fail("verifying", err)
	}
	return nil
}

type chain struct {
	tx               *sql.Tx
	seq              int64
	hash             string
	said             []Record // the records that tables repeat
	decisions, notes int64
}

func (c *chain) verify(ctx context.Context) error {
	rows, err := c.tx.QueryContext(ctx, `SELECT seq, previous, hash, at, who, what FROM journal ORDER BY seq`)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var r Record
		var at sql.NullInt64
		if err := rows.Scan(&r.Seq, &r.Previous, &r.Hash, &at, &r.By, &r.What); err != nil {
			return err
		}
		r.At = instant(at)
		if err := c.next(&r); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return c.end(ctx)
}

// next checks a record against the one before it.
func (c *chain) next(r *Record) error {
	switch {
	case r.Seq != c.seq+1:
		return broken(c.seq+1, "is missing")
	case r.Previous != c.hash:
		return broken(r.Seq, "does not follow the one before it")
	case r.Hash != r.sum():
		return broken(r.Seq, "was changed")
	}
	c.seq, c.hash = r.Seq, r.Hash
	switch gjson.GetBytes(r.What, "do").Str {
	case "close", "note", "alarm", "restore":
		c.said = append(c.said, *r)
	}
	return nil
}

func (c *chain) end(ctx context.Context) error {
	seq, hash, err := head(ctx, c.tx)
	switch {
	case err != nil:
		return err
	case seq != c.seq:
		return broken(max(seq, c.seq), "is not the last, as the head of the journal has it")
	case hash != c.hash:
		return broken(seq, "is another than the head of the journal has")
	}
	for i := range c.said {
		if err := c.repeated(ctx, &c.said[i]); err != nil {
			return err
		}
	}
	return c.counted(ctx)
}

// repeated checks that the tables say of a person's write what its record says.
func (c *chain) repeated(ctx context.Context, r *Record) error {
	var said []byte
	var err error
	switch gjson.GetBytes(r.What, "do").Str {
	case "close":
		said, err = c.decision(ctx, r)
	case "alarm":
		err = c.tx.QueryRowContext(ctx, `SELECT what FROM alarms WHERE seq = $1 AND precedent = $2`, r.Seq, gjson.GetBytes(r.What, "precedent").Str).Scan(&said)
	case "restore":
		said, err = c.restored(ctx, r)
	default:
		said, err = c.note(ctx, r)
	}
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return broken(r.Seq, "has nothing to show for it")
	case err == nil && !bytes.Equal(said, r.What):
		return broken(r.Seq, "says something else than the case does")
	}
	return err
}

func (c *chain) note(ctx context.Context, r *Record) ([]byte, error) {
	var id, text string
	err := c.tx.QueryRowContext(ctx, `SELECT case_id, text FROM notes WHERE seq = $1 AND who = $2 AND at = $3`, r.Seq, r.By, nanos(r.At)).Scan(&id, &text)
	if err == nil {
		c.notes++
	}
	return noting(id, text), err
}

// restored repeats a record by which closing was turned on again, from the alarms that it took back.
func (c *chain) restored(ctx context.Context, r *Record) ([]byte, error) {
	var back int64
	err := c.tx.QueryRowContext(ctx, `SELECT COUNT(DISTINCT precedent) FROM alarms WHERE restored = $1`, r.Seq).Scan(&back)
	if err == nil && back != gjson.GetBytes(r.What, "precedents.#").Int() {
		return nil, nil
	}
	return r.What, err
}

func (c *chain) decision(ctx context.Context, r *Record) ([]byte, error) {
	rows, err := c.tx.QueryContext(ctx, `SELECT verdict, case_id, disposition, reason, certainty FROM decisions WHERE seq = $1 AND who = $2 AND at = $3 ORDER BY verdict`,
		r.Seq, r.By, nanos(r.At))
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var verdicts []string
	var id, disposition, reason, certainty string
	same := true
	for rows.Next() {
		var v, i, d, why, how string
		if err := rows.Scan(&v, &i, &d, &why, &how); err != nil {
			return nil, err
		}
		same = same && (verdicts == nil || i == id && d == disposition && why == reason && how == certainty)
		id, disposition, reason, certainty = i, d, why, how
		verdicts = append(verdicts, v)
		c.decisions++
	}
	if !same {
		return nil, rows.Err()
	}
	return closing(id, verdicts, disposition, reason, certainty), rows.Err()
}

// counted finds decisions and notes of which the journal knows nothing.
func (c *chain) counted(ctx context.Context) error {
	var decisions, notes, undone, back int64
	err := c.tx.QueryRowContext(ctx, `SELECT (SELECT COUNT(*) FROM decisions), (SELECT COUNT(*) FROM notes),
		(SELECT COUNT(*) FROM decisions d LEFT JOIN journal j ON j.seq = d.undone WHERE d.undone IS NOT NULL AND j.seq IS NULL),
		(SELECT COUNT(*) FROM alarms a LEFT JOIN journal j ON j.seq = a.restored AND j.what LIKE '{"do":"restore"%' WHERE a.restored IS NOT NULL AND j.seq IS NULL)`).Scan(&decisions, &notes, &undone, &back)
	switch {
	case err != nil:
		return err
	case decisions != c.decisions:
		return fmt.Errorf("%w: %d decisions are not in it", ErrJournal, decisions-c.decisions)
	case notes != c.notes:
		return fmt.Errorf("%w: %d notes are not in it", ErrJournal, notes-c.notes)
	case undone != 0:
		return fmt.Errorf("%w: %d decisions were taken back by nobody", ErrJournal, undone)
	case back != 0:
		return fmt.Errorf("%w: %d alarms were taken back by nobody", ErrJournal, back)
	}
	return nil
}

func broken(seq int64, what string) error {
	return fmt.Errorf("%w: record %d %s", ErrJournal, seq, what)
}
