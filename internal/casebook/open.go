package casebook

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"time"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Open opens the casebook of that name: the address of a Postgres database (see Shared), else the path of a file. Unless read-only it
// makes the file (0600, its directory 0700) when there is none, and brings the schema up to date; a database must be there.
func Open(ctx context.Context, name string, o Options) (b *Book, err error) {
	b = &Book{path: Plain(name), now: o.Now, alarm: o.Weigh, engine: file{}}
	if Shared(name) {
		b.engine = server{}
		b.db, err = openServer(name, o.Password, o.ReadOnly)
	} else if b.path, err = filepath.Abs(name); err == nil {
		b.db, err = openFile(b.path, o.ReadOnly)
	}
	if err != nil {
		return nil, b.fail("opening", err)
	}
	if b.zip, err = newZip(); err == nil {
		err = b.settle(ctx, o.ReadOnly)
	}
	if err == nil && !o.ReadOnly {
		err = b.confess(ctx)
	}
	if err != nil {
		b.zip.close()
		_ = b.db.Close()
		return nil, b.fail("opening", err)
	}
	return b, nil
}

// settle compares the schema of the book with the one this program knows and brings it up to date.
func (b *Book) settle(ctx context.Context, readOnly bool) error {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return err
	}
	known, err := numberOf(files[len(files)-1])
	if err != nil {
		return err
	}
	// Two processes that make the same book may trip over each other here, and the switch to WAL does not wait for a lock as other
	// statements do: whoever lost looks again.
	for try := 0; ; try++ {
		at, err := b.schema(ctx)
		switch {
		case err == nil && at == known:
			return nil
		case err == nil && at > known:
			return fmt.Errorf("%w (schema %d, this one knows %d)", ErrNewer, at, known)
		case err == nil && readOnly:
			return fmt.Errorf("%w (schema %d of %d)", ErrOlder, at, known)
		case err == nil:
			err = b.migrate(ctx)
		case !b.busy(err):
			return err
		}
		if err != nil && (try == 100 || try >= 20 && !b.busy(err)) {
			return err
		}
		if err != nil {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(50 * time.Millisecond):
			}
		}
	}
}

func (b *Book) busy(err error) bool { return errors.Is(b.engine.explain(err), ErrBusy) }

// numberOf is the number of a migration, by the name of its file.
func numberOf(file string) (n int64, err error) {
	_, err = fmt.Sscanf(path.Base(file), "%d_", &n)
	return n, err
}

// schema is the number of the last migration the book has seen.
func (b *Book) schema(ctx context.Context) (int64, error) {
	tables, versioned, err := b.engine.tables(ctx, b.db)
	if err != nil {
		return 0, err
	}
	if versioned == 0 {
		if tables > 0 {
			return 0, fmt.Errorf("%w: it holds the tables of another program", ErrForeign)
		}
		return 0, nil
	}
	var at int64
	err = b.db.QueryRowContext(ctx, `SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version`).Scan(&at)
	return at, err
}

func (b *Book) migrate(ctx context.Context) error {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	return b.engine.migrate(ctx, b.db, dir)
}
