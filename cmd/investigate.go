package cmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/internal/wire"
	"github.com/seed-959697dd/soc/investigate"
)

type investigateOptions struct {
	book     string
	noBook   bool
	apart    bool // the casebook's cases stay as they are
	logs     []string
	from     []string // names of configured sources
	tz, now  string
	choose   chooseOptions
	report   reportOptions
	narrator narratorOptions
	collect  collectOptions
}

func newInvestigate(a *app) *cobra.Command {
	var o investigateOptions
	c := &cobra.Command{
		Use:   "investigate [FILE... | CASE]",
		Short: "Put verdicts that belong together into cases, and say why",
		Long: `Investigate reads verdicts that soc triage wrote and puts those that are not closed into cases, each into exactly one. Two
verdicts stand in one case when seldom values tie them, close in time; each such link says which values, where they stand and how
far apart in time the two are. A link is a reason to look at both, no proof.

--logs PATH searches logs for what else happened: it follows what the alerts name, process trees, sessions, connections, files and
credentials, and adds what belongs to each case as events, each with the reason why. --from NAME asks a source of soc.yaml the same.

The id of a case or verdict investigates what the casebook has, and prints the case that holds it, with the cases of the casebook that
belong to it; --book FILE alone prints all of them. What belongs together is one case of the casebook from then on: its cases are joined,
unless a person took them apart or closed one; soc cases split takes it back. --no-adopt only looks.

--report writes the cases for people or for machines: to standard output, a file, or a directory with a file for each case and an index. --case
and --route leave others out. --collect copies what they stand on into a folder whose manifest the
casebook's journal then knows: soc audit verify --evidence looks at it.

EXIT STATUS
  0 done, 1 failed, or the verdicts were cut short, 2 wrong command line or document, 130 interrupted`,
		Example: `  soc triage --json alerts.json | soc investigate
  soc investigate --json verdicts.ndjson > cases.ndjson
  soc investigate --logs alerts.json verdicts.ndjson
  soc investigate c-7f3a
  soc investigate c-7f3a --report html --out report.html
  soc investigate --route escalate --report html,json --out reports/ verdicts.ndjson
  soc investigate c-7f3a --collect evidence/c-7f3a`,
		RunE: func(c *cobra.Command, args []string) error { return a.investigate(c.Context(), o, args) },
	}
	c.Flags().StringVar(&o.book, "book", "", "investigate the open cases of the casebook `FILE`")
	c.Flags().BoolVar(&o.noBook, "no-book", false, "leave the casebook alone: for scripts, a file of verdicts never needs it")
	c.Flags().StringArrayVar(&o.logs, "logs", nil, "search the logs at `PATH`, a file, a pattern or a directory; may be given again")
	c.Flags().StringArrayVar(&o.from, "from", nil, "search the source `NAME` of soc.yaml, a SIEM for one; may be given again, and beside --logs")
	c.Flags().StringVar(&o.tz, "tz", "UTC", "with --logs: time `ZONE` of times that carry none")
	c.Flags().StringVar(&o.now, "now", "", "with --logs: take `TIME` for now, for times without a year")
	o.choose.flags(c.Flags())
	o.report.flags(c.Flags())
	o.collect.flags(c.Flags())
	o.narrator.flags(c.Flags())
	c.Flags().BoolVar(&o.apart, "no-adopt", false, "only look: leave the cases of the casebook as they are")
	c.MarkFlagsMutuallyExclusive("book", "no-book")
	return c
}

// investigateMemory is what correlation may use, in bytes, before the collector works harder: it holds the entities of all verdicts.
const investigateMemory = 512 << 20

// inquiry is one run of investigate.
type inquiry struct {
	app      *app
	out      *bufio.Writer
	acc      account
	held     spool
	list     []investigate.Verdict
	verdicts int64  // read
	only     string // the case that is printed; empty: all
	asked    bool   // for it by its own id, not by a verdict's
	kept     bool   // the verdicts are the casebook's
	adopted  int64  // cases of the casebook that are parts of others now
	grounds  *grounds
	source   investigate.Source // nil: nothing is searched
	report   *reporting
	narrator *narrator
	copies   *collecting
}

func (a *app) investigate(ctx context.Context, o investigateOptions, args []string) (err error) {
	named := len(args) == 1 && isCaseID(args[0])
	switch {
	case named && o.noBook:
		return usage(fmt.Errorf("%s: a case is read from the casebook, which --no-book leaves alone", args[0]), "soc investigate "+args[0])
	case o.book != "" && len(args) > 0 && !named:
		return usage(errors.New("--book and files do not go together"), "soc investigate --book FILE")
	}
	if err := o.choose.check(); err != nil {
		return err
	}
	started := a.Now()
	debug.SetMemoryLimit(investigateMemory)
	q := &inquiry{app: a, out: bufio.NewWriterSize(a.IO.Out, 64<<10)}
	defer func() { err = errors.Join(err, q.held.close()) }()
	if q.report, err = a.reporting(o.report); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, q.report.drop()) }()
	if q.copies, err = a.collecting(o.collect, o.book, o.noBook); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, q.copies.drop()) }()
	if q.grounds, err = a.grounds(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, q.grounds.close()) }()
	if q.source, err = a.sourceOf(o, q.grounds.know.s); err != nil {
		return err
	}
	if q.narrator, err = a.narrator(ctx, o, q.grounds, named); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, q.narrator.close()) }()
	if named || o.book != "" {
		err = q.book(ctx, o.book, args)
	} else {
		err = q.files(ctx, args)
	}
	if err != nil {
		return err
	}
	ends, err := q.cut()
	if err == nil {
		err = q.print(ctx, o, started)
	}
	if err != nil {
		return err
	}
	return ends
}

var caseID = regexp.MustCompile(`^[cv]-[0-9a-f]+$`)

// isCaseID tells whether an argument is the id of a case or verdict; a file of that name comes first.
func isCaseID(arg string) bool {
	if !caseID.MatchString(arg) {
		return false
	}
	_, err := os.Stat(arg)
	return err != nil
}

// book reads the verdicts of the open cases. A name chooses the case that is printed.
func (q *inquiry) book(ctx context.Context, path string, args []string) error {
	book, err := q.app.openBook(ctx, path, true, false)
	if err != nil {
		return err
	}
	defer book.Close() //nolint:errcheck // only read
	q.kept = true
	if len(args) == 1 {
		c, err := book.Case(ctx, args[0])
		if err == nil && c.Status == casebook.Closed {
			err = fmt.Errorf("%s: %w", c.ID, casebook.ErrClosed)
		}
		if err != nil {
			return bookError(err)
		}
		q.only, q.asked = c.ID, strings.HasPrefix(args[0], "c-")
	}
	apart, err := book.Apart(ctx)
	if err != nil {
		return err
	}
	var cases []string
	err = book.Cases(ctx, casebook.Query{State: casebook.Opened}, func(c *casebook.Case) error {
		cases = append(cases, c.ID)
		return nil
	})
	for _, id := range cases {
		if err != nil {
			break
		}
		err = book.Verdicts(ctx, id, func(v *casebook.Verdict) error { return q.stored(id, apart[id], v) })
	}
	return bookError(err)
}

// stored takes in a verdict of the casebook, which knows its case better than its document.
func (q *inquiry) stored(caseID string, apart []string, s *casebook.Verdict) error {
	v, err := investigate.ReadVerdict(view(s.Document))
	if err != nil {
		return fmt.Errorf("verdict %s: %w", s.ID, err)
	}
	v.Case, v.Apart = caseID, apart
	q.verdicts++
	q.list = append(q.list, v)
	return q.held.put(v.ID, s.Document)
}

// print correlates, pursues and writes the cases, then the account.
func (q *inquiry) print(ctx context.Context, o investigateOptions, started time.Time) error {
	list, clusters := investigate.Correlate(q.list)
	board := render.Cases{Paper: render.NewPaper(q.app.IO), Gaps: q.acc.gaps, Rejected: q.acc.rejected, Logs: o.searches()}
	clusters = slices.DeleteFunc(clusters, func(c investigate.Cluster) bool { return q.only != "" && !holds(list, &c, q.only) })
	clusters, err := o.choose.choose(list, clusters)
	if err != nil {
		return err
	}
	q.answer(list, clusters, o.apart)
	if q.kept && !o.apart && !q.shows() {
		if err := q.adopt(ctx, o, list, clusters); err != nil {
			return err
		}
		board.Gaps = q.acc.gaps
	}
	if err := q.copies.gather(ctx, q, list, clusters); err != nil {
		return err
	}
	var pursued []*investigate.Case
	for i := range clusters {
		if !o.searches() || i == mostPursued {
			break
		}
		k, err := q.caseOf(list, &clusters[i])
		if err != nil {
			return err
		}
		pursued = append(pursued, k)
	}
	if err := q.pursue(ctx, pursued); err != nil {
		return err
	}
	var b []byte
	for i := range clusters {
		c := &clusters[i]
		if err := ctx.Err(); err != nil {
			return err
		}
		board.Verdicts += int64(len(c.Members))
		if i < len(pursued) && pursued[i].Into != "" {
			board.Tied += int64(len(c.Members))
			continue
		}
		if len(c.Members) > 1 {
			board.Tied += int64(len(c.Members))
		}
		board.Cases++
		if board.Cases > q.most() && q.copies == nil {
			continue
		}
		k, err := q.written(list, c, pursued, i)
		if err != nil {
			return err
		}
		if err := q.conclude(k); err != nil {
			return err
		}
		if board.Cases > q.most() {
			continue
		}
		if err := q.narrator.tell(ctx, k); err != nil {
			return err
		}
		if q.shows() {
			continue
		}
		if q.report != nil {
			if err := q.report.add(k); err != nil {
				return err
			}
			continue
		}
		if b = b[:0]; q.app.wantsJSON() {
			b = k.AppendJSON(b)
		} else {
			b = board.AppendCase(b, k)
		}
		if _, err := q.out.Write(b); err != nil {
			return err
		}
	}
	if q.shows() {
		return q.narrator.end()
	}
	if err := q.copies.end(ctx); err != nil {
		return err
	}
	board.Written = q.most()
	if q.report != nil {
		if err := q.report.end(q.summary(nil, &board, started)); err != nil {
			return err
		}
	}
	if q.report != nil && q.report.out == "" {
		_, err := q.app.IO.Err.Write(board.Append(nil))
		return err
	}
	if b = b[:0]; q.app.wantsJSON() {
		b = q.summary(b, &board, started)
	} else {
		b = board.Append(b)
		b = q.report.account(b)
	}
	if _, err := q.out.Write(b); err != nil {
		return err
	}
	return q.out.Flush()
}

// written is the case of the i-th cluster: as it was pursued, or with a gap that says it was not.
func (q *inquiry) written(list []investigate.Verdict, c *investigate.Cluster, pursued []*investigate.Case, i int) (*investigate.Case, error) {
	if i < len(pursued) {
		k := pursued[i]
		pursued[i] = nil // its events need not wait for those of the others
		return k, nil
	}
	k, err := q.caseOf(list, c)
	if err == nil && len(pursued) > 0 {
		for n := range k.Gaps {
			if g := &k.Gaps[n]; g.Check == "logs" && g.Class == alert.Unconfigured {
				*g = alert.Gap{Check: "logs", Class: alert.Partial, Reason: fmt.Sprintf("not pursued through the logs: %d stronger cases were", len(pursued))}
			}
		}
	}
	return k, err
}

func (q *inquiry) caseOf(list []investigate.Verdict, c *investigate.Cluster) (*investigate.Case, error) {
	members, err := q.members(list, c)
	if err != nil {
		return nil, err
	}
	k := investigate.NewCase(list, c, members)
	return &k, nil
}

// most is how many cases are printed: people get the strongest, machines all.
func (q *inquiry) most() int64 {
	switch {
	case q.report != nil:
		return q.report.most()
	case q.app.wantsJSON():
		return math.MaxInt64
	}
	return render.MostCases
}

// holds tells whether a cluster has a verdict of the case.
func holds(list []investigate.Verdict, c *investigate.Cluster, id string) bool {
	for _, m := range c.Members {
		if list[m].Case == id {
			return true
		}
	}
	return false
}

// summary is the account: verdicts = in_cases + left_out, which are closed and repeated ones, and those of other cases where one was asked for.
func (q *inquiry) summary(b []byte, board *render.Cases, started time.Time) []byte {
	b = append(b, `{"kind":"summary","version":1,"command":"investigate"`...)
	b = wire.Int(b, "read", q.acc.read)
	b = wire.Int(b, "rejected", q.acc.rejected)
	b = wire.Int(b, "verdicts", q.verdicts)
	b = wire.Int(b, "in_cases", board.Verdicts)
	b = wire.Int(b, "left_out", q.verdicts-board.Verdicts)
	b = wire.Int(b, "cases", board.Cases)
	b = wire.Int(b, "linked", board.Tied)
	if q.kept {
		b = wire.Int(b, "adopted", q.adopted)
	}
	if q.narrator != nil {
		calls, models := q.narrator.run.tallies()
		b = appendTallies(wire.Int(b, "calls", calls), models)
	}
	return append(wire.Float(b, "seconds", q.app.Now().Sub(started).Seconds()), '}', '\n')
}

// documents is where rejects and gaps go; nil when people read.
func (q *inquiry) documents() io.Writer {
	if q.app.wantsJSON() && (q.report == nil || q.report.out != "") {
		return q.out
	}
	return nil
}
