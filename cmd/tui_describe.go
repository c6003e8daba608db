package cmd

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/prompt"
	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/triage"
)

// describing is how long a model may take for its few sentences.
const describing = 3 * time.Minute

// writer makes the model ready that --model names.
func (d *desk) writer() (*witness, error) {
	if d.o.model.name == "" || d.o.model.name == noModel {
		return nil, errNoModel
	}
	set, err := d.formats()
	if err != nil {
		return nil, err
	}
	g, err := d.grounds()
	if err != nil {
		return nil, err
	}
	r := &run{app: d.app, set: set, conf: d.s}
	r.o.model = d.o.model
	r.o.model.budget = describing
	r.known = &knowledge{app: d.app, s: d.s, now: d.app.Now(), began: d.app.Now(), estate: g.know.estate}
	r.known.answers.book = d.book.Answers()
	if err := r.models(d.s, d.o.model.name); err != nil {
		return nil, err
	}
	return r.writer(), nil
}

// Describe implements tui.Asker. What the model writes is kept by the checker of its citations or left out, and is nothing but text here.
func (q *inquirer) Describe(ctx context.Context, verdict string, told func(string)) (*render.Page, error) {
	if err := q.begin(); err != nil {
		return nil, err
	}
	defer q.busy.Done()
	w, err := q.model()
	if err != nil {
		return nil, err
	}
	raw, err := q.Raw(ctx, verdict)
	if err != nil {
		return nil, err
	}
	if raw.Received == nil {
		return nil, fmt.Errorf("the casebook does not keep the bytes of the alert of %s", verdict)
	}
	doc, err := q.book.Verdict(ctx, verdict)
	if err != nil {
		return nil, err
	}
	v := judgedOf(doc.Document)
	v.Raw, v.View = raw.Received, raw.View
	told("waiting for its answer")
	ctx, cancel := context.WithTimeoutCause(ctx, describing, errTime)
	defer cancel()
	if err := w.explain(ctx, v); err != nil {
		gap := prompt.Gap(w.name, err)
		return nil, fmt.Errorf("model %s: %s: %w", w.name, gap.Class, err)
	}
	return described(doc.ID, v.Prose, v.Gaps, func(at string) render.Behind {
		if strings.HasPrefix(at, "signal ") {
			return render.Behind{}
		}
		return render.Behind{Verdict: verdict, Path: at}
	}), nil
}

// DescribeCase implements tui.Asker. The case that is looked at is read only: the words are a page beside it.
func (q *inquirer) DescribeCase(ctx context.Context, id string, told func(string)) (*render.Page, error) {
	if err := q.begin(); err != nil {
		return nil, err
	}
	defer q.busy.Done()
	w, err := q.model()
	if err != nil {
		return nil, err
	}
	c, err := q.book.Case(ctx, id)
	if err != nil {
		return nil, err
	}
	k, err := q.judged(ctx, c.ID, c.Verdicts)
	if err != nil {
		return nil, err
	}
	if k == nil {
		return nil, fmt.Errorf("%w: %s has none", casebook.ErrNoVerdict, c.ID)
	}
	told("waiting for its answer")
	writer := &narrator{witness: w}
	n, err := writer.narration(k)
	var p *triage.Prose
	if err == nil {
		p, err = writer.words(ctx, n)
	}
	if err != nil {
		gap := writer.lack(err)
		return nil, fmt.Errorf("model %s: %s: %w", w.name, gap.Class, err)
	}
	alerts := map[string]string{}
	for i := range k.Members {
		alerts["alert "+gjson.Get(k.Members[i].Document, "alert.id").Str] = k.Members[i].ID
	}
	return described(c.ID, p, writer.unshown(n.Left), func(at string) render.Behind { return render.Behind{Verdict: alerts[at]} }), nil
}

// judgedOf is what a model is told of a verdict.
func judgedOf(doc []byte) *triage.Verdict {
	var past triage.Past
	v := &triage.Verdict{}
	if triage.ReadPast(view(doc), &past) == nil {
		v.Judgement = past.Then
	}
	v.Signals = nil
	for _, s := range gjson.GetBytes(doc, "signals").Array() {
		one := triage.Signal{Check: s.Get("check").Str, Family: triage.Family(s.Get("family").Str), Term: triage.Weight(s.Get("term").Int()), Sentence: s.Get("sentence").Str}
		if s.Get("trust").Str == alert.Estate.String() {
			one.Trust = alert.Estate
		}
		for _, r := range s.Get("receipts").Array() {
			one.Receipts = append(one.Receipts, alert.Ref{Path: alert.Path(r.Get("path").Str), Value: r.Get("value").Str, Source: r.Get("source").Str})
		}
		v.Signals = append(v.Signals, one)
	}
	return v
}

// described writes a model's words out, as its words. Behind is what stands behind a place that a sentence names.
func described(what string, prose *triage.Prose, gaps []alert.Gap, behind func(at string) render.Behind) *render.Page {
	p := &render.Page{Title: what + " in the words of model " + render.Short(prose.By)}
	say := func(t render.Tone, indent int, text string, b render.Behind) {
		p.Paras = append(p.Paras, render.Para{Tone: t, Indent: indent, Text: text, Behind: b})
	}
	say(render.Warn, 0, "These are the words of model "+prose.By+". They decide nothing and change nothing; what was judged stands as it stood. Each sentence names the places that it rests on; what it makes of them is the model's.", render.Behind{})
	say(render.Plain, 0, "", render.Behind{})
	for _, s := range prose.Sentences {
		say(render.Plain, 0, s.Text, render.Behind{})
		for _, c := range s.Cites {
			say(render.Faint, 4, c.At+" = "+c.Value, behind(c.At))
		}
	}
	if len(prose.Sentences) == 0 {
		say(render.Plain, 0, "nothing that holds", render.Behind{})
	}
	if n := prose.Dropped; n > 0 {
		say(render.Warn, 0, render.Plural(int64(n), "sentence is", "sentences are")+" left out: what they rest on is not there", render.Behind{})
	}
	for _, g := range gaps {
		say(render.Warn, 0, "gap: "+string(g.Class)+", "+g.Reason, render.Behind{})
	}
	return p
}
