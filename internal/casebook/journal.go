package casebook

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"time"

	"github.com/seed-959697dd/soc/internal/wire"
)

// Record is one entry of the journal. Hash is the SHA-256 of the record's document without the hash itself; Previous is
// the hash of the record before it, empty for the first.
type Record struct {
	Seq            int64
	Previous, Hash string
	At             time.Time
	By             string
	What           []byte // a JSON object whose "do" names the write
}

// AppendJSON appends the record as a document of kind journal, version 1.
func (r *Record) AppendJSON(b []byte) []byte {
	b = r.canonical(b)
	return append(wire.Text(b[:len(b)-1], "hash", r.Hash), '}')
}

// canonical is what the hash is taken over: the document without its hash.
func (r *Record) canonical(b []byte) []byte {
	b = append(b, `{"kind":"journal","version":1`...)
	b = wire.Int(b, "seq", r.Seq)
	b = wire.Text(b, "previous", r.Previous)
	b = wire.Time(b, "at", r.At)
	b = wire.Text(b, "by", r.By)
	return append(append(wire.Key(b, "what"), r.What...), '}')
}

func (r *Record) sum() string {
	s, _ := r.sumIn(nil)
	return s
}

// sumIn is sum in a room for the document, which it returns for the next.
func (r *Record) sumIn(room []byte) (sum string, again []byte) {
	room = r.canonical(room[:0])
	h := sha256.Sum256(room)
	return "sha256:" + hex.EncodeToString(h[:]), room
}

// Head is the number and the hash of the last record, zero and empty for a new book. Kept outside the book it shows
// later whether the journal was cut or written anew.
func (b *Book) Head(ctx context.Context) (seq int64, hash string, err error) {
	if seq, hash, err = head(ctx, b.db); err != nil {
		err = b.fail("reading the journal", err)
	}
	return seq, hash, err
}

func head(ctx context.Context, q querier) (seq int64, hash string, err error) {
	err = q.QueryRowContext(ctx, `SELECT seq, hash FROM head WHERE one = 1`).Scan(&seq, &hash)
	return seq, hash, err
}

// Journal hands over the records from the given number on, in order.
func (b *Book) Journal(ctx context.Context, from int64, yield func(*Record) error) error {
	const query = `SELECT seq, previous, hash, at, who, what FROM journal WHERE seq >= $1 ORDER BY seq`
	return b.each(ctx, "reading the journal", query, []any{from}, func(scan func(...any) error) error {
		var r Record
		var at sql.NullInt64
		if err := scan(&r.Seq, &r.Previous, &r.Hash, &at, &r.By, &r.What); err != nil {
			return err
		}
		r.At = instant(at)
		return yield(&r)
	})
}

// enter appends a record within a transaction and returns its number.
func enter(ctx context.Context, tx *sql.Tx, at time.Time, by string, what []byte) (int64, error) {
	seq, hash, err := head(ctx, tx)
	if err != nil {
		return 0, err
	}
	r := Record{Seq: seq + 1, Previous: hash, At: at, By: by, What: what}
	r.Hash = r.sum()
	if _, err := tx.ExecContext(ctx, `INSERT INTO journal (seq, previous, hash, at, who, what) VALUES ($1, $2, $3, $4, $5, $6)`,
		r.Seq, r.Previous, r.Hash, nanos(at), by, string(what)); err != nil {
		return 0, err
	}
	_, err = tx.ExecContext(ctx, `UPDATE head SET seq = $1, hash = $2 WHERE one = 1`, r.Seq, r.Hash)
	return r.Seq, err
}
