package tui

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/seed-959697dd/soc/internal/render"
)

// asking is a question that is under way in the background: one at a time.
type asking struct {
	what  string
	says  string // how far it has come
	since time.Time
	stop  func()
	from  chan string
	ended bool // it was stopped, and has not said so yet
}

// words say what is under way.
func (a *asking) words(now time.Time) string {
	text := a.what
	if a.says != "" {
		text += ": " + a.says
	}
	if a.ended {
		return text + ", stopping"
	}
	return text + fmt.Sprintf(", %d s, X stops it", int(now.Sub(a.since).Seconds()))
}

// askAbout begins to ask about what is under the cursor.
func (m *Model) askAbout(a act) tea.Cmd {
	k, f := m.desk.Asker, m.file.file
	b := m.file.here()
	switch {
	case f == nil:
		m.tell("the case is being read", nil)
	case k == nil:
		m.tell("there is nobody to ask", nil)
	case m.asking != nil:
		m.tell(m.asking.what+" is under way; X stops it", nil)
	case a == actPivot && b.Value == "":
		m.tell("no entity and no indicator stands here: tab goes to them, I investigates the whole case", nil)
	case a == actPivot:
		id := m.file.id
		return m.begin("asking the logs for "+render.Short(b.Value), id, func(ctx context.Context, told func(string)) (*render.Page, error) {
			return k.Pivot(ctx, id, b.Kind, b.Value, told)
		})
	case a == actPursue:
		id := m.file.id
		return m.begin("investigating "+id, id, func(ctx context.Context, told func(string)) (*render.Page, error) {
			return nil, k.Pursue(ctx, id, told)
		})
	case a == actSummary && broad(f):
		id := m.file.id
		return m.begin("asking the model about "+id, id, func(ctx context.Context, told func(string)) (*render.Page, error) {
			return k.DescribeCase(ctx, id, told)
		})
	case a == actSummary, a == actWords:
		verdict := b.Verdict
		if verdict == "" {
			verdict = f.Strongest()
		}
		return m.begin("asking the model about "+verdict, m.file.id, func(ctx context.Context, told func(string)) (*render.Page, error) {
			return k.Describe(ctx, verdict, told)
		})
	}
	return nil
}

// broad tells whether there is more to a case than one verdict: then it is the case that a model describes.
func broad(f *render.CaseFile) bool { return f.Row.Verdicts > 1 || len(f.Events) > 0 }

// begin runs a question in the background.
func (m *Model) begin(what, id string, ask func(ctx context.Context, told func(string)) (*render.Page, error)) tea.Cmd {
	ended, from := make(chan struct{}), make(chan string)
	m.asking = &asking{what: what, since: m.now(), stop: sync.OnceFunc(func() { close(ended) }), from: from}
	work := m.run(func(ctx context.Context) tea.Msg {
		defer close(from)
		ctx, cancel := until(ctx, ended)
		defer cancel()
		page, err := ask(ctx, func(says string) {
			select {
			case from <- says:
			case <-ctx.Done():
			}
		})
		return askedMsg{id: id, what: what, page: page, err: err, stopped: ctx.Err() != nil}
	})
	return tea.Batch(work, m.progress())
}

// progress waits for how far the question under way has come.
func (m *Model) progress() tea.Cmd {
	from := m.asking.from
	return m.run(func(context.Context) tea.Msg {
		if says, ok := <-from; ok {
			return progressMsg{says}
		}
		return nil
	})
}

func (m *Model) progressed(msg progressMsg) tea.Cmd {
	if m.asking == nil {
		return nil
	}
	now := *m.asking
	now.says = msg.says
	m.asking = &now
	return m.progress()
}

// stopAsking ends what is under way.
func (m *Model) stopAsking() tea.Cmd {
	if m.asking == nil {
		m.tell("nothing is being asked", nil)
		return nil
	}
	m.asking.stop()
	now := *m.asking
	now.ended = true
	m.asking = &now
	return nil
}

// asked shows what came of a question: at once to who waits at its case, else it is told and can be looked at.
func (m *Model) asked(msg askedMsg) tea.Cmd {
	m.asking = nil
	switch {
	case msg.stopped || errors.Is(msg.err, context.Canceled):
		m.tell("stopped: "+msg.what, nil)
		return nil
	case msg.err != nil:
		m.waiting = append(m.waiting, told{title: "Nothing came of " + msg.what, text: []string{render.Short(msg.err.Error())}})
		return nil
	case msg.page == nil && m.on == onCase && m.file.id == msg.id:
		m.tell("done: "+msg.what+". What was found stands in the case", nil)
		return m.readFile(msg.id)
	case msg.page != nil && m.on == onCase && m.file.id == msg.id && m.dialog == nil:
		return m.do(wantPage{msg.page})
	}
	var look intent = wantOpen{msg.id}
	if msg.page != nil {
		look = wantPage{msg.page}
	}
	m.waiting = append(m.waiting, told{title: "Done: " + msg.what, keys: []choice{{"o", "look at it", look}}})
	return nil
}
