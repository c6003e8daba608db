package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/evidence"
	"github.com/seed-959697dd/soc/internal/render"
)

// VerifyEvidence looks at an evidence folder: every copy as the manifest says, and the manifest as a journal says. book is the casebook
// to ask; nil: none.
func VerifyEvidence(ctx context.Context, dir string, book *casebook.Book) ([]render.Check, error) {
	v, err := evidence.Verify(dir)
	if errors.Is(err, evidence.ErrManifest) {
		return []render.Check{{Name: "evidence", Class: alert.Failed, Detail: err.Error()}}, nil
	}
	if err != nil {
		return nil, err
	}
	var list []render.Check
	for _, f := range v.Faults {
		list = append(list, render.Check{Name: "evidence", Class: alert.Failed, Detail: f.Name + ": " + f.What})
	}
	if len(v.Faults) == 0 {
		list = append(list, render.Check{Name: "evidence", OK: true, Detail: fmt.Sprintf("%s as the manifest says", render.Plural(int64(v.Copies), "copy", "copies"))})
	}
	if book == nil {
		return append(list, render.Check{Name: "manifest", Class: alert.Unconfigured, Detail: v.Manifest + ": there is no casebook whose journal could tell", Hint: "soc investigate --verify " + dir + " --book FILE"}), nil
	}
	r, err := book.Evidence(ctx, v.Manifest)
	switch {
	case err != nil:
		return nil, err
	case r == nil:
		return append(list, render.Check{Name: "manifest", Class: alert.Failed, Detail: v.Manifest + ": no record of the journal names it"}), nil
	}
	proof, err := book.Verify(ctx)
	if err == nil {
		err = proof.Err()
	}
	if err != nil {
		return append(list, render.Check{Name: "manifest", Class: alert.Failed, Detail: v.Manifest + ": the journal that names it does not hold: " + err.Error()}), nil
	}
	return append(list, render.Check{Name: "manifest", OK: true, Detail: fmt.Sprintf("%s: record %d of the journal, %s by %s", v.Manifest, r.Seq, stamp(r.At), r.By)}), nil
}

// investigateVerify prints what VerifyEvidence finds. What is not as it was ends the run with status 1.
func (a *app) investigateVerify(ctx context.Context, o investigateOptions, args []string) (err error) {
	if len(args) > 0 || o.collect.dir != "" || len(o.report.forms) > 0 {
		return usage(errors.New("--verify looks at a folder and does nothing else"), "soc investigate --verify evidence/c-7f3a")
	}
	var book *casebook.Book
	if !o.noBook {
		path, lerr := casebook.Locate(o.book, a.Env)
		if lerr == nil {
			_, lerr = os.Stat(path)
		}
		if lerr == nil || o.book != "" {
			if book, err = a.openBook(ctx, o.book, true, false); err != nil {
				return err
			}
			defer func() { err = errors.Join(err, book.Close()) }()
		}
	}
	list, err := VerifyEvidence(ctx, o.verify, book)
	if err != nil {
		return err
	}
	var b []byte
	broken := false
	for i := range list {
		broken = broken || list[i].Broken()
		if a.wantsJSON() {
			b = append(list[i].AppendJSON(b), '\n')
		}
	}
	if !a.wantsJSON() {
		b = render.Checks(b, render.NewPaper(a.IO), list)
	}
	if _, err := a.IO.Out.Write(b); err != nil {
		return err
	}
	if broken {
		return &failure{status: statusFailed, err: fmt.Errorf("%s is not as it was collected", o.verify)}
	}
	return nil
}
