package cmd

import (
	"fmt"

	"github.com/seed-959697dd/soc/internal/intel/feed"
	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/internal/wire"
)

// show prints what became of a feed.
func (r *importRun) show(rep *feed.Report) error {
	if r.wantsJSON() {
		b := appendFeed(nil, &rep.Meta)
		b = wire.Int(wire.Int(b, "read", rep.Read), "duplicates", rep.Duplicates)
		b = wire.Int(wire.Int(b, "skipped", rep.Skipped), "rejected", rep.Rejected)
		if rep.Before >= 0 {
			b = wire.Int(b, "before", rep.Before)
		}
		_, err := r.out.Write(append(wire.Texts(b, "ignored", rep.Ignored), '}', '\n'))
		return err
	}
	form := rep.Kind
	if rep.Warning && form != "warninglist" {
		form += ", as a warning list"
	}
	fmt.Fprintf(r.out, "%s  %s from %s\n", term.Clean(rep.Name), form, term.Clean(rep.Source))
	fmt.Fprintf(r.out, "  %s read = %s kept + %s + %s skipped + %s rejected\n", render.Count(rep.Read), render.Count(rep.Entries),
		render.Plural(rep.Duplicates, "duplicate", "duplicates"), render.Count(rep.Skipped), render.Count(rep.Rejected))
	fmt.Fprintf(r.out, "  types: %s\n", types(&rep.Meta))
	if !rep.Oldest.IsZero() {
		fmt.Fprintf(r.out, "  seen:  %s\n", spanOf(&rep.Meta))
	}
	if rep.Before >= 0 {
		fmt.Fprintf(r.out, "  it replaced a copy of %s\n", render.Plural(rep.Before, "entry", "entries"))
	}
	for _, why := range rep.Ignored {
		fmt.Fprintf(r.out, "  left out: %s\n", term.Clean(why))
	}
	for _, rej := range r.acc.first {
		fmt.Fprintf(r.out, "  rejected: %s:%d: %s\n", term.Clean(rej.Input), rej.Line, term.Clean(rej.Reason))
	}
	if more := rep.Rejected - int64(len(r.acc.first)); more > 0 {
		fmt.Fprintf(r.out, "  and %s more: --rejects FILE keeps all\n", render.Count(more))
	}
	r.acc.first = nil
	return nil
}
