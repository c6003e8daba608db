package casebook_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/seed-959697dd/soc/internal/casebook"
)

func TestOpenSaysWhatIsWrongWithAFile(t *testing.T) {
	t.Parallel()
	rows := map[string]struct {
		make     func(t *testing.T, path string)
		readOnly bool
		want     error
		file     bool // not of a database
	}{
		"no file to read":   {func(*testing.T, string) {}, true, fs.ErrNotExist, true},
		"a text":            {func(t *testing.T, p string) { put(t, p, strings.Repeat("alerts,but,csv\n", 100)) }, false, casebook.ErrForeign, true},
		"another program's": {func(t *testing.T, p string) { run(t, p, `CREATE TABLE places (url TEXT)`) }, false, casebook.ErrForeign, false},
		"a newer soc's": {func(t *testing.T, p string) {
			make1(t, p)
			run(t, p, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, TRUE)`)
		}, false, casebook.ErrNewer, false},
		"an older soc's, to read": {func(t *testing.T, p string) {
			make1(t, p)
			run(t, p, `DELETE FROM goose_db_version WHERE version_id > 0`)
		}, true, casebook.ErrOlder, false},
		"an empty file to read":   {func(t *testing.T, p string) { put(t, p, "") }, true, casebook.ErrOlder, true},
		"an empty schema to read": {func(t *testing.T, p string) { run(t, p, `SELECT 1`) }, true, casebook.ErrOlder, false},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := newPath(t)
			if row.file {
				onFiles(t)
			}
			if !casebook.Shared(path) {
				if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			row.make(t, path)
			_, err := casebook.Open(t.Context(), path, casebook.Options{ReadOnly: row.readOnly, Now: clock})
			if !errors.Is(err, row.want) {
				t.Fatalf("error %v, want %v", err, row.want)
			}
			if !strings.Contains(err.Error(), casebook.Plain(path)) || strings.Contains(err.Error(), "\n") {
				t.Errorf("the error does not name the file in one line: %v", err)
			}
		})
	}
}

func TestABookIsItsOwnersAlone(t *testing.T) {
	t.Parallel()
	onFiles(t)
	if runtime.GOOS == "windows" {
		t.Skip("permissions there are lists, not bits")
	}
	path := newPath(t)
	open(t, path)
	for p, want := range map[string]fs.FileMode{path: 0o600, filepath.Dir(path): 0o700} {
		if info, err := os.Stat(p); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v %v, want %v", p, info.Mode().Perm(), err, want)
		}
	}
}

func TestAnOddNameIsOnlyAName(t *testing.T) {
	t.Parallel()
	onFiles(t)
	path := filepath.Join(t.TempDir(), "a b?mode=memory#c%41.db")
	if runtime.GOOS == "windows" {
		path = filepath.Join(t.TempDir(), "a b#c%41.db")
	}
	triageInto(t, open(t, path), export(0, 1, 1))
	if info, err := os.Stat(path); err != nil || info.Size() == 0 {
		t.Errorf("nothing in %s: %v", path, err)
	}
}

func TestAFullDiskIsOneClearError(t *testing.T) {
	t.Parallel()
	onFiles(t)
	path := newPath(t)
	b := open(t, path)
	limit(t, b)
	r, err := b.Begin(t.Context(), casebook.RunInfo{Command: "triage"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = feed(t.Context(), r, export(0, 500, 1))
	if !errors.Is(err, casebook.ErrFull) {
		t.Fatalf("error %v, want %v", err, casebook.ErrFull)
	}
	if got := state(t, path, `SELECT COUNT(*) FROM alerts`, `SELECT seq FROM head`); got != "0|\n0|\n" {
		t.Errorf("something stayed behind: %q", got)
	}
}

func TestAReadOnlyBookSaysSo(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	p := triageInto(t, open(t, path), export(0, 1, 1))[0]
	b, err := casebook.Open(t.Context(), path, casebook.Options{ReadOnly: true, Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = b.Close() }()
	if _, err := b.Case(t.Context(), p.caseID); err != nil {
		t.Error(err)
	}
	if err := b.Holds(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := b.Note(t.Context(), p.caseID, "analyst-1", "x"); !errors.Is(err, casebook.ErrReadOnly) {
		t.Errorf("error %v, want %v", err, casebook.ErrReadOnly)
	}
}

func make1(t *testing.T, path string) {
	t.Helper()
	b, err := casebook.Open(t.Context(), path, casebook.Options{Now: clock})
	if err == nil {
		err = b.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func run(t testing.TB, path, statement string) {
	t.Helper()
	db := database(t, path)
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(t.Context(), dialect(path, statement)); err != nil {
		t.Fatal(err)
	}
}

// limit lets the file grow by a few pages only, which SQLite reports as it does a full disk.
func limit(t *testing.T, b *casebook.Book) {
	t.Helper()
	if err := b.Pool(`PRAGMA max_page_count = 40`); err != nil {
		t.Fatal(err)
	}
}

// A disk that is full in the middle of a run leaves whole transactions behind, and a book that holds; with room again the same run ends it.
func TestADiskThatFillsUpLeavesABookThatHolds(t *testing.T) {
	t.Parallel()
	onFiles(t)
	whole := newPath(t)
	triageInto(t, open(t, whole), shared())
	var pages int
	if _, err := fmt.Sscanf(state(t, whole, `PRAGMA page_count`), "%d", &pages); err != nil {
		t.Fatal(err)
	}
	path := newPath(t)
	b := open(t, path)
	if err := b.Pool(fmt.Sprintf(`PRAGMA max_page_count = %d`, pages*2/3)); err != nil { // the first of three transactions has room
		t.Fatal(err)
	}
	r, err := b.Begin(t.Context(), casebook.RunInfo{Command: "triage"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = feed(t.Context(), r, shared()); !errors.Is(err, casebook.ErrFull) {
		t.Fatalf("error %v, want %v", err, casebook.ErrFull)
	}
	if seq, _, err := b.Head(t.Context()); err != nil || seq == 0 {
		t.Fatalf("the disk was full before the first transaction: %d records (%v)", seq, err)
	}
	holds(t, b)
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	b = open(t, path)
	triageInto(t, b, shared())
	sound(t, path, state(t, whole))
}

// What was printed and is not on disk is counted; what is, is not.
func TestARunCountsWhatItPrintedAndCouldNotKeep(t *testing.T) {
	t.Parallel()
	onFiles(t)
	path := newPath(t)
	b := open(t, path)
	r, err := b.Begin(t.Context(), casebook.RunInfo{Command: "triage"})
	if err != nil {
		t.Fatal(err)
	}
	first, err := feed(t.Context(), r, export(0, 3, 2))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range first {
		r.Printed(p.id)
	}
	if n := r.Unkept(); n != 0 {
		t.Errorf("%d of those that are on disk", n)
	}
	run(t, path, `CREATE TRIGGER full BEFORE INSERT ON alerts BEGIN SELECT RAISE(ABORT, 'no room'); END`)
	if out, err := feedPrinting(t.Context(), r, export(3, 10, 2), r.Printed); err == nil || len(out) != 7 {
		t.Fatalf("printed %d, stored (%v)", len(out), err)
	}
	if n := r.Unkept(); n != 7 {
		t.Errorf("%d, want the 7 that were printed", n)
	}
	holds(t, b)
}
