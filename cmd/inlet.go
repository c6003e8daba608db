package cmd

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/alert/stream"
	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/config"
)

// fromOptions are the flags that name configured systems to take alerts from.
type fromOptions struct {
	names                []string
	since, window, query string
}

// inlet is one configured system as an input of a run.
type inlet struct {
	app     *app
	name    string
	conf    config.Source
	sys     any
	asked   alert.Pull
	follows bool
	alone   bool           // no other input: when it fails there is nothing to go on with
	book    *casebook.Book // nil: nothing is kept
	stores  bool           // whoever takes what is handed on has it on disk when that returns: see worker
	turn    *turn          // nil without a book
	line    int64
}

// defaultSince is how far back a pull looks that nobody gave a window.
const defaultSince = 24 * time.Hour

// inlets makes the systems that --from names ready.
func (a *app) inlets(o triageOptions, s *settings, others int) ([]*inlet, error) {
	f := &o.from
	if len(f.names) == 0 {
		if f.since != "" || f.window != "" || f.query != "" {
			return nil, usage(errors.New("--since, --window and --query are for --from"), "soc triage --from NAME --since 24h")
		}
		return nil, nil
	}
	switch {
	case f.since != "" && f.window != "":
		return nil, usage(errors.New("--since and --window do not go together"), "soc triage --from NAME --since 24h")
	case f.window != "" && o.follow:
		return nil, usage(errors.New("--window and --follow do not go together: what is followed has no end"), "soc triage --from NAME --follow --since 24h")
	case f.query != "" && len(f.names) > 1:
		return nil, usage(errors.New("--query is in the language of one system: name one with --from, or set sources.NAME.query"), "soc triage --from NAME --query QUERY")
	}
	now, err := a.clock(o)
	if err != nil {
		return nil, err
	}
	var list []*inlet
	for i, name := range f.names {
		if slices.Contains(f.names[:i], name) {
			return nil, usage(fmt.Errorf("--from %s stands twice", name), "soc triage --from "+name)
		}
		in, err := a.inlet(name, s, o.follow)
		if err != nil {
			return nil, err
		}
		in.alone = len(f.names)+others == 1
		in.asked.Query = orElse(f.query, in.conf.Query)
		if in.asked.From, in.asked.To, err = f.bounds(now, in.conf.Since.Duration); err != nil {
			return nil, err
		}
		list = append(list, in)
	}
	return list, nil
}

// configured makes the source of that name.
func (a *app) configured(name string, s *settings) (any, config.Source, error) {
	conf, ok := s.Sources[name]
	if !ok {
		hint := "in soc.yaml: sources: {" + name + ": {type: ..., url: ...}}"
		if known := slices.Sorted(maps.Keys(s.Sources)); len(known) > 0 {
			hint = "one of " + strings.Join(known, ", ")
		}
		return nil, conf, usage(fmt.Errorf("--from %s: no source is called that", name), hint)
	}
	sys, err := a.system(name, &conf)
	if err != nil {
		return nil, conf, usage(fmt.Errorf("sources: %s: %w", name, err), "soc doctor")
	}
	return sys, conf, nil
}

// inlet makes one system ready.
func (a *app) inlet(name string, s *settings, follows bool) (*inlet, error) {
	sys, conf, err := a.configured(name, s)
	if err != nil {
		return nil, err
	}
	_, pulls := sys.(alert.Puller)
	_, feeds := sys.(alert.Feeder)
	switch {
	case !pulls && !feeds:
		return nil, usage(fmt.Errorf("--from %s: a source of type %s hands over no alerts", name, conf.Type), "soc doctor")
	case !pulls && !follows:
		return nil, usage(fmt.Errorf("--from %s: a source of type %s has no end and can only be followed", name, conf.Type), "soc triage --from "+name+" --follow")
	}
	return &inlet{app: a, name: name, conf: conf, sys: sys, follows: follows}, nil
}

// bounds is the window that is asked for; its end is zero where none was named.
func (f *fromOptions) bounds(now time.Time, since time.Duration) (from, to time.Time, err error) {
	if f.window != "" {
		begin, end, ok := strings.Cut(f.window, "..")
		if from, err = dayOrTime(begin); err == nil && ok {
			to, err = dayOrTime(end)
		}
		if err != nil || !ok || !from.Before(to) {
			return from, to, usage(fmt.Errorf("--window %s: no window like 2026-03-01..2026-03-02T06:00:00Z", f.window), "soc triage --from NAME --window 2026-03-01..2026-03-02")
		}
		return from, to, nil
	}
	if since == 0 {
		since = defaultSince
	}
	if f.since != "" {
		if since, err = backOf(f.since); err != nil || since == 0 {
			return from, to, usage(fmt.Errorf("--since %s: no time like 12h or 30d", f.since), "soc triage --from NAME --since 24h")
		}
	}
	return now.Add(-since), time.Time{}, nil
}

// dayOrTime reads a day or a time.
func dayOrTime(text string) (time.Time, error) {
	if t, err := time.Parse(time.DateOnly, text); err == nil {
		return t, nil
	}
	return time.Parse(time.RFC3339, text)
}

// source is the inlet as an input.
func (in *inlet) source() stream.Source {
	src := stream.Source{Name: in.name, Met: true, Records: in.once}
	if in.follows {
		read := in.pulling
		if _, ok := in.sys.(alert.Feeder); ok {
			read = in.feeding
		}
		src.Records = in.inTurn(read)
	}
	return src
}

// once pulls the window that was asked for. A system that fails before its first record ends the run when there is nothing else to go on
// with; otherwise what is missing is a gap, and the rest is judged.
func (in *inlet) once(ctx context.Context, lim stream.Limits, emit func(stream.Batch) error) error {
	c := &catch{in: in, limit: lim.Record, keep: in.note(ctx), emit: emit}
	asked := in.asked
	asked.Most = in.conf.Limit
	gaps, err := in.sys.(alert.Puller).Pull(ctx, asked, c.take)
	if ferr := c.flush(); ferr != nil {
		return ferr
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case c.err != nil:
		return c.err
	case err != nil && c.count == 0 && in.alone:
		return &failure{fmt.Errorf("pulling from %s: %w", in.name, err), statusFailed, "soc doctor"}
	case err != nil:
		gaps = append(gaps, in.broken(c.count, err))
	}
	return in.tell(gaps, emit)
}

// broken is the gap that a failed pull leaves.
func (in *inlet) broken(after int64, err error) alert.Gap {
	reason := "nothing was pulled: " + err.Error()
	if after > 0 {
		reason = fmt.Sprintf("the pull ended early, after %d records: %v", after, err)
	}
	return alert.Gap{Source: in.name, Class: alert.Failed, Reason: reason}
}

// tell emits gaps under the inlet's name.
func (in *inlet) tell(gaps []alert.Gap, emit func(stream.Batch) error) error {
	if len(gaps) == 0 {
		return nil
	}
	return emit(stream.Batch{Input: in.name, Gaps: in.gaps(gaps)})
}

func (in *inlet) gaps(list []alert.Gap) []stream.Gap {
	var out []stream.Gap
	for _, g := range list {
		name := in.name
		if g.Source != "" && g.Source != in.name {
			name += ": " + g.Source
		}
		out = append(out, stream.Gap{Input: name, Class: string(g.Class), Reason: g.Reason})
	}
	return out
}
