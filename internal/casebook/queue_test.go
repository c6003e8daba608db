package casebook_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/seed-959697dd/soc/internal/casebook"
)

func TestTheQueueIsReadFromAnIndex(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	b := open(t, path)
	fill(t, path, 20_000)
	n, last := 0, &casebook.Case{Route: "escalate", Probability: 1}
	err := b.Cases(t.Context(), casebook.Query{State: casebook.Opened, Limit: 100}, func(c *casebook.Case) error {
		if n++; c.Probability > last.Probability || c.Route != "escalate" || c.Alerts != 1 {
			t.Errorf("%+v comes after %+v", c, last)
		}
		last = c
		return nil
	})
	if err != nil || n != 100 {
		t.Fatal(n, err)
	}
	plan := state(t, path, `EXPLAIN QUERY PLAN SELECT id FROM cases WHERE status = 'open' ORDER BY route DESC, probability DESC, id LIMIT 100`)
	if strings.Contains(plan, "TEMP B-TREE") || strings.Contains(plan, "Sort") {
		t.Errorf("the queue is sorted anew: %s", plan)
	}
}

func TestQueriesChoose(t *testing.T) {
	t.Parallel()
	b := open(t, newPath(t))
	triageInto(t, b, []string{line("ws-1", "a-1", 1, "cmd.exe"), line("ws-2", "a-2", 1, "evil.exe"), line("ws-3", "a-3", 1, "cmd.exe")})
	rows := map[string]struct {
		q     casebook.Query
		found int
	}{
		"all":                  {casebook.Query{}, 3},
		"open":                 {casebook.Query{State: casebook.Opened}, 3},
		"closed":               {casebook.Query{State: casebook.Closed}, 0},
		"escalated":            {casebook.Query{Route: "escalate"}, 1},
		"open and for review":  {casebook.Query{State: casebook.Opened, Route: "review"}, 2},
		"the first two of all": {casebook.Query{Limit: 2}, 2},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			n := 0
			if err := b.Cases(t.Context(), row.q, func(*casebook.Case) error { n++; return nil }); err != nil || n != row.found {
				t.Errorf("%d cases, want %d (%v)", n, row.found, err)
			}
			if all, err := b.Count(t.Context(), row.q); err != nil || row.q.Limit == 0 && all != row.found || row.q.Limit > 0 && all != 3 {
				t.Errorf("counted %d (%v)", all, err)
			}
		})
	}
}

// fill writes n open cases of one verdict each straight into the file.
func fill(t testing.TB, path string, n int) {
	t.Helper()
	run(t, path, fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
		INSERT INTO cases (id, status, opened, title, severity, route, probability, disposition)
		SELECT printf('c-%%06x', i), 'open', i, 'Odd process ' || (i %% 1000), CASE WHEN i %% 7 = 0 THEN 'high' ELSE 'low' END, 1 + (i %% 97 = 0), (i * 7919 %% 1000) / 1000.0, 'undetermined' FROM n`, n))
	run(t, path, `INSERT INTO verdicts (id, case_id, fingerprint, format, rule, host, title, count, route, would_close, disposition, probability, severity, score, document, run)
		SELECT 'v' || substr(id, 2), id, '', 'generic', 'rule ' || (opened % 50), 'ws-' || (opened % 400), title, 1, route, 0, disposition, probability, severity, opened % 9000, zeroblob(1500), 1 FROM cases`)
	run(t, path, `INSERT INTO parties (verdict, kind, value) SELECT id, 'host', host FROM verdicts`)
	run(t, path, `ANALYZE`)
}
