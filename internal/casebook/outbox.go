package casebook

import (
	"context"
	"database/sql"
	"time"
)

// Telling is what people are to be told of a verdict. It is stored with the verdict, and stays until somebody has told it: a process that dies in
// between leaves it to whoever comes next. It may be told twice; its name is the same then.
type Telling struct {
	Name string // what it is about, and the verdict's id
	At   time.Time
	Body []byte // the book does not look into it
}

// Untold are the tellings that were stored before a time and that nobody has told, the oldest first, most of them at most.
func (b *Book) Untold(ctx context.Context, before time.Time, most int) (list []Telling, err error) {
	const query = `SELECT name, at, body FROM outbox WHERE at < $1 ORDER BY at, name LIMIT $2`
	err = b.each(ctx, "reading what is to be told", query, []any{before.UnixNano(), most}, func(scan func(...any) error) error {
		var t Telling
		var at int64
		var body []byte
		if err := scan(&t.Name, &at, &body); err != nil {
			return err
		}
		t.At = time.Unix(0, at).UTC()
		if t.Body, err = b.zip.unpack(body); err != nil {
			return err
		}
		list = append(list, t)
		return nil
	})
	return list, err
}

// Told lets go of tellings by their names. Those that are not there are nobody's matter.
func (b *Book) Told(ctx context.Context, names []string) error {
	if len(names) == 0 {
		return nil
	}
	return b.write(ctx, "noting what was told", func(ctx context.Context, tx *sql.Tx) error {
		for len(names) > 0 {
			n := min(len(names), lookupSize)
			args := make([]any, n)
			for i := range args {
				args[i] = b.engine.key(names[i])
			}
			if _, err := tx.ExecContext(ctx, `DELETE FROM outbox WHERE name IN `+placeholders(n), args...); err != nil {
				return err
			}
			names = names[n:]
		}
		return nil
	})
}

// saveTellings stores what is to be told of the verdicts that were stored or rose.
func (w *batch) saveTellings(ctx context.Context, tx *sql.Tx, now time.Time) error {
	for _, e := range w.order {
		if e.next == nil || e.next.tell == nil {
			continue
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO outbox (name, at, body) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING`,
			w.b.engine.key(e.next.tell.Name), now.UnixNano(), w.b.zip.pack(e.next.tell.Body))
		if err != nil {
			return err
		}
	}
	return nil
}
