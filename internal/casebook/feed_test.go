package casebook_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/triage"
)

func clock() time.Time { return time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC) }

func open(t testing.TB, path string) *casebook.Book {
	t.Helper()
	b, err := casebook.Open(t.Context(), path, casebook.Options{Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b
}

// newPath names a new book: a file, or a schema of the server that the suite runs on.
func newPath(t testing.TB) string {
	t.Helper()
	if server := os.Getenv(sharedEnv); server != "" {
		return fresh(t, server)
	}
	return filepath.Join(t.TempDir(), "state", "book.db")
}

// export makes alerts of n hosts; each host has its own group, and copies lines in it.
func export(from, to, copies int) []string {
	var lines []string
	for i := from; i < to; i++ {
		for k := range copies {
			lines = append(lines, line(fmt.Sprintf("host-%05d", i), fmt.Sprintf("a-%d-%d", i, k), k, "cmd.exe"))
		}
	}
	return lines
}

// line is one alert: seconds after ten o'clock on its host. A command with "evil" in it weighs.
func line(host, id string, second int, command string) string {
	return fmt.Sprintf(`{"id":%q,"timestamp":"2026-03-01T10:00:%02dZ","rule_id":"r-1","rule_name":"Odd process","title":"Odd process","severity":"medium","hostname":%q,"user":"user-1","command_line":%q}`,
		id, second, host, command)
}

type evil struct{}

func (evil) Name() string { return "evil" }

func (evil) Check(a *alert.Alert, note func(triage.Signal)) {
	for f := range a.Entities(alert.NoEntity) {
		if strings.Contains(f.Value, "evil") {
			note(triage.Signal{Check: "evil", Family: triage.CommandLine, Weight: 4000, Sentence: "an evil command", Receipts: []alert.Ref{alert.Cite(f, "")}})
			return
		}
	}
}

// printed is what a run said about a group.
type printed struct{ id, caseID, route string }

// feed triages lines into a run and returns what would have been printed, in order.
func feed(ctx context.Context, run *casebook.Run, lines []string) ([]printed, error) {
	return feedPrinting(ctx, run, lines, func(string) {})
}

// feedPrinting is feed that says what it prints when it does.
func feedPrinting(ctx context.Context, run *casebook.Run, lines []string, say func(id string)) ([]printed, error) {
	set, err := alert.NewSet(alert.Options{Now: clock(), Zone: time.UTC})
	if err != nil {
		return nil, err
	}
	policy := triage.DefaultPolicy()
	groups := triage.NewGroups(policy.Gap, "")
	defer groups.Close()
	if err := observe(set.NewParser(), groups, lines); err != nil {
		return nil, err
	}
	var out []printed
	err = triage.Judge(ctx, groups, &policy, &triage.Standing{Digests: triage.Digests{Policy: "p"}}, 2, func(b []byte, v *triage.Verdict, m *triage.Members) ([]byte, printed, error) {
		err := run.Keep(ctx, v, m)
		return b, printed{v.ID, v.Case, v.Route.String()}, err
	}, func(_ []byte, p printed) error {
		out = append(out, p)
		say(p.id)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, run.End(ctx)
}

func observe(parser *alert.Parser, groups *triage.Groups, lines []string) error {
	var batch triage.Observed
	var obs triage.Observation
	for i, l := range lines {
		var a alert.Alert
		if _, err := parser.Parse(&a, []byte(l), nil); err != nil {
			return err
		}
		a.Input = alert.Place{Name: "export.ndjson", Line: int64(i) + 1}
		triage.NewAssessor([]triage.Check{evil{}}).Assess(&a, &obs)
		obs.Raw = a.Raw
		batch.Append(&a, &obs)
	}
	return groups.Add(&batch)
}

func triageInto(t testing.TB, b *casebook.Book, lines []string) []printed {
	t.Helper()
	run, err := b.Begin(t.Context(), casebook.RunInfo{Command: "triage", Inputs: []string{"export.ndjson"}})
	if err != nil {
		t.Fatal(err)
	}
	out, err := feed(t.Context(), run, lines)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// state is everything a book holds, as text, except when and in which batch it came.
func state(t testing.TB, path string, queries ...string) string {
	t.Helper()
	if len(queries) == 0 {
		queries = []string{
			`SELECT hex(digest), id, verdict, copies, hex(body) FROM alerts ORDER BY 1, 2`,
			`SELECT id, case_id, fingerprint, rule, host, title, first_time, last_time, count, route, score, hex(document) FROM verdicts ORDER BY 1`,
			`SELECT id, status, title, route, probability, disposition FROM cases ORDER BY 1`,
			`SELECT * FROM sightings ORDER BY 1, 2, 3, 4`,
		}
	}
	db := database(t, path)
	defer func() { _ = db.Close() }()
	var s strings.Builder
	for _, q := range queries {
		s.WriteString(dump(t, db, dialect(path, q)))
	}
	return s.String()
}

func dump(t testing.TB, db *sql.DB, query string) string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var s strings.Builder
	for rows.Next() {
		cells := make([]sql.NullString, len(columns))
		into := make([]any, len(columns))
		for i := range cells {
			into[i] = &cells[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		for _, c := range cells {
			s.WriteString(c.String + "|")
		}
		s.WriteByte('\n')
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return s.String()
}
