package casebook_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/triage"
)

// watched is a book that raises the alarm at the second attack among closed groups, and its first cases.
func watched(t *testing.T) (b *casebook.Book, path string, cases []string) {
	t.Helper()
	path = newPath(t)
	b, err := casebook.Open(t.Context(), path, casebook.Options{Now: clock, Weigh: func(a *casebook.Account) (float64, bool) {
		_, attacks := a.Found()
		return float64(attacks), attacks >= 2
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	out, _ := closeInto(t, b, backups(0, 8), picks(1))
	for _, p := range out {
		cases = append(cases, p.caseID)
	}
	return b, path, cases
}

func standing(t *testing.T, b *casebook.Book) int {
	t.Helper()
	list, err := b.Alarms(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

func TestAttacksAmongClosedGroupsRaiseTheAlarmOnce(t *testing.T) {
	t.Parallel()
	b, _, cases := watched(t)
	decide(t, b, cases[0], triage.TruePositive)
	decide(t, b, cases[1], triage.FalsePositive)
	decide(t, b, cases[2], triage.Undetermined) // nobody knows: it stays open
	if standing(t, b) != 0 {
		t.Fatal("an alarm after one attack")
	}
	decide(t, b, cases[3], triage.TruePositive)
	decide(t, b, cases[4], triage.TruePositive)
	if standing(t, b) != 1 {
		t.Fatalf("%d alarms after three attacks", standing(t, b))
	}
	a, err := b.Account(t.Context(), certificate)
	if err != nil || a.Alarm == nil || !a.Alarm.At.Equal(clock()) || len(a.Audits) != 4 || a.Picked != 8 || a.Attacks != 3 {
		t.Errorf("the account says %+v, %v", a, err)
	}
	// Taking the decisions back does not take the alarm back: only a person's word does.
	for _, i := range []int{0, 3, 4} {
		if _, err := b.Reopen(t.Context(), cases[i], "analyst-1", "a mistake"); err != nil {
			t.Fatal(err)
		}
	}
	if a, err = b.Account(t.Context(), certificate); err != nil || a.Alarm == nil || len(a.Audits) != 1 {
		t.Errorf("after taking back: %+v, %v", a, err)
	}
	if err := b.Holds(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestAPersonRestores(t *testing.T) {
	t.Parallel()
	b, path, cases := watched(t)
	if list, err := b.Restore(t.Context(), "sam", "nothing to restore"); err != nil || list != nil {
		t.Errorf("restored %v, %v", list, err)
	}
	decide(t, b, cases[0], triage.TruePositive)
	decide(t, b, cases[1], triage.TruePositive)
	list, err := b.Restore(t.Context(), "sam", "the rule was mended")
	if err != nil || !slices.Equal(list, []string{certificate}) || standing(t, b) != 0 {
		t.Fatalf("restored %v, %v", list, err)
	}
	// What was found before counts no more.
	decide(t, b, cases[2], triage.TruePositive)
	if standing(t, b) != 0 {
		t.Error("the old finds raised it again")
	}
	decide(t, b, cases[3], triage.TruePositive)
	if standing(t, b) != 1 {
		t.Error("new finds do not raise it again")
	}
	did := state(t, path, `SELECT who, what FROM journal ORDER BY seq`)
	for _, want := range []string{
		`soc|{"do":"alarm","precedent":"sha256:c0ffee","drift":2,"audits":2,"attacks":2}|`,
		`sam|{"do":"restore","precedents":["sha256:c0ffee"],"reason":"the rule was mended"}|`,
	} {
		if !strings.Contains(did, want) {
			t.Errorf("the journal does not say %s:\n%s", want, did)
		}
	}
	if err := b.Holds(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestVerifyFindsAnAlarmThatWasHushed(t *testing.T) {
	t.Parallel()
	rows := map[string]string{
		"removed":                   `DELETE FROM alarms`,
		"laid on another precedent": `UPDATE alarms SET precedent = 'sha256:beef'`,
		"changed":                   `UPDATE alarms SET what = replace(what, '"attacks":2', '"attacks":1')`,
		"taken back by nobody":      `UPDATE alarms SET restored = 999`,
		"taken back by a decision":  `UPDATE alarms SET restored = (SELECT MIN(seq) FROM decisions)`,
	}
	for name, statement := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, path, cases := watched(t)
			decide(t, b, cases[0], triage.TruePositive)
			decide(t, b, cases[1], triage.TruePositive)
			if err := b.Holds(t.Context()); err != nil {
				t.Fatal(err)
			}
			run(t, path, statement)
			if err := b.Holds(t.Context()); !errors.Is(err, casebook.ErrJournal) {
				t.Errorf("verify says %v", err)
			}
		})
	}
}
