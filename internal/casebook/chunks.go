package casebook

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// A chunk is a piece of a batch that workers rescore. Its name says all that its result depends on, so that the same chunk is worked on once,
// whoever asks for it and however often.

// AddChunk keeps a chunk unless it is known, and runs also in the same transaction when it is new: it enqueues it.
func (b *Book) AddChunk(ctx context.Context, name string, body []byte, also func(ctx context.Context, tx *sql.Tx) error) error {
	packed := b.zip.pack(body)
	return b.write(ctx, "keeping a chunk", func(ctx context.Context, tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, `UPDATE chunks SET at = $1 WHERE name = $2`, nanos(b.now()), name) // somebody waits for it again
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n > 0 {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO chunks (name, at, body) VALUES ($1, $2, $3)`, name, nanos(b.now()), packed); err != nil {
			return err
		}
		return also(ctx, tx)
	})
}

// Chunk reads what a chunk holds; nil when it has a result, or is gone.
func (b *Book) Chunk(ctx context.Context, name string) ([]byte, error) {
	return b.chunk(ctx, `SELECT body FROM chunks WHERE name = $1`, name)
}

// ChunkResult reads what came out of a chunk; nil while nothing did.
func (b *Book) ChunkResult(ctx context.Context, name string) ([]byte, error) {
	return b.chunk(ctx, `SELECT result FROM chunks WHERE name = $1`, name)
}

func (b *Book) chunk(ctx context.Context, query, name string) ([]byte, error) {
	var packed []byte
	err := b.db.QueryRowContext(ctx, query, name).Scan(&packed)
	if errors.Is(err, sql.ErrNoRows) || err == nil && packed == nil {
		return nil, nil
	}
	if err == nil {
		packed, err = b.zip.unpack(packed)
	}
	if err != nil {
		return nil, b.fail("reading a chunk", err)
	}
	return packed, nil
}

// FinishChunk keeps what came out of a chunk. The first to come counts.
func (b *Book) FinishChunk(ctx context.Context, name string, result []byte) error {
	packed := b.zip.pack(result)
	return b.write(ctx, "keeping what came out of a chunk", func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE chunks SET result = $1, body = NULL WHERE name = $2 AND result IS NULL`, packed, name)
		return err
	})
}

// ForgetChunks drops the results of chunks that were kept before a time and not asked for since.
func (b *Book) ForgetChunks(ctx context.Context, before time.Time) error {
	return b.write(ctx, "dropping chunks", func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM chunks WHERE result IS NOT NULL AND at < $1`, nanos(before))
		return err
	})
}
