package casebook_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/respond"
	"github.com/seed-959697dd/soc/triage"
)

// notTold are the tables and columns that may change without a record of the journal, and why. Whoever adds a column decides: verify compares it
// with the journal, or it stands here.
func notTold() map[string]string {
	return map[string]string{
		"goose_db_version": "which migrations the book has seen: without them it does not open",
		"earlier":          "rows that a migration counted, empty from the next opening on; who adds some is found when they are entered",
		"sightings":        "follows from the alerts; each run's record names the digest of what it decided by",
		"answers":          "what services said: a cache, asked again",
		"chunks":           "work that is shared: named by the digest of all that its result depends on, and dropped by itself",
		"watches":          "that somebody watches, renewed every few seconds",
		"outbox":           "what people are still to be told of a verdict: dropped when they were; the verdict itself waits in its case",
		"leases":           "who may do something for a few seconds, renewed or taken over",
		"marks.mark":       "moves with every question to a source; the journal tells of it about once an hour, and more than that hour is found",
		"marks.seen":       "when a source was last read, rewritten with every question",
		"marks.failed":     "when it last failed",
		"marks.failures":   "how often in a row",
		"marks.error":      "what it said",
	}
}

// everything is a book with something in each of its tables and columns.
func everything(t *testing.T) (b *casebook.Book, path string) {
	t.Helper()
	path = newPath(t)
	// Two runs begin before either has written, and give one group two names.
	before := open(t, path)
	r1, err1 := before.Begin(t.Context(), casebook.RunInfo{Command: "triage"})
	r2, err2 := before.Begin(t.Context(), casebook.RunInfo{Command: "triage"})
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	_, err1 = feed(t.Context(), r1, []string{line("ws-5", "e1", 1, "cmd.exe"), line("ws-5", "e2", 2, "cmd.exe")})
	_, err2 = feed(t.Context(), r2, []string{line("ws-5", "e2", 2, "cmd.exe"), line("ws-5", "e3", 3, "cmd.exe")})
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	b = closedAt(t, path)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	// Verdicts that rise, that go on with weaker evidence, and that count more copies.
	first := triageInto(t, b, []string{line("ws-1", "a", 1, "evil.exe"), line("ws-2", "b", 1, "cmd.exe"), line("ws-3", "c", 1, "cmd.exe"), line("ws-4", "d", 1, "cmd.exe")})
	triageInto(t, b, []string{line("ws-1", "later", 30, "cmd.exe"), line("ws-1", "a", 1, "evil.exe"), line("ws-2", "b", 1, "cmd.exe"), line("ws-2", "b", 1, "cmd.exe")})
	triageInto(t, b, []string{line("ws-3", "c", 1, "cmd.exe"), line("ws-3", "c2", 2, "evil.exe")})
	// What people do with cases.
	id := func(host string) string { return on(t, b, host) }
	_, err := b.Assign(t.Context(), id("ws-1"), "maria", "sam")
	must(err)
	_, err = b.Snooze(t.Context(), id("ws-2"), clock().Add(time.Hour), "sam")
	must(err)
	_, err = b.Note(t.Context(), id("ws-1"), "sam", "looks odd")
	must(err)
	_, err = b.Merge(t.Context(), id("ws-3"), []string{first[3].caseID}, "sam", "one mail")
	must(err)
	decide(t, b, id("ws-5"), triage.FalsePositive)
	_, err = b.Reopen(t.Context(), id("ws-5"), "sam", "not so sure")
	must(err)
	// What arrives and waits.
	await(t, path, clock(), pendings(t, line("x", "x-1", 1, "cmd.exe"), line("x", "x-2", 2, "cmd.exe")))
	view := pulled("v", "1", line("y", "y-2", 1, "cmd.exe"))
	view.View = []byte(`{"y":1}`)
	_, err = b.Arrive(t.Context(), "siem", []alert.Pulled{pulled("a", "1", line("y", "y-1", 1, "cmd.exe")), view}, true)
	must(err)
	_, err = b.Arrive(t.Context(), "siem", []alert.Pulled{pulled("ws", "1", line("ws-1", "a", 1, "evil.exe"))}, true)
	must(err)
	_, err = b.Arrive(t.Context(), "siem", []alert.Pulled{pulled("n", "1", line("y", "y-9", 1, "cmd.exe"))}, false)
	must(err)
	must(b.Clear(t.Context()))
	must(b.Remember(t.Context(), "drop", "file", "1"))
	must(b.SetMark(t.Context(), casebook.Mark{Source: "siem", Query: "q", At: clock(), Seen: clock(), Failed: clock(), Error: "e", Failures: 1}))
	// Plans and what was done.
	now, w := clock(), &wall{blocked: map[string]bool{}, stuck: true}
	crew := respond.Crew{Drivers: map[string]respond.Driver{"wall": w}, Ledger: casebook.Ledger{Book: b, By: "sam"}, Now: func() time.Time { now = now.Add(time.Second); return now }, Watched: func(context.Context) bool { return true }}
	p := planFor(t, b, w, id("ws-1"), now, "9.9.9.1", "9.9.9.2")
	must(b.Approve(t.Context(), &respond.Approval{Plan: p.Digest, By: "maria", At: clock(), Risks: []string{"r"}, Signature: "s"}))
	_, err = crew.Apply(t.Context(), &p)
	must(err)
	_, err = crew.Undo(t.Context(), func(*respond.Step) bool { return true })
	must(err)
	_, err = b.SetLevel(t.Context(), &casebook.Level{Grade: respond.Grade{Rung: respond.Rung{Action: "block-ip", Stratum: "low"}, Level: 2, Under: "sha256:v1", By: "sam", Because: "it works"}, Document: []byte(`{}`)})
	must(err)
	must(b.CallWrong(t.Context(), p.Digest, "a1", "maria", "no"))
	give := func(id string) *casebook.Errand {
		q := planFor(t, b, w, id, clock(), "9.9.9.7")
		must(b.ApproveErrand(t.Context(), &respond.Approval{Plan: q.Digest, Risks: []string{"block-ip"}, By: "maria", At: clock(), Signature: "x"}, func(context.Context, *sql.Tx) error { return nil }))
		e, err := b.Errand(t.Context(), q.Digest)
		must(err)
		return e
	}
	give("c-1")
	ended := give("c-2")
	ended.Why, ended.Rest = "because", []respond.Receipt{{Plan: ended.Plan, Action: "a1", Name: "block-ip", Target: p.Items[0].Target, Outcome: respond.RefusedOutcome, Ended: clock()}}
	must(b.EndErrand(t.Context(), ended, "maria"))
	// What is not in the journal.
	b.Answers().Store("abuseipdb", "ip", "203.0.113.9", []byte(`{}`), clock())
	must(b.AddChunk(t.Context(), "c", []byte("matter"), func(context.Context, *sql.Tx) error { return nil }))
	must(b.Beat(t.Context(), "watch"))
	_, err = b.Claim(t.Context(), "chair", "me", clock().Add(time.Minute))
	must(err)
	return b, path
}

// column is one of the schema.
type column struct {
	name, kind string
	null       bool
}

// schema reads the tables of a book and their columns.
func schema(t *testing.T, path string, db *sql.DB) map[string][]column {
	t.Helper()
	query := `SELECT m.name, c.name, c.type, c."notnull" = 0 AND c.pk = 0 FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY 1, c.cid`
	if casebook.Shared(path) {
		query = `SELECT table_name, column_name, data_type, is_nullable = 'YES' FROM information_schema.columns WHERE table_schema = current_schema() ORDER BY 1, ordinal_position`
	}
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	tables := map[string][]column{}
	for rows.Next() {
		var table string
		var c column
		if err := rows.Scan(&table, &c.name, &c.kind, &c.null); err != nil {
			t.Fatal(err)
		}
		tables[table] = append(tables[table], c)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return tables
}

// other is another value than a column has.
func (c *column) other() string {
	switch strings.ToUpper(c.kind) {
	case "TEXT":
		return `COALESCE(` + c.name + `, '') || 'x'`
	case "BIGINT":
		return `COALESCE(` + c.name + `, 0) + 1000000007`
	case "BYTEA":
		return `'x'`
	case "DOUBLE PRECISION":
		return c.name + ` + 0.001`
	}
	return ""
}

// The whole schema, from the book itself: one value of each column is changed, a row of each table is removed, and one is added. Verify says so, or
// the column stands in the list.
func TestEveryColumnIsInTheJournal(t *testing.T) {
	t.Parallel()
	b, path := everything(t)
	holds(t, b)
	db := database(t, path)
	defer func() { _ = db.Close() }()
	address := "rowid"
	if casebook.Shared(path) {
		address = "ctid"
	}
	exempt, met := notTold(), map[string]bool{}
	tables := schema(t, path, db)
	do := func(statement string) error {
		_, err := db.ExecContext(t.Context(), statement)
		return err
	}
	for _, table := range slices.Sorted(maps.Keys(tables)) {
		if _, ok := exempt[table]; ok {
			met[table] = true
			continue
		}
		var n int
		if err := db.QueryRowContext(t.Context(), `SELECT COUNT(*) FROM `+table).Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			t.Errorf("%s is empty: the test says nothing of it", table)
			continue
		}
		if err := do(`CREATE TABLE aside_` + table + ` AS SELECT * FROM ` + table); err != nil {
			t.Fatal(err)
		}
		// try changes something, expects a finding and puts it back.
		try := func(what, statement string, may bool) {
			t.Helper()
			if err := do(statement); err != nil {
				t.Errorf("%s: %v", what, err)
				return
			}
			p, err := b.Verify(t.Context())
			switch {
			case err != nil:
				t.Errorf("%s: verify fails instead of saying so: %v", what, err)
			case (p.Err() == nil) != may:
				t.Errorf("%s: found %v, exempt %t", what, p.Findings, may)
			}
			for _, s := range []string{`DELETE FROM ` + table, `INSERT INTO ` + table + ` SELECT * FROM aside_` + table} {
				if err := do(s); err != nil {
					t.Fatalf("%s: %s: %v", what, s, err)
				}
			}
		}
		for k := range min(n, 8) {
			row := fmt.Sprintf(` WHERE %s = (SELECT %s FROM %s ORDER BY 1 LIMIT 1 OFFSET %d)`, address, address, table, k*n/min(n, 8))
			var all, copied []string
			for i, c := range tables[table] {
				name := table + "." + c.name
				other := c.other()
				if other == "" {
					t.Fatalf("%s is %s: how is it changed?", name, c.kind)
				}
				_, may := exempt[name]
				met[name] = met[name] || may
				try(name, `UPDATE `+table+` SET `+c.name+` = `+other+row, may)
				if c.null {
					var null bool
					if err := db.QueryRowContext(t.Context(), `SELECT `+c.name+` IS NULL FROM `+table+row).Scan(&null); err != nil {
						t.Fatal(err)
					}
					if !null && name != "marks.mark" {
						try(name+" made unknown", `UPDATE `+table+` SET `+c.name+` = NULL`+row, may)
					}
				}
				all = append(all, c.name)
				if i < 2 {
					copied = append(copied, other)
				} else {
					copied = append(copied, c.name)
				}
			}
			try(table+" less a row", `DELETE FROM `+table+row, false)
			if k == 0 {
				try(table+" and a row", `INSERT INTO `+table+` (`+strings.Join(all, ", ")+`) SELECT `+strings.Join(copied, ", ")+` FROM `+table+row, false)
			}
		}
	}
	for name := range exempt {
		if !met[name] {
			t.Errorf("the list names %s, which the book does not have", name)
		}
	}
	holds(t, b)
}

// A mark that somebody set ahead hides what came in between.
func TestVerifyFindsAMarkThatWasSetAhead(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	b := open(t, path)
	for i := range 5 {
		if err := b.SetMark(t.Context(), casebook.Mark{Source: "siem", Query: "q", At: clock().Add(time.Duration(i) * 40 * time.Minute)}); err != nil {
			t.Fatal(err)
		}
		holds(t, b)
	}
	if seq, _, err := b.Head(t.Context()); err != nil || seq != 3 { // at 0, 80 and 160 minutes
		t.Errorf("%d records (%v)", seq, err)
	}
	run(t, path, `UPDATE marks SET mark = mark + 7200000000000`)
	if err := b.Holds(t.Context()); err == nil {
		t.Error("not found")
	}
}
