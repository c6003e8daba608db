package casebook_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seed-959697dd/soc/internal/casebook"
)

// olderBook is a book as the version before the journal told everything left it, with a row in each of the tables of which it told nothing.
func olderBook(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "book.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join("migrations", "00*.sql"))
	if err != nil || len(files) != 9 {
		t.Fatal(files, err)
	}
	statements := []string{
		`CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY AUTOINCREMENT, version_id INTEGER NOT NULL, is_applied INTEGER NOT NULL, tstamp TIMESTAMP DEFAULT (datetime('now')))`,
		`INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, 1), (1, 1), (2, 1), (3, 1), (4, 1), (5, 1), (6, 1), (7, 1), (8, 1), (9, 1)`,
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		statements = append(statements, string(text))
	}
	statements = append(statements,
		`INSERT INTO arrivals (source, item, edition, digest, received, waits) VALUES ('siem', 'a', '1', x'01', 1, 2), ('siem', 'b', '1', x'02', 1, 2)`,
		`INSERT INTO marks (source, query, mark, failures, error) VALUES ('siem', 'q', 5, 0, '')`,
		`INSERT INTO aliases (id, verdict) VALUES ('v-1', 'v-2')`)
	for _, s := range statements {
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// What an earlier version wrote and did not tell is counted into the journal once, and stays a gap; nobody adds to it afterwards.
func TestRowsOfAnEarlierVersion(t *testing.T) {
	t.Parallel()
	onFiles(t)
	for name, row := range map[string]struct{ statement, where string }{
		"as it was":                        {``, ``},
		"an item more":                     {`INSERT INTO arrivals (source, item, edition, digest, received, waits) VALUES ('siem', 'c', '1', x'03', 1, 2)`, "arrivals"},
		"a source more":                    {`INSERT INTO marks (source, query, mark, failures, error) VALUES ('other', 'q', 5, 0, '')`, "marks"},
		"a name more":                      {`INSERT INTO aliases (id, verdict) VALUES ('v-3', 'v-2')`, "aliases"},
		"a claim that there was more":      {`INSERT INTO earlier (name, n) VALUES ('arrivals', 5)`, "earlier"},
		"a claim that was entered by then": {`INSERT INTO earlier (name, n) VALUES ('arrivals', 5); reopen`, "journal"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := olderBook(t)
			b := open(t, path)
			triageInto(t, b, export(0, 2, 1))
			open(t, path)
			if seq, _, err := b.Head(t.Context()); err != nil || seq != 2 {
				t.Fatalf("%d records, want one of earlier rows and one of the run (%v)", seq, err)
			}
			if row.statement == "" {
				p, err := b.Verify(t.Context())
				if err != nil || p.Err() != nil || p.Untold != 4 || p.Partly != 0 {
					t.Errorf("found %+v (%v)", p, err)
				}
				return
			}
			statement, again := strings.CutSuffix(row.statement, "; reopen")
			run(t, path, statement)
			if again {
				open(t, path)
			}
			p, err := b.Verify(t.Context())
			if err != nil || !slices.ContainsFunc(p.Findings, func(f casebook.Finding) bool { return f.Where == row.where }) {
				t.Errorf("found %+v (%v)", p.Findings, err)
			}
		})
	}
}
