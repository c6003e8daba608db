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
	if len(e.heard) != 4 || e.heard[3].Title != "soc: 220 to escalate" {
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

func TestAMemoryThatMakesNoSenseIsBegunAnewAndSaidSo(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{"broken": "{", "large": strings.Repeat(" ", 9<<20), "hollow": `{"Ways":{"night":null}}`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, c := &ear{}, &clock{time.Date(2026, 3, 3, 12, 0, 0, 0, time.UTC)}
			d := desk(t, e, c, nil)
			for _, file := range []string{d.Memory.Path, d.Memory.Path + ".lock"} { // the lock of a process that was killed
				if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			d.Tell(say(1))
			trouble := d.Flush(t.Context())
			if said := len(trouble) == 1 && !trouble[0].Held && strings.Contains(trouble[0].Err.Error(), "begun anew"); said != (name != "hollow") || len(e.heard) != 1 {
				t.Fatalf("%+v %+v", trouble, e.heard)
			}
			d.Tell(say(1))
			if trouble := d.Flush(t.Context()); trouble != nil || len(e.heard) != 1 {
				t.Errorf("%+v %+v", trouble, e.heard)
			}
		})
	}
}

func TestAMemoryThatCannotBeWrittenIsThatOfTheProcess(t *testing.T) {
	t.Parallel()
	e, c := &ear{}, &clock{time.Date(2026, 3, 3, 12, 0, 0, 0, time.UTC)}
	d := desk(t, e, c, nil)
	d.Memory.Path = filepath.Join(t.TempDir(), "gone", "told.json")
	d.Tell(say(1))
	if trouble := d.Flush(t.Context()); len(trouble) != 1 || !strings.Contains(trouble[0].Err.Error(), "cannot be kept") || len(e.heard) != 0 {
		t.Fatalf("without a lock two processes tell the same: %+v %+v", trouble, e.heard)
	}
	if err := os.MkdirAll(filepath.Join(d.Memory.Path, "in-the-way"), 0o700); err != nil { // nothing is renamed onto it
		t.Fatal(err)
	}
	if trouble := d.Flush(t.Context()); len(trouble) != 1 {
		t.Fatalf("%+v", trouble)
	}
	if err := os.RemoveAll(d.Memory.Path); err != nil {
		t.Fatal(err)
	}
	if trouble := d.Flush(t.Context()); trouble != nil || len(e.heard) != 1 {
		t.Fatalf("%+v %+v", trouble, e.heard)
	}
	without := &notify.Desk{Ways: []notify.Way{d.Ways[0]}, Now: c.now}
	without.Ways[0].PerHour = 1
	for i := range 3 {
		without.Tell(say(10 + i))
		without.Flush(t.Context())
	}
	if len(e.heard) != 2 {
		t.Errorf("without a file the hour is not kept to: %d", len(e.heard))
	}
}

// What is told, held and known stays bounded, however much there is, and the file can be read again.
func TestTooMuchIsCounted(t *testing.T) {
	t.Parallel()
	e, c := &ear{}, &clock{time.Date(2026, 3, 3, 23, 30, 0, 0, time.UTC)}
	d := desk(t, e, c, func(w *notify.Way) { w.Quiet = notify.Quiet{From: 22 * time.Hour, To: 6 * time.Hour, Zone: time.UTC} })
	other := d.Ways[0]
	other.Name, other.Quiet = "day", notify.Quiet{}
	d.Ways = append(d.Ways, other)
	const all = 12_000
	for i := range all {
		d.Tell(say(i))
	}
	trouble := d.Flush(t.Context())
	if len(trouble) != 1 || trouble[0].Held || !errors.Is(trouble[0].Err, notify.ErrQuiet) || len(e.heard) != 1 || e.heard[0].Title != "soc: 12000 to escalate" || !slices.Contains(e.heard[0].Lines, "and 11980 more") {
		t.Fatalf("%+v %+v", trouble, e.heard)
	}
	c.at = c.at.Add(7 * time.Hour)
	if trouble := d.Flush(t.Context()); trouble != nil || len(e.heard) != 2 || e.heard[1].Title != "soc: 12000 to escalate" || e.heard[1].Lines[0] != "alert 9800  (soc cases show c-9800)" {
		t.Fatalf("%+v %.300v", trouble, e.heard[1:])
	}
	for i := range 2 * all {
		if d.Tell(say(all + i)); i%all == all-1 {
			c.at = c.at.Add(time.Hour)
			d.Flush(t.Context())
		}
	}
	if st, err := os.Stat(d.Memory.Path); err != nil || st.Size() > 8<<20 {
		t.Errorf("%v %v", st, err)
	}
}

// Two hundred things of fifty kilobytes are more than the file takes: the oldest are counted only.
func TestTheFileCanAlwaysBeReadAgain(t *testing.T) {
	t.Parallel()
	e, c := &ear{err: errors.New("no route")}, &clock{time.Date(2026, 3, 3, 12, 0, 0, 0, time.UTC)}
	d := desk(t, e, c, nil)
	for i := range 200 {
		m := say(i)
		m.Lines = []string{strings.Repeat("x", 50_000)}
		d.Tell(m)
	}
	if trouble := d.Flush(t.Context()); len(trouble) != 1 || !trouble[0].Held {
		t.Fatalf("%+v", trouble)
	}
	e.err, c.at = nil, c.at.Add(6*time.Minute)
	if trouble := d.Flush(t.Context()); trouble != nil || len(e.heard) != 1 || e.heard[0].Title != "soc: 200 to escalate" || e.heard[0].Lines[0] != "alert 100  (soc cases show c-100)" {
		t.Errorf("%+v %.300v", trouble, e.heard)
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
