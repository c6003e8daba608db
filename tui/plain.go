package tui

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/internal/query"
	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/internal/term"
)

// talk is the screen as a dialogue in lines: one line in, some lines out, nothing drawn over and nothing that depends on where on the
// screen it stands. A screen reader reads it from top to bottom, a story sends it its lines.
type talk struct {
	desk   Desk
	in     *bufio.Scanner
	out    io.Writer
	now    func() time.Time
	width  int
	prompt bool
	view   View
	list   Listing
	ids    []string // as they were numbered last
	marked []string
	file   *render.CaseFile
	zoom   render.Zoom
	done   []deed
	undid  []deed
	views  []Saved
	keep   func([]Saved) error
	failed int
}

// Talk is what a dialogue in lines begins with.
type Talk struct {
	Now    func() time.Time
	Filter string
	Views  []Saved             // those that the person keeps
	Keep   func([]Saved) error // keeps others; nil where there is no place for them
}

// errUnheard means that some lines of a dialogue could not be obeyed.
var errUnheard = errors.New("could not be obeyed")

// Plain runs the screen as a dialogue in lines until it is told to quit or its input ends. A line that cannot be obeyed says so and is
// counted; the error at the end says how many there were, unless a person typed them.
func Plain(ctx context.Context, d Desk, streams term.IO, o Talk) error {
	t := &talk{
		views: o.Views, keep: o.Keep,
		desk: d, in: bufio.NewScanner(streams.In), out: streams.Out, now: o.Now, width: min(max(streams.Width, 40), 200),
		prompt: streams.InTTY, view: View{State: "open", Filter: o.Filter},
	}
	t.in.Buffer(nil, 1<<20)
	if err := t.read(ctx); err != nil {
		return err
	}
	t.line("%s escalated, %s to review, %s closed. help lists what can be said.", render.Count(int64(t.list.Escalated)), render.Count(int64(t.list.Review)), render.Count(int64(t.list.Ended)))
	for ctx.Err() == nil {
		line, ok := t.hear("> ")
		if !ok || line == "quit" {
			break
		}
		if err := t.say(ctx, line); err != nil {
			t.failed++
			var fault *query.Fault
			if errors.As(err, &fault) {
				err = fmt.Errorf("%s; at character %d", fault.What, fault.Column+1)
			}
			t.line("failed: %s", err)
		}
	}
	if err := errors.Join(ctx.Err(), t.in.Err()); err != nil {
		return err
	}
	if t.failed > 0 && !t.prompt {
		return fmt.Errorf("%s %w", render.Plural(int64(t.failed), "line", "lines"), errUnheard)
	}
	return nil
}

// hear reads a line; a person is prompted for it.
func (t *talk) hear(prompt string) (string, bool) {
	if t.prompt {
		_, _ = io.WriteString(t.out, prompt)
	}
	if !t.in.Scan() {
		return "", false
	}
	return strings.TrimSpace(t.in.Text()), true
}

func (t *talk) line(format string, args ...any) {
	_, _ = io.WriteString(t.out, term.Clean(fmt.Sprintf(format, args...))+"\n")
}

func (t *talk) lines(list []render.Line) {
	for i := range list {
		_, _ = io.WriteString(t.out, strings.TrimRight(list[i].Text(), " ")+"\n")
	}
}

func (t *talk) say(ctx context.Context, line string) error {
	name, rest, _ := strings.Cut(line, " ")
	if name == "" {
		return nil
	}
	for _, w := range words() {
		if w.name == name {
			return w.say(t, ctx, strings.TrimSpace(rest))
		}
	}
	return fmt.Errorf("%s: not understood; help lists what can be said", name)
}

func (t *talk) read(ctx context.Context) (err error) {
	t.list, err = t.desk.Queue.List(ctx, t.view, 0)
	return err
}

func (t *talk) sayList(ctx context.Context, rest string) error {
	n := 20
	if rest != "" {
		var err error
		if n, err = strconv.Atoi(rest); err != nil || n < 1 {
			return fmt.Errorf("list %s: how many cases?", rest)
		}
	}
	if err := t.read(ctx); err != nil {
		return err
	}
	t.ids = nil
	for _, e := range t.list.Entries[:min(n, len(t.list.Entries))] {
		t.ids = append(t.ids, e.ID)
	}
	rows, err := t.desk.Queue.Rows(ctx, t.ids)
	if err != nil {
		return err
	}
	for i := range rows {
		l := rows[i].Spoken(t.now())
		t.line("%d  %s", i+1, l)
	}
	t.line("%d of %s", len(rows), render.Plural(int64(len(t.list.Entries)), "case", "cases"))
	if n := t.list.Undecided; n > 0 {
		t.line("of %s it cannot be told (%s): left out", render.Plural(int64(n), "case", "cases"), t.list.Why)
	}
	return nil
}

func (t *talk) sayFilter(ctx context.Context, rest string) error {
	if _, err := ParseFilter(rest); err != nil {
		return err
	}
	t.view.Filter = rest
	return t.sayList(ctx, "")
}

func (t *talk) saySort(ctx context.Context, rest string) error {
	if !slices.Contains([]string{"need", "oldest", "newest", "severity"}, rest) {
		return errors.New("sort need, oldest, newest or severity")
	}
	if t.view.Sort = rest; rest == "need" {
		t.view.Sort = ""
	}
	return t.sayList(ctx, "")
}

func (t *talk) sayView(ctx context.Context, rest string) error {
	if !slices.Contains([]string{"open", "snoozed", "closed", "all"}, rest) {
		return errors.New("view open, snoozed, closed or all")
	}
	t.view.State = rest
	return t.sayList(ctx, "")
}

// named is the case that a number of the last list, or an id, stands for.
func (t *talk) named(rest string) (string, error) {
	n, err := strconv.Atoi(rest)
	switch {
	case err != nil && strings.HasPrefix(rest, "c-"):
		return rest, nil
	case err != nil || n < 1 || n > len(t.ids):
		return "", fmt.Errorf("%q: no number of the list; list makes one", rest)
	}
	return t.ids[n-1], nil
}

func (t *talk) sayOpen(ctx context.Context, rest string) error {
	id, err := t.named(rest)
	if err != nil {
		return err
	}
	return t.look(ctx, id, 0)
}

// look reads a case and says what it is.
func (t *talk) look(ctx context.Context, id string, from int64) error {
	f, err := t.desk.Reader.File(ctx, id, from)
	if err != nil {
		return err
	}
	t.file = f
	t.lines(append(f.Row.Head(), f.Judged(), f.Gapped()))
	for _, s := range f.Sections(t.width, render.Shown{Zoom: t.zoom}) {
		t.lines(append([]render.Line{{}, render.SectionHead(&s)}, s.Lines...))
	}
	return nil
}

var errNoneOpen = errors.New("no case is open: list, then open N")

func (t *talk) sayNext(ctx context.Context, _ string) error {
	at := -1
	if t.file != nil {
		at = slices.IndexFunc(t.list.Entries, func(e Entry) bool { return e.ID == t.file.Row.ID })
	}
	if at+1 >= len(t.list.Entries) {
		return errors.New("there is no further case in the queue")
	}
	return t.sayOpen(ctx, t.list.Entries[at+1].ID)
}

func (t *talk) sayRaw(ctx context.Context, rest string) error {
	if t.file == nil {
		return errNoneOpen
	}
	r, err := t.desk.Reader.Raw(ctx, t.file.Strongest())
	if err != nil {
		return err
	}
	list := r.Lines(false)
	from, to := 0, len(list)-1
	if rest != "" {
		if from = render.Find(list, rest); from < 0 {
			return fmt.Errorf("%s: the alert has nothing there", rest)
		}
		to = list[from].Last
	}
	for _, l := range list[from : to+1] {
		t.line("%s", l.Text)
	}
	return nil
}
