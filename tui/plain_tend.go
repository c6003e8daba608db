package tui

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/internal/render"
)

// about are the cases that a word is about: the marked ones, else the open one.
func (t *talk) about() ([]string, error) {
	switch {
	case len(t.marked) > 0:
		return t.marked, nil
	case t.file != nil:
		return []string{t.file.Row.ID}, nil
	}
	return nil, errNoneOpen
}

// each does the same to every case that a word is about.
func (t *talk) each(ctx context.Context, what string, do func(ctx context.Context, id string) (Made, error)) error {
	ids, err := t.about()
	if err != nil {
		return err
	}
	d := deed{what: some(ids) + " " + what}
	var fault error
	for _, id := range ids {
		made, err := do(ctx, id)
		if err != nil {
			fault = errors.Join(fault, err)
			continue
		}
		d.made = append(d.made, made)
		t.line("%s %s", id, what)
	}
	t.marked = nil
	t.record(d)
	return fault
}

func (t *talk) record(d deed) {
	if len(d.made) > 0 {
		t.done, t.undid = append(t.done, d), nil
	}
}

func (t *talk) sayRedo(ctx context.Context, _ string) error {
	if len(t.undid) == 0 {
		return errors.New("there is nothing to do again")
	}
	last := t.undid[len(t.undid)-1]
	t.undid = t.undid[:len(t.undid)-1]
	again := deed{what: last.what}
	var fault error
	for _, m := range last.made {
		made, err := t.desk.Decider.Again(ctx, m)
		if err != nil {
			fault = errors.Join(fault, err)
			continue
		}
		again.made = append(again.made, made)
	}
	if len(again.made) > 0 {
		t.done = append(t.done, again)
		t.line("done again: %s", cmp.Or(again.what, some(casesOf(again.made))+" decided as before"))
	}
	return fault
}

func (t *talk) sayAssign(ctx context.Context, rest string) error {
	owner := rest
	switch rest {
	case "":
		owner = t.desk.Me
	case "nobody":
		owner = ""
	}
	what := "assigned to " + render.Short(owner)
	if owner == "" {
		what = "assigned to nobody"
	}
	return t.each(ctx, what, func(ctx context.Context, id string) (Made, error) { return t.desk.Decider.Assign(ctx, id, owner) })
}

func (t *talk) saySnooze(ctx context.Context, rest string) error {
	until, err := ParseUntil(rest, t.now())
	if err != nil {
		return err
	}
	return t.each(ctx, "snoozed until "+render.Moment(until), func(ctx context.Context, id string) (Made, error) {
		return t.desk.Decider.Snooze(ctx, id, until)
	})
}

func (t *talk) sayWake(ctx context.Context, _ string) error {
	return t.each(ctx, "brought back", func(ctx context.Context, id string) (Made, error) {
		return t.desk.Decider.Snooze(ctx, id, time.Time{})
	})
}

func (t *talk) sayMerge(ctx context.Context, reason string) error {
	switch {
	case len(t.marked) < 2:
		return errors.New("mark the cases to merge: mark 1 2")
	case reason == "":
		return errors.New("merging cases needs a reason")
	}
	id, others := t.marked[0], slices.Clone(t.marked[1:])
	made, err := t.desk.Decider.Merge(ctx, id, others, reason)
	if err != nil {
		return err
	}
	t.marked = nil
	d := deed{made: made, what: some(others) + " merged into " + id}
	t.record(d)
	t.line("%s", d.what)
	return nil
}

func (t *talk) saySplit(ctx context.Context, rest string) error {
	names, reason, ok := strings.Cut(rest, " because ")
	switch {
	case t.file == nil:
		return errNoneOpen
	case !ok || strings.TrimSpace(reason) == "":
		return errors.New("splitting a case needs a reason: split v-7f3a because it was the scanner")
	}
	id, verdicts := t.file.Row.ID, strings.Fields(names)
	made, err := t.desk.Decider.Split(ctx, id, verdicts, strings.TrimSpace(reason))
	if err != nil {
		return err
	}
	d := deed{made: []Made{made}, what: render.Plural(int64(len(verdicts)), "verdict", "verdicts") + " split off " + id}
	t.record(d)
	t.line("%s", d.what)
	return nil
}
