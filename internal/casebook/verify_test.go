package casebook_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/triage"
)

// closed is a book in which a certificate closed half of what came and audits of the other half raised an alarm, which was taken back.
func closed(t *testing.T) (b *casebook.Book, path string) {
	t.Helper()
	path = newPath(t)
	return closedAt(t, path), path
}

func closedAt(t *testing.T, path string) *casebook.Book {
	t.Helper()
	b, err := casebook.Open(t.Context(), path, casebook.Options{Now: clock, Weigh: func(a *casebook.Account) (float64, bool) { return 20, len(a.Audits) == 1 }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	if _, err := b.AuditKey(t.Context()); err != nil {
		t.Fatal(err)
	}
	out, _ := closeInto(t, b, backups(0, 8), func(v *triage.Verdict) *casebook.Closing {
		return &casebook.Closing{Threshold: 10_000, Q: 0.5, Picked: strings.Contains(string(v.Alert), `"Host-0"`) || strings.Contains(string(v.Alert), `"Host-1"`)}
	})
	if shut, review := routes(out); shut != 6 || review != 2 {
		t.Fatalf("%d closed, %d in review", shut, review)
	}
	triageInto(t, b, export(0, 2, 1))
	i := slices.IndexFunc(out, func(p printed) bool { return p.route == "review" })
	decide(t, b, out[i].caseID, triage.TruePositive)
	if _, err := b.Restore(t.Context(), "sam", "it was a test"); err != nil {
		t.Fatal(err)
	}
	return b
}

func TestVerifyFindsWhatWasDoneToClosings(t *testing.T) {
	t.Parallel()
	const one = `(SELECT MIN(verdict) FROM closings WHERE picked = 0)`
	rows := map[string]struct {
		statement string
		where     string // it was found, and what was
		what      string
	}{
		"an audit that was due hidden":    {`UPDATE closings SET picked = 0 WHERE picked = 1`, "closings", "was changed"},
		"its probability raised":          {`UPDATE closings SET q = 0.9 WHERE verdict = ` + one, "closings", "was changed"},
		"its score lowered":               {`UPDATE closings SET score = score - 1 WHERE verdict = ` + one, "closings", "was changed"},
		"a closing removed":               {`DELETE FROM closings WHERE verdict = ` + one, "closings", "is missing"},
		"a closing added":                 {`INSERT INTO closings SELECT 'sha256:beef', verdict, score, threshold, q, picked, at, seq FROM closings WHERE verdict = ` + one, "closings", "no record"},
		"a closing added of before":       {`INSERT INTO closings SELECT 'sha256:beef', verdict, score, threshold, q, picked, at, 0 FROM closings WHERE verdict = ` + one, "closings", "no record"},
		"a closing and its digest":        {`UPDATE closings SET q = 0.9 WHERE verdict = ` + one + `; DELETE FROM kept WHERE precedent <> '' AND verdict = ` + one, "kept", "digests"},
		"all digests":                     {`DELETE FROM kept`, "kept", "gone"},
		"a digest added":                  {`INSERT INTO kept SELECT 1, verdict, precedent, digest FROM kept LIMIT 1`, "kept", "does not speak of"},
		"a case made a closed verdict":    {`UPDATE verdicts SET route = 0 WHERE route = 1`, "verdicts", "was changed"},
		"a verdict's document swapped":    {`UPDATE verdicts SET document = (SELECT document FROM verdicts ORDER BY id LIMIT 1)`, "verdicts", "was changed"},
		"a verdict removed":               {`DELETE FROM verdicts WHERE id = ` + one, "verdicts", "is missing"},
		"a verdict added":                 {`INSERT INTO verdicts SELECT 'v-0', case_id, fingerprint, format, rule, host, title, first_time, last_time, count, route, would_close, disposition, probability, severity, score, document, run, received FROM verdicts LIMIT 1`, "verdicts", "no record"},
		"an alert removed":                {`DELETE FROM alerts WHERE id = 'b3'`, "alerts", "the journal tells of 10, the book holds 9"},
		"an alert's bytes swapped":        {`UPDATE alerts SET body = (SELECT body FROM alerts WHERE id = 'b4') WHERE id = 'b3'`, "alerts", "is not what was received"},
		"a case closed by nobody":         {`UPDATE cases SET status = 'closed' WHERE status = 'open'`, "cases", "no record of the journal tells by whom"},
		"a closed case said to be benign": {`UPDATE cases SET disposition = 'benign_positive' WHERE status = 'closed'`, "cases", "was closed as true_positive"},
		"a closed case opened":            {`UPDATE cases SET status = 'open'`, "cases", "is open or missing"},
		"a case removed":                  {`DELETE FROM cases WHERE status = 'open'`, "cases", "the case of this verdict is missing"},
		"a decision taken back":           {`UPDATE decisions SET undone = (SELECT MAX(seq) FROM journal)`, "decisions", "was taken back"},
		"an alarm removed":                {`DELETE FROM alarms`, "alarms", "is missing"},
		"an alarm that stands again":      {`UPDATE alarms SET restored = NULL`, "alarms", "against what the record says"},
		"alpha raised":                    {`UPDATE precedents SET alpha = 0.2`, "precedents", "something else"},
		"since when it is used":           {`UPDATE precedents SET first = first - 1`, "precedents", "something else"},
		"its certificate":                 {`UPDATE precedents SET document = '{"by":"eve"}'`, "precedents", "something else"},
		"a precedent removed":             {`DELETE FROM precedents`, "precedents", "is missing"},
		"the key of the audits":           {`UPDATE secrets SET value = x'00'`, "secrets", "another"},
		"no key of the audits":            {`DELETE FROM secrets`, "secrets", "missing"},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, path := closed(t)
			p, err := b.Verify(t.Context())
			if err != nil || p.Err() != nil || p.Untold != 0 || p.Closings != 8 || p.Alarms != 1 || p.Decisions != 1 || p.Verdicts != 10 || p.Alerts != 10 {
				t.Fatalf("before: %+v %v", p, err)
			}
			for s := range strings.SplitSeq(row.statement, ";") {
				run(t, path, s)
			}
			if p, err = b.Verify(t.Context()); err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(p.Findings, func(f casebook.Finding) bool { return f.Where == row.where && strings.Contains(f.What, row.what) }) {
				t.Errorf("found %+v", p.Findings)
			}
		})
	}
}

// A verdict that was put back to what it said before it was raised is found, though its row agrees with the record that wrote it first.
func TestVerifyFindsAnOlderVerdict(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	b := open(t, path)
	triageInto(t, b, []string{line("host-1", "a-1", 0, "cmd.exe")})
	run(t, path, `CREATE TABLE aside AS SELECT * FROM verdicts`)
	triageInto(t, b, []string{line("host-1", "a-1", 0, "cmd.exe"), line("host-1", "a-2", 1, "evil.exe")})
	if err := b.Holds(t.Context()); err != nil {
		t.Fatal(err)
	}
	run(t, path, `UPDATE verdicts SET (route, would_close, disposition, probability, severity, score, document, run) = (SELECT route, would_close, disposition, probability, severity, score, document, run FROM aside)`)
	p, err := b.Verify(t.Context())
	if err != nil || len(p.Findings) != 3 || p.Findings[1].What != "is not what the record wrote last" || p.Findings[1].Record != 2 || p.Findings[2].Where != "cases" {
		t.Errorf("found %+v, %v", p, err)
	}
}

// What an earlier version wrote is not a finding: its records tell of no rows.
func TestVerifySaysWhatItCannotTell(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	b := open(t, path)
	triageInto(t, b, export(0, 2, 1))
	// As an earlier version left it.
	run(t, path, `DELETE FROM kept`)
	run(t, path, `UPDATE alerts SET seq = 0`)
	run(t, path, `UPDATE journal SET what = substr(what, 1, instr(what, ',"kept"') - 1) || '}'`)
	casebook.Rechain(t, b)
	triageInto(t, b, export(2, 5, 1))
	p, err := b.Verify(t.Context())
	if err != nil || p.Err() != nil || p.Untold != 2 || p.Partly != 2 || p.Verdicts != 5 {
		t.Errorf("found %+v, %v", p, err)
	}
}

// Merging and splitting move verdicts with a record each; moving one without is how a case would be hidden in another that is closed.
func TestVerifyFindsAVerdictThatWasMoved(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	b := open(t, path)
	list := triageInto(t, b, export(0, 3, 1))
	if _, err := b.Merge(t.Context(), list[0].caseID, []string{list[1].caseID, list[2].caseID}, "ann", "one mail"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Split(t.Context(), list[0].caseID, []string{list[2].id}, "ann", "another"); err != nil {
		t.Fatal(err)
	}
	if err := b.Holds(t.Context()); err != nil {
		t.Fatal(err)
	}
	run(t, path, `UPDATE verdicts SET case_id = '`+list[0].caseID+`' WHERE id = '`+list[2].id+`'`)
	p, err := b.Verify(t.Context())
	want := "is in case " + list[0].caseID + ", and the journal tells of " + list[2].caseID
	if err != nil || len(p.Findings) != 2 || p.Findings[0].What != want || p.Findings[0].ID != list[2].id || p.Findings[1].What != "has no verdict" {
		t.Errorf("found %+v, %v", p, err)
	}
}

// What waits is what arrived, and a case is as urgent as its most urgent verdict.
func TestVerifyFindsWhatWasDoneToWhatWaits(t *testing.T) {
	t.Parallel()
	for statement, want := range map[string]string{
		`UPDATE waiting SET body = (SELECT body FROM arrivals)`: "waiting x-1 is not what was received",
		`UPDATE arrivals SET body = (SELECT body FROM waiting)`: "arrivals a is not what was received",
		`UPDATE cases SET route = 0 WHERE route = 2`:            "is less urgent, or more, than its verdicts",
	} {
		path := newPath(t)
		b := open(t, path)
		list := triageInto(t, b, []string{line("ws-1", "a", 1, "cmd.exe"), line("ws-2", "b", 2, "cmd.exe"), line("ws-3", "c", 3, "evil.exe")})
		into := casebook.Adoption{Into: list[0].caseID, From: []casebook.Joining{{Case: list[1].caseID, Reason: "one host"}, {Case: list[2].caseID, Reason: "one host"}}}
		if _, err := b.Adopt(t.Context(), []casebook.Adoption{into}); err != nil {
			t.Fatal(err)
		}
		await(t, path, clock(), pendings(t, line("x", "x-1", 1, "cmd.exe")))
		if _, err := b.Arrive(t.Context(), "siem", []alert.Pulled{pulled("a", "1", line("y", "y-1", 1, "cmd.exe"))}, true); err != nil {
			t.Fatal(err)
		}
		holds(t, b)
		run(t, path, statement)
		if err := b.Holds(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", statement, err)
		}
	}
}
