package casebook_test

import (
	"context"
	"database/sql"
	"slices"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/casebook"
)

func pulled(item, edition, raw string) alert.Pulled {
	return alert.Pulled{Raw: []byte(raw), Item: item, Edition: edition, Changed: clock()}
}

func waiting(t *testing.T, b *casebook.Book, source string) (items []string) {
	t.Helper()
	err := b.Waiting(t.Context(), source, func(a *casebook.Arrival) error {
		items = append(items, a.Item+" "+string(a.Raw)+string(a.View))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return items
}

// What arrived waits until it is an alert of the book, comes once an edition, and leads back from its case.
func TestArrivalsWaitUntilTheyAreJudged(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	b := open(t, path)
	lines := export(0, 2, 1)
	list := []alert.Pulled{pulled("a", "1", lines[0]), pulled("b", "1", lines[1]), pulled("bad", "1", "{")}
	list[2].View = []byte("{}")
	for i, want := range [][]bool{{true, true, true}, {false, false, false}} {
		if fresh, err := b.Arrive(t.Context(), "siem", list, true); err != nil || !slices.Equal(fresh, want) {
			t.Errorf("time %d: %v, %v", i+1, fresh, err)
		}
	}
	if fresh, err := b.Arrive(t.Context(), "siem", []alert.Pulled{pulled("a", "2", lines[0])}, false); err != nil || !fresh[0] {
		t.Errorf("another edition: %v, %v", fresh, err)
	}
	if fresh, err := b.Arrive(t.Context(), "other", list[:1], false); err != nil || !fresh[0] {
		t.Errorf("another source: %v, %v", fresh, err)
	}
	want := []string{"a " + lines[0], "b " + lines[1], "bad {{}"}
	if got := waiting(t, open(t, path), "siem"); !slices.Equal(got, want) {
		t.Errorf("the next process finds %q, want %q", got, want)
	}
	out := triageInto(t, b, lines[:1])
	if got := waiting(t, b, "siem"); !slices.Equal(got, want[1:]) {
		t.Errorf("after one is judged: %q", got)
	}
	if err := b.Drop(t.Context(), "siem", "bad", alert.DigestOf([]byte("{"))); err != nil {
		t.Fatal(err)
	}
	if got := waiting(t, b, "siem"); !slices.Equal(got, want[1:2]) {
		t.Errorf("after one is dropped: %q", got)
	}
	origins, err := b.Origins(t.Context(), out[0].caseID)
	if err != nil || len(origins) != 2 || origins[0].Source != "other" || origins[1].Source != "siem" || origins[1].Item != "a" || !origins[1].Changed.Equal(clock()) {
		t.Errorf("the case came from %+v, %v", origins, err)
	}
	if one, err := b.OriginsOf(t.Context(), out[0].id); err != nil || !slices.Equal(one, origins) {
		t.Errorf("its verdict came from %+v, %v", one, err)
	}
}

// A pull of a window keeps names only; when it ends before it has judged, whoever follows the source judges what it found.
func TestANameAloneIsNotJudged(t *testing.T) {
	t.Parallel()
	b := open(t, newPath(t))
	lines := export(0, 2, 1)
	list := []alert.Pulled{pulled("a", "1", lines[0]), pulled("b", "1", lines[1]), pulled("bad", "1", "{")}
	arrive := func(waits bool, want ...bool) {
		t.Helper()
		if fresh, err := b.Arrive(t.Context(), "siem", list, waits); err != nil || !slices.Equal(fresh, want) {
			t.Errorf("%v, %v, want %v", fresh, err, want)
		}
	}
	arrive(false, true, true, true)
	arrive(false, true, true, true)
	triageInto(t, b, lines[:1])
	if err := b.Drop(t.Context(), "siem", "bad", alert.DigestOf([]byte("{"))); err != nil {
		t.Fatal(err)
	}
	arrive(true, false, true, false)
	if got := waiting(t, b, "siem"); !slices.Equal(got, []string{"b " + lines[1]}) {
		t.Errorf("%q waits", got)
	}
	arrive(true, false, false, false)
}

// An item of which an edition waits for a worker is open: its name is kept without its bytes, which wait elsewhere.
func TestAnItemThatWaitsForAWorkerIsOpen(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	b := open(t, path)
	lines := export(0, 1, 1)
	await(t, path, clock(), pendings(t, lines...))
	if _, err := b.Arrive(t.Context(), "siem", []alert.Pulled{pulled("a", "2", lines[0])}, false); err != nil {
		t.Fatal(err)
	}
	if id, open, err := b.ItemOpen(t.Context(), "siem", "a"); !open || id != "" || err != nil {
		t.Errorf("before it is judged: %q %v %v", id, open, err)
	}
	due, err := b.Due(t.Context(), clock(), time.Unix(0, 0), 100)
	if err != nil {
		t.Fatal(err)
	}
	mine, err := b.Pending(t.Context(), due[0])
	if err == nil {
		err = b.Alone(t.Context(), func(ctx context.Context, tx *sql.Tx) error { return b.Take(ctx, tx, mine) })
	}
	if id, open, oerr := b.ItemOpen(t.Context(), "siem", "a"); open || id != "" || err != nil || oerr != nil {
		t.Errorf("after it was rejected: %q %v %v %v", id, open, err, oerr)
	}
}

// A run over a window that dies before it judged leaves names: whoever follows afterwards takes what they name, once.
func TestNamesOfWhatNobodyJudged(t *testing.T) {
	t.Parallel()
	b := open(t, newPath(t))
	lines := export(0, 2, 1)
	was, now := []alert.Pulled{pulled("a", "1", "{}")}, []alert.Pulled{pulled("a", "1", lines[0])}
	for i, step := range []struct {
		list         []alert.Pulled
		waits, fresh bool
	}{{was, false, true}, {was, false, true}, {now, true, true}, {now, true, false}, {was, false, false}} {
		if fresh, err := b.Arrive(t.Context(), "siem", step.list, step.waits); err != nil || fresh[0] != step.fresh {
			t.Errorf("step %d: %v, %v", i+1, fresh, err)
		}
	}
	if got := waiting(t, b, "siem"); !slices.Equal(got, []string{"a " + lines[0]}) {
		t.Errorf("%q waits", got)
	}
	if former, err := b.JudgedAs(t.Context(), "siem", was); err != nil || len(former) != 0 {
		t.Errorf("not judged yet: %v, %v", former, err)
	}
	triageInto(t, b, lines[:1])
	for _, edition := range []string{"1", "2"} {
		former, err := b.JudgedAs(t.Context(), "siem", []alert.Pulled{pulled("x", "1", "{}"), pulled("a", edition, "{}")})
		if _, ok := former[0]; err != nil || ok || (former[1] == alert.DigestOf([]byte(lines[0]))) != (edition == "1") {
			t.Errorf("edition %s: %v, %v", edition, former, err)
		}
	}
}

func TestNamesAreRemembered(t *testing.T) {
	t.Parallel()
	b := open(t, newPath(t))
	if err := b.Remember(t.Context(), "spool", "a.json", "1"); err != nil {
		t.Fatal(err)
	}
	for edition, want := range map[string]bool{"1": true, "2": false} {
		if got, err := b.Arrived(t.Context(), "spool", "a.json", edition); err != nil || got != want {
			t.Errorf("edition %s: %v, %v", edition, got, err)
		}
	}
	if got := waiting(t, b, "spool"); len(got) != 0 {
		t.Errorf("a name waits: %q", got)
	}
}

func TestAMarkNeverGoesBack(t *testing.T) {
	t.Parallel()
	b := open(t, newPath(t))
	hour := func(h int) time.Time { return clock().Add(time.Duration(h) * time.Hour) }
	for i, row := range []struct {
		set  casebook.Mark
		want time.Time
	}{
		{casebook.Mark{Query: "q", At: hour(2), Seen: hour(2)}, hour(2)},
		{casebook.Mark{Query: "q", At: hour(1), Seen: hour(3)}, hour(2)},
		{casebook.Mark{Query: "q", Failed: hour(3), Failures: 1, Error: "down"}, hour(2)},
		{casebook.Mark{Query: "another", At: hour(1)}, hour(1)},
	} {
		row.set.Source = "siem"
		if err := b.SetMark(t.Context(), row.set); err != nil {
			t.Fatal(err)
		}
		m, err := b.Mark(t.Context(), "siem")
		if err != nil || !m.At.Equal(row.want) || m.Query != row.set.Query || !m.Seen.Equal(row.set.Seen) || m.Failures != row.set.Failures || m.Error != row.set.Error {
			t.Errorf("%d: %+v, %v", i, m, err)
		}
	}
	if m, err := b.Mark(t.Context(), "unknown"); err != nil || !m.At.IsZero() || m.Source != "unknown" {
		t.Errorf("a source that was never read: %+v, %v", m, err)
	}
	if list, err := b.Marks(t.Context()); err != nil || len(list) != 1 {
		t.Errorf("%+v, %v", list, err)
	}
}
