package cmd

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/internal/render/report"
	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/investigate"
)

// reportOptions are the flags about reports.
type reportOptions struct {
	forms []string
	out   string
}

func (o *reportOptions) flags(f *pflag.FlagSet) {
	f.StringSliceVar(&o.forms, "report", nil, "write the cases as `FORM`: md, html, json, stix, misp, csv, blocklist; several need --out DIR")
	f.StringVar(&o.out, "out", "", "write the report to `FILE`, or one file per case and an index to a directory")
}

// reporting writes cases as reports, to one place: stdout, a file, or a directory with a file for each case. The zero value and nil
// write none.
type reporting struct {
	app   *app
	forms []report.Form
	out   string
	dir   bool
	one   report.Writer // of stdout or the file
	list  report.Writer // of blocklists in a directory: one file for each type
	index []*report.Index
	b     []byte
	file  *beside // of out, when that is a file
	cases int64
}

const reportHint = "soc investigate --report html --out report.html verdicts.ndjson"

// reporting settles what --report and --out ask for; nil when they ask for nothing.
func (a *app) reporting(o reportOptions) (*reporting, error) {
	if len(o.forms) == 0 {
		if o.out != "" {
			return nil, usage(errors.New("--out says where and --report is missing"), reportHint)
		}
		return nil, nil
	}
	if o.out == "" && (a.text || a.json && !slices.Equal(o.forms, []string{"json"})) {
		return nil, usage(errors.New("--report and --json or --text ask for different things"), reportHint)
	}
	if o.out == "" && slices.Equal(o.forms, []string{"json"}) {
		a.json = true
		return nil, nil
	}
	known := append(report.Forms(), report.Form{Name: "json", Extension: ".json", New: func(report.Options) report.Writer { return documents{} }})
	r := &reporting{app: a, out: o.out}
	for _, name := range o.forms {
		at := slices.IndexFunc(known, func(f report.Form) bool { return f.Name == name })
		if at < 0 {
			return nil, usage(fmt.Errorf("--report %q: not one of md, html, json, stix, misp, csv, blocklist", name), reportHint)
		}
		r.forms = append(r.forms, known[at])
	}
	if o.out != "" {
		st, err := os.Stat(o.out)
		r.dir = err == nil && st.IsDir()
		if strings.HasSuffix(o.out, "/") || strings.HasSuffix(o.out, string(filepath.Separator)) {
			r.dir = true
			if err := os.MkdirAll(o.out, 0o700); err != nil {
				return nil, err
			}
		}
	}
	if len(r.forms) > 1 && !r.dir {
		return nil, usage(errors.New("several reports need a directory: --out DIR/"), "soc investigate --report html,stix --out reports/ verdicts.ndjson")
	}
	if r.dir {
		for _, f := range r.forms {
			if x, ok := report.NewIndex(f, r.options()); ok {
				r.index = append(r.index, x)
			}
		}
		return r, nil
	}
	if r.out != "" {
		err := replaceable(r.out)
		if err == nil {
			r.file, err = newBeside(r.out)
		}
		if err != nil {
			return nil, fmt.Errorf("writing %s: %w", r.out, err)
		}
	}
	r.one = r.forms[0].New(r.options())
	r.b = r.one.Begin(nil)
	return r, nil
}

func (r *reporting) options() report.Options { return report.Options{Version: r.app.version()} }

// most is how many cases are written: people read the strongest, machines all.
func (r *reporting) most() int64 {
	if name := r.forms[0].Name; !r.dir && (name == "md" || name == "html") {
		return render.MostCases
	}
	return math.MaxInt64
}

// add writes one case.
func (r *reporting) add(k *investigate.Case) error {
	r.cases++
	if !r.dir {
		r.b = r.one.Case(r.b, k)
		return r.flush()
	}
	for _, x := range r.index {
		x.Add(k)
	}
	for _, f := range r.forms {
		if f.Name == "blocklist" {
			if r.list == nil {
				r.list = f.New(r.options())
			}
			r.list.Case(nil, k)
			continue
		}
		w := f.New(r.options())
		if err := writeReport(filepath.Join(r.out, k.ID+f.Extension), w.End(w.Case(w.Begin(nil), k))); err != nil {
			return err
		}
	}
	return nil
}

// flush hands what stands ready to stdout or to the file, which nobody sees before its end.
func (r *reporting) flush() error {
	b := r.b
	r.b = r.b[:0]
	if r.file == nil {
		_, err := r.app.IO.Out.Write(b)
		return err
	}
	if _, err := r.file.Write(b); err != nil {
		return fmt.Errorf("writing %s: %w", r.out, err)
	}
	return nil
}

// end finishes what was begun. A file of documents ends with the summary of the run, as stdout does; a directory with an index for people.
func (r *reporting) end(summary []byte) error {
	if r.dir {
		if r.list != nil {
			for name, text := range report.Lists(r.list) {
				if err := writeReport(filepath.Join(r.out, "blocklist-"+name+".txt"), text); err != nil {
					return err
				}
			}
		}
		for _, x := range r.index {
			if err := writeReport(filepath.Join(r.out, x.File()), x.Append(nil)); err != nil {
				return err
			}
		}
		return nil
	}
	r.b = r.one.End(r.b)
	if r.out != "" && r.forms[0].Name == "json" {
		r.b = append(r.b, summary...)
	}
	if err := r.flush(); err != nil || r.file == nil {
		return err
	}
	if err := r.file.commit(); err != nil {
		return fmt.Errorf("writing %s: %w", r.out, err)
	}
	return nil
}

// drop forgets a file that was not finished.
func (r *reporting) drop() error {
	if r == nil || r.file == nil {
		return nil
	}
	return r.file.drop()
}

// account names the place of the report.
func (r *reporting) account(b []byte) []byte {
	if r == nil {
		return b
	}
	return append(b, render.Plural(r.cases, "case", "cases")+" reported in "+term.Clean(r.out)+"\n"...)
}

// documents is the case's own document as a form of report.
type documents struct{}

func (documents) Begin(b []byte) []byte                     { return b }
func (documents) End(b []byte) []byte                       { return b }
func (documents) Case(b []byte, k *investigate.Case) []byte { return k.AppendJSON(b) }

// writeReport writes a file whole or not at all, for its owner's eyes only.
func writeReport(name string, text []byte) error {
	err := replaceable(name)
	if err == nil {
		err = writeBeside(name, func(w io.Writer) error {
			_, err := w.Write(text)
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return nil
}

// replaceable refuses a place where something is that is no regular file: a link may lead anywhere.
func replaceable(name string) error {
	if st, err := os.Lstat(name); err == nil && !st.Mode().IsRegular() {
		return errors.New("it is there and no regular file")
	}
	return nil
}
