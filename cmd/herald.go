package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/seed-959697dd/soc/alert/indicator"
	"github.com/seed-959697dd/soc/alert/stream"
	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/notify"
	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/respond"
	"github.com/seed-959697dd/soc/triage"
)

// herald tells people what a run decided or did. It never stops a run: what it cannot tell it says on stderr. A nil herald tells nobody.
type herald struct {
	app  *app
	mu   sync.Mutex // of what follows
	desk *notify.Desk
	last time.Time         // of a flush
	told bool              // something waits
	said map[string]string // the last trouble of each way
	book *casebook.Book    // where what is to be told is until it was; nil without one
	took []string          // its names there, of what waits
	gaps []stream.Gap
}

// audience is how long a run waits for all ways together.
const audience = 20 * time.Second

// inert is a text with nothing hidden in it and nothing to click on.
func inert(text string) string {
	var s indicator.Scanner
	return term.Clean(string(s.Defang(nil, []byte(text))))
}

// harmless makes a text of an alert fit for other people's screens: inert, and not endless.
func harmless(text string) string {
	const most = 300
	text = inert(text)
	if r := []rune(text); len(r) > most {
		text = string(r[:most]) + " ..."
	}
	return text
}

// verdict is what to tell of a verdict, nil for nothing. It may be called by several goroutines.
func (h *herald) verdict(v *triage.Verdict, kept bool) *notify.Message {
	on := v.Route.String()
	if h == nil || v.Route == triage.Closed || !h.desk.Wants(on) {
		return nil
	}
	row := render.RowOf(v)
	m := &notify.Message{
		On: on, Key: on + " " + v.ID, Urgent: v.Route == triage.Escalate && v.Severity == triage.Critical,
		Title: harmless(v.Route.String() + ", " + v.Severity.String() + ": " + row.Title), Paste: "soc triage --no-book --explain " + v.ID + " FILE",
	}
	if kept {
		m.Paste = "soc cases show " + v.Case
	}
	where := ""
	for _, s := range []string{row.Host, row.User, row.Source} {
		if s != "" {
			where += ", " + s
		}
	}
	if where != "" {
		m.Lines = append(m.Lines, harmless("on "+where[2:]))
	}
	m.Lines = append(m.Lines, render.Plural(int64(v.Count), "alert", "alerts"))
	for _, b := range row.Because {
		m.Lines = append(m.Lines, harmless("because "+b))
	}
	return m
}

func (h *herald) tell(m *notify.Message) {
	if h != nil && m != nil && h.desk.Wants(m.On) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.desk.Tell(*m)
		h.told = true
		if h.book != nil {
			h.took = append(h.took, m.Key)
		}
	}
}

// telling is what the casebook keeps of a verdict for as long as nobody was told.
func (h *herald) telling(v *triage.Verdict) *casebook.Telling {
	m := h.verdict(v, true)
	if m == nil {
		return nil
	}
	body, err := json.Marshal(m)
	if err != nil { // a struct of texts
		return nil
	}
	return &casebook.Telling{Name: m.Key, Body: body}
}

// Of what other runs stored and did not tell.
const (
	orphaned    = 2 * time.Minute // after which they are taken for dead, or for as good as that
	mostOrphans = 500             // taken over at a time
)

// adopt takes over what other runs stored with their verdicts and did not tell. h.mu is held.
func (h *herald) adopt(ctx context.Context, now time.Time) {
	if h.book == nil {
		return
	}
	list, err := h.book.Untold(ctx, now.Add(-orphaned), mostOrphans)
	if err != nil {
		h.complain("", err)
		return
	}
	for _, t := range list {
		var m notify.Message
		if err := json.Unmarshal(t.Body, &m); err != nil || !h.desk.Wants(m.On) {
			continue
		}
		m.Lines = append(m.Lines, "judged "+t.At.UTC().Format("2006-01-02 15:04 UTC")+" by a run that ended before it told anybody")
		h.desk.Tell(m)
		h.took = append(h.took, t.Name)
	}
}

// settle lets go of what was told, or is kept by the desk until it can be. h.mu is held.
func (h *herald) settle(ctx context.Context, list []notify.Trouble) {
	took := h.took
	h.took = nil
	unsafe := h.desk.Memory == nil && len(list) > 0
	for _, t := range list {
		unsafe = unsafe || t.Way == "" // the desk's own memory
	}
	if unsafe || h.book == nil {
		return
	}
	if err := h.book.Told(ctx, took); err != nil {
		h.complain("", err)
	}
}

// planned tells that a plan waits for people.
func (h *herald) planned(p *respond.Plan) {
	if h == nil || p.Needs() == respond.Nobody {
		return
	}
	m := &notify.Message{
		On: "approval", Key: "plan " + p.ID, Title: harmless("plan " + p.ID + " for case " + p.Case + " waits for approval (" + p.Needs().String() + " other than " + p.Author + ")"),
		Paste: render.ApproveCommand(p),
	}
	for i := range p.Items {
		if item := &p.Items[i]; item.Class != respond.Task {
			m.Lines = append(m.Lines, harmless(item.ID+" "+item.Action+" "+item.Target.Value+": "+item.Why))
		}
	}
	h.tell(m)
}

// agreed tells who agreed to a plan, whether it is enough, and whether a watch carries it out.
func (h *herald) agreed(p *respond.Plan, a *respond.Approval, enough, handed bool) {
	m := &notify.Message{On: "approval", Key: "approval " + p.ID + " " + a.By, Title: harmless(a.By + " agreed to plan " + p.ID + " (" + strings.Join(a.Risks, ", ") + ")"), Paste: "soc respond status " + p.ID}
	switch {
	case handed:
		m.Lines = []string{"a watch carries it out as soon as it is agreed to"}
	case enough:
		m.Lines, m.Paste = []string{"it can be applied"}, "soc respond apply "+p.ID+" --execute"
	}
	h.tell(m)
}

// dropped tells that a plan that was handed to a watch is not carried out.
func (h *herald) dropped(p *respond.Plan, why string) {
	h.tell(&notify.Message{On: "receipt", Key: "dropped " + p.ID + " " + why, Title: harmless("not carried out: plan " + p.ID + " for case " + p.Case), Lines: []string{harmless(why)}, Paste: "soc respond status " + p.ID})
}

// receipt tells what was done, or taken back, and how to undo it.
func (h *herald) receipt(r *respond.Receipt, by string) {
	plan := "p-" + strings.TrimPrefix(r.Plan, "sha256:")
	plan = plan[:min(len(plan), 18)] // the plan's id is the beginning of its digest
	m := &notify.Message{
		On: "receipt", Key: "receipt " + plan + " " + r.Action + " " + r.Outcome.String(), Paste: "soc respond status " + plan,
		Title: harmless(r.Outcome.String() + ": " + r.Name + " " + r.Target.Value + " (" + plan + " " + r.Action + ", by " + by + ")"),
	}
	if r.Detail != "" {
		m.Lines = append(m.Lines, harmless(r.Detail))
	}
	switch r.Outcome {
	case respond.Done, respond.Unverified:
		m.Paste = "soc respond undo " + plan + " " + r.Action
		if !r.Until.IsZero() {
			m.Lines = append(m.Lines, "until "+r.Until.UTC().Format(time.RFC3339))
		}
		m.Urgent = r.Outcome == respond.Unverified
	case respond.FailedOutcome:
		m.Urgent = true
	case respond.Already, respond.RefusedOutcome, respond.Undone:
	}
	if r.Outcome != respond.Done && r.Outcome != respond.Undone { // the same trouble, tried again every second, is told once: what differs stands behind the colon
		what, _, _ := strings.Cut(r.Detail, ": ")
		m.Key += " " + what
	}
	h.tell(m)
}

// wants tells whether anybody is told of such things.
func (h *herald) wants(on string) bool { return h != nil && h.desk.Wants(on) }

// demoted tells that the machine may do less from now on.
func (h *herald) demoted(g *respond.Grade) {
	h.tell(&notify.Message{
		On: "drift", Key: "level " + g.Action + " " + g.Stratum + " " + g.At.UTC().Format(time.RFC3339), Urgent: true, Title: harmless(g.Rung.String() + " fell to level " + g.Level.String()),
		Lines: []string{harmless(g.Because)}, Paste: "soc respond promote",
	})
}

// drift tells that closing was turned off.
func (h *herald) drift(why, digest string) {
	h.tell(&notify.Message{On: "drift", Key: "drift " + digest, Urgent: true, Title: harmless(why), Lines: []string{"nothing is closed under precedent " + harmless(digest)}, Paste: "soc learn --restore --by NAME --reason TEXT"})
}

// flush sends what waits. A run that goes on calls it often: without anything new it looks once a minute for what was held back.
// It returns what could not be told and is a gap of the run.
func (h *herald) flush(ctx context.Context) []stream.Gap {
	if h == nil {
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	now := h.app.Now()
	if h.told || now.Sub(h.last) >= time.Minute {
		h.last, h.told = now, false
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), audience) // an interrupted run still tells what it did
		defer cancel()
		h.adopt(ctx, now)
		list := h.desk.Flush(ctx)
		h.settle(ctx, list)
		for _, t := range list {
			h.trouble(t)
		}
	}
	gaps := h.gaps
	h.gaps = nil
	return gaps
}

// trouble says why something was not told, once for each reason. What only waits for its time is no gap.
func (h *herald) trouble(t notify.Trouble) {
	if t.Held && (errors.Is(t.Err, notify.ErrQuiet) || errors.Is(t.Err, notify.ErrOften) || errors.Is(t.Err, notify.ErrRest)) {
		if h.said[t.Way] != t.Err.Error() && !errors.Is(t.Err, notify.ErrRest) {
			fmt.Fprintln(h.app.IO.Err, term.Clean("soc: notify "+t.Way+": "+t.Err.Error()))
		}
		h.said[t.Way] = t.Err.Error()
		return
	}
	if h.said[t.Way] != t.Err.Error() {
		h.complain(t.Way, t.Err)
	}
	h.said[t.Way] = t.Err.Error()
}

func (h *herald) complain(way string, err error) {
	name := strings.TrimSpace("notify " + way)
	h.gaps = append(h.gaps, stream.Gap{Input: name, Reason: "not told: " + err.Error()})
	fmt.Fprintln(h.app.IO.Err, term.Clean("soc: "+name+": not told: "+err.Error()))
}
