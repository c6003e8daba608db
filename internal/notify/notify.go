// Package notify tells people: Slack, Teams, PagerDuty, mail, a webhook of your own. It sends what it is given once, together, not at night
// unless it matters, and never more than was agreed; what it cannot send it says so. Texts come in clean and go out so that no way of
// telling makes a link, a mention or markup of them.
//
// It knows no noun of this program and decides nothing. It receives nothing: what people answer is not its matter. Start with Message, Way
// and Desk.
package notify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Message is one thing to tell. Its texts have no control characters.
type Message struct {
	On     string   // what it is about: escalate, review, approval, receipt, drift
	Key    string   // what it is about, exactly: the same key is told once a day
	Title  string   // one line
	Lines  []string // what was found or done, why
	Paste  string   // a command: what to do next, or how to undo
	Urgent bool     // it is told at night, too
}

// Sender is one way of telling. After an error nobody knows whether it was told.
type Sender interface {
	Send(ctx context.Context, m Message) error
}

// Way is a sender with what people agreed to.
type Way struct {
	Name    string
	On      []string // what it is told
	Sender  Sender
	Quiet   Quiet
	PerHour int // messages, each of which may tell many things; 0: 12
}

// Quiet is a time of day, local to its zone, at which only what is urgent is told. The zero value is none.
type Quiet struct {
	From, To time.Duration // since midnight; it may go over midnight
	Zone     *time.Location
}

// At tells whether t is within it.
func (q Quiet) At(t time.Time) bool {
	if q.From == q.To {
		return false
	}
	if q.Zone != nil {
		t = t.In(q.Zone)
	}
	since := time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute
	if q.From < q.To {
		return since >= q.From && since < q.To
	}
	return since >= q.From || since < q.To
}

// Desk collects messages and sends them. It is not safe for concurrent use.
type Desk struct {
	Ways   []Way
	Memory *Memory // what was told before; nil forgets with the process
	Now    func() time.Time

	waiting []Message
	failed  map[string]time.Time // ways that are left alone until then
}

// Wants tells whether anybody is told of such things.
func (d *Desk) Wants(on string) bool {
	return d != nil && slices.ContainsFunc(d.Ways, func(w Way) bool { return slices.Contains(w.On, on) })
}

// Tell keeps a message for the next Flush.
func (d *Desk) Tell(m Message) {
	if d.Wants(m.On) {
		d.waiting = append(d.waiting, m)
	}
}

// Trouble is a way by which something was not told, or not yet.
type Trouble struct {
	Way  string
	Held bool // it is kept and will be told later
	Err  error
}

// rest is how long a way that failed is left alone within one process.
const rest = 5 * time.Minute

// Flush sends what was collected and what was held back earlier, one message for each way. It returns what was not told.
func (d *Desk) Flush(ctx context.Context) []Trouble {
	if d == nil || len(d.Ways) == 0 {
		return nil
	}
	now, memory := d.Now(), d.Memory
	if memory == nil {
		memory = &Memory{}
	}
	var list []Trouble
	err := memory.with(ctx, now, func(m *memoirs) {
		for i := range d.Ways {
			if t := d.way(ctx, m, &d.Ways[i], now); t != nil {
				list = append(list, *t)
			}
		}
	})
	if err != nil {
		return append(list, Trouble{Err: fmt.Errorf("what was told and what waits cannot be kept: %w", err)})
	}
	d.waiting = nil
	return list
}

// Reasons for which a message waits.
var (
	ErrQuiet = errors.New("held back until the quiet hours are over")
	ErrOften = errors.New("held back: enough was told within the hour")
	ErrRest  = errors.New("held back: it failed minutes ago")
)

// way sends one way what is for it.
func (d *Desk) way(ctx context.Context, mem *memoirs, w *Way, now time.Time) *Trouble {
	own := mem.of(w.Name)
	var due []Message
	for _, m := range append(own.take(), d.waiting...) {
		if slices.Contains(w.On, m.On) && !own.told(m.Key, now) && !slices.ContainsFunc(due, func(o Message) bool { return o.Key != "" && o.Key == m.Key }) {
			due = append(due, m)
		}
	}
	if len(due) == 0 {
		return nil
	}
	urgent := slices.ContainsFunc(due, func(m Message) bool { return m.Urgent })
	most := w.PerHour
	if most == 0 {
		most = 12
	}
	var why error
	switch {
	case now.Before(d.failed[w.Name]):
		why = ErrRest
	case w.Quiet.At(now) && !urgent:
		why = ErrQuiet
	case own.within(now.Add(-time.Hour)) >= most:
		why = ErrOften
	default:
		if why = w.Sender.Send(ctx, Group(due)); why == nil {
			own.note(due, now)
			return nil
		}
		if d.failed == nil {
			d.failed = map[string]time.Time{}
		}
		d.failed[w.Name] = now.Add(rest)
	}
	lost := own.hold(due)
	if lost > 0 {
		return &Trouble{w.Name, false, fmt.Errorf("%w; %d things were too many to keep", why, lost)}
	}
	return &Trouble{w.Name, d.Memory != nil, why}
}

// mostLines is how much of many messages stands in one.
const mostLines = 20

// Group makes one message of many. What does not fit is counted.
func Group(list []Message) Message {
	if len(list) == 1 {
		return list[0]
	}
	g := Message{On: list[0].On, Key: list[0].Key, Paste: list[0].Paste}
	kinds := map[string]int{}
	for i, m := range list {
		kinds[m.On]++
		g.Urgent = g.Urgent || m.Urgent
		if m.Paste != g.Paste {
			g.Paste = ""
		}
		if i < mostLines {
			line := m.Title
			if m.Paste != "" {
				line += "  (" + m.Paste + ")"
			}
			g.Lines = append(g.Lines, line)
		}
	}
	if n := len(list) - mostLines; n > 0 {
		g.Lines = append(g.Lines, fmt.Sprintf("and %d more", n))
	}
	for _, on := range []string{"escalate", "review", "approval", "receipt", "drift"} {
		if kinds[on] == 0 {
			continue
		}
		if g.Title != "" {
			g.Title += ", "
		}
		g.Title += fmt.Sprintf("%d %s", kinds[on], words[on])
	}
	g.Title = "soc: " + g.Title
	return g
}

var words = map[string]string{"escalate": "to escalate", "review": "to review", "approval": "about approvals", "receipt": "done or undone", "drift": "drift alarms"}
