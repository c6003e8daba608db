package cmd

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/investigate"
	"github.com/seed-959697dd/soc/respond"
	"github.com/seed-959697dd/soc/tui"
)

// desk is the casebook as the screen works on it.
type desk struct {
	app  *app
	book *casebook.Book
	by   string
	s    *settings
	o    tuiOptions
	from []investigate.Named // that are asked beside --logs

	mu      sync.Mutex
	over    bool                         // nothing may be begun any more
	busy    sync.WaitGroup               // what was begun
	met     *grounds                     // those that were read
	pursued map[string]*investigate.Case // by id: what was investigated since the screen was opened
	formats func() (*alert.Set, error)
	grounds func() (*grounds, error) // what findings rest on beside the case; read when the first case is looked at
}

func (a *app) deskFor(book *casebook.Book, by string, s *settings, o tuiOptions) *desk {
	d := &desk{app: a, book: book, by: by, s: s, o: o}
	d.formats = sync.OnceValues(func() (*alert.Set, error) {
		return alert.NewSet(alert.Options{Formats: s.Formats, Found: s.Found, Now: a.Now()})
	})
	d.grounds = sync.OnceValues(func() (*grounds, error) {
		g, err := a.grounds()
		d.met = g
		return g, err
	})
	if d.o.key == "" {
		d.o.key = s.Respond.Key
	}
	return d
}

// begin says that something was begun that has to end before the casebook is closed.
func (d *desk) begin() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.over {
		return context.Canceled
	}
	d.busy.Add(1)
	return nil
}

// close waits until everything that was begun has ended and is written down.
func (d *desk) close() error {
	d.mu.Lock()
	d.over = true
	d.mu.Unlock()
	d.busy.Wait()
	if d.met == nil {
		return d.book.Close()
	}
	return errors.Join(d.met.close(), d.book.Close())
}

func (d *desk) desk() tui.Desk {
	k := tui.Desk{Queue: d, Reader: d, Decider: d, Me: d.by, Save: save}
	if d.app.IO.OutTTY {
		k.Copy = func(text string) error {
			_, err := fmt.Fprintf(d.app.IO.Out, "\x1b]52;c;%s\x07", base64.StdEncoding.EncodeToString([]byte(text)))
			return err
		}
	}
	k.Asker = &inquirer{d, sync.OnceValues(d.logs), sync.OnceValues(d.writer)}
	k.Writer = &letters{d, sync.OnceValues(func() (map[string]respond.Desk, error) { return d.app.desks(d.s) })}
	k.Responder = &responses{d, sync.OnceValues(func() (*responder, error) { return d.app.responder(contextOptions{}) })}
	return k
}

// List implements tui.Queue.
func (d *desk) List(ctx context.Context, v tui.View, limit int) (tui.Listing, error) {
	filter, err := tui.ParseFilter(v.Filter)
	if err != nil {
		return tui.Listing{View: v}, err
	}
	l := tui.Listing{View: v}
	look := casebook.Look{State: v.State, Order: v.Sort, By: v.Group, Limit: limit}
	for _, t := range filter.Terms {
		look.Find = append(look.Find, casebook.Term(t))
	}
	if l.Head, err = d.Head(ctx); err != nil {
		return l, err
	}
	n, wakes, err := d.book.Standings(ctx)
	if err != nil {
		return l, err
	}
	l.Escalated, l.Review, l.Ended = n["escalate"], n["review"]+n["close"], n[casebook.Closed]
	l.Snoozed, l.Wakes = n[casebook.Snoozed], wakes
	var places []casebook.Place
	if filter.Query != nil {
		var un casebook.Undecided
		places, un, err = d.book.Ask(ctx, look, filter.Query)
		l.Undecided, l.Why = un.Cases, un.Why
	} else {
		places, err = d.book.Look(ctx, look)
	}
	l.Entries = make([]tui.Entry, len(places))
	for i, p := range places {
		l.Entries[i] = tui.Entry(p)
	}
	return l, err
}

// Head implements tui.Queue.
func (d *desk) Head(ctx context.Context) (int64, error) {
	head, _, err := d.book.Head(ctx)
	return head, err
}

// Rows implements tui.Queue.
func (d *desk) Rows(ctx context.Context, ids []string) ([]render.CaseRow, error) {
	list, err := d.book.Rows(ctx, ids)
	rows := make([]render.CaseRow, len(list))
	for i := range list {
		c := &list[i]
		rows[i] = render.CaseRow{
			ID: c.ID, Status: c.Status, Route: c.Route, Severity: c.Severity, Title: c.Title, Rule: c.Rule, Host: c.Host, User: c.User,
			Disposition: c.Disposition, By: c.By, Score: c.Score, Alerts: c.Alerts, Verdicts: c.Verdicts,
			First: c.First, Last: c.Last, Opened: c.Case.Opened, Closed: c.Case.Closed, Owner: c.Owner, Until: c.Until,
		}
	}
	return rows, err
}

// mostMembers is how many alerts of a case the screen lists; mostSimilar how many decided cases like it.
const (
	mostMembers = 200
	mostSimilar = 8
)

// File implements tui.Reader.
func (d *desk) File(ctx context.Context, id string, from int64) (*render.CaseFile, error) {
	if err := d.begin(); err != nil {
		return nil, err
	}
	defer d.busy.Done()
	rows, err := d.Rows(ctx, []string{id})
	if err == nil && len(rows) == 0 {
		err = fmt.Errorf("%w: %s", casebook.ErrNoCase, id)
	}
	if err != nil {
		return nil, err
	}
	f := &render.CaseFile{Row: rows[0], From: max(0, from)}
	for _, read := range []func(context.Context, *render.CaseFile) error{d.verdicts, d.members, d.words, d.past, d.acquaint} {
		if err := read(ctx, f); err != nil {
			return nil, err
		}
	}
	return f.Read(), nil
}

// verdicts reads a window of the evidence, and what follows from the case.
func (d *desk) verdicts(ctx context.Context, f *render.CaseFile) error {
	k, err := d.judged(ctx, f.Row.ID, f.Row.Verdicts)
	if err != nil || k == nil {
		return err
	}
	err = d.book.Strongest(ctx, f.Row.ID, f.From, render.Window, func(v *casebook.Verdict) error {
		f.Verdicts = append(f.Verdicts, v.Document)
		return nil
	})
	if err != nil {
		return err
	}
	if f.From > 0 {
		err = d.book.Strongest(ctx, f.Row.ID, 0, 1, func(v *casebook.Verdict) error {
			f.Best = v.Document
			return nil
		})
		if err != nil {
			return err
		}
	}
	f.Case, f.Events, f.Holes, f.Findings = k, k.Events, k.Holes, k.Findings
	return nil
}

// mostJudged is how many verdicts of a case its findings rest on: a screen opens at once, however many there are.
const mostJudged = 200

// judged makes the case that soc investigate would make of these verdicts alone, or the one that was investigated; nil when the casebook has
// no verdict of it.
func (d *desk) judged(ctx context.Context, id string, all int64) (*investigate.Case, error) {
	d.mu.Lock()
	k := d.pursued[id]
	d.mu.Unlock()
	if k != nil && int64(len(k.Members)) == min(all, mostJudged) {
		return k, nil
	}
	k, err := d.gathered(ctx, id, all)
	if err != nil || k == nil {
		return nil, err
	}
	d.conclude(k)
	return k, nil
}

// conclude writes what follows from a case.
func (d *desk) conclude(k *investigate.Case) {
	g, err := d.grounds()
	if err != nil {
		k.Gaps = append(k.Gaps, alert.Gap{Check: "findings", Class: alert.Failed, Reason: err.Error()})
		return
	}
	g.conclude(k)
}

// gathered makes a case of its strongest verdicts.
func (d *desk) gathered(ctx context.Context, id string, all int64) (*investigate.Case, error) {
	var list []investigate.Verdict
	var members []investigate.Member
	err := d.book.Strongest(ctx, id, 0, mostJudged, func(v *casebook.Verdict) error {
		one, err := investigate.ReadVerdict(view(v.Document))
		if err != nil {
			return fmt.Errorf("verdict %s: %w", v.ID, err)
		}
		one.Case = id
		list = append(list, one)
		members = append(members, investigate.Member{Document: view(v.Document), ID: v.ID})
		return nil
	})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	whole := &investigate.Cluster{ID: id}
	for i := range list {
		whole.Members = append(whole.Members, i)
	}
	k := investigate.NewCase(list, whole, members)
	if int64(len(list)) < all {
		k.Gaps = append(k.Gaps, alert.Gap{Check: "case", Class: alert.Partial, Reason: fmt.Sprintf("findings, indicators and links rest on the %d strongest of %d verdicts", len(list), all)})
	}
	return &k, nil
}

func (d *desk) members(ctx context.Context, f *render.CaseFile) error {
	n, err := d.book.Alerts(ctx, f.Row.ID)
	if err != nil {
		return err
	}
	f.More = max(0, n-mostMembers)
	return d.book.FirstMembers(ctx, f.Row.ID, mostMembers, func(m *casebook.Member) error {
		in := gjson.ParseBytes(m.Input)
		f.Members = append(f.Members, render.CaseMember{
			ID: m.ID, Verdict: m.Verdict, Copies: m.Copies, Kept: m.Raw,
			Input: alert.Place{Name: in.Get("name").Str, Line: in.Get("line").Int(), Offset: in.Get("offset").Int()},
		})
		return nil
	})
}

// words reads what people said about the case.
func (d *desk) words(ctx context.Context, f *render.CaseFile) error {
	said := map[render.CaseDecision]bool{} // one decision stands on each verdict of the case
	err := d.book.Decisions(ctx, f.Row.ID, func(x *casebook.Decided) error {
		one := render.CaseDecision{Disposition: x.Disposition, Reason: x.Reason, Certainty: string(x.Certainty), By: x.By, At: x.At, Undone: x.Undone}
		if !said[one] {
			f.Decisions = append(f.Decisions, one)
		}
		said[one] = true
		return nil
	})
	if err != nil {
		return err
	}
	return d.book.Notes(ctx, f.Row.ID, func(n *casebook.Note) error {
		f.Notes = append(f.Notes, render.CaseNote{At: n.At, By: n.By, Text: n.Text})
		return nil
	})
}

// past reads what was decided of cases like this one, its plans, and whether it was an audit.
func (d *desk) past(ctx context.Context, f *render.CaseFile) error {
	list, err := d.book.Similar(ctx, f.Row.ID, mostSimilar)
	if err != nil {
		return err
	}
	for i := range list {
		s := &list[i]
		f.Similar = append(f.Similar, render.SimilarCase{
			Case: s.Case, Title: s.Title, Host: s.Host, Disposition: s.Disposition, Reason: s.Reason, Certainty: string(s.Certainty), By: s.By, At: s.At, Same: s.Same,
		})
	}
	if f.Plans, err = d.book.PlansOf(ctx, f.Row.ID); err != nil {
		return err
	}
	f.Picked, err = d.book.WasPicked(ctx, f.Row.ID)
	return err
}

// Raw implements tui.Reader.
func (d *desk) Raw(ctx context.Context, verdict string) (*render.RawAlert, error) {
	v, err := d.book.Verdict(ctx, verdict)
	if err != nil {
		return nil, err
	}
	doc := gjson.ParseBytes(v.Document).Get("alert")
	r := &render.RawAlert{ID: doc.Get("id").Str, Input: fmt.Sprintf("%s:%d", doc.Get("input.name").Str, doc.Get("input.line").Int())}
	var digest alert.Digest
	if n, err := hex.Decode(digest[:], []byte(strings.TrimPrefix(doc.Get("digest").Str, "sha256:"))); err != nil || n != len(digest) {
		return nil, fmt.Errorf("verdict %s: its alert has no digest", verdict)
	}
	r.Received, err = d.book.Raw(ctx, digest)
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	if err != nil {
		return nil, err
	}
	r.View = d.viewOf(r.Received)
	return r, nil
}

// viewOf reads an alert again, for the JSON in which its paths resolve; nil when it cannot be read alone, as a row of a table cannot.
func (d *desk) viewOf(raw []byte) []byte {
	set, err := d.formats()
	if err != nil {
		return nil
	}
	var al alert.Alert
	if _, err := set.NewParser().Parse(&al, raw, nil); err != nil {
		return nil
	}
	return al.View
}
