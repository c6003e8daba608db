package cmd

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/config"
	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/internal/render/report"
	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/respond"
)

type handoverOptions struct {
	planOptions
	to, playbook string
	execute      bool
	wait         time.Duration
}

func newHandover(a *app) *cobra.Command {
	var o handoverOptions
	c := &cobra.Command{
		Use:   "handover [CASE | FILE...] --to NAME [--playbook NAME] [--execute]",
		Short: "Hand a case over to a SOAR platform: Cortex XSOAR, Splunk SOAR",
		Long: `Handover makes an incident or a container of each case on a platform of soc.yaml, with its indicators, hosts and accounts in the
platform's own fields and its findings as a note. A case that was handed over before is named and left as it is. A playbook has to
stand under the platform's playbooks; it is started once and followed to its end, or as long as --wait says.

Without --execute nothing is sent: what would be is printed. With a casebook what was made is noted in its journal.

EXIT STATUS
  0 done, 1 failed, or the playbook did, 2 wrong command line or document, 130 interrupted`,
		Example: "  soc respond handover case.ndjson --to xsoar",
		RunE:    func(c *cobra.Command, args []string) error { return a.handover(c.Context(), o, args) },
	}
	f := c.Flags()
	f.StringVar(&o.to, "to", "", "the platform's `NAME` under soar in soc.yaml")
	f.StringVar(&o.playbook, "playbook", "", "start the playbook `NAME`, which the platform's playbooks list")
	f.BoolVar(&o.execute, "execute", false, "do it; without this nothing is sent")
	f.DurationVar(&o.wait, "wait", 5*time.Minute, "how long to follow the playbook; 0 does not")
	f.StringVar(&o.by, "by", "", "who hands over (default: $SOC_USER, then the login `NAME`)")
	f.StringVar(&o.book, "book", "", "the casebook `FILE`")
	f.BoolVar(&o.noBook, "no-book", false, "keep nothing")
	_ = c.MarkFlagRequired("to") // the flag stands above
	return c
}

// hander hands cases over to one platform.
type hander struct {
	app  *app
	o    handoverOptions
	conf config.SOAR
	p    respond.Platform
	book *casebook.Book // nil: nothing is noted
	by   string
}

func (a *app) handover(ctx context.Context, o handoverOptions, args []string) (err error) {
	h := &hander{app: a, o: o}
	if h.by, err = a.person(o.by); err != nil {
		return err
	}
	s, err := a.settings("")
	if err != nil {
		return err
	}
	if err := h.choose(s); err != nil {
		return err
	}
	cases, err := a.caseDocuments(ctx, o.planOptions, args)
	if err != nil {
		return err
	}
	if len(cases) == 0 {
		return usage(errors.New("there is no case to hand over"), "soc triage --json alerts.json | soc investigate --json | soc respond handover --to "+o.to)
	}
	if o.execute && !o.noBook {
		if err := h.openBook(ctx); err != nil {
			return err
		}
		if h.book != nil {
			defer func() { err = errors.Join(err, h.book.Close()) }()
		}
	}
	failed := 0
	for _, doc := range cases {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := h.one(ctx, doc)
		if err != nil && len(cases) == 1 {
			return err
		}
		if err != nil {
			failed++
			fmt.Fprintln(a.IO.Err, term.Clean("soc: "+err.Error()))
		}
	}
	if !o.execute {
		fmt.Fprintln(a.IO.Err, "soc: nothing was sent; with --execute it is")
	}
	if failed > 0 {
		return &failure{fmt.Errorf("%d of %d cases were not handed over as asked", failed, len(cases)), statusFailed, "soc doctor"}
	}
	return nil
}

// openBook opens the casebook in which the hand-over is noted: the one that is named, or the one that is there.
func (h *hander) openBook(ctx context.Context) (err error) {
	path, err := h.app.locate(h.o.book)
	if err != nil {
		return usage(err, "soc respond handover --no-book --to "+h.o.to)
	}
	if h.o.book == "" && there(path) != nil {
		return nil
	}
	h.book, err = h.app.openBook(ctx, h.o.book, false, true)
	return err
}

// choose finds the platform, and refuses a playbook that nobody listed.
func (h *hander) choose(s *settings) error {
	names := slices.Sorted(maps.Keys(s.SOAR))
	conf, ok := s.SOAR[h.o.to]
	if !ok {
		known := "none is configured"
		if len(names) > 0 {
			known = "there are " + strings.Join(names, ", ")
		}
		return usage(fmt.Errorf("--to %s: no platform is called that; %s", h.o.to, known), "soc doctor")
	}
	if h.o.playbook != "" && !slices.Contains(conf.Playbooks, h.o.playbook) {
		return usage(fmt.Errorf("--playbook %s: it does not stand under soar.%s.playbooks", h.o.playbook, h.o.to), "in soc.yaml: soar: {"+h.o.to+": {playbooks: ["+h.o.playbook+"]}}")
	}
	p, err := h.app.platform(h.o.to, &conf)
	if err != nil {
		return usage(fmt.Errorf("soar: %s: %w", h.o.to, err), "soc doctor")
	}
	h.conf, h.p = conf, p
	return nil
}

// one hands one case over. What was made is printed and noted before an error is told.
func (h *hander) one(ctx context.Context, doc []byte) error {
	v, err := respond.ReadHandover(doc)
	if err != nil {
		return usage(err, "soc investigate --json verdicts.ndjson | soc respond handover --to "+h.o.to)
	}
	v.Title, v.Note = inert(v.Title), report.Note(doc)
	d := &respond.Handed{Handover: &v, To: h.o.to, Platform: h.conf.Type, Outcome: "planned", At: h.app.Now().UTC(), By: h.by}
	for i := range v.Exhibits {
		v.Exhibits[i].Value = term.Clean(v.Exhibits[i].Value)
		d.Fields = append(d.Fields, h.p.Field(v.Exhibits[i]))
	}
	if v.Left > 0 {
		d.Gaps = append(d.Gaps, alert.Gap{Source: h.o.to, Class: alert.Partial, Reason: render.Plural(int64(v.Left), "value was", "values were") + " left out"})
	}
	if h.o.execute {
		err = h.send(ctx, d)
	}
	if err != nil && d.Record.ID == "" {
		return fmt.Errorf("handing %s over to %s: %w", v.Case, h.o.to, err)
	}
	var b []byte
	if h.app.wantsJSON() {
		b = d.AppendJSON(b)
	} else {
		b = render.NewPaper(h.app.IO).Handover(b, d)
	}
	if _, werr := h.app.IO.Out.Write(b); werr != nil {
		return werr
	}
	switch {
	case err != nil:
		return fmt.Errorf("handing %s over to %s: %w", v.Case, h.o.to, err)
	case d.Run != nil && d.Run.Status == "failed":
		return &failure{fmt.Errorf("playbook %s failed on %s: %s", d.Run.Playbook, d.Record.ID, d.Run.Detail), statusFailed, ""}
	}
	return nil
}

func (h *hander) send(ctx context.Context, d *respond.Handed) error {
	known := ""
	if h.book != nil {
		var err error
		if known, err = h.book.Handed(ctx, d.Handover.Case, h.o.to); err != nil {
			return err
		}
	}
	err := d.Hand(ctx, h.p, known, h.o.playbook)
	if err == nil && d.Run != nil {
		err = h.follow(ctx, d)
	}
	if h.book != nil && d.Record.ID != "" {
		err = errors.Join(err, h.book.KeepHandover(context.WithoutCancel(ctx), d))
	}
	return err
}

// follow asks for the playbook until it is over, ever less often. One that goes on is a gap.
func (h *hander) follow(ctx context.Context, d *respond.Handed) error {
	ctx, cancel := context.WithTimeout(ctx, h.o.wait)
	defer cancel()
	for every := 250 * time.Millisecond; !d.Run.Over() && h.o.wait > 0; every = min(2*every, 10*time.Second) {
		run, err := h.p.Follow(ctx, d.Record, *d.Run)
		if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			return fmt.Errorf("following playbook %s: %w", d.Run.Playbook, err)
		}
		if err == nil {
			*d.Run = run
		}
		if d.Run.Over() {
			break
		}
		select {
		case <-time.After(every):
			continue
		case <-ctx.Done():
		}
		break
	}
	if !d.Run.Over() {
		d.Gaps = append(d.Gaps, alert.Gap{Source: h.o.to, Class: alert.Partial, Reason: "playbook " + d.Run.Playbook + " was not over when it was asked for last"})
	}
	return nil
}
