package cmd

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/respond"
	"github.com/seed-959697dd/soc/triage"
)

// mostWrites bounds how many items are told at a time what became of them. The next run goes on, or the next closed group while following.
const mostWrites = 500

// scribe writes back, or shows what it would write.
type scribe struct {
	app     *app
	clerk   *respond.Clerk
	run     string
	execute bool
	out     io.Writer
	list    []respond.Receipt
	left    []respond.Writing // beyond the bound
	written int
	notes   int
	asked   bool // a person named what is written to, and is told of each item
}

// desks makes the sources ready that may be written to: those whose write_back is true.
func (a *app) desks(s *settings) (map[string]respond.Desk, error) {
	desks, faults := map[string]respond.Desk{}, []error(nil)
	for _, name := range slices.Sorted(maps.Keys(s.Sources)) {
		conf := s.Sources[name]
		if !conf.WriteBack {
			continue
		}
		sys, err := a.system(name, &conf)
		if err != nil {
			err = fmt.Errorf("sources: %s: %w", name, err)
			desks[name], faults = shut{err}, append(faults, err)
			continue
		}
		d, ok := sys.(respond.Desk)
		if !ok {
			return nil, usage(fmt.Errorf("sources: %s: write_back: a source of type %s cannot be written to", name, conf.Type), "in soc.yaml: sources: {"+name+": {write_back: false}}")
		}
		desks[name] = d
	}
	if len(faults) > 0 && len(faults) == len(desks) {
		return nil, usage(errors.Join(faults...), "soc doctor")
	}
	return desks, nil
}

// shut stands for a system that cannot be used: what it says is unknown, so nothing is written to it, and the others are.
type shut struct{ err error }

// Read implements respond.Desk.
func (s shut) Read(context.Context, string) (respond.Entry, error) { return respond.Entry{}, s.err }

// Draft implements respond.Desk.
func (s shut) Draft(was respond.Entry, _ respond.Change) (respond.Entry, error) { return was, s.err }

// Write implements respond.Desk.
func (s shut) Write(context.Context, string, respond.Entry, respond.Entry) error { return s.err }

// Note implements respond.Desk.
func (s shut) Note(context.Context, string, string, string) error { return s.err }

// scribe makes one. by is who writes, for the journal.
func (a *app) scribe(s *settings, book *casebook.Book, by string, execute bool, out io.Writer) (*scribe, error) {
	desks, err := a.desks(s)
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(desks)) {
		if d, ok := desks[name].(shut); ok {
			fmt.Fprintln(a.IO.Err, term.Clean("soc: "+d.err.Error()+": nothing is written there"))
		}
	}
	w := &scribe{app: a, execute: execute, out: out}
	w.clerk, w.run = a.clerk(s, desks, book, by, w.told)
	return w, nil
}

// clerk makes who writes, and the name of a run of it.
func (a *app) clerk(s *settings, desks map[string]respond.Desk, book *casebook.Book, by string, told func(respond.Receipt)) (c *respond.Clerk, run string) {
	var id [8]byte
	_, _ = rand.Read(id[:]) // never fails: see crypto/rand
	r := &responder{app: a, s: s}
	c = &respond.Clerk{Desks: desks, Letters: casebook.Ledger{Book: book, By: by}, Now: a.Now, Stopped: r.stopped, Told: told, Most: mostWrites}
	return c, "w-" + hex.EncodeToString(id[:])
}

// told prints a receipt as soon as it is certain. What says so already is not worth a line to a person who did not ask for it by name.
func (w *scribe) told(r respond.Receipt) {
	w.list = append(w.list, r)
	switch {
	case r.Outcome != respond.Done:
	case r.Name == respond.WriteAction:
		w.written++
	case r.Name == respond.NoteAction:
		w.notes++
	}
	switch {
	case w.app.wantsJSON():
		_, _ = w.out.Write(r.AppendJSON(nil))
	case r.Outcome != respond.Already || w.asked:
		_, _ = w.out.Write(render.NewPaper(w.app.IO).Receipt(nil, &r))
	}
}

// write tells the items what they are to be told, those first that were left before, or shows it.
func (w *scribe) write(ctx context.Context, list []respond.Writing) (err error) {
	if w.execute {
		_, w.left, err = w.clerk.Write(ctx, w.run, slices.Concat(w.left, list))
		return bookError(err)
	}
	for i := range list {
		d, err := w.clerk.Draft(ctx, &list[i])
		if err != nil {
			return bookError(err)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		b := render.NewPaper(w.app.IO).Draft(nil, &list[i], &d)
		if w.app.wantsJSON() {
			b = append(render.AppendDraft(nil, &list[i], &d), '\n')
		}
		if _, err := w.out.Write(b); err != nil {
			return err
		}
	}
	return nil
}

// end says what is left to say, and asks for the exit status of what did not take effect.
func (w *scribe) end() error {
	if n := len(w.left); n > 0 {
		fmt.Fprintf(w.app.IO.Err, "soc: %s left for the next run: one writes to %d at most\n", render.Plural(int64(n), "item was", "items were"), mostWrites)
	}
	if !w.execute {
		fmt.Fprintln(w.app.IO.Err, "soc: nothing was written; with --execute it is")
		return nil
	}
	bad, refused := counts(w.list)
	w.account()
	switch {
	case bad > 0:
		return &failure{fmt.Errorf("%d of %d did not take effect, or nobody knows", bad, len(w.list)), statusFailed, "soc doctor"}
	case refused > 0:
		fmt.Fprintf(w.app.IO.Err, "soc: %s not written: see why above\n", render.Plural(int64(refused), "item was", "items were"))
	}
	return nil
}

// account says what was done and how it is undone, also by a run that was cut short.
func (w *scribe) account() {
	if w == nil {
		return
	}
	if w.written > 0 {
		fmt.Fprintf(w.app.IO.Err, "soc: written to %s; soc cases undo-write %s takes it back\n", render.Plural(int64(w.written), "item", "items"), w.run)
	}
	if w.notes > 0 {
		fmt.Fprintf(w.app.IO.Err, "soc: %s; comments stay\n", render.Plural(int64(w.notes), "comment was added", "comments were added"))
	}
}

// counts are how many receipts are of what did not take effect, and of what was refused.
func counts(list []respond.Receipt) (bad, refused int) {
	for i := range list {
		switch list[i].Outcome {
		case respond.FailedOutcome, respond.Unverified:
			bad++
		case respond.RefusedOutcome:
			refused++
		case respond.Done, respond.Already, respond.Undone:
		}
	}
	return bad, refused
}

// ofVerdict is what a run says of an item by itself: that it was closed here, by what; or that it was escalated, why, and how severe it is
// if that is more than the product thinks. It says nothing of what a person has yet to look at without haste, and never closes what is not closed
// here.
func ofVerdict(v *triage.Verdict) (respond.Writing, bool) {
	w := respond.Writing{Case: v.Case, Say: v.Route.String(), Change: respond.Change{Unasked: true}}
	switch v.Route {
	case triage.Escalate:
		if v.Severity > triage.StepOf(v.Rated) {
			w.Change.Severity = v.Severity
		}
		w.Change.Tags = []string{"soc:escalate"}
		w.Note = "soc: needs a person, recommended severity " + v.Severity.String() + reasons(v.Signals)
	case triage.Closed:
		by := "rule " + v.ClosedBy
		if v.ClosedBy == "" {
			by = "certificate " + v.Certificate
		}
		w.Case = v.ID
		w.Change = respond.Change{Close: true, Disposition: v.Disposition, Tags: []string{"soc:closed"}, Unasked: true}
		w.Note = "soc: closed as " + v.Disposition.String() + " by " + by
	case triage.Review:
		return w, false
	}
	w.Note += "\n" + strings.TrimSpace(w.Case+" "+v.ID)
	return w, true
}

// mostReasons bounds how many reasons a comment names.
const mostReasons = 5

// reasons are the strongest signals with what they point at. They quote alerts, which nobody who reads a comment expects to obey.
func reasons(signals []triage.Signal) string {
	list := slices.Clone(signals)
	slices.SortStableFunc(list, func(a, b triage.Signal) int { return int(b.Weight - a.Weight) })
	var b strings.Builder
	for i := range list[:min(len(list), mostReasons)] {
		b.WriteString("\n- " + harmless(list[i].Sentence))
		for _, r := range list[i].Receipts[:min(len(list[i].Receipts), 2)] {
			b.WriteString(" (" + harmless(string(r.Path)) + " = " + term.Truncate(harmless(r.Value), 80) + ")")
		}
	}
	return b.String()
}

func refOf(r gjson.Result) alert.Ref {
	return alert.Ref{Path: alert.Path(r.Get("path").Str), Value: r.Get("value").Str}
}
