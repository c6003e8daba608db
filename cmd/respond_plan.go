package cmd

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"
	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/alert/stream"
	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/respond"
)

type planOptions struct {
	contextOptions
	by, book  string
	output    string
	noBook    bool
	playbooks []string
}

func newPlan(a *app) *cobra.Command {
	var o planOptions
	c := &cobra.Command{
		Use:   "plan [CASE | FILE...]",
		Short: "Make a plan of a case: what to do, why, at what risk, and the way back",
		Long: `Plan reads case documents of soc investigate, from files or standard input, or takes a case of the casebook, and proposes for each
what the case recommends: actions of the catalogue on targets that the case names. It does nothing. What is protected, too much at a
time or no single target is refused with the reason. An action without a configured driver, or without a way back, is a task for a
person. A plan is kept in the casebook, where it can be approved; its digest covers all of it. --playbook adds what a team wants done in such
cases: conditions over the case and actions of the same catalogue. --output openc2 prints the actions as commands of OpenC2 (Language
Specification 1.0) instead, for a program of yours that sends them; an action that the language has no command for is named on stderr.

EXIT STATUS
  0 done, 1 failed, 2 wrong command line or document, 130 interrupted`,
		Example: "  soc triage --json alerts.json | soc investigate --json | soc respond plan --no-book\n  soc respond plan case.ndjson",
		RunE:    func(c *cobra.Command, args []string) error { return a.plan(c.Context(), o, args) },
	}
	f := c.Flags()
	f.StringVar(&o.by, "by", "", "who makes the plan (default: $SOC_USER, then the login `NAME`)")
	f.StringVar(&o.book, "book", "", "the casebook `FILE`")
	f.BoolVar(&o.noBook, "no-book", false, "keep nothing: the plan can be read, not approved")
	f.StringVar(&o.output, "output", "", "print each action as a command in another `FORM`: openc2")
	f.StringArrayVar(&o.playbooks, "playbook", nil, "also want what the playbook `NAME` wants, a shipped one or a file; fitting: every shipped one that fits the case; list: name them")
	f.StringArrayVar(&o.assets, "assets", nil, "an inventory of machines and networks in `FILE` (CSV, JSON)")
	f.StringArrayVar(&o.identities, "identities", nil, "an export of accounts in `FILE` (CSV, JSON)")
	return c
}

func (a *app) plan(ctx context.Context, o planOptions, args []string) error {
	if err := among("soc respond plan --output", o.output, "", "openc2"); err != nil {
		return err
	}
	by, err := a.person(o.by)
	if err != nil {
		return err
	}
	r, err := a.responder(o.contextOptions)
	if err != nil {
		return err
	}
	books, err := a.playbooks(o.playbooks)
	if books == nil || err != nil {
		return err
	}
	cases, err := a.caseDocuments(ctx, o, args)
	if err != nil {
		return err
	}
	if len(cases) == 0 {
		return usage(errors.New("there is no case to plan for"), "soc triage --json alerts.json | soc investigate --json | soc respond plan")
	}
	var book *casebook.Book
	if !o.noBook {
		if book, err = a.openBook(ctx, o.book, false, true); err != nil {
			return err
		}
		defer book.Close() //nolint:errcheck // what matters was committed
		if err := r.graded(ctx, book); err != nil {
			return err
		}
	}
	out := bufio.NewWriter(a.IO.Out)
	paper := render.NewPaper(a.IO)
	var b []byte
	idle := int64(0)
	for _, doc := range cases {
		if err := ctx.Err(); err != nil {
			return err
		}
		p, err := r.propose(ctx, doc, by, books)
		if err != nil {
			return err
		}
		if len(p.Items)+len(p.Refused) == 0 {
			idle++
			continue
		}
		if book != nil {
			if err := book.KeepPlan(ctx, &p); err != nil {
				return err
			}
			r.herald.planned(&p)
		}
		switch b = b[:0]; {
		case o.output == "openc2":
			b = r.openC2(b, &p)
		case a.wantsJSON():
			b = p.AppendJSON(b)
		default:
			b = paper.Plan(b, &p, book != nil)
		}
		if _, err := out.Write(b); err != nil {
			return err
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	r.herald.flush(ctx)
	if idle > 0 {
		fmt.Fprintln(a.IO.Err, "soc: "+render.Plural(idle, "case recommends", "cases recommend")+" nothing: no plan")
	}
	return nil
}

// openC2 appends the commands of a plan, and says which of its actions have none.
func (r *responder) openC2(b []byte, p *respond.Plan) []byte {
	for i := range p.Items {
		var ok bool
		if b, ok = p.AppendOpenC2(b, &p.Items[i]); !ok {
			r.say("%s: OpenC2 has no command for %s %s", p.ID, p.Items[i].Action, term.Clean(p.Items[i].Target.Value))
		}
	}
	for _, one := range p.Refused {
		r.say("%s: refused: %s %s: %s", p.ID, term.Clean(one.Action), term.Clean(one.Target.Value), term.Clean(one.Because))
	}
	return b
}

// propose makes a plan of a case's document, heeding playbooks.
func (r *responder) propose(ctx context.Context, doc []byte, by string, books *playbooks) (respond.Plan, error) {
	set := r.planning(ctx, by)
	s := situation(doc)
	if err := books.add(&s, &set, doc); err != nil {
		return respond.Plan{}, err
	}
	return respond.Propose(s, set), nil
}

// planning is what a plan is made under.
func (r *responder) planning(ctx context.Context, by string) respond.Settings {
	return respond.Settings{
		Level: r.level, Author: by, Now: r.app.Now(), Valid: r.s.Respond.Valid.Duration, Guard: r.guard, Limits: r.limits, Estate: known{r.estate}, Windows: r.windows(), Hands: r.hands(ctx),
	}
}

// situation reads what a case's document asks for.
func situation(doc []byte) respond.Situation {
	sum := sha256.Sum256(doc)
	k := gjson.ParseBytes(doc)
	s := respond.Situation{Case: k.Get("id").Str, CaseDigest: "sha256:" + hex.EncodeToString(sum[:])}
	if v := k.Get("severity").Str; slices.Contains(respond.Strata(), v) {
		s.Severity = v
	}
	for _, id := range k.Get("alert_ids").Array() {
		s.Alerts = append(s.Alerts, id.Str)
	}
	for _, w := range k.Get("recommended").Array() {
		want := respond.Want{
			Action: w.Get("action").Str, Why: w.Get("why").Str,
			Target: respond.Target{Type: respond.TargetType(w.Get("target.type").Str), Value: w.Get("target.value").Str},
		}
		want.Confirmed = confirmed(&k, want.Target)
		for _, c := range w.Get("cites").Array() {
			want.Cites = append(want.Cites, c.Str)
		}
		s.Wants = append(s.Wants, want)
	}
	return s
}

// confirmed says that threat intelligence calls a target malicious, by the case's document; empty when it does not.
func confirmed(k *gjson.Result, t respond.Target) string {
	for _, i := range k.Get("indicators").Array() {
		if i.Get("value").Str == t.Value && i.Get("verdict").Str == "malicious" {
			return "threat intelligence calls it malicious"
		}
	}
	return ""
}

// caseDocuments reads cases from files or standard input, or makes them of the casebook's.
func (a *app) caseDocuments(ctx context.Context, o planOptions, args []string) (cases [][]byte, err error) {
	if len(args) == 1 && isCaseID(args[0]) {
		if o.noBook {
			return nil, usage(fmt.Errorf("%s: a case is read from the casebook, which --no-book leaves alone", args[0]), "soc respond plan "+args[0])
		}
		var out bytes.Buffer
		inner := *a
		inner.json, inner.text, inner.IO.Out = true, false, &out
		if err := inner.investigate(ctx, investigateOptions{book: o.book, apart: true}, args); err != nil {
			return nil, err
		}
		for line := range bytes.Lines(out.Bytes()) {
			if gjson.GetBytes(line, "kind").Str == "case" {
				cases = append(cases, bytes.TrimSpace(line))
			}
		}
		return cases, nil
	}
	sources, err := stream.Expand(args, a.IO.In)
	if err != nil {
		return nil, neither(args, err)
	}
	const hint = "soc investigate --json verdicts.ndjson | soc respond plan"
	for _, src := range sources {
		err := stream.Read(ctx, src, stream.Limits{Record: 64 << 20}, func(b stream.Batch) error {
			for i := range b.Records {
				rec := &b.Records[i]
				switch kind := gjson.GetBytes(rec.Raw, "kind").Str; {
				case kind == "case" && gjson.ValidBytes(rec.Raw):
					cases = append(cases, rec.Raw)
				case kind != "summary" && kind != "members" && kind != "gap" && kind != "reject":
					return usage(fmt.Errorf("%s:%d: no case of soc investigate", b.Input, rec.Line), hint)
				}
			}
			for i := range b.Rejects {
				return usage(fmt.Errorf("%s:%d: %s", b.Input, b.Rejects[i].Line, b.Rejects[i].Reason), hint)
			}
			for i := range b.Gaps {
				return usage(fmt.Errorf("%s: %s", b.Input, b.Gaps[i].Reason), hint)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return cases, nil
}
