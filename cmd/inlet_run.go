package cmd

import (
	"context"
	"fmt"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/alert/stream"
	"github.com/seed-959697dd/soc/internal/term"
)

// talk says at once what is wrong with an input that is followed, and what else there is to say of it: the account, which has the gaps again,
// comes at the end only.
func (r *run) talk(b *stream.Batch) {
	if len(r.o.inlets) == 0 {
		return
	}
	say := func(input, text string) {
		r.show.bar.Clear()
		fmt.Fprintf(r.app.IO.Err, "soc: %s: %s\n", term.Clean(input), term.Clean(text))
	}
	for _, g := range b.Gaps {
		say(g.Input, g.Reason)
	}
	for _, note := range b.Notes {
		say(b.Input, note)
	}
}

// dropped lets go of arrivals that were said to be no alerts.
func (r *run) dropped(ctx context.Context, rejects []stream.Reject) error {
	if r.book == nil {
		return nil
	}
	for i := range rejects {
		if rejects[i].Item == "" {
			continue
		}
		if err := r.book.Drop(ctx, rejects[i].Input, rejects[i].Item, alert.DigestOf(rejects[i].Raw)); err != nil {
			return bookError(err)
		}
	}
	return nil
}

// cleared lets go of arrivals that were judged and are in the book.
func (r *run) cleared(ctx context.Context) error {
	if r.book == nil || !r.judged || len(r.o.inlets) == 0 {
		return nil
	}
	r.judged = false
	return bookError(r.book.Clear(ctx))
}
