package cmd

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/sign"
	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/respond"
	"github.com/seed-959697dd/soc/triage"
)

// ladder is what this estate's own record lets a machine do by itself. It is read from the casebook, and anew when the journal has moved.
type ladder struct {
	r         *responder
	book      *casebook.Book
	keeps     bool // what the machine takes down is written, and people are told
	approvers sign.Approvers
	head      int64
	read      bool
	list      []respond.Adjudged
	back      []respond.Rollback
	levels    []casebook.Level
	drift     string
	holds     map[string]bool // signatures of approvals that were checked, with what they are for
}

func (r *responder) ladder(ctx context.Context, book *casebook.Book, keeps bool) (*ladder, error) {
	approvers, err := r.s.trusted()
	if err != nil {
		return nil, err
	}
	l := &ladder{r: r, book: book, keeps: keeps, approvers: approvers, holds: map[string]bool{}}
	return l, l.refresh(ctx)
}

// refresh reads the casebook again unless nothing was written since.
func (l *ladder) refresh(ctx context.Context) error {
	head, _, err := l.book.Head(ctx)
	if err != nil || l.read && head == l.head {
		return err
	}
	clear(l.r.versions)
	if l.levels, err = l.book.Levels(ctx); err != nil {
		return err
	}
	if l.back, err = l.book.Rollbacks(ctx); err != nil {
		return err
	}
	alarms, err := l.book.Alarms(ctx)
	if err != nil {
		return err
	}
	l.drift = ""
	if len(alarms) > 0 {
		l.drift = alarmText(&alarms[0])
	}
	if l.list, err = l.adjudicate(ctx); err != nil {
		return err
	}
	l.head, l.read = head, true
	return nil
}

// subject is one action on one target of one case, however often it was proposed.
type subject struct {
	id, action string
	target     respond.Target
}

// hearing is what people have said of a subject.
type hearing struct {
	respond.Adjudged
	agreed, wrong time.Time
	decided       triage.Disposition
	confirmed     bool
	decidedAt     time.Time
}

// adjudicate finds the actions of which people have said whether they were right: see docs/decisions/0010.
func (l *ladder) adjudicate(ctx context.Context) (list []respond.Adjudged, err error) {
	var order []subject
	all := map[subject]*hearing{}
	err = l.book.Proposals(ctx, func(p *casebook.Proposal) error {
		if p.Plan.Purpose == respond.Drill || p.Plan.Severity == "" {
			return nil
		}
		for i := range p.Plan.Items {
			item := &p.Plan.Items[i]
			if item.Class == respond.Task {
				continue
			}
			s := subject{p.Plan.Case, item.Action, item.Target}
			h := all[s]
			if h == nil {
				h = &hearing{Adjudged: respond.Adjudged{Rung: respond.Rung{Action: item.Action, Stratum: p.Plan.Severity}, Case: s.id, Target: s.target}}
				all[s], order = h, append(order, s)
			}
			if item.Under != "" && !slices.Contains(h.Under, item.Under) {
				h.Under = append(h.Under, item.Under)
			}
			if at, ok := p.Wrong[item.ID]; ok && (h.wrong.IsZero() || at.Before(h.wrong)) {
				h.wrong = at
			}
			if at, ok := l.agreement(p, item); ok && (h.agreed.IsZero() || at.Before(h.agreed)) {
				h.agreed = at
			}
			h.decided, h.confirmed, h.decidedAt = p.Decided, p.Confirmed, p.At
		}
		return nil
	})
	for _, s := range order {
		if a, ok := all[s].settle(); ok {
			if !a.Right {
				a.Protected = l.r.guard.Refuses(a.Target, known{l.r.estate})
			}
			list = append(list, a)
		}
	}
	return list, err
}

// agreement is when enough people had agreed to an action by signatures that hold today. One that nobody has to agree to has none.
func (l *ladder) agreement(p *casebook.Proposal, i *respond.Item) (at time.Time, ok bool) {
	need := i.Needs.People()
	if need == 0 || p.Plan.Purpose != respond.ForPeople {
		return at, false
	}
	for n := range p.Approvals {
		one := &p.Approvals[n]
		if !slices.Contains(one.Risks, i.Risk()) || !l.vouched(&p.Plan, one) {
			continue
		}
		if need--; one.At.After(at) {
			at = one.At
		}
	}
	return at, need <= 0
}

// vouched tells whether an approval's signature holds. Checking one takes a while, and each is asked about many times.
func (l *ladder) vouched(p *respond.Plan, one *respond.Approval) bool {
	name := string(one.Payload()) + one.Signature
	holds, met := l.holds[name]
	if !met {
		holds = vouched(l.approvers, p, one) == nil
		l.holds[name] = holds
	}
	return holds
}

// settle says what people have said, if that is enough.
func (h *hearing) settle() (a respond.Adjudged, ok bool) {
	a = h.Adjudged
	harmless := h.decided == triage.FalsePositive || h.decided == triage.BenignPositive
	switch {
	case !h.wrong.IsZero():
		a.At = h.wrong
	case harmless:
		a.At = h.decidedAt
	case !h.agreed.IsZero() && h.decided == triage.TruePositive && h.confirmed:
		a.Right, a.At = true, h.agreed
		if h.decidedAt.After(a.At) {
			a.At = h.decidedAt
		}
	default:
		return a, false
	}
	return a, true
}

// given is the level that a rung was given: the last that somebody trusted signed, or what the machine took it down to since. A signed
// one that was copied from before is none, and what is not signed never raises.
func (l *ladder) given(r respond.Rung) respond.Grade {
	g := respond.Grade{Rung: r, Level: respond.Recommend}
	for i := range l.levels {
		one := &l.levels[i]
		switch {
		case one.Rung != r:
		case len(one.Document) == 0:
			if one.Level < g.Level {
				g = one.Grade
			}
		case l.promoted(one, g.At):
			g = one.Grade
		}
	}
	return g
}

// promoted tells whether a level's document is a promotion to it, made since a moment by somebody who is trusted today.
func (l *ladder) promoted(one *casebook.Level, since time.Time) bool {
	p, err := respond.ReadPromotion(one.Document)
	if err != nil || p.Rung != one.Rung || p.Level != one.Level || p.Under != one.Under || p.By != one.By || p.At.Before(since) {
		return false
	}
	who, err := l.approvers.Verify(p.Key, respond.PromotionContext, p.Payload(), p.Signature)
	return err == nil && who.Name == p.By
}

// stands is the level of a rung right now.
func (l *ladder) stands(ctx context.Context, r respond.Rung) (respond.Grade, error) {
	under, err := l.r.under(r.Action)
	if err != nil {
		return respond.Grade{Rung: r}, err
	}
	g, fell := l.given(r).Demoted(l.list, l.back, respond.Weather{Under: under, Drift: l.drift, Stopped: l.r.stopped()})
	if !fell || !l.keeps {
		return g, nil
	}
	g.By = "soc"
	if g.At, err = l.book.SetLevel(ctx, &casebook.Level{Grade: g}); err != nil {
		return g, err
	}
	l.r.say("%s fell to level %s: %s", g.Rung, g.Level, g.Because)
	l.r.herald.demoted(&g)
	return g, l.refresh(ctx)
}

// Grade implements respond.Authority.
func (l *ladder) Grade(ctx context.Context, r respond.Rung, under string) (respond.Grade, error) {
	if err := l.refresh(ctx); err != nil {
		return respond.Grade{}, err
	}
	if !l.r.herald.wants("receipt") {
		return respond.Grade{}, errors.New("nobody would be told: no way under notify has on: [receipt]")
	}
	return l.stands(ctx, r)
}

// remembered is how far back a person's word against an action on a target counts.
const remembered = 30 * 24 * time.Hour

// Earlier implements respond.Authority.
func (l *ladder) Earlier(ctx context.Context, p *respond.Plan, i *respond.Item) (string, error) {
	for n := range l.list {
		if a := &l.list[n]; !a.Right && a.Action == i.Action && a.Target == i.Target {
			return "it was wrong before, in case " + a.Case, nil
		}
	}
	steps, err := casebook.Ledger{Book: l.book}.Recent(ctx, l.r.app.Now().Add(-remembered))
	if err != nil {
		return "", err
	}
	for n := range steps {
		s := &steps[n]
		switch {
		case s.Item.Action != i.Action || s.Item.Target != i.Target:
		case s.Outcome == respond.Undone && s.Ended.Before(s.Until):
			return "it was taken back before its time, at " + s.Ended.Format(time.RFC3339), nil
		case s.Outcome != respond.Undone && s.Stage == respond.Ended:
			return "it failed before, at " + s.Ended.Format(time.RFC3339), nil
		default:
			if was, err := l.book.Plan(ctx, s.Plan); err != nil || was.Case == p.Case {
				return "it was done in this case before", err
			}
		}
	}
	return "", nil
}

// under is the digest of what proposes an action and does it: the policy, what was learned, the models, the connector and this program.
// It is computed once, until versions is cleared.
func (r *responder) under(action string) (string, error) {
	if v, ok := r.versions[action]; ok {
		return v, nil
	}
	name := r.hand(action)
	if name == "" {
		return "", nil
	}
	policy, err := r.s.policy()
	if err != nil {
		return "", err
	}
	var learned []byte
	if r.s.Precedent.File != "" {
		if learned, err = os.ReadFile(r.s.Precedent.File); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("reading what was learned: %w", err)
		}
	}
	text, err := json.Marshal(struct {
		Program, Policy string
		Learned         [sha256.Size]byte
		Models          any
		Model           any
		Name            string
		Driver          any
	}{r.app.version(), policy.Digest, sha256.Sum256(learned), r.s.Models, r.s.Triage, name, r.s.Drivers[name]})
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	r.versions[action] = "sha256:" + hex.EncodeToString(sum[:])
	return r.versions[action], nil
}

// hand is the name of the driver that does an action, the first by name; empty when none does.
func (r *responder) hand(action string) string {
	for _, name := range slices.Sorted(maps.Keys(r.drivers)) {
		if ok, _ := r.drivers[name].Does(action); ok && slices.Contains(r.s.Drivers[name].Actions, action) {
			return name
		}
	}
	return ""
}

// rungs are those of which something is known, in the order of the catalogue's names and of severity.
func (l *ladder) rungs() (list []respond.Rung) {
	met := map[respond.Rung]bool{}
	for i := range l.list {
		met[l.list[i].Rung] = true
	}
	for i := range l.levels {
		met[l.levels[i].Rung] = true
	}
	rank := func(r respond.Rung) int { return slices.Index(respond.Strata(), r.Stratum) }
	return slices.SortedFunc(maps.Keys(met), func(a, b respond.Rung) int {
		return cmp.Or(cmp.Compare(a.Action, b.Action), cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Stratum, b.Stratum))
	})
}

// graded has plans heed the levels: what a person set to 0 is not even asked for.
func (r *responder) graded(ctx context.Context, book *casebook.Book) error {
	approvers, err := r.s.trusted()
	if err != nil {
		return err
	}
	l := &ladder{r: r, book: book, approvers: approvers}
	if l.levels, err = book.Levels(ctx); err == nil {
		r.level = func(rung respond.Rung) respond.Level { return l.given(rung).Level }
	}
	return err
}

// assisted are the risks of a plan when one signature accepts them all: every action that people have to agree to is at level 3 or above,
// under what is in force now. Else there are none.
func (a *app) assisted(ctx context.Context, book *casebook.Book, p *respond.Plan) ([]string, error) {
	some, err := assists(ctx, book)
	if err != nil || !some {
		return nil, err
	}
	r, err := a.responder(contextOptions{})
	if err != nil { // whoever only agrees may have no secrets of the drivers: then each risk is named
		fmt.Fprintln(a.IO.Err, term.Clean("soc: how far the actions have come is unknown, so each risk has to be named: "+err.Error()))
		return nil, nil //nolint:nilerr // it was said
	}
	return r.assisted(ctx, book, p)
}

// assists tells whether anything stands at level 3.
func assists(ctx context.Context, book *casebook.Book) (bool, error) {
	levels, err := book.Levels(ctx)
	return slices.ContainsFunc(levels, func(l casebook.Level) bool { return l.Level >= respond.Assisted }), err
}

// assisted are the risks of a plan that one signature accepts; none unless every action that has to be agreed to is at level 3 as it was proposed.
func (r *responder) assisted(ctx context.Context, book *casebook.Book, p *respond.Plan) ([]string, error) {
	some, err := assists(ctx, book)
	if err != nil || !some {
		return nil, err
	}
	l, err := r.ladder(ctx, book, false)
	if err != nil {
		return nil, err
	}
	var risks []string
	for i := range p.Items {
		item := &p.Items[i]
		if item.Class == respond.Task || item.Needs == respond.Nobody {
			continue
		}
		g, err := l.stands(ctx, respond.Rung{Action: item.Action, Stratum: p.Severity})
		if err != nil || g.Level < respond.Assisted || g.Under != item.Under {
			return nil, err
		}
		risks = append(risks, item.Risk())
	}
	slices.Sort(risks)
	return slices.Compact(risks), nil
}
