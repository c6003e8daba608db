package cmd

import (
	"context"
	"slices"

	"github.com/seed-959697dd/soc/internal/prompt"
	"github.com/seed-959697dd/soc/triage"
)

// writer is who writes prose: the last of a cascade; nil when no model is asked.
func (r *run) writer() *witness {
	if len(r.asks) == 0 {
		return nil
	}
	return r.asks[len(r.asks)-1]
}

// prose lets a model explain the verdict that --explain asks for. It stands by then, and what is written changes nothing of it; what goes
// wrong is a gap beside it.
func (r *run) prose(ctx context.Context, v *triage.Verdict, m *triage.Members) error {
	w := r.writer()
	if w == nil || r.o.explain == "" {
		return nil
	}
	if wanted, err := r.show.wants(v, m); err != nil || !wanted {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, w.o.budget, errTime)
	defer cancel()
	if err := w.explain(ctx, v); err != nil {
		v.Gaps = append(v.Gaps, prompt.Gap(w.name, err))
	}
	return nil
}

// explanation puts the verdict and its alert into words.
func (w *witness) explanation(v *triage.Verdict) (*prompt.Explanation, error) {
	a, err := w.again(v.Raw, v.View)
	if err != nil {
		return nil, err
	}
	return w.composer.Explain(a, v, w.remote)
}

func (w *witness) explain(ctx context.Context, v *triage.Verdict) error {
	e, err := w.explanation(v)
	if err != nil {
		return err
	}
	answer, cached, err := w.ask(ctx, e.Request)
	if err != nil {
		return err
	}
	p, err := e.Read(answer)
	if err != nil {
		return err
	}
	p.By, p.Cached = w.name, cached
	v.Prose = &p
	if g, ok := e.Left.Gap(w.name); ok && !slices.Contains(v.Gaps, g) {
		v.Gaps = append(v.Gaps, g)
	}
	return nil
}

// wouldExplain is what would be sent.
func (w *witness) wouldExplain(v *triage.Verdict) ([]byte, error) {
	e, err := w.explanation(v)
	if err != nil {
		return nil, err
	}
	return w.spelled(&e.Request), nil
}

// openAnswers opens the casebook, if there is one, for what models said before and say now. Nothing else of --explain is kept.
func (r *run) openAnswers(ctx context.Context, named string) error {
	if len(r.asks) == 0 {
		return nil
	}
	path, err := r.app.locate(named)
	if err != nil {
		return nil //nolint:nilerr // without a place there is no casebook, and nobody asked for one
	}
	if there(path) != nil {
		return nil // nor is there one yet
	}
	if r.said, err = r.app.openBook(ctx, named, false, false); err != nil {
		return err
	}
	r.known.answers.book = r.said.Answers()
	return nil
}
