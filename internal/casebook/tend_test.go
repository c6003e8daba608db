package casebook_test

import (
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/query"
	"github.com/seed-959697dd/soc/triage"
)

// shift is a book whose clock a test turns.
func shift(t *testing.T, lines ...string) (b *casebook.Book, now *time.Time, list []printed) {
	t.Helper()
	at := clock()
	now = &at
	b, err := casebook.Open(t.Context(), newPath(t), casebook.Options{Now: func() time.Time { return *now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b, now, triageInto(t, b, lines)
}

func ids(t *testing.T, b *casebook.Book, state string) (list []string) {
	t.Helper()
	places, err := b.Look(t.Context(), casebook.Look{State: state})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range places {
		list = append(list, p.ID)
	}
	return list
}

// on is the case of a host.
func on(t *testing.T, b *casebook.Book, host string) string {
	t.Helper()
	places, err := b.Look(t.Context(), casebook.Look{Find: []casebook.Term{{Field: "host", Text: host}}})
	if err != nil || len(places) != 1 {
		t.Fatal(places, err)
	}
	return places[0].ID
}

func holds(t *testing.T, b *casebook.Book) {
	t.Helper()
	if err := b.Holds(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestASnoozedCaseComesBackByItself(t *testing.T) {
	t.Parallel()
	b, now, list := shift(t, line("ws-1", "a", 1, "cmd.exe"), line("ws-2", "b", 1, "cmd.exe"))
	id := list[0].caseID
	if _, err := b.Snooze(t.Context(), id, now.Add(4*time.Hour), "maria"); err != nil {
		t.Fatal(err)
	}
	n, wakes, err := b.Standings(t.Context())
	if err != nil || n[casebook.Snoozed] != 1 || n["review"] != 1 || !wakes.Equal(now.Add(4*time.Hour)) {
		t.Errorf("%v %v %v", n, wakes, err)
	}
	if open, aside := ids(t, b, casebook.Opened), ids(t, b, casebook.Snoozed); slices.Contains(open, id) || !slices.Equal(aside, []string{id}) {
		t.Errorf("open %v, snoozed %v", open, aside)
	}
	holds(t, b)
	*now = now.Add(4 * time.Hour)
	if open := ids(t, b, casebook.Opened); !slices.Contains(open, id) {
		t.Errorf("it did not come back: %v", open)
	}
	if n, wakes, err = b.Standings(t.Context()); err != nil || n[casebook.Snoozed] != 0 || !wakes.IsZero() {
		t.Errorf("%v %v %v", n, wakes, err)
	}
	if _, err := b.Snooze(t.Context(), id, now.Add(-time.Second), "maria"); !errors.Is(err, casebook.ErrPassed) {
		t.Errorf("into the past: %v", err)
	}
	holds(t, b)
}

func TestANewAlertWakesItsCase(t *testing.T) {
	t.Parallel()
	b, now, list := shift(t, line("ws-1", "a", 1, "cmd.exe"), line("ws-2", "b", 1, "cmd.exe"))
	for _, p := range list {
		if _, err := b.Snooze(t.Context(), p.caseID, now.Add(time.Hour), "maria"); err != nil {
			t.Fatal(err)
		}
	}
	triageInto(t, b, []string{line("ws-1", "a", 1, "cmd.exe")}) // it is known
	if got := ids(t, b, casebook.Opened); len(got) != 0 {
		t.Errorf("an alert that is known wakes %v", got)
	}
	triageInto(t, b, []string{line("ws-1", "a", 1, "cmd.exe"), line("ws-1", "more", 2, "cmd.exe")})
	if got := ids(t, b, casebook.Opened); !slices.Equal(got, []string{on(t, b, "ws-1")}) {
		t.Errorf("awake: %v", got)
	}
	holds(t, b)
}

func TestWhatWasDoneIsTakenBackAndDoneAgain(t *testing.T) {
	t.Parallel()
	b, now, list := shift(t, line("ws-1", "a", 1, "cmd.exe"), line("ws-2", "b", 1, "cmd.exe"), line("ws-3", "c", 1, "evil.exe"))
	id := list[0].caseID
	owner := func() string {
		c, err := b.Case(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		return c.Owner
	}
	first, err := b.Assign(t.Context(), id[:8], "maria", "maria")
	if err != nil || first.Case != id || owner() != "maria" {
		t.Fatal(first, err, owner())
	}
	second, err := b.Assign(t.Context(), id, "sam", "sam")
	if err != nil {
		t.Fatal(err)
	}
	if err := b.TakeBack(t.Context(), first, "maria", "undone"); !errors.Is(err, casebook.ErrMoved) || owner() != "sam" {
		t.Errorf("what sam did after her stands: %v, %s", err, owner())
	}
	if err := b.TakeBack(t.Context(), second, "sam", "undone"); err != nil || owner() != "maria" {
		t.Errorf("%v %s", err, owner())
	}
	if again, err := b.Again(t.Context(), second, "sam"); err != nil || owner() != "sam" || again.Seq <= second.Seq {
		t.Errorf("%v %s", err, owner())
	}
	aside, err := b.Snooze(t.Context(), id, now.Add(time.Hour), "maria")
	if err == nil {
		err = b.TakeBack(t.Context(), aside, "maria", "undone")
	}
	if got := ids(t, b, casebook.Snoozed); err != nil || len(got) != 0 {
		t.Errorf("%v %v", got, err)
	}
	holds(t, b)

	before := grouping(t, b)
	_, did, err := b.Join(t.Context(), id, []string{list[1].caseID, list[2].caseID}, "maria", "one mail")
	if err != nil || len(did) != 2 {
		t.Fatal(did, err)
	}
	if c, _ := b.Case(t.Context(), id); c.Route != "escalate" || c.Verdicts != 3 {
		t.Errorf("%+v", c)
	}
	for _, d := range slices.Backward(did) {
		if err := b.TakeBack(t.Context(), d, "maria", "undone"); err != nil {
			t.Fatal(err)
		}
	}
	if after := grouping(t, b); !maps.EqualFunc(before, after, slices.Equal) {
		t.Errorf("%v, before the merge %v", after, before)
	}
	if apart, err := b.Apart(t.Context()); err != nil || len(apart) != 0 {
		t.Errorf("nobody said that they stay apart: %v %v", apart, err)
	}
	if err := b.TakeBack(t.Context(), did[0], "maria", "undone"); !errors.Is(err, casebook.ErrMoved) {
		t.Errorf("twice: %v", err)
	}
	joined, err := b.Again(t.Context(), did[0], "maria")
	if err != nil {
		t.Fatal(err)
	}
	into, split, err := b.Detach(t.Context(), id, []string{list[1].id}, "maria", "two mails")
	if err != nil || into != list[1].caseID {
		t.Fatal(into, err)
	}
	if err := b.TakeBack(t.Context(), split, "maria", "undone"); err != nil {
		t.Fatal(err)
	}
	if c, _ := b.Case(t.Context(), id); c.Verdicts != 2 {
		t.Errorf("%+v", c)
	}
	decide(t, b, id, triage.FalsePositive)
	if err := b.TakeBack(t.Context(), joined, "maria", "undone"); !errors.Is(err, casebook.ErrMoved) {
		t.Errorf("it is closed: %v", err)
	}
	if _, err := b.Assign(t.Context(), id, "sam", "sam"); !errors.Is(err, casebook.ErrClosed) {
		t.Errorf("a closed case: %v", err)
	}
	holds(t, b)
}

func TestWhoTendsACaseIsInTheJournal(t *testing.T) {
	t.Parallel()
	for what, statement := range map[string]string{
		"an owner":  `UPDATE cases SET owner = 'eve'`,
		"an absent": `UPDATE cases SET owner = ''`,
		"a snooze":  `UPDATE cases SET snoozed = snoozed + 1`,
		"awake":     `UPDATE cases SET snoozed = NULL`,
	} {
		b, now, list := shift(t, line("ws-1", "a", 1, "cmd.exe"))
		_, err := b.Assign(t.Context(), list[0].caseID, "maria", "sam")
		if err == nil {
			_, err = b.Snooze(t.Context(), list[0].caseID, now.Add(time.Hour), "sam")
		}
		if err != nil {
			t.Fatal(err)
		}
		holds(t, b)
		if err := b.Pool(statement); err != nil {
			t.Fatal(err)
		}
		if err := b.Holds(t.Context()); !errors.Is(err, casebook.ErrJournal) {
			t.Errorf("%s is not found: %v", what, err)
		}
	}
}

func TestAConditionIsAskedOfEveryCase(t *testing.T) {
	t.Parallel()
	b, now, _ := shift(t, line("ws-1", "a", 1, "cmd.exe"), line("ws-1", "a2", 2, "cmd.exe"), line("ws-2", "b", 1, "evil.exe"), line("ws-3", "c", 1, "cmd.exe"))
	if _, err := b.Assign(t.Context(), on(t, b, "ws-2"), "maria", "maria"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Snooze(t.Context(), on(t, b, "ws-3"), now.Add(time.Hour), "maria"); err != nil {
		t.Fatal(err)
	}
	rows := map[string]struct {
		found, undecided int
		state            string
	}{
		`route == "escalate"`:                            {1, 0, casebook.Opened},
		`host == "ws-1" && count == 2`:                   {1, 0, casebook.Opened},
		`host.startsWith("ws-") && user == "user-1"`:     {2, 0, casebook.Opened},
		`"ws-3" in hosts && state == "snoozed"`:          {1, 0, "all"},
		`source == "generic" || rule != ""`:              {3, 0, "all"},
		`owner == "maria"`:                               {1, 0, "all"},
		`by == "maria"`:                                  {0, 3, "all"},
		`first < now && last <= now && verdicts == 1`:    {3, 0, "all"},
		`until > now`:                                    {1, 2, "all"},
		`score > 0 || has(closed) || probability > 2.0`:  {1, 0, "all"},
		`sources.exists(s, s == "nowhere") || rank == 1`: {0, 0, "all"},
	}
	for text, want := range rows {
		q, err := query.Parse(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		got, un, err := b.Ask(t.Context(), casebook.Look{State: want.state, By: casebook.ByHost}, q)
		if err != nil || len(got) != want.found || un.Cases != want.undecided {
			t.Errorf("%s: %v, undecided %+v (%v)", text, got, un, err)
		}
		for _, p := range got {
			if p.Group == "" {
				t.Errorf("%s: %s has no group", text, p.ID)
			}
		}
	}
}

// A case that an alert woke is not put aside again by who takes back what they did before the alert came.
func TestWhatAnAlertWokeStaysAwake(t *testing.T) {
	t.Parallel()
	b, now, _ := shift(t, line("ws-1", "a", 1, "cmd.exe"), line("ws-2", "b", 1, "cmd.exe"))
	id := on(t, b, "ws-1")
	if _, err := b.Snooze(t.Context(), id, now.Add(4*time.Hour), "maria"); err != nil {
		t.Fatal(err)
	}
	shorter, err := b.Snooze(t.Context(), id, now.Add(time.Hour), "maria")
	if err != nil {
		t.Fatal(err)
	}
	triageInto(t, b, []string{line("ws-1", "a", 1, "cmd.exe"), line("ws-1", "more", 2, "cmd.exe")})
	if err := b.TakeBack(t.Context(), shorter, "maria", "undone"); !errors.Is(err, casebook.ErrMoved) {
		t.Errorf("taken back: %v", err)
	}
	if got := ids(t, b, casebook.Snoozed); len(got) != 0 {
		t.Errorf("%v is put aside, and nobody has seen the alert", got)
	}
	holds(t, b)

	// Taking back a merge gives the other case its owner again. What was put aside stays awake: that hides nothing.
	other := on(t, b, "ws-2")
	if _, err := b.Assign(t.Context(), other, "sam", "maria"); err != nil {
		t.Fatal(err)
	}
	_, did, err := b.Join(t.Context(), id, []string{other}, "maria", "one mail")
	if err == nil {
		err = b.TakeBack(t.Context(), did[0], "maria", "undone")
	}
	c, cerr := b.Case(t.Context(), other)
	if err != nil || cerr != nil || c.Owner != "sam" {
		t.Errorf("%+v, %v %v", c, err, cerr)
	}
	if c, err := b.Case(t.Context(), id); err != nil || c.Owner != "" {
		t.Errorf("%+v, %v", c, err)
	}
	holds(t, b)
}
