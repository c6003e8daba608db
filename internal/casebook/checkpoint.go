package casebook

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/internal/sign"
	"github.com/seed-959697dd/soc/internal/wire"
)

// Checkpoint is what a person signed about the journal: that its record Seq had this hash. Kept outside the book it shows later that the
// journal up to there was neither cut nor written anew.
type Checkpoint struct {
	Seq       int64
	Hash      string
	At        time.Time
	By        string // an approver's name, or the public key
	Signature string
}

// checkpointContext is what a signature under a checkpoint promises.
const checkpointContext = "soc journal checkpoint v1"

// Sign signs the checkpoint.
func (c *Checkpoint) Sign(key sign.Key) {
	c.Signature = sign.Sign(key, checkpointContext, c.payload(nil))
}

// Trusted returns the approver whose signature it is.
func (c *Checkpoint) Trusted(list sign.Approvers) (sign.Approver, error) {
	return list.Verify(c.By, checkpointContext, c.payload(nil), c.Signature)
}

// AppendJSON appends the checkpoint as a document of kind checkpoint, version 1.
func (c *Checkpoint) AppendJSON(b []byte) []byte {
	b = c.payload(b)
	return append(wire.Text(b[:len(b)-1], "signature", c.Signature), '}')
}

// payload is what is signed: the document without the signature.
func (c *Checkpoint) payload(b []byte) []byte {
	b = wire.Int(append(b, `{"kind":"checkpoint","version":1`...), "seq", c.Seq)
	b = wire.Time(wire.Text(b, "hash", c.Hash), "at", c.At)
	return append(wire.Text(b, "by", c.By), '}')
}

var errCheckpoint = errors.New("not a checkpoint")

// ReadCheckpoint reads a document as AppendJSON spells it, and no other.
func ReadCheckpoint(line []byte) (Checkpoint, error) {
	doc := gjson.GetManyBytes(line, "seq", "hash", "at", "by", "signature")
	at, err := time.Parse(time.RFC3339Nano, doc[2].Str)
	c := Checkpoint{doc[0].Int(), doc[1].Str, at, doc[3].Str, doc[4].Str}
	if err != nil || !bytes.Equal(c.AppendJSON(nil), line) {
		return c, errCheckpoint
	}
	return c, nil
}

// HashAt is the hash of a journal record, empty when there is none of that number.
func (b *Book) HashAt(ctx context.Context, seq int64) (hash string, err error) {
	err = b.db.QueryRowContext(ctx, `SELECT hash FROM journal WHERE seq = $1`, seq).Scan(&hash)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		err = b.fail("reading the journal", err)
	}
	return hash, err
}
