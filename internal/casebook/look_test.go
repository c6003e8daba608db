package casebook_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/query"
	"github.com/seed-959697dd/soc/triage"
)

// looked is three cases: one escalated on ws-2, two to review.
func looked(t *testing.T) (*casebook.Book, []string) {
	t.Helper()
	b := open(t, newPath(t))
	triageInto(t, b, []string{line("ws-1", "a-1", 1, "cmd.exe"), line("ws-2", "a-2", 2, "evil.exe"), line("ws-3", "a-3", 3, "cmd.exe")})
	list, err := b.Look(t.Context(), casebook.Look{})
	if err != nil || len(list) != 3 {
		t.Fatal(list, err)
	}
	var ids []string
	for _, p := range list {
		ids = append(ids, p.ID)
	}
	return b, ids
}

func TestALookFindsWhatItAsksFor(t *testing.T) {
	t.Parallel()
	b, ids := looked(t)
	decide(t, b, ids[2], triage.FalsePositive)
	rows := map[string]struct {
		l    casebook.Look
		want int
	}{
		"open":                     {casebook.Look{State: casebook.Opened}, 2},
		"a word of the host":       {casebook.Look{Find: []casebook.Term{{Text: "WS-2"}}}, 1},
		"a host":                   {casebook.Look{Find: []casebook.Term{{Field: "host", Text: "ws"}}}, 3},
		"not a host":               {casebook.Look{Find: []casebook.Term{{Field: "host", Text: "ws-2", Not: true}}}, 2},
		"a route by its beginning": {casebook.Look{Find: []casebook.Term{{Field: "route", Text: "esc"}}}, 1},
		"an unknown route":         {casebook.Look{Find: []casebook.Term{{Field: "route", Text: "nowhere"}}}, 0},
		"what it was":              {casebook.Look{Find: []casebook.Term{{Field: "as", Text: "false"}}}, 1},
		"a percent sign is none":   {casebook.Look{Find: []casebook.Term{{Text: "%"}}}, 0},
		"a limit":                  {casebook.Look{Limit: 2}, 2},
	}
	for name, row := range rows {
		list, err := b.Look(t.Context(), row.l)
		if err != nil || len(list) != row.want {
			t.Errorf("%s: %d cases, want %d (%v)", name, len(list), row.want, err)
		}
	}
	if _, err := b.Look(t.Context(), casebook.Look{Find: []casebook.Term{{Field: "colour", Text: "x"}}}); !errors.Is(err, casebook.ErrNoField) {
		t.Errorf("an unknown field: %v", err)
	}
	grouped, err := b.Look(t.Context(), casebook.Look{By: casebook.ByHost})
	if err != nil || grouped[0].Group != "ws-2" {
		t.Errorf("the escalated case does not come first, in its group: %v %v", grouped, err)
	}
}

func TestRowsComeInTheOrderAskedFor(t *testing.T) {
	t.Parallel()
	b, ids := looked(t)
	slices.Reverse(ids)
	rows, err := b.Rows(t.Context(), append([]string{"c-none"}, ids...))
	if err != nil || len(rows) != 3 {
		t.Fatal(rows, err)
	}
	for i := range rows {
		if rows[i].ID != ids[i] || rows[i].Rule == "" || rows[i].Alerts != 1 {
			t.Errorf("row %d: %+v, want %s", i, rows[i], ids[i])
		}
	}
	n, _, err := b.Standings(t.Context())
	if err != nil || n["escalate"] != 1 || n["review"] != 2 || n["closed"] != 0 {
		t.Errorf("%v %v", n, err)
	}
}

func TestWhoUndoesTakesBackTheirOwnDecisionOnly(t *testing.T) {
	t.Parallel()
	b, ids := looked(t)
	mine, err := b.Settle(t.Context(), ids[0], triage.Decision{Disposition: triage.FalsePositive, Reason: "scanner", By: "maria", Certainty: triage.Asserted})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Reopen(t.Context(), ids[0], "sam", "no scanner there"); err != nil {
		t.Fatal(err)
	}
	if err := b.TakeBack(t.Context(), mine, "maria", "undone"); !errors.Is(err, casebook.ErrOpen) {
		t.Errorf("an open case: %v", err)
	}
	decide(t, b, ids[0], triage.TruePositive)
	if err := b.TakeBack(t.Context(), mine, "maria", "undone"); !errors.Is(err, casebook.ErrMoved) {
		t.Errorf("another decision stands: %v", err)
	}
	other, err := b.Settle(t.Context(), ids[1], triage.Decision{Disposition: triage.FalsePositive, Reason: "scanner", By: "maria", Certainty: triage.Asserted})
	if err == nil {
		err = b.TakeBack(t.Context(), other, "maria", "undone")
	}
	if err != nil {
		t.Fatal(err)
	}
	if c, err := b.Case(t.Context(), ids[1]); err != nil || c.Status != casebook.Opened {
		t.Errorf("%+v %v", c, err)
	}
}

func TestSimilarCasesAreDecidedOnes(t *testing.T) {
	t.Parallel()
	b, ids := looked(t)
	if list, err := b.Similar(t.Context(), ids[1], 5); err != nil || len(list) != 0 {
		t.Errorf("nothing is decided, yet %v %v", list, err)
	}
	decide(t, b, ids[2], triage.FalsePositive)
	list, err := b.Similar(t.Context(), ids[1], 5)
	if err != nil || len(list) != 1 || list[0].Case != ids[2] || list[0].Disposition != "false_positive" || list[0].Same {
		t.Errorf("%+v %v", list, err)
	}
}

func TestAnAuditLooksLikeAnyOtherUntilItIsDecided(t *testing.T) {
	t.Parallel()
	b := open(t, newPath(t))
	closeInto(t, b, backups(0, 3), picks(1))
	list, err := b.Look(t.Context(), casebook.Look{State: casebook.Opened})
	if err != nil || len(list) == 0 {
		t.Fatal(list, err)
	}
	id := list[0].ID
	if was, err := b.WasPicked(t.Context(), id); was || err != nil {
		t.Errorf("an open case says that it is an audit (%v)", err)
	}
	decide(t, b, id, triage.FalsePositive)
	if was, err := b.WasPicked(t.Context(), id); !was || err != nil {
		t.Errorf("a decided audit does not say so (%v)", err)
	}
}

// BenchmarkLook reads what a screen reads over 100,000 open cases.
func BenchmarkLook(b *testing.B) {
	path := newPath(b)
	book := open(b, path)
	fill(b, path, 100_000)
	rows := map[string]casebook.Look{
		"first":  {State: casebook.Opened, Limit: 200},
		"all":    {State: casebook.Opened},
		"filter": {State: casebook.Opened, Find: []casebook.Term{{Text: "process 77"}}},
		"host":   {State: casebook.Opened, Find: []casebook.Term{{Field: "host", Text: "ws-12"}}},
		"groups": {State: casebook.Opened, By: casebook.ByRule},
	}
	for name, l := range rows {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := book.Look(b.Context(), l); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	for name, text := range map[string]string{
		"asked of the case":    `severity == "high" && probability > 0.5`,
		"asked of its verdict": `rule == "rule 7" && score > 100`,
		"asked of its parties": `"ws-7" in hosts`,
	} {
		q, err := query.Parse(text)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if list, _, err := book.Ask(b.Context(), casebook.Look{State: casebook.Opened}, q); err != nil || len(list) == 0 {
					b.Fatal(len(list), err)
				}
			}
		})
	}
	list, err := book.Look(b.Context(), casebook.Look{State: casebook.Opened, Limit: 64})
	if err != nil {
		b.Fatal(err)
	}
	var ids []string
	for _, p := range list {
		ids = append(ids, p.ID)
	}
	b.Run("rows", func(b *testing.B) {
		for b.Loop() {
			if _, err := book.Rows(b.Context(), ids); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("standings", func(b *testing.B) {
		for b.Loop() {
			if _, _, err := book.Standings(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
}
