package tui

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/triage"
)

func (t *talk) sayMark(_ context.Context, rest string) error {
	switch rest {
	case "all":
		t.marked = slices.Clone(t.ids)
	case "none":
		t.marked = nil
	default:
		for _, name := range strings.Fields(rest) {
			id, err := t.named(name)
			if err != nil {
				return err
			}
			if !slices.Contains(t.marked, id) {
				t.marked = append(t.marked, id)
			}
		}
	}
	t.line("%s marked", render.Plural(int64(len(t.marked)), "case", "cases"))
	return nil
}

func (t *talk) sayClose(ctx context.Context, rest string) error {
	as, reason, _ := strings.Cut(rest, " ")
	d := triage.Decision{Reason: strings.TrimSpace(reason), Certainty: triage.Asserted}
	var ok bool
	if d.Disposition, ok = triage.DispositionOf(as); !ok {
		return fmt.Errorf("close %s: not true_positive, benign_positive, false_positive or undetermined", as)
	}
	if after, ok := strings.CutPrefix(d.Reason, "confirmed "); ok {
		d.Reason, d.Certainty = strings.TrimSpace(after), triage.Confirmed
	}
	if d.Reason == "" {
		return errors.New("a decision needs a reason")
	}
	ids, err := t.about()
	if err != nil {
		return err
	}
	return t.decide(ctx, ids, d)
}

func (t *talk) decide(ctx context.Context, ids []string, d triage.Decision) error {
	var made []Made
	var fault error
	for _, id := range ids {
		m, err := t.desk.Decider.Decide(ctx, id, d)
		if err != nil {
			fault = errors.Join(fault, err)
			continue
		}
		made = append(made, m)
		t.line("%s is %s, %s", id, strings.ReplaceAll(d.Disposition.String(), "_", " "), d.Certainty)
	}
	t.marked = nil
	if len(made) > 0 {
		t.done, t.undid = append(t.done, deed{made: made}), nil
	}
	return fault
}

func (t *talk) sayUndo(ctx context.Context, _ string) error {
	if len(t.done) == 0 {
		return errors.New("there is nothing to take back")
	}
	last := t.done[len(t.done)-1]
	t.done = t.done[:len(t.done)-1]
	var fault error
	back := deed{what: last.what}
	for _, m := range slices.Backward(last.made) {
		if err := t.desk.Decider.Withdraw(ctx, m); err != nil {
			fault = errors.Join(fault, err)
			continue
		}
		back.made = append([]Made{m}, back.made...)
		if last.what == "" {
			t.line("%s is open again", m.Case)
		}
	}
	if len(back.made) > 0 {
		t.undid = append(t.undid, back)
		if last.what != "" {
			t.line("taken back: %s", last.what)
		}
	}
	return fault
}

func (t *talk) sayNote(ctx context.Context, rest string) error {
	switch {
	case t.file == nil:
		return errNoneOpen
	case rest == "":
		return errors.New("an empty note")
	}
	err := t.desk.Decider.Note(ctx, t.file.Row.ID, rest)
	if err == nil {
		t.line("noted on %s", t.file.Row.ID)
	}
	return err
}
