package cmd

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	"github.com/seed-959697dd/soc/alert/stream"
	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/triage"
)

// openBook opens the casebook, unless the run keeps nothing or only explains.
func (r *run) openBook(ctx context.Context, s *settings, sources []stream.Source, out io.Writer) (err error) {
	named := r.o.book
	switch {
	case r.o.noBook:
		return nil
	case r.o.explain != "":
		return r.openAnswers(ctx, named)
	}
	if r.book, err = r.app.openBook(ctx, named, false, true); err != nil {
		return err
	}
	r.known.answers.book = r.book.Answers()
	for _, in := range r.o.inlets {
		in.book, in.stores = r.book, r.o.worker
		in.turn = in.newTurn(s.Casebook.Lease.Duration)
	}
	names := make([]string, len(sources))
	for i := range sources {
		names[i] = sources[i].Name
	}
	if r.o.write.back {
		if r.scribe, err = r.app.scribe(s, r.book, "soc", r.o.write.execute, out); err != nil {
			return err
		}
	}
	if r.herald != nil {
		r.herald.book = r.book
	}
	r.keep, err = r.book.Begin(ctx, casebook.RunInfo{Command: "triage", Inputs: names, Digests: r.stands.Digests, Close: r.closing, Tell: r.herald.telling})
	return bookError(err)
}

// recall hands over what the casebook saw in earlier runs, and names it in the digests of the verdicts to come.
func (r *run) recall(ctx context.Context, remember func(triage.Sighting)) error {
	if r.book == nil {
		return nil
	}
	sum, n := sha256.New(), 0
	err := r.book.Sightings(ctx, func(s triage.Sighting) error {
		remember(s)
		n++
		_, err := fmt.Fprintf(sum, "%s %q %q %d\n", s.Kind, s.Subject, s.Value, s.Day)
		return err
	})
	if err == nil && n > 0 {
		r.known.names = append(r.known.names, "sightings "+hex.EncodeToString(sum.Sum(nil)))
		r.stands.Digests.Context = r.known.digest()
	}
	return bookError(err)
}

// finish writes what the casebook has collected, before the account is printed.
func (r *run) finish(ctx context.Context) error {
	if r.keep == nil {
		return nil
	}
	return bookError(r.keep.End(ctx))
}
