package cmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/internal/sign"
	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/respond"
)

type promoteOptions struct {
	book, stratum, key string
	level              int
}

func newPromote(a *app) *cobra.Command {
	var o promoteOptions
	c := &cobra.Command{
		Use:   "promote [ACTION --stratum SEVERITY --level N --key FILE]",
		Short: "Show how far each action has come, and let a machine do more about it, or less",
		Long: `Promote without arguments shows, for each action and severity of case, its level, what this casebook's record allows, and what is missing for
the next level. With an action it signs a level for it with an approver's key: at most what the record allows, or lower.

LEVELS
  0 observe    it is not even asked for
  1 recommend  a plan asks people for it
  2 shadow     soc respond watch --auto decides silently as well; 59 adjudicated, none wrong
  3 assisted   one signature agrees, without naming its risk; 299 under what is in force now, none wrong, and 20 verified rollbacks
  4 automatic  soc respond watch --auto carries it out, in cases of low severity, for confirmed threats, where it is reversible and ends
               within 4 hours; 2,995, none wrong, and 99 of 100 rollbacks within a minute

Adjudicated is an action that people agreed to in a case that they then confirmed, or that they called wrong, or whose case turned out to
be none. The machine takes a level away by itself: after a wrong action on something protected to 1; after a drift alarm, a failed
rollback, the kill switch, or a change of policy, precedent, model, connector or program to 2.

EXIT STATUS
  0 done, 1 failed, 2 wrong command line or an untrusted key, 3 the record does not allow it`,
		Example: "  soc respond promote",
		Args:    cobra.MaximumNArgs(1),
		RunE:    func(c *cobra.Command, args []string) error { return a.promote(c.Context(), o, args) },
	}
	f := c.Flags()
	f.StringVar(&o.book, "book", "", "the casebook `FILE`")
	f.StringVar(&o.stratum, "stratum", "", "in cases of this `SEVERITY`: informational, low, medium, high, critical")
	f.IntVar(&o.level, "level", -1, "the level, `N` from 0 to 4")
	f.StringVar(&o.key, "key", "", "the `FILE` with your private key")
	c.MarkFlagsRequiredTogether("stratum", "level", "key")
	return c
}

func (a *app) promote(ctx context.Context, o promoteOptions, args []string) error {
	const hint = "soc respond promote block-ip --stratum low --level 2 --key FILE"
	if (len(args) == 0) != (o.key == "") {
		return usage(errors.New("an action, --stratum, --level and --key say what to sign; nothing of them shows all"), hint)
	}
	r, err := a.responder(contextOptions{})
	if err != nil {
		return err
	}
	return a.withBook(ctx, o.book, false, func(book *casebook.Book, out *bufio.Writer) error {
		l, err := r.ladder(ctx, book, false)
		if err != nil {
			return err
		}
		if len(args) == 0 {
			return l.show(ctx, out)
		}
		rung := respond.Rung{Action: args[0], Stratum: o.stratum}
		if entry, ok := respond.Catalogue()[rung.Action]; !ok || entry.Class == respond.Task {
			return usage(fmt.Errorf("%s is no action that a machine carries out", rung.Action), hint)
		}
		if !slices.Contains(respond.Strata(), rung.Stratum) {
			return usage(fmt.Errorf("--stratum %s: one of %s", rung.Stratum, strings.Join(respond.Strata(), ", ")), hint)
		}
		if o.level < int(respond.Observe) || o.level > int(respond.Automatic) {
			return usage(fmt.Errorf("--level %d: from 0 to 4", o.level), hint)
		}
		return l.promote(ctx, out, rung, respond.Level(o.level), o.key)
	})
}

// promote signs a level, unless it is more than the record allows.
func (l *ladder) promote(ctx context.Context, out *bufio.Writer, rung respond.Rung, to respond.Level, file string) error {
	g, m, under, err := l.look(ctx, rung)
	if err != nil {
		return err
	}
	allowed, missing := m.Allows(rung)
	switch {
	case to > allowed && to >= g.Level:
		return &failure{fmt.Errorf("%s: the record allows level %s: %s", rung, allowed, strings.Join(missing, ", ")), statusNeedsPerson, "soc respond promote"}
	case to > respond.Shadow && under == "":
		return usage(fmt.Errorf("no driver is configured for %s", rung.Action), "soc doctor")
	}
	key, err := readKey(file)
	if err != nil {
		return err
	}
	public := key.Public().String()
	who, err := l.approvers.Find(public)
	if err != nil {
		return usage(fmt.Errorf("this key is nobody's among the approvers of soc.yaml: %w", err), "soc respond keygen --out FILE --name NAME")
	}
	p := respond.Promotion{Rung: rung, Level: to, Under: under, Merit: m, By: who.Name, Key: public, At: l.r.app.Now().UTC()}
	p.Signature = sign.Sign(key, respond.PromotionContext, p.Payload())
	doc := p.AppendJSON(nil)
	grade := respond.Grade{Rung: rung, Level: to, Under: under, By: who.Name, Because: "signed"}
	if _, err := l.book.SetLevel(ctx, &casebook.Level{Grade: grade, Document: doc}); err != nil {
		return err
	}
	if l.r.app.wantsJSON() {
		_, err = out.Write(doc)
		return err
	}
	_, err = fmt.Fprintln(out, term.Clean(fmt.Sprintf("%s is at level %s, by %s", rung, to, who.Name)))
	return err
}

// look is what there is to say of a rung now.
func (l *ladder) look(ctx context.Context, rung respond.Rung) (g respond.Grade, m respond.Merit, under string, err error) {
	if g, err = l.stands(ctx, rung); err != nil {
		return g, m, "", err
	}
	under, err = l.r.under(rung.Action)
	return g, respond.MeritOf(rung, under, l.list, l.back), under, err
}

// table is what there is to say of every rung of which something is known.
func (l *ladder) table(ctx context.Context) (list []render.Rung, err error) {
	for _, rung := range l.rungs() {
		g, m, _, err := l.look(ctx, rung)
		if err != nil {
			return nil, err
		}
		allows, missing := m.Allows(rung)
		list = append(list, render.Rung{Grade: g, Merit: m, Allows: allows, Missing: missing})
	}
	return list, nil
}

func (l *ladder) show(ctx context.Context, out *bufio.Writer) error {
	list, err := l.table(ctx)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		l.r.say("nothing was adjudicated yet: every action is at level %s", respond.Recommend)
	}
	paper := render.NewPaper(l.r.app.IO)
	for i := range list {
		b := list[i].Append(nil, paper)
		if l.r.app.wantsJSON() {
			b = append(list[i].AppendJSON([]byte(`{"kind":"level","version":1`)), '}', '\n')
		}
		if _, err := out.Write(b); err != nil {
			return err
		}
	}
	return nil
}
