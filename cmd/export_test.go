package cmd

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/tui"
)

// OpenDesk opens a casebook for a screen as soc tui does, with a book of its own, and the sources of soc.yaml that --from would name.
func OpenDesk(ctx context.Context, w World, path, by string, from ...string) (tui.Desk, *casebook.Book, error) {
	a := &app{World: w}
	s, err := a.settings("")
	if err != nil {
		return tui.Desk{}, nil, err
	}
	book, err := a.openBook(ctx, path, false, false)
	if err != nil {
		return tui.Desk{}, nil, err
	}
	d := a.deskFor(book, by, s, tuiOptions{book: path})
	d.from, err = a.answerers(from, s, "soc tui", "")
	return d.desk(), book, err
}

// Flags returns the flags of every command that has some of its own, by the command's path.
func Flags() map[string][]string {
	all := map[string][]string{}
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		c.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
			if !f.Hidden && f.Name != "help" {
				all[c.CommandPath()] = append(all[c.CommandPath()], f.Name)
			}
		})
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(newRoot(&app{}))
	return all
}

// SetUp makes every source of a configuration, and says which ones cannot be.
func SetUp(w World, file string) map[string]error {
	a := &app{World: w, config: file}
	s, err := a.settings("")
	if err != nil {
		return map[string]error{"": err}
	}
	all := map[string]error{}
	for name, conf := range s.Sources {
		_, all[name] = a.system(name, &conf)
	}
	return all
}

// Aside is where what is said goes while a screen is drawn, and how it is said afterwards.
func Aside() (w io.Writer, tell func(io.Writer) error) {
	s := &aside{}
	return s, s.tell
}

// Waits are the shortest and the longest wait after so many failures in a row.
func Waits(every time.Duration, failures, tries int) (least, most time.Duration) {
	p := pace{every: every, failures: failures}
	least = p.wait()
	for range tries {
		d := p.wait()
		least, most = min(least, d), max(most, d)
	}
	return least, most
}

// Said is what is said of a source that leaves those gaps, one pull a minute, with the number of the pull before each.
func Said(now time.Time, pulls [][]alert.Gap) (list []string) {
	var t trouble
	for i, gaps := range pulls {
		if t.news(gaps, now) {
			list = append(list, fmt.Sprint(i, " ", gaps[0].Reason))
		}
		if !notFound(gaps) {
			if text := t.over(now, "nothing is lost"); text != "" {
				list = append(list, fmt.Sprint(i, " ", text))
			}
		}
		now = now.Add(time.Minute)
	}
	return list
}

// ServerLog is what a server says goes wrong, as it comes to stderr.
func ServerLog(w io.Writer, name string) io.Writer {
	return (&app{World: World{IO: term.IO{Err: w}}}).serverLog(name)
}
