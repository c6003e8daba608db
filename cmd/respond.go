package cmd

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/seed-959697dd/soc/internal/config"
	"github.com/seed-959697dd/soc/internal/rules"
	"github.com/seed-959697dd/soc/internal/sign"
	"github.com/seed-959697dd/soc/internal/wire"
)

func newRespond(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "respond",
		Short: "Plan, approve, carry out and take back a response; keys and signatures",
		Long: `A plan says what to do about a case and does nothing. Others than its author agree to it, by signature and risk by risk. What is then
carried out is written down before it runs, verified at its target, and can be taken back. Whatever has no way back is a task for a
person.

Who agrees has a key: the private half stays in a file of theirs, the public half stands under approvers in soc.yaml. Rules that
close alerts without a person need such a signature too.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newPlan(a), newApprove(a), newApply(a), newUndo(a), newRespondStatus(a), newWatch(a), newPromote(a), newDrill(a), newPlaybook(a), newHandover(a), newKeygen(a), newSign(a))
	return c
}

type keygenOptions struct{ out, name string }

func newKeygen(a *app) *cobra.Command {
	var o keygenOptions
	c := &cobra.Command{
		Use:     "keygen --out FILE --name NAME",
		Short:   "Make a key to sign with, and print the line for approvers",
		Example: "  soc respond keygen --out me.key --name maria",
		Args:    cobra.NoArgs,
		RunE:    func(*cobra.Command, []string) error { return a.keygen(o) },
	}
	c.Flags().StringVar(&o.out, "out", "", "write the private key to `FILE`, which must not exist")
	c.Flags().StringVar(&o.name, "name", "", "the `NAME` by which signatures will name you")
	_ = c.MarkFlagRequired("out") // both flags stand above
	_ = c.MarkFlagRequired("name")
	return c
}

func (a *app) keygen(o keygenOptions) error {
	key, err := sign.Generate(rand.Reader)
	if err != nil {
		return err
	}
	public := key.Public().String()
	if err := (sign.Approvers{{Name: o.name, Key: public}}).Check(); err != nil {
		return usage(fmt.Errorf("--name: %w", err), "soc respond keygen --out FILE --name NAME")
	}
	if err := sign.WriteKey(o.out, key); err != nil {
		return usage(err, "")
	}
	fmt.Fprintf(a.IO.Err, "private key in %s: keep it to yourself. Under approvers in soc.yaml:\n", o.out)
	return a.say("key", []pair{{"name", o.name}, {"key", public}}, "- {name: "+strconv.Quote(o.name)+", key: "+strconv.Quote(public)+"}\n")
}

type signOptions struct{ policy, rule, precedent, key string }

func newSign(a *app) *cobra.Command {
	var o signOptions
	c := &cobra.Command{
		Use:   "sign (--rule NAME | --precedent FILE) --key FILE",
		Short: "Sign a policy rule, and print the two lines that go into it; or sign a precedent file",
		Long: `A rule's signature covers its name, effect, condition, reason and day of expiry: whoever changes one of them needs a
new one. Nothing is written to the policy.

A precedent's signature covers the whole file and is written into it. Only what a trusted key signed may close.`,
		Example: "  soc respond keygen --out sam.key --name sam\n  soc respond sign --precedent precedent.json --key sam.key",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			switch {
			case (o.rule == "") == (o.precedent == ""):
				return usage(errors.New("one of --rule and --precedent says what to sign"), "soc respond sign --precedent precedent.json --key FILE")
			case o.precedent != "":
				return a.signPrecedent(o)
			}
			return a.sign(o)
		},
	}
	c.Flags().StringVar(&o.policy, "policy", "", "the policy `FILE` that holds the rule (default: the configured policy)")
	c.Flags().StringVar(&o.rule, "rule", "", "the rule's `NAME`")
	c.Flags().StringVar(&o.key, "key", "", "the `FILE` with your private key")
	c.Flags().StringVar(&o.precedent, "precedent", "", "the precedent `FILE`, which is written anew with its signature")
	_ = c.MarkFlagRequired("key") // the flag stands above
	return c
}

func (a *app) sign(o signOptions) error {
	s, err := a.settings(o.policy)
	if err != nil {
		return err
	}
	rule, err := s.ruleNamed(o.rule)
	if err != nil {
		return err
	}
	key, err := readKey(o.key)
	if err != nil {
		return err
	}
	signature, err := rules.Sign(ruleOf(rule), key, a.Now())
	if err != nil {
		return usage(fmt.Errorf("%s:%d: %w", s.file, rule.Line, err), "")
	}
	by, err := s.signer(key.Public())
	if err != nil {
		return err
	}
	if by == "" {
		by = key.Public().String()
		fmt.Fprintln(a.IO.Err, "soc: this key is not among the approvers: the rule will only mark what it would close")
	}
	return a.say("signature", []pair{{"rule", o.rule}, {"by", by}, {"signature", signature}}, "by: "+strconv.Quote(by)+"\nsignature: "+strconv.Quote(signature)+"\n")
}

// readKey reads a private key file, and says what mends it.
func readKey(path string) (sign.Key, error) {
	key, err := sign.ReadKey(path)
	switch {
	case err == nil:
		return key, nil
	case errors.Is(err, sign.ErrExposed), errors.Is(err, fs.ErrPermission):
		return key, usage(err, "chmod 600 "+shellWord(path))
	}
	return key, usage(err, "soc respond keygen --out FILE --name NAME")
}

func (s *settings) ruleNamed(name string) (*config.Rule, error) {
	for i := range s.block.Rules {
		if r := &s.block.Rules[i]; r.Name == name {
			return r, nil
		}
	}
	return nil, usage(fmt.Errorf("%s: no rule is called %q", s.file, name), "soc respond sign --policy FILE --rule NAME --key FILE")
}

// signer is the approver whose key it is, or nobody.
func (s *settings) signer(pub sign.Public) (string, error) {
	approvers, err := s.trusted()
	if err != nil {
		return "", err
	}
	one, err := approvers.Find(pub.String())
	if err != nil {
		return "", nil //nolint:nilerr // that nobody has the key is an answer here
	}
	return one.Name, nil
}

type pair struct{ key, value string }

// say prints what goes into a YAML file as text, whether or not stdout is a terminal, and as a document with --json.
func (a *app) say(kind string, pairs []pair, text string) error {
	b := []byte(text)
	if a.json {
		b = append(append([]byte(`{"kind":`), strconv.Quote(kind)...), `,"version":1`...)
		for _, p := range pairs {
			b = wire.Text(b, p.key, p.value)
		}
		b = append(b, '}', '\n')
	}
	_, err := a.IO.Out.Write(b)
	return err
}
