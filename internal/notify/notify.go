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
	"maps"
	"slices"
	"time"
)

// Message is one thing to tell. Its texts have no control characters.
type Message struct {
	On     string   // what it is about: escalate, review, approval, receipt, drift
	Key    string   // what it is about, exactly: the same key is told once a day
	Keys   []string // of a message that was made of several: their keys
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
	keys    map[string]bool // of those that wait
	more    map[string]int  // what is too much to keep, by what it is about
	own     Memory
	failed  map[string]time.Time // ways that are left alone until then
}

// Wants tells whether anybody is told of such things.
func (d *Desk) Wants(on string) bool {
	return d != nil && slices.ContainsFunc(d.Ways, func(w Way) bool { return slices.Contains(w.On, on) })
}

// Tell keeps a message for the next Flush. Of more than ten thousand at a time it keeps how many there were.
func (d *Desk) Tell(m Message) {
	if !d.Wants(m.On) || d.keys[m.Key] {
		return
	}
	if len(d.waiting) == mostKeys {
		d.more[m.On]++
		return
	}
	if d.keys == nil {
		d.keys, d.more = map[string]bool{}, map[string]int{}
	}
	if m.Key != "" {
		d.keys[m.Key] = true
	}
	d.waiting = append(d.waiting, m)
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
		memory = &d.own
	}
	var list []Trouble
	gap, err := memory.with(ctx, now, func(m *memoirs) {
		for i := range d.Ways {
			if t := d.way(ctx, m, &d.Ways[i], now); t != nil {
				list = append(list, *t)
			}
		}
		d.waiting, d.keys, d.more = nil, nil, nil
	})
	if err != nil {
		err = fmt.Errorf("what was told and what waits cannot be kept: %w", err)
	}
	if err = errors.Join(gap, err); err != nil {
		list = append(list, Trouble{Err: err})
	}
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
	held, more := own.take()
	var due []Message
	met := map[string]bool{}
	for _, m := range append(held, d.waiting...) {
		if slices.Contains(w.On, m.On) && !own.told(m.Key, now) && !met[m.Key] {
			due = append(due, m)
			met[m.Key] = m.Key != ""
		}
	}
	for on, n := range d.more {
		if slices.Contains(w.On, on) {
			if more == nil {
				more = map[string]int{}
			}
			more[on] += n
		}
	}
	if len(due)+len(more) == 0 {
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
		if why = w.Sender.Send(ctx, group(due, more)); why == nil {
			own.note(due, now)
			return nil
		}
		if d.failed == nil {
			d.failed = map[string]time.Time{}
		}
		d.failed[w.Name] = now.Add(rest)
	}
	if lost := own.hold(due, more, mostHeld); lost > 0 {
		return &Trouble{w.Name, false, fmt.Errorf("%w; %d things were too many to keep and will only be counted", why, lost)}
	}
	return &Trouble{w.Name, d.Memory != nil, why}
}

// mostLines is how much of many messages stands in one.
const mostLines = 20

// group makes one message of many and of how many more there were, by what they are about. It has to have one of either. What does not
// fit is counted.
func group(list []Message, more map[string]int) Message {
	if len(list) == 1 && len(more) == 0 {
		return list[0]
	}
	kinds := maps.Clone(more)
	if kinds == nil {
		kinds = map[string]int{}
	}
	var g Message
	if len(list) > 0 {
		g = Message{On: list[0].On, Key: list[0].Key, Paste: list[0].Paste}
	} else {
		g.On = slices.Sorted(maps.Keys(more))[0]
	}
	all := len(list)
	for _, n := range more {
		all += n
	}
	for i, m := range list {
		kinds[m.On]++
		if m.Key != "" {
			g.Keys = append(g.Keys, m.Key)
		}
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
	if n := all - min(len(list), mostLines); n > 0 {
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
