package casebook_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/triage"
)

// atTime opens the book with a clock of its own.
func atTime(t *testing.T, path string, now time.Time) *casebook.Book {
	t.Helper()
	b, err := casebook.Open(t.Context(), path, casebook.Options{Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b
}

func TestFiguresCountWhatWasDone(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	received := time.Date(2026, 3, 1, 11, 0, 0, 0, time.UTC) // an hour after the first alert
	out, _ := closeInto(t, atTime(t, path, received), backups(0, 40), func(v *triage.Verdict) *casebook.Closing {
		return &casebook.Closing{Threshold: 10_000, Q: 0.5, Picked: strings.HasSuffix(v.Host, "0")} // hosts 0, 10, 20, 30
	})
	if closed, review := routes(out); closed != 36 || review != 4 {
		t.Fatalf("%d closed, %d left", closed, review)
	}
	var cases []string
	for _, p := range out {
		if p.caseID != "" {
			cases = append(cases, p.caseID)
		}
	}
	later := atTime(t, path, received.Add(30*time.Minute))
	decide(t, later, cases[0], triage.TruePositive)
	if _, err := later.Reopen(t.Context(), cases[0], "analyst-1", "too soon"); err != nil {
		t.Fatal(err)
	}
	if _, err := later.Note(t.Context(), cases[0], "analyst-1", "asked the owner"); err != nil {
		t.Fatal(err)
	}
	end := atTime(t, path, received.Add(10*24*time.Hour))
	decide(t, end, cases[0], triage.FalsePositive)
	decide(t, end, cases[1], triage.BenignPositive)
	f, err := end.Figures(t.Context(), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if f.Alerts != 40 || f.Groups != 40 || f.Certificate != 36 || f.ByRule != 0 || f.WouldClose != 0 || f.Cases != 4 || f.CasesDecided != 2 {
		t.Errorf("groups: %+v", f)
	}
	if f.Verdicts != 2 || f.Confirmed != 2 || f.Touches != 5 || len(f.Decided) != 2 || f.Decided["false_positive"] != 1 || f.Decided["benign_positive"] != 1 {
		t.Errorf("people: %+v", f)
	}
	// The alerts are a second apart, the first at ten o'clock: the 20th and the 38th of the waits in order.
	if want := (casebook.Spread{N: 40, P50: time.Hour - 20*time.Second, P95: time.Hour - 2*time.Second}); f.ToVerdict != want {
		t.Errorf("to verdict %+v, want %+v", f.ToVerdict, want)
	}
	if want := (casebook.Spread{N: 2, P50: 240 * time.Hour, P95: 240 * time.Hour}); f.ToDecision != want {
		t.Errorf("to decision %+v, want %+v", f.ToDecision, want)
	}
	if want := []casebook.Waiting{{Route: "review", Age: "month", Cases: 2}}; !slices.Equal(f.Open, want) {
		t.Errorf("open %+v, want %+v", f.Open, want)
	}
	// A later window holds what happened in it, and the cases that are open now.
	f, err = end.Figures(t.Context(), received.Add(24*time.Hour))
	if err != nil || f.Groups != 0 || f.Cases != 0 || f.Touches != 2 || f.ToDecision.N != 2 || f.ToVerdict.N != 0 || len(f.Open) != 1 {
		t.Errorf("the last days: %+v, %v", f, err)
	}
}

// A book that an earlier version left keeps what it held, and learns when it received it.
func TestAnOlderBookIsBroughtUpToDate(t *testing.T) {
	t.Parallel()
	onFiles(t)
	path := filepath.Join(t.TempDir(), "book.db")
	first, err := os.ReadFile(filepath.Join("migrations", "001_book.sql"))
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{
		string(first),
		`CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY AUTOINCREMENT, version_id INTEGER NOT NULL, is_applied INTEGER NOT NULL, tstamp TIMESTAMP DEFAULT (datetime('now')))`,
		`INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, 1), (1, 1)`,
		`INSERT INTO alerts VALUES (x'01', 'a', 'v-1', '{}', 70, 1, NULL), (x'02', 'b', 'v-1', '{}', 60, 1, NULL)`,
		`INSERT INTO verdicts VALUES ('v-1', 'c-1', 'f', 'wazuh', 'r', 'WS-12', 't', 1, 2, 2, 1, 0, 'undetermined', 0.1, 'low', 0, x'00', 1)`,
		`INSERT INTO cases VALUES ('c-1', 'open', 70, NULL, 't', 'low', 1, 0.1, 'undetermined')`,
	} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	b := open(t, path)
	if got := state(t, path, `SELECT received FROM verdicts`); got != "60|\n" {
		t.Errorf("received %q, want 60", got)
	}
	parties, err := b.OpenParties(t.Context())
	if _, ok := parties[casebook.Party{Kind: "host", Value: "ws-12"}]; !ok || err != nil {
		t.Errorf("open parties %v, %v", parties, err)
	}
}
