package tui

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/seed-959697dd/soc/respond"
	"github.com/seed-959697dd/soc/triage"
)

// Everything below makes a command: the only code of this package that reads or writes, and none of it runs in Update.

// list reads the queue: its first cases at once, and when these are there all of them. What is filtered or grouped costs as much either way.
func (m *Model) list() tea.Cmd {
	m.turn++
	m.reading++
	v := m.queue.view
	if m.queue.whole && m.queue.order.View == v || v.Group != "" || v.Filter != "" {
		return m.listOf(0)
	}
	return m.listOf(firstCases)
}

// refresh reads the queue anew, or sees to it that it is when the listing that is under way has come.
func (m *Model) refresh() tea.Cmd {
	if m.reading > 0 {
		m.stale = true
		return nil
	}
	return m.list()
}

func (m *Model) listOf(limit int) tea.Cmd {
	turn, v, q := m.turn, m.queue.view, m.desk.Queue
	if m.stop != nil {
		m.stop() // nobody waits for the listing before any more
	}
	ended := make(chan struct{})
	m.stop = sync.OnceFunc(func() { close(ended) })
	return m.run(func(ctx context.Context) tea.Msg {
		ctx, cancel := until(ctx, ended)
		defer cancel()
		l, err := q.List(ctx, v, limit)
		whole := limit == 0 || len(l.Entries) < limit
		return listedMsg{order: arrange(l), err: err, whole: whole, turn: turn}
	})
}

// until is a context that ends with a channel, too.
func until(ctx context.Context, ended <-chan struct{}) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		select {
		case <-ended:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

func (m *Model) rows(ids []string) tea.Cmd {
	q := m.desk.Queue
	return m.run(func(ctx context.Context) tea.Msg {
		rows, err := q.Rows(ctx, ids)
		return rowsMsg{rows, ids, err}
	})
}

func (m *Model) readFile(id string) tea.Cmd {
	r, from := m.desk.Reader, int64(0)
	if m.file.id == id {
		from = m.file.from
	}
	return m.run(func(ctx context.Context) tea.Msg {
		f, err := r.File(ctx, id, from)
		return fileMsg{id, f, err}
	})
}

func (m *Model) readPreview(id string) tea.Cmd {
	r := m.desk.Reader
	return m.run(func(ctx context.Context) tea.Msg {
		f, err := r.File(ctx, id, 0)
		return previewMsg{id, f, err}
	})
}

func (m *Model) readRaw(verdict, path string) tea.Cmd {
	r := m.desk.Reader
	return m.run(func(ctx context.Context) tea.Msg {
		a, err := r.Raw(ctx, verdict)
		return rawMsg{a, path, err}
	})
}

// decide says the same of every case, one after the other: each is one record of the journal, and what somebody else decided meanwhile
// stays as they decided it.
func (m *Model) decide(ids []string, d triage.Decision) tea.Cmd {
	k := m.desk.Decider
	return m.run(func(ctx context.Context) tea.Msg {
		msg := decidedMsg{asked: len(ids), decision: d}
		for _, id := range ids {
			made, err := k.Decide(ctx, id, d)
			var taken *TakenError
			switch {
			case errors.As(err, &taken):
				msg.taken = append(msg.taken, taken)
			case err != nil:
				msg.err = err
				return msg
			default:
				msg.made = append(msg.made, made)
			}
		}
		return msg
	})
}

func (m *Model) withdraw(d deed) tea.Cmd {
	k := m.desk.Decider
	return m.run(func(ctx context.Context) tea.Msg {
		msg := undoneMsg{deed: d}
		for _, made := range slices.Backward(d.made) {
			err := k.Withdraw(ctx, made)
			var taken *TakenError
			switch {
			case errors.As(err, &taken):
				msg.taken = append(msg.taken, taken)
			case err != nil:
				msg.err = err
				return msg
			default:
				msg.made = append(msg.made, made)
			}
		}
		return msg
	})
}

func (m *Model) note(id, text string) tea.Cmd {
	k := m.desk.Decider
	return m.run(func(ctx context.Context) tea.Msg { return notedMsg{id, k.Note(ctx, id, text)} })
}

func (m *Model) readReport(id string) tea.Cmd {
	r := m.desk.Reader
	return m.run(func(ctx context.Context) tea.Msg {
		p, err := r.Report(ctx, id)
		return pageMsg{id, p, err}
	})
}

func (m *Model) save(name, text string) tea.Cmd {
	to := m.desk.Save
	return func() tea.Msg { return toldMsg{"written: " + name, to(name, text)} }
}

func (m *Model) readPlans(id string) tea.Cmd {
	r := m.desk.Responder
	return m.run(func(ctx context.Context) tea.Msg {
		list, err := r.Plans(ctx, id)
		return plansMsg{id, list, err}
	})
}

func (m *Model) propose(id string) tea.Cmd {
	r := m.desk.Responder
	return m.run(func(ctx context.Context) tea.Msg {
		some, err := r.Propose(ctx, id)
		return proposedMsg{id, some, err}
	})
}

func (m *Model) agree(plan string, risks []string) tea.Cmd {
	r := m.desk.Responder
	return m.run(func(ctx context.Context) tea.Msg {
		return respondMsg{"approved", r.Agree(ctx, plan, risks)}
	})
}

// carry runs what hands over receipts, and hands each on as a message to a screen; at the end comes what do returns.
func (m *Model) carry(on place, do func(ctx context.Context, told func(respond.Receipt)) tea.Msg) tea.Cmd {
	to := make(chan respond.Receipt)
	work := m.run(func(ctx context.Context) tea.Msg {
		defer close(to)
		return do(ctx, func(r respond.Receipt) {
			select {
			case to <- r:
			case <-ctx.Done():
			}
		})
	})
	return tea.Batch(work, m.receipt(on, to))
}

// receipt waits for the next receipt of what is under way.
func (m *Model) receipt(on place, from <-chan respond.Receipt) tea.Cmd {
	return m.run(func(context.Context) tea.Msg {
		if r, ok := <-from; ok {
			return receiptMsg{r, on, from}
		}
		return nil
	})
}

// received shows a receipt, and waits for the next.
func (m *Model) received(msg receiptMsg) tea.Cmd {
	if msg.on == onWrite {
		m.letter.live = append(m.letter.live, msg.receipt)
		m.letter.layout(m.w, m.body())
	} else {
		m.plan.live = append(m.plan.live, msg.receipt)
		m.plan.layout(m.w, m.body())
	}
	return m.receipt(msg.on, msg.from)
}

func (m *Model) ask() tea.Cmd {
	q := m.desk.Queue
	return m.run(func(ctx context.Context) tea.Msg {
		head, err := q.Head(ctx)
		return headMsg{head, err}
	})
}

// beat asks again after a while, unless nobody wants it to.
func (m *Model) beat() tea.Cmd {
	if m.pulse <= 0 {
		return nil
	}
	return tea.Tick(m.pulse, func(time.Time) tea.Msg { return pulseMsg{} })
}

func (m *Model) copyText(text string) tea.Cmd {
	to := m.desk.Copy
	return func() tea.Msg { return toldMsg{"copied: " + text, to(text)} }
}
