package cmd

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/alert/indicator"
	"github.com/seed-959697dd/soc/alert/stream"
	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/internal/wire"
)

type intelExtractOptions struct {
	unique bool
	types  []string
}

func newIntelExtract(a *app) *cobra.Command {
	var o intelExtractOptions
	c := &cobra.Command{
		Use:   "extract [FILE...]",
		Short: "Find addresses, domains, links, hashes and the like in any text",
		Long: `Finds indicators in reports, mails, logs and code, also where they are written so that nobody clicks on them (hxxp, [.],
(dot)) or encoded by JSON, HTML or a link. Prints each with its type, its value, the value defanged, and where it stands.

Without a file, or with -, it reads standard input; directories are walked. A host inside a link or a mail address is not
listed again. Text comes out on a terminal, documents (one JSON object per line) elsewhere; the last line is the account.

EXIT STATUS
  0 done, 1 failed, 2 wrong command line or file`,
		Example: `  soc intel extract alerts.json
  soc intel extract --unique --type ip,domain,url alerts.json
  cat alerts.json | soc intel extract --json --type sha256`,
		RunE: func(c *cobra.Command, args []string) error { return a.intelExtract(c.Context(), o, args) },
	}
	f := c.Flags()
	f.BoolVar(&o.unique, "unique", false, "print each indicator once")
	f.StringSliceVar(&o.types, "type", nil, "only indicators of these `TYPES`: "+strings.Join(typeNames(), ", "))
	return c
}

func typeNames() (names []string) {
	for _, t := range indicator.Types() {
		names = append(names, string(t))
	}
	return names
}

func (a *app) intelExtract(ctx context.Context, o intelExtractOptions, args []string) error {
	started := a.Now()
	for _, t := range o.types {
		if !slices.Contains(typeNames(), t) {
			return usage(fmt.Errorf("--type %s: not one of %s", t, strings.Join(typeNames(), ", ")), "soc intel extract --type ip,domain FILE")
		}
	}
	sources, err := stream.Expand(args, a.IO.In)
	if err != nil {
		return err
	}
	x := &extraction{app: a, options: o, json: a.wantsJSON(), out: bufio.NewWriterSize(a.IO.Out, 64<<10), seen: map[[16]byte]bool{}}
	err = pieces(ctx, sources, x.worker, x.collect)
	if err == nil {
		err = x.end(a.Now().Sub(started).Seconds())
	}
	if ferr := x.out.Flush(); err == nil {
		err = ferr
	}
	return err
}

// extraction is one run of soc intel extract.
type extraction struct {
	app     *app
	options intelExtractOptions
	json    bool
	out     *bufio.Writer
	seen    map[[16]byte]bool
	bytes   int64
	gaps    int64
	counts  [32]int64
}

// worker returns a function that finds the indicators of a piece and spells them.
func (x *extraction) worker() func(*piece) {
	var s, spell indicator.Scanner // the second in the middle of the first
	names := typeNames()
	var defanged []byte
	return func(p *piece) {
		line, counted := p.line, p.from
		s.ScanFrom(p.text, p.from, func(f indicator.Found) bool {
			kind := slices.Index(names, string(f.Type))
			if len(x.options.types) > 0 && !slices.Contains(x.options.types, string(f.Type)) {
				return true
			}
			if f.Offset > counted { // a link inside a link comes after it
				line += int64(bytes.Count(p.text[counted:f.Offset], []byte{'\n'}))
				counted = f.Offset
			}
			defanged = spell.Disarm(defanged[:0], f.Type, f.Value)
			if x.json {
				p.out = appendIndicator(p.out, f, defanged, p, line)
			} else {
				p.out = appendIndicatorLine(p.out, f, defanged, line)
			}
			p.counts[kind]++
			if x.options.unique {
				p.marks = append(p.marks, mark{len(p.out), kind, sumOf(f)})
			}
			return true
		})
	}
}

// sumOf names an indicator in sixteen bytes that nobody can make two indicators share.
func sumOf(f indicator.Found) (sum [16]byte) {
	whole := sha256.Sum256(append([]byte(string(f.Type)+" "), f.Value...))
	copy(sum[:], whole[:])
	return sum
}

func appendIndicator(b []byte, f indicator.Found, defanged []byte, p *piece, line int64) []byte {
	b = append(b, `{"kind":"indicator","version":1`...)
	b = wire.Word(b, "type", string(f.Type))
	b = wire.Text(b, "value", string(f.Value))
	b = wire.Text(b, "defanged", string(defanged))
	b = wire.Int(b, "offset", p.offset+int64(f.Offset))
	b = wire.Int(b, "line", line)
	if p.input != "-" {
		b = append(wire.Text(append(wire.Key(b, "input"), '{'), "name", p.input), '}')
	}
	return append(b, '}', '\n')
}

func appendIndicatorLine(b []byte, f indicator.Found, defanged []byte, line int64) []byte {
	b = fmt.Appendf(b, "%-9s ", f.Type)
	b = term.AppendClean(b, string(defanged))
	b = strconv.AppendInt(append(b, "  line "...), line, 10)
	return append(b, '\n')
}

// collect writes what was found in a piece, each indicator once when that is asked for. What is written waits for more only
// while more is at hand.
func (x *extraction) collect(p *piece, more bool) error {
	if p.gap != "" {
		return x.gap(p)
	}
	x.bytes += int64(len(p.text) - p.from)
	var err error
	if !x.options.unique {
		for i, n := range p.counts {
			x.counts[i] += n
		}
		_, err = x.out.Write(p.out)
	} else {
		err = x.once(p)
	}
	if err == nil && !more {
		err = x.out.Flush()
	}
	return err
}

// gap tells that an input was not read, or not to its end: nothing found there means nothing.
func (x *extraction) gap(p *piece) error {
	x.gaps++
	if !x.json {
		_, err := fmt.Fprintln(x.app.IO.Err, "soc: gap: "+term.Clean(p.gap))
		return err
	}
	b := []byte(`{"kind":"gap","version":1`)
	b = wire.Text(b, "source", p.input)
	b = wire.Text(b, "class", string(alert.Partial))
	_, err := x.out.Write(append(wire.Text(b, "reason", p.gap), '}', '\n'))
	return err
}

func (x *extraction) once(p *piece) error {
	from := 0
	for _, m := range p.marks {
		if !x.seen[m.sum] {
			x.seen[m.sum] = true
			x.counts[m.kind]++
			if _, err := x.out.Write(p.out[from:m.end]); err != nil {
				return err
			}
		}
		from = m.end
	}
	return nil
}

// end writes the account.
func (x *extraction) end(seconds float64) error {
	total := int64(0)
	for _, n := range x.counts {
		total += n
	}
	if x.json {
		_, err := x.out.Write(x.summary(total, seconds))
		return err
	}
	parts := make([]string, 0, len(x.counts))
	for i, name := range typeNames() {
		if n := x.counts[i]; n > 0 {
			parts = append(parts, strconv.FormatInt(n, 10)+" "+name)
		}
	}
	text := render.Plural(total, "indicator", "indicators")
	if len(parts) > 0 {
		text += ": " + strings.Join(parts, ", ")
	}
	_, err := io.WriteString(x.out, text+"\n")
	return err
}

func (x *extraction) summary(total int64, seconds float64) []byte {
	b := []byte(`{"kind":"summary","version":1,"command":"intel extract"`)
	b = wire.Int(b, "bytes", x.bytes)
	b = wire.Int(b, "indicators", total)
	b = wire.Int(b, "gaps", x.gaps)
	b = append(wire.Key(b, "types"), '{')
	for i, name := range typeNames() {
		if n := x.counts[i]; n > 0 {
			b = wire.Int(b, name, n)
		}
	}
	b = wire.Float(append(b, '}'), "seconds", seconds)
	return append(b, '}', '\n')
}
