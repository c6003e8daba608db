package casebook

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Open opens the casebook at path. Unless read-only it makes the file (0600, its directory 0700) when there is none and
// brings its schema up to date.
func Open(ctx context.Context, path string, o Options) (*Book, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("casebook %s: %w", path, err)
	}
	if err := provide(path, o.ReadOnly); err != nil {
		return nil, err
	}
	b := &Book{path: path, now: o.Now, alarm: o.Weigh}
	if b.db, err = sql.Open("sqlite", address(path, o.ReadOnly)); err != nil {
		return nil, b.fail("opening", err)
	}
	if b.zip, err = newZip(); err == nil {
		err = b.settle(ctx, o.ReadOnly)
	}
	if err != nil {
		b.zip.close()
		_ = b.db.Close()
		return nil, b.fail("opening", err)
	}
	return b, nil
}

// provide makes sure that there is a file. It never opens one that exists: closing it again would take away the locks
// that another Book of this process holds on it.
func provide(path string, readOnly bool) error {
	_, err := os.Stat(path)
	if err == nil || readOnly || !errors.Is(err, fs.ErrNotExist) {
		return wrapOpen(path, err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return wrapOpen(path, err)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err == nil {
		err = f.Close()
	}
	return wrapOpen(path, err)
}

func wrapOpen(path string, err error) error {
	if err == nil {
		return nil
	}
	var p *fs.PathError
	if errors.As(err, &p) && p.Path == path {
		err = p.Err
	}
	return fmt.Errorf("casebook %s: opening: %w", path, err)
}

// address is the file as the driver wants it named, with the settings of every connection.
func address(path string, readOnly bool) string {
	slashed := filepath.ToSlash(path)
	if !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed // C:/...
	}
	q := url.Values{"_txlock": {"immediate"}, "mode": {"rw"}}
	pragmas := []string{"busy_timeout(30000)", "cache_size(-8000)"}
	if readOnly {
		q.Set("mode", "ro")
	} else {
		pragmas = append(pragmas, "journal_mode(WAL)", "synchronous(NORMAL)", "wal_autocheckpoint(4000)")
	}
	q["_pragma"] = pragmas
	return "file:" + (&url.URL{Path: slashed}).EscapedPath() + "?" + q.Encode()
}

// settle compares the schema of the file with the one this program knows and brings it up to date.
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
		case !busy(err):
			return err
		}
		if err != nil && (try == 100 || try >= 20 && !busy(err)) {
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

// numberOf is the number of a migration, by the name of its file.
func numberOf(file string) (n int64, err error) {
	_, err = fmt.Sscanf(path.Base(file), "%d_", &n)
	return n, err
}

func busy(err error) bool { return errors.Is(explain(err), ErrBusy) }

// schema is the number of the last migration the file has seen.
func (b *Book) schema(ctx context.Context) (int64, error) {
	var tables, versioned int64
	const count = `SELECT count(*), count(CASE WHEN name = 'goose_db_version' THEN 1 END) FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`
	if err := b.db.QueryRowContext(ctx, count).Scan(&tables, &versioned); err != nil {
		return 0, err
	}
	if versioned == 0 {
		if tables > 0 {
			return 0, fmt.Errorf("%w: it holds the tables of another program", ErrForeign)
		}
		return 0, nil
	}
	var at int64
	err := b.db.QueryRowContext(ctx, `SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version`).Scan(&at)
	return at, err
}

func (b *Book) migrate(ctx context.Context) error {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, b.db, dir, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	_, err = p.Up(ctx)
	return err
}
