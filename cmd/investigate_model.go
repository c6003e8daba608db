package cmd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/spf13/pflag"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/prompt"
	"github.com/seed-959697dd/soc/investigate"
	"github.com/seed-959697dd/soc/triage"
)

// narratorOptions are the flags about a model that writes and asks.
type narratorOptions struct {
	model  modelOptions
	rounds int
}

// What a model may pick of the logs in one round of a case, and how long all of its calls may take unless --model-budget says so.
const (
	mostPivots     = 4
	narratorBudget = 5 * time.Minute
)

func (o *narratorOptions) flags(f *pflag.FlagSet) {
	o.model.flags(f)
	for name, text := range map[string]string{
		"model":       "let the model `NAME` of soc.yaml write about each case, and pick what else to look up in logs; it changes nothing else",
		"max-calls":   "at most so many calls of the model in a run (default: triage.calls of soc.yaml, else 1000)",
		"show-prompt": "print what would be sent to the model, and stop: of its picks the first round",
	} {
		f.Lookup(name).Usage = text
	}
	o.model.budget = narratorBudget
	f.Lookup("model-budget").DefValue = narratorBudget.String()
	f.IntVar(&o.rounds, "pivots", 2, "with --model and logs: let it pick further questions in so many `ROUNDS`; 0 none")
}

// narrator is a model that writes about cases and picks what to look up. Nil does neither.
type narrator struct {
	*witness
	begun  sync.Once // with its first question: what comes before is not the model's time
	until  time.Time
	rounds int
	book   *casebook.Book // of what it said before; nil without one
	shown  int
}

// narrator makes ready whom --model names.
func (a *app) narrator(ctx context.Context, o investigateOptions, g *grounds, fromBook bool) (*narrator, error) {
	m := o.narrator.model
	if m.name == "" || m.name == noModel {
		if m.show || m.record != "" || m.replay != "" {
			return nil, usage(errors.New("--show-prompt, --record and --replay: of which model?"), "soc investigate --model NAME verdicts.ndjson")
		}
		return nil, nil
	}
	s := g.know.s
	if _, ok := s.Models[m.name]; !ok {
		return nil, s.unknownModel(m.name, "soc investigate --model none verdicts.ndjson")
	}
	r := &run{app: a, known: g.know, o: triageOptions{model: m, noBook: o.noBook, book: o.book, explain: "case"}}
	if err := r.models(s, m.name); err != nil {
		return nil, err
	}
	w := &narrator{witness: r.writer(), rounds: o.narrator.rounds}
	w.share = 1 // nobody is asked behind it
	if o.noBook {
		return w, nil
	}
	named := o.book
	if named == "" && a.Env("SOC_BOOK") == "" && !fromBook {
		named = s.Casebook.File
	}
	err := r.openAnswers(ctx, named)
	w.book = r.said
	return w, err
}

func (w *narrator) close() error {
	if w == nil || w.book == nil {
		return nil
	}
	return w.book.Close()
}

// say puts a question, in the time that is left.
func (w *narrator) say(ctx context.Context, r prompt.Request) (prompt.Answer, bool, error) {
	w.begun.Do(func() { w.until = w.run.app.Now().Add(w.o.budget) })
	ctx, cancel := context.WithTimeoutCause(ctx, w.until.Sub(w.run.app.Now()), errTime)
	defer cancel()
	return w.ask(ctx, r)
}

// lack is the gap that an error leaves.
func (w *narrator) lack(err error) alert.Gap { return prompt.Gap(w.name, err) }

// unshown is the gap that is left by records there was no room for.
func (w *narrator) unshown(n int) []alert.Gap {
	if n == 0 {
		return nil
	}
	return []alert.Gap{{Check: prompt.Check, Source: w.name, Class: alert.Partial, Reason: fmt.Sprintf("the model was not shown %d of the case's records and findings", n)}}
}

// tell lets the model write about a case that stands.
func (w *narrator) tell(ctx context.Context, k *investigate.Case) error {
	if w == nil {
		return nil
	}
	n, err := w.narration(k)
	if err == nil && w.o.show {
		return w.print(&n.Request)
	}
	var p *triage.Prose
	if err == nil {
		p, err = w.words(ctx, n)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		k.Lack(w.lack(err))
		return nil
	}
	k.Prose = p
	k.Lack(w.unshown(n.Left)...)
	return nil
}

// narration is the question for words about a case.
func (w *narrator) narration(k *investigate.Case) (*prompt.Narration, error) {
	return w.composer.Narrate(exhibits(k, w.remote), namesOf(k), w.remote)
}

// words puts it, and keeps of the answer what its checker lets stand.
func (w *narrator) words(ctx context.Context, n *prompt.Narration) (*triage.Prose, error) {
	answer, cached, err := w.say(ctx, n.Request)
	if err != nil {
		return nil, err
	}
	p, err := n.Read(answer)
	if err != nil {
		return nil, err
	}
	p.By, p.Cached = w.name, cached
	return &p, nil
}

func (w *narrator) print(r *prompt.Request) error {
	w.shown++
	_, err := w.run.app.IO.Out.Write(w.spelled(r))
	return err
}

// consult is an investigate.Consult: it asks about the strongest cases for which there are calls left, and puts the replies in their order.
func (w *narrator) consult(ctx context.Context, quests []investigate.Quest) []investigate.Reply {
	replies := make([]investigate.Reply, len(quests))
	room := w.run.budget.room(w.share)
	var wg sync.WaitGroup
	turns := make(chan struct{}, w.parallel())
	for i := range quests {
		replies[i].By = w.name
		if i >= room {
			replies[i].Gaps = []alert.Gap{w.lack(w.run.budget.errCalls(w.share))}
			continue
		}
		if w.o.show { // one after the other
			w.pick(ctx, &quests[i], &replies[i])
			continue
		}
		turns <- struct{}{}
		wg.Go(func() {
			defer func() { <-turns }()
			w.pick(ctx, &quests[i], &replies[i])
		})
	}
	wg.Wait()
	return replies
}

// pick asks what to look up about one case.
func (w *narrator) pick(ctx context.Context, q *investigate.Quest, reply *investigate.Reply) {
	var pivots []prompt.Pivot
	for _, p := range investigate.Pivots() {
		pivots = append(pivots, prompt.Pivot{Name: p.Name, Sentence: p.Sentence, Types: p.Types()})
	}
	things := make([]prompt.Thing, len(q.Things))
	for i, t := range q.Things {
		things[i] = prompt.Thing{Type: t.Type, Value: t.Value}
	}
	ask, err := w.composer.Next(exhibits(q.Case, w.remote), pivots, things, mostPivots, w.remote)
	var picks []prompt.Choice
	if err == nil && w.o.show {
		err = w.print(&ask.Request)
	} else if err == nil {
		var answer prompt.Answer
		if answer, _, err = w.say(ctx, ask.Request); err == nil {
			picks, _, err = ask.Read(answer)
		}
	}
	if err != nil {
		reply.Gaps = append(reply.Gaps, w.lack(err))
	}
	for _, c := range picks {
		reply.Picks = append(reply.Picks, investigate.Pick{Pivot: c.Pivot, Thing: c.Thing})
	}
}

// exhibits are the records of a case, and what was found about it, as a model sees them. A model elsewhere is not told what the program concluded:
// that may be what the estate's own records know.
func exhibits(k *investigate.Case, remote bool) (list []prompt.Exhibit) {
	records, alerts := k.Records(), 0
	for i := range records {
		r := &records[i]
		e := prompt.Exhibit{Name: r.Cite, Shown: r.What, Rank: int(r.Score)}
		if strings.HasPrefix(r.Cite, "alert ") {
			alerts++
			e.Name, e.Cite, e.Rank = "alert "+strconv.Itoa(alerts), r.Cite, e.Rank+1_000_000
		}
		e.Words = wordsOf(r, remote)
		for _, t := range r.Things {
			e.Said = append(e.Said, alert.Field{Slot: investigate.SlotOf(t.Role, t.Type), Path: alert.Path(t.Path), Value: t.Value})
		}
		list = append(list, e)
	}
	for i := range k.Findings {
		f := &k.Findings[i]
		if told := []investigate.Part{investigate.Summary, investigate.Cause, investigate.Answers}; !remote && slices.Contains(told, f.Part) {
			list = append(list, prompt.Exhibit{Name: fmt.Sprintf("finding %d", i+1), Shown: f.Sentence, Words: [][2]string{{"sentence", f.Sentence}}, Rank: 900_000})
		}
	}
	return list
}

// wordsOf are the program's words for a record.
func wordsOf(r *investigate.Record, remote bool) (words [][2]string) {
	add := func(means, text string) {
		if text != "" {
			words = append(words, [2]string{means, text})
		}
	}
	const clock = "2006-01-02 15:04:05 UTC"
	if !r.First.IsZero() {
		add("time", r.First.UTC().Format(clock))
	}
	if r.Last.Sub(r.First) >= time.Second {
		add("until", r.Last.UTC().Format(clock))
	}
	add("what", r.What)
	add("why", r.Why)
	add("by", r.From)
	if r.Count > 1 {
		add("times", strconv.FormatInt(r.Count, 10))
	}
	add("action", r.Action)
	add("phase", r.Phase)
	for _, t := range r.Techniques[:min(len(r.Techniques), 3)] {
		add("technique", strings.TrimSpace(t+" "+investigate.TechniqueName(t)))
	}
	if remote {
		return words
	}
	for _, s := range r.Signals[:min(len(r.Signals), 3)] {
		if s.Term > 0 && s.Check != prompt.Check {
			add("noticed", s.Sentence)
		}
	}
	return words
}

// namesOf are the names of a case by which people may be spoken of, whole and without their domain.
func namesOf(k *investigate.Case) (list []string) {
	for _, name := range slices.Concat(k.Hosts, k.Users) {
		short := name[strings.LastIndexByte(name, '\\')+1:]
		short, _, _ = strings.Cut(short, "@")
		label, _, _ := strings.Cut(short, ".")
		list = append(list, name, short, label)
	}
	return list
}

// shows tells that prompts are printed instead of cases.
func (q *inquiry) shows() bool { return q.narrator != nil && q.narrator.o.show }

// end ends a run that only shows its prompts.
func (w *narrator) end() error {
	if w.shown == 0 {
		return &failure{status: statusFailed, err: errors.New("nothing would be sent: there is no case")}
	}
	return errShown
}
