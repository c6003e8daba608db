package cmd

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/evidence"
	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/internal/wire"
)

// folder is an evidence folder that was looked at.
type folder struct {
	dir, manifest string
	copies        int
	record        *casebook.Record // of the journal, that names the manifest; nil: none, or no journal to ask
}

// evidence compares an evidence folder with its manifest, and the manifest with the journal. book is nil where there is no casebook.
func (v *verification) evidence(ctx context.Context, dir string, book *casebook.Book) error {
	e, err := evidence.Verify(dir)
	if errors.Is(err, evidence.ErrManifest) {
		v.odd(filepath.Base(dir), "has "+err.Error())
		return nil
	}
	if err != nil {
		return fmt.Errorf("--evidence: %w", err)
	}
	f := folder{dir: dir, manifest: e.Manifest, copies: e.Copies}
	for _, fault := range e.Faults {
		v.odd(fault.Name, fault.What)
	}
	if book == nil {
		v.gap("evidence", alert.Unconfigured, dir+": there is no casebook, so whether its manifest is the one that was written cannot be told: compare "+e.Manifest)
	} else if f.record, err = book.Evidence(ctx, e.Manifest); err != nil {
		return bookError(err)
	} else if f.record == nil {
		v.odd(evidence.Manifest, "no record of the journal names its digest "+e.Manifest)
	}
	v.folders = append(v.folders, f)
	return nil
}

func (v *verification) odd(id, what string) {
	v.proof.Findings = append(v.proof.Findings, casebook.Finding{Where: "evidence", ID: id, What: what})
}

func (f *folder) append(b []byte) []byte {
	b = fmt.Appendf(b, "evidence     %s: %s", term.Clean(f.dir), render.Plural(int64(f.copies), "copy", "copies"))
	if f.record != nil {
		b = fmt.Appendf(b, "; record %d, collected by %s on %s", f.record.Seq, term.Clean(f.record.By), render.Span(f.record.At, f.record.At))
	}
	return append(b, '\n')
}

func (f *folder) appendJSON(b []byte) []byte {
	b = wire.Text(append(b, '{'), "folder", f.dir)
	b = wire.Int(wire.Text(b, "manifest", f.manifest), "copies", int64(f.copies))
	if f.record != nil {
		b = wire.Int(b, "record", f.record.Seq)
	}
	return append(b, '}')
}
