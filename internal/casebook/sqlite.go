package casebook

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// file is a book in one SQLite file. Its transactions begin immediate (see address): the first of them to begin is the only writer.
type file struct{}

// openFile opens the file at path. Unless read-only it makes the file when there is none.
func openFile(path string, readOnly bool) (*sql.DB, error) {
	if err := provide(path, readOnly); err != nil {
		return nil, err
	}
	return sql.Open("sqlite", address(path, readOnly))
}

// provide makes sure that there is a file. It never opens one that exists: closing it again would take away the locks
// that another Book of this process holds on it.
func provide(path string, readOnly bool) error {
	_, err := os.Stat(path)
	if err == nil || readOnly || !errors.Is(err, fs.ErrNotExist) {
		return bare(path, err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return bare(path, err)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err == nil {
		err = f.Close()
	}
	return bare(path, err)
}

// bare leaves out the path, which the error will name anyway.
func bare(path string, err error) error {
	var p *fs.PathError
	if errors.As(err, &p) && p.Path == path {
		return p.Err
	}
	return err
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

func (file) lock(context.Context, *sql.Tx) error { return nil }

func (file) sure(ctx context.Context, c *sql.Conn) (func() error, error) {
	if _, err := c.ExecContext(ctx, `PRAGMA synchronous = FULL`); err != nil {
		return nil, err
	}
	return func() error {
		_, err := c.ExecContext(ctx, `PRAGMA synchronous = NORMAL`)
		return err
	}, nil
}

func (file) view() *sql.TxOptions { return &sql.TxOptions{ReadOnly: true} }

func (file) tables(ctx context.Context, db *sql.DB) (all, versioned int64, err error) {
	const count = `SELECT count(*), count(CASE WHEN name = 'goose_db_version' THEN 1 END) FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`
	err = db.QueryRowContext(ctx, count).Scan(&all, &versioned)
	return all, versioned, err
}

func (file) migrate(ctx context.Context, db *sql.DB, files fs.FS) error {
	return upgrade(ctx, goose.DialectSQLite3, db, files)
}

func (file) together() int { return 1 } // prepared once

func (file) key(text string) string { return text }

func (file) explain(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	var what error
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		what = ErrBusy
	case sqlite3.SQLITE_FULL:
		what = ErrFull
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM:
		what = ErrReadOnly
	case sqlite3.SQLITE_NOTADB:
		what = ErrForeign
	case sqlite3.SQLITE_CORRUPT:
		what = ErrDamaged
	default:
		return err
	}
	return fmt.Errorf("%w (%w)", what, err)
}
