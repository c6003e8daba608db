package casebook_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/triage"
)

// pendings are the alerts of lines, of one group where the host is the same.
func pendings(t *testing.T, lines ...string) (list []casebook.Pending) {
	t.Helper()
	set, err := alert.NewSet(alert.Options{Now: clock(), Zone: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	for i, l := range lines {
		var a alert.Alert
		if _, err := set.NewParser().Parse(&a, []byte(l), nil); err != nil {
			t.Fatal(err)
		}
		fp, _ := triage.FingerprintOf(&a, nil)
		list = append(list, casebook.Pending{Key: casebook.Key{ID: a.ID, Digest: a.Digest}, Fingerprint: fp, Input: alert.Place{Name: "bus", Item: l, Line: int64(i)}, Raw: []byte(l)})
	}
	return list
}

// await keeps alerts at a time of their own.
func await(t *testing.T, path string, at time.Time, list []casebook.Pending) (fresh int64, enqueued int) {
	t.Helper()
	fresh, err := atTime(t, path, at).Await(t.Context(), list, func(_ context.Context, _ *sql.Tx, arrived time.Time) error {
		if enqueued++; !arrived.Equal(at) {
			t.Errorf("arrived at %s, want %s", arrived, at)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return fresh, enqueued
}

func dueAt(t *testing.T, b *casebook.Book, arrived, long time.Time, most int64) (groups, lists int) {
	t.Helper()
	due, err := b.Due(t.Context(), arrived, long, most)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range due {
		groups += len(l)
	}
	return groups, len(due)
}

// The last of a group to arrive brings the whole group; what comes twice waits once; what the book holds does not wait.
func TestTheLastToArriveBringsTheGroup(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	b := open(t, path)
	first, second := clock(), clock().Add(time.Second)
	x1, x2, y := line("x", "x-1", 1, "cmd.exe"), line("x", "x-2", 2, "cmd.exe"), line("y", "y-1", 1, "cmd.exe")
	if fresh, n := await(t, path, first, pendings(t, x1, y)); fresh != 2 || n != 1 {
		t.Errorf("%d fresh, %d enqueued", fresh, n)
	}
	if fresh, n := await(t, path, second, pendings(t, x1, y)); fresh != 0 || n != 0 {
		t.Errorf("the second time %d fresh, %d enqueued", fresh, n)
	}
	await(t, path, second, pendings(t, x2))
	never := time.Unix(0, 0)
	for _, row := range []struct {
		at, long time.Time
		most     int64
		groups   int
	}{
		{first, never, 100, 1},  // y; x goes on
		{second, never, 100, 1}, // x
		{first, second, 100, 2}, // x has waited for long
		{first, never, 2, 2},    // x is large
		{second.Add(time.Second), never, 100, 0},
	} {
		if n, _ := dueAt(t, b, row.at, row.long, row.most); n != row.groups {
			t.Errorf("%+v: %d groups", row, n)
		}
	}
	if n, lists := dueAt(t, b, first, second, 1); n != 2 || lists != 2 {
		t.Errorf("%d groups in %d lists", n, lists)
	}
	triageInto(t, b, []string{x1})
	if fresh, _ := await(t, path, second.Add(time.Hour), pendings(t, x1, line("z", "z", 1, "cmd.exe"))); fresh != 1 {
		t.Errorf("%d fresh, want the one that the book does not hold", fresh)
	}
}

// What waits and what becomes of it change hands in one transaction: the second who judges it stores nothing.
func TestWhatWaitsIsTakenOnce(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	b := open(t, path)
	lines := export(0, 3, 2)
	await(t, path, clock(), pendings(t, lines...))
	due, err := b.Due(t.Context(), clock(), time.Unix(0, 0), 100)
	if err != nil || len(due) != 1 || len(due[0]) != 3 {
		t.Fatal(due, err)
	}
	mine, err := b.Pending(t.Context(), due[0])
	if err != nil || len(mine) != 6 {
		t.Fatal(len(mine), err)
	}
	var raw []string
	for i := range mine {
		raw = append(raw, string(mine[i].Raw))
	}
	judge := func() error {
		r, err := b.Begin(t.Context(), casebook.RunInfo{Command: "triage", Within: func(ctx context.Context, tx *sql.Tx) error { return b.Take(ctx, tx, mine) }})
		if err == nil {
			_, err = feed(t.Context(), r, raw)
		}
		return err
	}
	if err := judge(); err != nil {
		t.Fatal(err)
	}
	before := state(t, path, `SELECT * FROM journal`) + state(t, path)
	if err := judge(); !errors.Is(err, casebook.ErrTaken) {
		t.Errorf("the second time: %v", err)
	}
	if after := state(t, path, `SELECT * FROM journal`) + state(t, path); after != before {
		t.Error("something was stored the second time")
	}
	if n, err := b.Queued(t.Context()); n != 0 || err != nil {
		t.Errorf("%d wait (%v)", n, err)
	}
	var groups int
	last, err := b.Judged(t.Context(), 0, 2, func(p *triage.Passed) {
		if groups++; p.Host == "" || p.First.IsZero() || p.Fingerprint == (triage.Fingerprint{}) {
			t.Errorf("judged %+v", p)
		}
	})
	if err != nil || groups != 2 || last != 3 { // after what came, and what was taken
		t.Errorf("%d groups up to record %d (%v)", groups, last, err)
	}
}
