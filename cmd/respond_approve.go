package cmd

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/internal/sign"
	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/respond"
)

type approveOptions struct {
	book, key, file string
	carry           bool
	risks           []string
	assisted        []string // risks that one signature accepts, by the ladder
}

func newApprove(a *app) *cobra.Command {
	var o approveOptions
	c := &cobra.Command{
		Use:   "approve PLAN (--key FILE [--accept-risk NAME]... | --approval FILE)",
		Short: "Agree to a plan, risk by risk, with your signature",
		Long: `Approve signs the plan's digest and the risks that are accepted by name. On a terminal each risk that was not named by --accept-risk is
asked for, and accepted by typing its name; without a terminal nothing is asked and what is not named is not accepted. Where every
action that has to be agreed to is at level 3 (soc respond promote), the signature alone accepts their risks. The author of
a plan cannot approve it. An approval holds for 15 minutes.

PLAN may be a file with a plan's document: then the approval is printed and kept nowhere, so that it can be made on a machine without
the casebook. --approval takes such an approval in.

--carry-out hands the plan to soc respond watch, in one step with the approval: a watch carries it out, in the names of those who agreed, as soon as
all have agreed whom it needs, with every check of soc respond apply. So whoever approves needs no driver. What was refused, and a plan that
expired or was replaced meanwhile, is said by the watch, told like receipts, and shown by soc respond status.

EXIT STATUS
  0 done, 1 failed, 2 wrong command line, an untrusted key, or a plan or approval that does not hold`,
		Example: "  soc respond approve p-7f3a --key maria.key --accept-risk block-ip\n  soc respond approve plan.json --key maria.key --accept-risk block-ip > approval.json",
		Args:    cobra.ExactArgs(1),
		RunE:    func(c *cobra.Command, args []string) error { return a.approve(c.Context(), o, args[0]) },
	}
	f := c.Flags()
	f.StringVar(&o.book, "book", "", "the casebook `FILE`")
	f.StringVar(&o.key, "key", "", "the `FILE` with your private key")
	f.StringArrayVar(&o.risks, "accept-risk", nil, "accept the risk `NAME`, which is that of the action")
	f.StringVar(&o.file, "approval", "", "take the approval in `FILE` instead of making one")
	f.BoolVar(&o.carry, "carry-out", false, "have soc respond watch carry the plan out as soon as it is agreed to")
	c.MarkFlagsMutuallyExclusive("key", "approval")
	c.MarkFlagsMutuallyExclusive("accept-risk", "approval")
	c.MarkFlagsOneRequired("key", "approval")
	return c
}

func (a *app) approve(ctx context.Context, o approveOptions, name string) error {
	s, err := a.settings("")
	if err != nil {
		return err
	}
	approvers, err := s.trusted()
	if err != nil {
		return err
	}
	if _, err := os.Stat(name); err == nil && o.file == "" {
		if o.carry {
			return usage(errors.New("--carry-out is for a plan of the casebook, not for one in a file"), "soc respond approve --help")
		}
		return a.approveFile(approvers, o, name)
	}
	return a.withBook(ctx, o.book, false, func(book *casebook.Book, out *bufio.Writer) error {
		p, err := book.Plan(ctx, name)
		if err != nil {
			return planError(err)
		}
		if err := current(ctx, book, &p); err != nil {
			return planError(err)
		}
		var one respond.Approval
		if o.file != "" {
			one, err = readApproval(o.file)
		} else if o.assisted, err = a.assisted(ctx, book, &p); err == nil {
			one, err = a.agree(&p, approvers, o)
		}
		if err != nil {
			return err
		}
		if err := vouched(approvers, &p, &one); err != nil {
			return planError(err)
		}
		if err := a.keepApproval(ctx, book, s, &one, o.carry); err != nil {
			return err
		}
		list, err := book.Approvals(ctx, p.Digest)
		if err != nil {
			return err
		}
		agreed := respond.Agreed(&p, list, a.Now())
		h := a.herald(s)
		h.agreed(&p, &one, agreed == nil, o.carry)
		h.flush(ctx)
		if r := (&responder{app: a}); o.carry && !r.watched(ctx, book) {
			r.say("no watch is there to carry it out: run soc respond watch where the drivers are")
		}
		if a.wantsJSON() {
			_, err = out.Write(one.AppendJSON(nil))
			return err
		}
		fmt.Fprintln(out, term.Clean(fmt.Sprintf("%s agreed to %s (%s)", one.By, p.ID, strings.Join(one.Risks, ", "))))
		switch {
		case agreed != nil && o.carry:
			fmt.Fprintln(out, term.Clean(fmt.Sprintf("not yet enough: %v; as soon as it is, a watch carries it out", agreed)))
		case agreed != nil:
			fmt.Fprintln(out, term.Clean(fmt.Sprintf("not yet enough: %v", agreed)))
		case o.carry:
			fmt.Fprintf(out, "a watch carries it out: soc respond status %s\n", p.ID)
		default:
			fmt.Fprintf(out, "it can be applied: soc respond apply %s --execute\n", p.ID)
		}
		return nil
	})
}

// keepApproval keeps an approval, and hands its plan to a watch in the same transaction when carry says so.
func (a *app) keepApproval(ctx context.Context, book *casebook.Book, s *settings, one *respond.Approval, carry bool) error {
	if !carry {
		return book.Approve(ctx, one)
	}
	jobs, err := a.jobsOf(ctx, book, s)
	if err != nil {
		return err
	}
	return book.ApproveErrand(ctx, one, func(ctx context.Context, tx *sql.Tx) error {
		return jobs.Add(ctx, tx, dueJobs, aboutPlan+one.Plan, a.Now())
	})
}

// approveFile agrees to a plan that lies in a file.
func (a *app) approveFile(approvers sign.Approvers, o approveOptions, file string) error {
	doc, err := readSmall(file, 16<<20)
	if err != nil {
		return err
	}
	p, err := respond.ReadPlan(doc)
	if err != nil {
		return planError(fmt.Errorf("%s: %w", file, err))
	}
	one, err := a.agree(&p, approvers, o)
	if err == nil {
		err = vouched(approvers, &p, &one)
	}
	if err != nil {
		return planError(err)
	}
	_, err = a.IO.Out.Write(one.AppendJSON(nil))
	return err
}

// readSmall reads a file of at most so many bytes.
func readSmall(file string, most int64) ([]byte, error) {
	st, err := os.Stat(file)
	if err != nil {
		return nil, fmt.Errorf("reading: %w", err)
	}
	if !st.Mode().IsRegular() || st.Size() > most {
		return nil, usage(fmt.Errorf("%s: no file of at most %d bytes", file, most), "")
	}
	return os.ReadFile(file)
}

// vouched checks an approval's signature and that it is for this plan.
func vouched(approvers sign.Approvers, p *respond.Plan, one *respond.Approval) error {
	if one.Plan != p.Digest {
		return fmt.Errorf("%w (%s)", respond.ErrOther, one.Plan)
	}
	if strings.EqualFold(one.By, p.Author) {
		return fmt.Errorf("%w (%s)", respond.ErrOwn, one.By)
	}
	who, err := approvers.Verify(one.Key, respond.ApprovalContext, one.Payload(), one.Signature)
	if err == nil && who.Name != one.By {
		err = fmt.Errorf("%w: the key is %s's, the approval says %s", sign.ErrUntrusted, who.Name, one.By)
	}
	if err != nil {
		return fmt.Errorf("the approval by %q: %w", one.By, err)
	}
	return nil
}

func readApproval(file string) (respond.Approval, error) {
	doc, err := readSmall(file, 64<<10)
	if err != nil {
		return respond.Approval{}, err
	}
	one, err := respond.ReadApproval(doc)
	if err != nil {
		return one, usage(fmt.Errorf("%s: %w", file, err), "soc respond approve PLAN --key FILE --json > approval.json")
	}
	return one, nil
}

// agree makes an approval of the person at the keyboard.
func (a *app) agree(p *respond.Plan, approvers sign.Approvers, o approveOptions) (respond.Approval, error) {
	key, err := readKey(o.key)
	if err != nil {
		return respond.Approval{}, err
	}
	public := key.Public().String()
	who, err := approvers.Find(public)
	if err != nil {
		return respond.Approval{}, usage(fmt.Errorf("this key is nobody's among the approvers of soc.yaml: %w", err), "soc respond keygen --out FILE --name NAME")
	}
	risks := p.Risks()
	if len(risks) == 0 {
		return respond.Approval{}, usage(errors.New("there is nothing to agree to: all that the plan has are tasks for people"), "soc respond status "+p.ID)
	}
	for _, r := range o.risks {
		if !slices.Contains(risks, r) {
			return respond.Approval{}, usage(fmt.Errorf("--accept-risk %s: the plan has no such risk; it has %s", r, strings.Join(risks, ", ")), "soc respond status "+p.ID)
		}
	}
	accepted := slices.Clone(o.risks)
	if len(accepted) == 0 {
		accepted = slices.Clone(o.assisted)
	}
	if len(accepted) == 0 {
		if accepted, err = a.askRisks(p); err != nil {
			return respond.Approval{}, err
		}
	}
	slices.Sort(accepted)
	one := respond.Approval{Plan: p.Digest, Risks: slices.Compact(accepted), By: who.Name, Key: public, At: a.Now().UTC()}
	one.Signature = sign.Sign(key, respond.ApprovalContext, one.Payload())
	return one, nil
}

// askRisks shows the plan and has the name of each risk typed. Without a terminal it refuses.
func (a *app) askRisks(p *respond.Plan) (accepted []string, err error) {
	if !a.IO.InTTY || !a.IO.ErrTTY {
		return nil, usage(errors.New("there is no terminal to ask on: accept each risk by its name"), render.ApproveCommand(p))
	}
	paper := render.NewPaper(a.IO)
	if _, err := a.IO.Err.Write(paper.Plan(nil, p, false)); err != nil {
		return nil, err
	}
	all := respond.Catalogue()
	in := bufio.NewScanner(a.IO.In)
	for _, risk := range p.Risks() {
		fmt.Fprintf(a.IO.Err, "%s: %s. To accept, type %s: ", risk, all[risk].Risk, risk)
		if !in.Scan() {
			return nil, errors.Join(errors.New("aborted, nothing was approved"), in.Err())
		}
		if strings.TrimSpace(in.Text()) == risk {
			accepted = append(accepted, risk)
		}
	}
	if len(accepted) == 0 {
		return nil, errors.New("no risk was accepted, nothing was approved")
	}
	return accepted, nil
}

// planError adds the way out to what a person can mend.
func planError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, casebook.ErrNoPlan), errors.Is(err, casebook.ErrAmbiguous):
		return usage(err, "soc respond status")
	case errors.Is(err, respond.ErrUnapproved), errors.Is(err, respond.ErrStale), errors.Is(err, respond.ErrRisk):
		return &failure{err, statusNeedsPerson, "soc respond approve PLAN --key FILE --accept-risk NAME"}
	case errors.Is(err, respond.ErrExpired), errors.Is(err, respond.ErrChanged), errors.Is(err, respond.ErrNoPlan):
		return usage(err, "soc respond plan CASE")
	case errors.Is(err, respond.ErrReplaced), errors.Is(err, respond.ErrPurpose):
		return usage(err, "soc respond status")
	case errors.Is(err, respond.ErrOwn), errors.Is(err, respond.ErrOther), errors.Is(err, respond.ErrFuture), errors.Is(err, sign.ErrUntrusted), errors.Is(err, sign.ErrBadSignature):
		return usage(err, "soc respond status PLAN")
	}
	return err
}
