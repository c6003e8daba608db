package tui_test

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/triage"
	"github.com/seed-959697dd/soc/tui"
)

// change does something to a case that is no decision, and remembers both ways.
func (h hand) change(id string, do, back func()) (tui.Made, error) {
	do()
	h.seq++
	h.backs[h.seq], h.again[h.seq] = back, do
	return tui.Made{Case: id, Seq: h.seq}, nil
}

// decided remembers how a decision is made again.
func (h hand) decided(id string, d triage.Decision) {
	h.again[h.seq] = func() {
		h.mu.Unlock()
		defer h.mu.Lock()
		if _, err := h.Decide(context.Background(), id, d); err != nil {
			panic(err)
		}
	}
}

func (h hand) Assign(_ context.Context, id, owner string) (tui.Made, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f := h.find(id)
	was := f.Row.Owner
	return h.change(id, func() { f.Row.Owner = owner }, func() { f.Row.Owner = was })
}

func (h hand) Snooze(_ context.Context, id string, until time.Time) (tui.Made, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f := h.find(id)
	if f.Row.Status == "closed" {
		return tui.Made{}, &tui.TakenError{Case: id, By: f.Row.By, Disposition: f.Row.Disposition}
	}
	was := f.Row.Until
	return h.change(id, func() { f.Row.Until = until }, func() { f.Row.Until = was })
}

func (h hand) Merge(_ context.Context, id string, others []string, _ string) (list []tui.Made, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	into := h.find(id)
	for _, other := range others {
		from, at := h.find(other), slices.IndexFunc(h.cases, func(f *render.CaseFile) bool { return f.Row.ID == other })
		if from == nil {
			return list, errors.New("no such case: " + other)
		}
		made, err := h.change(id, func() {
			h.cases = slices.DeleteFunc(slices.Clone(h.cases), func(f *render.CaseFile) bool { return f == from })
			into.Verdicts = append(slices.Clone(into.Verdicts), from.Verdicts...)
			into.Row.Verdicts += from.Row.Verdicts
		}, func() {
			h.cases = slices.Insert(slices.Clone(h.cases), at, from)
			into.Verdicts = slices.Clone(into.Verdicts[:len(into.Verdicts)-len(from.Verdicts)])
			into.Row.Verdicts -= from.Row.Verdicts
		})
		if err != nil {
			return list, err
		}
		list = append(list, made)
	}
	return list, nil
}

func (h hand) Split(_ context.Context, id string, verdicts []string, _ string) (tui.Made, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f := h.find(id)
	n := int64(len(verdicts))
	all := f.Verdicts
	return h.change(id, func() { f.Row.Verdicts, f.Verdicts = f.Row.Verdicts-n, all[:len(all)-int(n)] }, func() { f.Row.Verdicts, f.Verdicts = f.Row.Verdicts+n, all })
}

func (h hand) Again(_ context.Context, m tui.Made) (tui.Made, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	do, back := h.again[m.Seq], h.backs[m.Seq]
	do()
	if back != nil {
		h.seq++
		h.backs[h.seq], h.again[h.seq] = back, do
	}
	return tui.Made{Case: m.Case, Seq: h.seq}, nil
}
