package notify_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/internal/notify"
)

// ear is a sender that keeps what it is told, or fails.
type ear struct {
	heard []notify.Message
	err   error
}

func (e *ear) Send(_ context.Context, m notify.Message) error {
	if e.err == nil {
		e.heard = append(e.heard, m)
	}
	return e.err
}

type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func desk(t *testing.T, e *ear, c *clock, change func(*notify.Way)) *notify.Desk {
	t.Helper()
	w := notify.Way{Name: "night", On: []string{"escalate", "receipt"}, Sender: e}
	if change != nil {
		change(&w)
	}
	return &notify.Desk{Ways: []notify.Way{w}, Memory: &notify.Memory{Path: filepath.Join(t.TempDir(), "told.json")}, Now: c.now}
}

func say(i int) notify.Message {
	return notify.Message{On: "escalate", Key: fmt.Sprint("v-", i), Title: fmt.Sprint("alert ", i), Paste: fmt.Sprint("soc cases show c-", i)}
}

func TestManyThingsAreToldTogetherAndOnce(t *testing.T) {
	t.Parallel()
	e, c := &ear{}, &clock{time.Date(2026, 3, 3, 12, 0, 0, 0, time.UTC)}
	d := desk(t, e, c, nil)
	for range 2 { // the same run twice
		for i := range 25 {
			d.Tell(say(i))
		}
		d.Tell(notify.Message{On: "approval", Key: "p", Title: "nobody asked for this"})
		if trouble := d.Flush(t.Context()); trouble != nil {
			t.Fatal(trouble)
		}
	}
	if len(e.heard) != 1 || e.heard[0].Title != "soc: 25 to escalate" || !slices.Contains(e.heard[0].Lines, "and 5 more") || e.heard[0].Lines[0] != "alert 0  (soc cases show c-0)" {
		t.Fatalf("%+v", e.heard)
	}
	c.at = c.at.Add(25 * time.Hour)
	d.Tell(say(1))
	if d.Flush(t.Context()); len(e.heard) != 2 || e.heard[1].Title != "alert 1" {
		t.Errorf("the next day: %+v", e.heard)
	}
}

func TestNobodyIsWokenForLittleAndNothingIsLost(t *testing.T) {
	t.Parallel()
	e, c := &ear{}, &clock{time.Date(2026, 3, 3, 23, 30, 0, 0, time.UTC)}
	quiet := func(w *notify.Way) { w.Quiet = notify.Quiet{From: 22 * time.Hour, To: 6 * time.Hour, Zone: time.UTC} }
	d := desk(t, e, c, quiet)
	d.Tell(say(1))
	trouble := d.Flush(t.Context())
	if len(e.heard) != 0 || len(trouble) != 1 || !trouble[0].Held || !errors.Is(trouble[0].Err, notify.ErrQuiet) {
		t.Fatalf("%+v %+v", e.heard, trouble)
	}
	other := &notify.Desk{Ways: d.Ways, Memory: d.Memory, Now: c.now} // another process
	c.at = c.at.Add(7 * time.Hour)
	other.Tell(say(2))
	if trouble := other.Flush(t.Context()); trouble != nil || len(e.heard) != 1 || e.heard[0].Title != "soc: 2 to escalate" {
		t.Fatalf("%+v %+v", e.heard, trouble)
	}
	c.at = c.at.Add(17 * time.Hour)
	urgent := say(3)
	urgent.Urgent = true
	d.Tell(urgent)
	if trouble := d.Flush(t.Context()); trouble != nil || len(e.heard) != 2 {
		t.Errorf("what is urgent waits: %+v", trouble)
	}
}

func TestNoFlood(t *testing.T) {
	t.Parallel()
	e, c := &ear{}, &clock{time.Date(2026, 3, 3, 12, 0, 0, 0, time.UTC)}
	d := desk(t, e, c, func(w *notify.Way) { w.PerHour = 3 })
	for i := range 25 {
		c.at = c.at.Add(time.Second)
		for k := range 10 {
			d.Tell(say(10*i + k))
		}
		d.Flush(t.Context())
	}
	if len(e.heard) != 3 {
		t.Fatalf("%d messages within the hour", len(e.heard))
	}
	c.at = c.at.Add(time.Hour)
	d.Flush(t.Context())
	if len(e.heard) != 4 || e.heard[3].Title != "soc: 200 to escalate" {
		t.Errorf("%+v", e.heard[3:])
	}
}

func TestWhatWasNotTakenIsToldLater(t *testing.T) {
	t.Parallel()
	e, c := &ear{err: errors.New("no route")}, &clock{time.Date(2026, 3, 3, 12, 0, 0, 0, time.UTC)}
	d := desk(t, e, c, nil)
	d.Tell(say(1))
	if trouble := d.Flush(t.Context()); len(trouble) != 1 || trouble[0].Err.Error() != "no route" {
		t.Fatal(trouble)
	}
	e.err = nil
	d.Tell(say(2))
	if trouble := d.Flush(t.Context()); len(trouble) != 1 || !errors.Is(trouble[0].Err, notify.ErrRest) {
		t.Fatal(trouble)
	}
	c.at = c.at.Add(6 * time.Minute)
	if trouble := d.Flush(t.Context()); trouble != nil || len(e.heard) != 1 || len(e.heard[0].Lines) != 2 {
		t.Errorf("%+v %+v", trouble, e.heard)
	}
}

func TestAMemoryThatCannotBeReadIsToldOf(t *testing.T) {
	t.Parallel()
	e, c := &ear{}, &clock{time.Now()}
	d := desk(t, e, c, nil)
	if err := os.WriteFile(d.Memory.Path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	d.Tell(say(1))
	if trouble := d.Flush(t.Context()); len(trouble) != 1 || !strings.Contains(trouble[0].Err.Error(), "cannot be kept") {
		t.Error(trouble)
	}
	if err := os.Remove(d.Memory.Path); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(d.Memory.Path+".lock", 0o700); err != nil { // of a process that was killed
		t.Fatal(err)
	}
	c.at = c.at.Add(time.Hour)
	if trouble := d.Flush(t.Context()); trouble != nil || len(e.heard) != 1 {
		t.Errorf("%+v %+v", trouble, e.heard)
	}
}

func TestADeskWithoutWaysIsNone(t *testing.T) {
	t.Parallel()
	var d *notify.Desk
	d.Tell(say(1))
	if d.Flush(t.Context()) != nil || d.Wants("escalate") {
		t.Error("it is")
	}
}
