package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/spf13/cobra"

	"github.com/seed-959697dd/soc/cmd/hush"
	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/tui"
)

// Bubble Tea is initialised by now, and asked the terminal nothing.
var _ = hush.Over()

type tuiOptions struct {
	book, by, key, theme, filter string
	plain, mouse                 bool
	logs, from                   []string
	tz                           string
	model                        modelOptions
}

func newTUI(a *app) *cobra.Command {
	var o tuiOptions
	c := &cobra.Command{
		Use:   "tui",
		Short: "Work the queue on a screen: look at cases, decide, undo, respond",
		Long: `The screen shows the cases of the casebook, those first that need a person soonest; one case with its evidence as signed terms, each with the
place in the alert it rests on; and the plan of response. ? lists what can be done. What is decided can be taken back with u. Several
people may work on one casebook at once.

With --plain it is a dialogue in lines with the same actions, for screen readers and scripts: help lists its words.

EXIT STATUS
  0 done, 1 failed (--plain: also when a line could not be obeyed), 2 wrong command line, no casebook or no terminal, 130 interrupted`,
		Example: "  echo quit | soc tui --plain\n  printf 'list\\nopen 1\\nclose false_positive backup job\\nundo\\n' | soc tui --plain",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return a.tui(c.Context(), o) },
	}
	f := c.Flags()
	f.StringVar(&o.book, "book", "", "the casebook `FILE` (default: $SOC_BOOK, then the user's state directory)")
	f.StringVar(&o.by, "by", "", "who decides (default: $SOC_USER, then the login `NAME`)")
	f.StringVar(&o.key, "key", "", "the `FILE` with your private key, to approve plans (default: respond.key of soc.yaml)")
	f.StringVar(&o.filter, "filter", "", "begin with the cases that have these `WORDS`, or of which this condition holds, as / does")
	f.StringVar(&o.theme, "theme", "", "the `THEME`: "+strings.Join(tui.Themes(), ", ")+" (default: the last one, then display.theme)")
	f.BoolVar(&o.plain, "plain", false, "a dialogue in lines instead of a screen")
	f.BoolVar(&o.mouse, "mouse", false, "a click goes to a line, the wheel scrolls (the terminal's own selection then needs shift)")
	f.StringArrayVar(&o.logs, "logs", nil, "ask the logs at `PATH` about cases and entities, a file, a pattern or a directory; may be given again")
	f.StringArrayVar(&o.from, "from", nil, "ask the source `NAME` of soc.yaml, a SIEM for one; may be given again, and beside --logs")
	f.StringVar(&o.tz, "tz", "UTC", "with --logs: time `ZONE` of times that carry none")
	f.StringVar(&o.model.name, "model", "", "the model `NAME` of soc.yaml that d asks to describe a case or a verdict; its words decide nothing")
	return c
}

func (a *app) tui(ctx context.Context, o tuiOptions) (err error) {
	if err := among("soc tui --theme", o.theme, append(tui.Themes(), "")...); err != nil {
		return err
	}
	if !o.plain && (!a.IO.InTTY || !a.IO.OutTTY) {
		return usage(errors.New("there is no terminal to draw a screen on"), "soc tui --plain")
	}
	if _, err := tui.ParseFilter(o.filter); err != nil {
		return usage(fmt.Errorf("--filter: %w", err), "soc tui --filter 'host:ws-12 -backup'")
	}
	if _, err := time.LoadLocation(o.tz); err != nil {
		return usage(fmt.Errorf("--tz: %w", err), "soc tui --logs ./logs --tz Europe/Berlin")
	}
	for _, path := range o.logs {
		if _, err := os.Stat(path); err != nil && !strings.ContainsAny(path, "*?[") {
			return usage(fmt.Errorf("--logs: %w", err), "soc tui --logs ./logs")
		}
	}
	by, err := a.person(o.by)
	if err != nil {
		return err
	}
	s, err := a.settings("")
	if err != nil {
		return err
	}
	if name := o.model.name; name != "" && name != noModel {
		if _, ok := s.Models[name]; !ok {
			return s.unknownModel(name, "soc tui")
		}
	}
	from, err := a.answerers(o.from, s, "soc tui", "")
	if err != nil {
		return err
	}
	debug.SetMemoryLimit(investigateMemory)
	book, err := a.openBook(ctx, o.book, false, false)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	inner, said := *a, &aside{}
	if !o.plain { // what is said on stderr would stand across the screen, and nothing is asked there
		inner.IO.Err, inner.IO.ErrTTY = said, false
		defer func() { err = errors.Join(err, said.tell(a.IO.Err)) }()
	}
	d := inner.deskFor(book, by, s, o)
	d.from = from
	if o.plain {
		err = a.talk(ctx, d, o)
	} else {
		err = a.screen(ctx, d, o, s.Display.Theme)
	}
	cancel()
	return bookError(errors.Join(err, d.close()))
}

// aside keeps what is said while a screen is drawn. It may be written to by several goroutines.
type aside struct {
	mu   sync.Mutex
	text bytes.Buffer
	lost int // bytes
}

const mostAside = 64 << 10

// Write implements io.Writer.
func (s *aside) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.text.Len()+len(b) > mostAside {
		s.lost += len(b)
		return len(b), nil
	}
	return s.text.Write(b)
}

// tell says it.
func (s *aside) tell(w io.Writer) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.text.WriteTo(w)
	if s.lost > 0 {
		_, err2 := fmt.Fprintf(w, "soc: another %d bytes of what was said meanwhile were not kept\n", s.lost)
		err = errors.Join(err, err2)
	}
	return err
}

// pulse is how often the screen asks whether somebody else did something.
const pulse = 2 * time.Second

// talk runs the dialogue in lines. The views that a person keeps are those of the screen.
func (a *app) talk(ctx context.Context, d *desk, o tuiOptions) error {
	path, err := casebook.Locate(o.book, a.Env)
	if err != nil {
		return err
	}
	keep := func(views []tui.Saved) error {
		p := a.lastPlace(path)
		p.Views = views
		return a.keepPlace(path, p)
	}
	return tui.Plain(ctx, d.desk(), a.IO, tui.Talk{Now: a.Now, Filter: o.filter, Views: a.lastPlace(path).Views, Keep: keep})
}

// screen runs the screen until it is left, and notes where.
func (a *app) screen(ctx context.Context, d *desk, o tuiOptions, theme string) error {
	path, err := a.locate(o.book)
	if err != nil {
		return err
	}
	path = casebook.Plain(path)
	left := a.lastPlace(path)
	switch {
	case o.theme != "":
		left.Theme = o.theme
	case !slices.Contains(tui.Themes(), left.Theme):
		left.Theme = theme
	}
	if o.filter != "" {
		left.View.Filter, left.Case = o.filter, ""
	}
	m := tui.New(ctx, tui.Options{Desk: d.desk(), Now: a.Now, Place: left, Plain: !a.IO.Color, Mouse: o.mouse, Pulse: pulse})
	with := []tea.ProgramOption{tea.WithContext(ctx), tea.WithInput(a.IO.In), tea.WithOutput(a.IO.Out), tea.WithAltScreen(), tea.WithoutSignalHandler()}
	if o.mouse {
		with = append(with, tea.WithMouseCellMotion())
	}
	end, err := tea.NewProgram(m, with...).Run()
	if last, ok := end.(tui.Model); ok {
		err = errors.Join(err, a.keepPlace(path, last.Place()))
	}
	if err != nil {
		return fmt.Errorf("the screen: %w", err)
	}
	return nil
}
