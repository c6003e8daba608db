package casebook

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"io/fs"
	"unicode/utf8"

	"github.com/pressly/goose/v3"
)

// engine is what the two databases do differently. Everything else in this package reads the same for both: placeholders are $1,
// times are nanoseconds, yes and no are 1 and 0, and of two texts the one whose bytes come first is the lesser.
type engine interface {
	// lock makes sure that nobody else writes until the transaction ends.
	lock(ctx context.Context, tx *sql.Tx) error
	// sure makes the commits of a connection survive a power cut, until undo.
	sure(ctx context.Context, c *sql.Conn) (undo func() error, err error)
	// view is how a transaction sees one state of the book, whatever others write meanwhile.
	view() *sql.TxOptions
	// tables counts the tables there are, and those of them that say which migrations the book has seen.
	tables(ctx context.Context, db *sql.DB) (all, versioned int64, err error)
	// migrate runs the migrations that the book has not seen.
	migrate(ctx context.Context, db *sql.DB, files fs.FS) error
	// explain puts what the database says into one of this package's errors, keeping its own words behind it.
	explain(err error) error
	// together is how many rows are inserted with one statement.
	together() int
	// key is a text as it stands in a key of a table.
	key(text string) string
}

// upgrade runs the migrations in files.
func upgrade(ctx context.Context, d goose.Dialect, db *sql.DB, files fs.FS) error {
	p, err := goose.NewProvider(d, db, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	_, err = p.Up(ctx)
	return err
}

// maxKey is how many bytes of a text go into a key: an index of Postgres takes no entry that is longer than a third of a page.
const maxKey = 512

// short cuts what is longer and puts its digest behind it.
func short(text string) string {
	if len(text) <= maxKey {
		return text
	}
	sum := sha256.Sum256([]byte(text))
	at := maxKey - 2*len(sum)
	for at > 0 && !utf8.RuneStart(text[at]) {
		at--
	}
	return text[:at] + hex.EncodeToString(sum[:])
}
