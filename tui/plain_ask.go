package tui

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/seed-959697dd/soc/internal/render"
)

func (t *talk) sayMore(ctx context.Context, _ string) error {
	switch f := t.file; {
	case f == nil:
		return errNoneOpen
	case f.From+int64(len(f.Verdicts)) >= f.Row.Verdicts:
		return errors.New("the case has no further verdicts")
	default:
		return t.look(ctx, f.Row.ID, f.From+int64(len(f.Verdicts)))
	}
}

func (t *talk) sayTimeline(_ context.Context, rest string) error {
	names := []string{"events", "minutes", "hours", "phases"}
	at := slices.Index(names, rest)
	switch {
	case at < 0:
		return errors.New("timeline events, minutes, hours or phases")
	case t.file == nil:
		return errNoneOpen
	}
	t.zoom = render.Zoom(at)
	for _, s := range t.file.Sections(t.width, render.Shown{Zoom: t.zoom}) {
		if strings.HasPrefix(s.Title, "TIMELINE") {
			t.lines(append([]render.Line{render.SectionHead(&s)}, s.Lines...))
		}
	}
	return nil
}

func (t *talk) sayReport(ctx context.Context, rest string) error {
	if t.file == nil {
		return errNoneOpen
	}
	p, err := t.desk.Reader.Report(ctx, t.file.Row.ID)
	switch {
	case err != nil:
		return err
	case rest == "":
		t.page(p)
	case t.desk.Save == nil:
		return errors.New("nothing can be written here")
	default:
		if err := t.desk.Save(rest, p.File()); err != nil {
			return err
		}
		t.line("written: %s", rest)
	}
	return nil
}

// page says a page.
func (t *talk) page(p *render.Page) {
	t.line("%s", p.Title)
	t.lines(p.Lines(t.width))
}

// progress says how far something has come, in a line each time.
func (t *talk) progress(says string) { t.line("... %s", says) }

var errNobody = errors.New("there is nobody to ask")

func (t *talk) sayAsk(ctx context.Context, rest string) error {
	kind, value, ok := strings.Cut(rest, " ")
	switch {
	case t.file == nil:
		return errNoneOpen
	case !ok:
		return errors.New("ask for what? ask host ws-12, ask ip 203.0.113.9")
	case t.desk.Asker == nil:
		return errNobody
	}
	p, err := t.desk.Asker.Pivot(ctx, t.file.Row.ID, kind, strings.TrimSpace(value), t.progress)
	if err == nil {
		t.page(p)
	}
	return err
}

func (t *talk) sayInvestigate(ctx context.Context, _ string) error {
	switch {
	case t.file == nil:
		return errNoneOpen
	case t.desk.Asker == nil:
		return errNobody
	}
	id := t.file.Row.ID
	if err := t.desk.Asker.Pursue(ctx, id, t.progress); err != nil {
		return err
	}
	return t.look(ctx, id, 0)
}

func (t *talk) sayDescribe(ctx context.Context, rest string) error {
	switch {
	case t.file == nil:
		return errNoneOpen
	case t.desk.Asker == nil:
		return errNobody
	}
	var p *render.Page
	var err error
	switch {
	case rest != "" && !t.file.Has(rest):
		return fmt.Errorf("%s: no verdict of %s that is shown", rest, t.file.Row.ID)
	case rest == "" && broad(t.file):
		p, err = t.desk.Asker.DescribeCase(ctx, t.file.Row.ID, t.progress)
	default:
		p, err = t.desk.Asker.Describe(ctx, cmp.Or(rest, t.file.Strongest()), t.progress)
	}
	if err == nil {
		t.page(p)
	}
	return err
}

func (t *talk) sayViews(ctx context.Context, rest string) error {
	name, forget := strings.CutPrefix(rest, "-")
	at := slices.IndexFunc(t.views, func(s Saved) bool { return s.Name == name })
	switch {
	case rest == "":
		for i := range t.views {
			t.line("%s  %s", t.views[i].Name, t.views[i].View.words())
		}
		t.line("%s kept", render.Plural(int64(len(t.views)), "view", "views"))
		return nil
	case at < 0:
		return fmt.Errorf("no view is called %s", name)
	case forget:
		t.views = slices.Delete(slices.Clone(t.views), at, at+1)
		t.line("forgotten: %s", name)
		return t.keepViews()
	}
	t.view = t.views[at].View
	return t.sayList(ctx, "")
}

func (t *talk) sayKeep(_ context.Context, name string) error {
	list := slices.DeleteFunc(slices.Clone(t.views), func(s Saved) bool { return s.Name == name })
	switch {
	case name == "" || strings.HasPrefix(name, "-"):
		return errors.New("keep it under which name?")
	case len(list) == mostViews:
		return fmt.Errorf("%d views are kept already: views -NAME forgets one", mostViews)
	}
	t.views = append(list, Saved{name, t.view})
	t.line("kept: %s", name)
	return t.keepViews()
}

func (t *talk) keepViews() error {
	if t.keep == nil {
		return nil
	}
	return t.keep(t.views)
}

// sayGroup counts the cases of the list that share a rule, host or user, in the order of the first of each.
func (t *talk) sayGroup(ctx context.Context, rest string) error {
	if !slices.Contains([]string{"rule", "host", "user"}, rest) {
		return errors.New("group rule, host or user")
	}
	v := t.view
	v.Group = rest
	l, err := t.desk.Queue.List(ctx, v, 0)
	if err != nil {
		return err
	}
	o := arrange(l)
	for i := range o.groups {
		name := o.groups[i].name
		if name == "" {
			name = "(none)"
		}
		t.line("%s  %s", render.Short(name), render.Plural(int64(len(o.groups[i].entries)), "case", "cases"))
	}
	return nil
}
