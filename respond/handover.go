package respond

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/wire"
)

// Handover is a case as a platform with playbooks of its own takes it over.
type Handover struct {
	Case       string // its id is the source id over there: handed over twice, it is there once
	Digest     string // of the case's document
	Title      string
	Severity   string // critical, high, medium, low, informational; empty: unknown
	First      time.Time
	Techniques []string
	Exhibits   []Exhibit
	Left       int    // exhibits that stay behind, because there are more than MaxExhibits
	Note       string // Markdown in which no text of the case is anything but text
}

// Exhibit is one value of a case: an indicator, a host, an account.
type Exhibit struct {
	Type    string // as documents name it: ip, domain, url, md5, host, user, ...
	Role    string // source, target, actor, related
	Value   string
	Verdict string // what threat intelligence said, of an indicator
	Alert   string // the alert that holds it
}

// MaxExhibits bounds what is handed over of one case.
const MaxExhibits = 500

// ErrNoCase means that a document is no case with an id.
var ErrNoCase = errors.New("no case of soc investigate")

// ReadHandover reads a document of kind case, version 1. The note is the caller's to write.
func ReadHandover(doc []byte) (Handover, error) {
	k := gjson.ParseBytes(doc)
	if !gjson.ValidBytes(doc) || k.Get("kind").Str != "case" || k.Get("version").Int() != 1 || k.Get("id").Str == "" {
		return Handover{}, ErrNoCase
	}
	sum := sha256.Sum256(doc)
	h := Handover{Case: k.Get("id").Str, Digest: "sha256:" + hex.EncodeToString(sum[:]), Title: k.Get("title").Str, Severity: k.Get("severity").Str, First: k.Get("first_time").Time()}
	for _, t := range k.Get("techniques").Array() {
		h.Techniques = append(h.Techniques, t.Str)
	}
	for _, i := range k.Get("indicators").Array() {
		h.add(Exhibit{i.Get("type").Str, i.Get("role").Str, i.Get("value").Str, i.Get("verdict").Str, i.Get("receipts.0.alert").Str})
	}
	for _, v := range k.Get("verdicts").Array() {
		for _, e := range v.Get("alert.entities").Array() {
			if kind := e.Get("type").Str; e.Get("role").Str != "observer" && (kind == "host" || kind == "user" || kind == "ip") {
				h.add(Exhibit{Type: kind, Role: e.Get("role").Str, Value: e.Get("value").Str, Alert: v.Get("alert.id").Str})
			}
		}
	}
	return h, nil
}

// add takes a value in, once for each role it has.
func (h *Handover) add(e Exhibit) {
	same := func(o Exhibit) bool {
		return o.Type == e.Type && o.Value == e.Value && (o.Role == e.Role || e.Role == "")
	}
	switch {
	case e.Value == "" || slices.ContainsFunc(h.Exhibits, same):
	case len(h.Exhibits) == MaxExhibits:
		h.Left++
	default:
		h.Exhibits = append(h.Exhibits, e)
	}
}

// Record is what stands for a case on a platform.
type Record struct {
	ID, URL string
	Existed bool   // it was there before; nothing was made
	Note    bool   // it has the note
	Running string // the playbook that was started with it, empty when none was
}

// Run is a playbook on its way.
type Run struct {
	Playbook, ID string
	Status       string // running, waiting, success, failed
	Detail       string
	Before       bool // it was started earlier
}

// Over tells that nothing more comes of it.
func (r *Run) Over() bool { return r.Status == "success" || r.Status == "failed" }

// Platform takes cases over. Its methods may be called again after a crash.
type Platform interface {
	// Find names the record of a case that was handed over before. known is its id, where somebody noted it. It changes nothing.
	Find(ctx context.Context, caseID, known string) (r Record, ok bool, err error)
	// Create makes the record, with the note and, unless it is empty, the playbook. One that is there already is named and left alone.
	Create(ctx context.Context, h *Handover, playbook string) (Record, error)
	// Annotate adds the note to a record that an interruption left without it.
	Annotate(ctx context.Context, r Record, h *Handover) (Record, error)
	// Start starts a playbook on a record, unless it was started there before.
	Start(ctx context.Context, r Record, playbook string) (Run, error)
	// Follow asks how far a playbook is.
	Follow(ctx context.Context, r Record, run Run) (Run, error)
	// Field is the name under which the platform holds such a value; empty: it has none, and the value stands in the note only.
	Field(e Exhibit) string
}

// Handed is what became of a hand-over.
type Handed struct {
	Handover *Handover
	To       string // the platform's name in the configuration
	Platform string // its type
	Outcome  string // planned, created, existing
	Record   Record
	Run      *Run
	Fields   []string // of the exhibits
	At       time.Time
	By       string
	Gaps     []alert.Gap
}

// Hand hands a case over. The error says what is not known to be there; what was made before it stands in the result.
func (d *Handed) Hand(ctx context.Context, p Platform, known, playbook string) error {
	r, ok, err := p.Find(ctx, d.Handover.Case, known)
	switch {
	case err != nil:
	case !ok:
		r, err = p.Create(ctx, d.Handover, playbook)
	case !r.Note:
		r, err = p.Annotate(ctx, r, d.Handover)
	}
	if d.Record = r; r.ID != "" {
		d.Outcome = "created"
		if r.Existed {
			d.Outcome = "existing"
		}
	}
	if err != nil || playbook == "" {
		return err
	}
	run, err := p.Start(ctx, r, playbook)
	if err == nil {
		d.Run = &run
	}
	return err
}

// AppendJSON appends it as a document of kind handover, version 1, on a line of its own.
func (d *Handed) AppendJSON(b []byte) []byte {
	h := d.Handover
	b = wire.Text(append(b, `{"kind":"handover","version":1`...), "case", h.Case)
	b = wire.Text(b, "case_digest", h.Digest)
	b = wire.Text(wire.Word(wire.Text(b, "to", d.To), "platform", d.Platform), "title", h.Title)
	b = wire.Text(b, "severity", h.Severity)
	b = wire.Word(b, "outcome", d.Outcome)
	b = wire.Text(wire.Text(b, "record", d.Record.ID), "url", d.Record.URL)
	b = append(wire.Key(b, "items"), '[')
	for i, e := range h.Exhibits {
		if i > 0 {
			b = append(b, ',')
		}
		b = wire.Text(append(b, '{'), "type", e.Type)
		b = append(wire.Text(wire.Text(wire.Text(b, "role", e.Role), "value", e.Value), "field", d.Fields[i]), '}')
	}
	b = append(b, ']')
	if h.Left > 0 {
		b = wire.Int(b, "left", int64(h.Left))
	}
	b = wire.Bool(b, "note", d.Record.Note)
	if d.Run != nil {
		b = wire.Text(append(wire.Key(b, "playbook"), '{'), "name", d.Run.Playbook)
		b = wire.Text(wire.Text(wire.Text(b, "run", d.Run.ID), "status", d.Run.Status), "detail", d.Run.Detail)
		b = append(append(wire.Key(b, "before"), strconv.FormatBool(d.Run.Before)...), '}')
	}
	b = wire.Text(wire.Time(b, "at", d.At), "by", d.By)
	return append(alert.AppendGaps(b, d.Gaps), '}', '\n')
}
