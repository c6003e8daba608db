package cmd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/seed-959697dd/soc/respond"
	"github.com/seed-959697dd/soc/triage"
)

// writeOptions are the flags of writing back while alerts are judged.
type writeOptions struct{ back, execute bool }

// mayWrite refuses to write back what cannot be.
func (a *app) mayWrite(o *triageOptions) error {
	switch {
	case o.write.execute && !o.write.back:
		return usage(errors.New("--execute: is for --write-back"), "soc triage --from NAME --write-back --execute")
	case !o.write.back:
		return nil
	case o.output == "csv" || o.output == "ocsf":
		return usage(errors.New("--write-back: what is written is told as text or JSON, not among rows of --output "+o.output), "soc triage --from NAME --write-back --json")
	case len(o.inlets) == 0 && !o.worker:
		return usage(errors.New("--write-back: what came from no source has no place to be written to"), "soc triage --from NAME --write-back")
	case o.noBook || o.parse || o.explain != "":
		return usage(errors.New("--write-back needs the casebook, which keeps what entries said before"), "soc triage --from NAME --write-back --execute")
	}
	for _, in := range o.inlets {
		if !in.conf.WriteBack {
			return usage(fmt.Errorf("--write-back: sources.%s.write_back is not true", in.name), "in soc.yaml: sources: {"+in.name+": {write_back: true}}")
		}
	}
	return nil
}

// report remembers what is to be written of a verdict once it is in the book.
func (r *run) report(v *triage.Verdict) {
	if r.scribe == nil {
		return
	}
	if w, ok := ofVerdict(v); ok {
		r.saying.Lock()
		defer r.saying.Unlock()
		r.toSay = append(r.toSay, saying{v.ID, w})
	}
}

// saying is what is to be written to the items of a verdict.
type saying struct {
	verdict string
	respond.Writing
}

// writeBack tells the items of the verdicts that are in the book what became of them.
func (r *run) writeBack(ctx context.Context) error {
	if r.scribe == nil {
		return nil
	}
	r.saying.Lock()
	pending := r.toSay
	r.toSay = nil
	r.saying.Unlock()
	slices.SortFunc(pending, func(a, b saying) int { return strings.Compare(a.verdict, b.verdict) })
	names := map[string]bool{}
	for _, in := range r.o.inlets {
		names[in.name] = true
	}
	if len(pending)+len(r.scribe.left) == 0 {
		return nil
	}
	var list []respond.Writing
	for _, one := range pending {
		origins, err := r.book.OriginsOf(ctx, one.verdict)
		if err != nil {
			return bookError(err)
		}
		for _, o := range origins {
			w := one.Writing
			if w.Desk, w.Item = o.Source, o.Item; !names[w.Desk] && !r.o.worker {
				continue
			}
			if _, may := r.scribe.clerk.Desks[w.Desk]; !may { // write_back is not true of it
				continue
			}
			if w.Change.Close {
				if w.Bar, err = stillOpen(ctx, r.book, w.Desk, w.Item); err != nil {
					return err
				}
			}
			list = append(list, w)
		}
	}
	return r.scribe.write(ctx, gentle(list))
}

// gentle leaves one thing to be said of each item. When an item's alerts ended in several verdicts the one that needs a person counts, and it is
// closed only if all of them were.
func gentle(list []respond.Writing) []respond.Writing {
	best := map[string]int{}
	var out []respond.Writing
	for _, w := range list {
		key := w.Target().Value
		at, ok := best[key]
		switch {
		case !ok:
			best[key] = len(out)
			out = append(out, w)
		case out[at].Change.Close && !w.Change.Close, out[at].Change.Close == w.Change.Close && w.Change.Severity > out[at].Change.Severity:
			out[at] = w
		}
	}
	return out
}

// graver is the failure of the two that a person has to know of first: what did not take effect before what a flag asked to be told of.
func graver(of, other error) error {
	var f *failure
	if other != nil && (of == nil || errors.As(of, &f) && f.err == nil) {
		return other
	}
	return of
}
