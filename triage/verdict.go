package triage

import (
	"cmp"
	"context"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/wire"
)

// Verdict is what was decided about one group, with everything a person needs to check it.
type Verdict struct {
	Judgement
	ID          string
	Case        string
	Fingerprint Fingerprint
	Count       int // members, copies included
	First, Last time.Time
	IDs         []string // the members' ids, each once; at most MaxIDs, the others follow in members documents
	More        int      // ids left out of IDs
	Late        bool
	Alert       []byte // the document of the member with the strongest evidence
	Raw, View   []byte // that member as it was received, and the JSON that its paths resolve in; when observations keep them
	Vendor      alert.Severity
	Rated       int    // the vendor's highest score in the group, which counts; Vendor is that of Alert
	Rule, Host  string // the keys of the estate's memory, see Sighting
	Pattern     Pattern
	Critical    bool         // a critical asset is involved
	Models      []*Testimony // in the order in which they were heard; none when no model was asked
	Prose       *Prose       // what a model wrote about the verdict when it stood; nil unless somebody asked for it
	Suppressed  []Suppressed
	Gaps        []alert.Gap
	Digests     Digests

	gaps     []byte // the standing ones, spelled
	standing int    // how many they are
}

// MaxIDs bounds the ids within one verdict document.
const MaxIDs = 1000

// Suppressed is a signal or a whole verdict that a rule set aside.
type Suppressed struct{ Check, Sentence, By string }

// Digests name what a verdict rests on besides its alerts.
type Digests struct{ Policy, Precedent, Context, Model string }

// Standing is what holds for every verdict of a run, whatever its alerts.
type Standing struct {
	Digests Digests
	Gaps    []alert.Gap // what was not configured, and what could not be loaded
	spelled []byte      // Gaps as they stand in a document, led by a comma

	// Ask asks those who know more than the alert says and may take their time: nil when there are none. It is called from several
	// goroutines, once for each group, with the alert that stands for it.
	Ask       func(ctx context.Context, a *alert.Alert) ([]Signal, []alert.Gap)
	Witnesses []Witness // heard one after the other, each with the verdict as it stands after the one before
}

// Witness tells what a model says about a group, nil when it is not asked. It is called from several goroutines and may not change the
// verdict.
type Witness func(ctx context.Context, v *Verdict) *Testimony

// Testimony is what a model said about one group. It can raise the group's score and nothing else: whatever a signal says, it is
// counted as one of text that an attacker can write (promise P6).
type Testimony struct {
	Model   string
	Cascade string // the cascade that the model is part of; empty when it is asked alone
	Answer  string // malicious, suspicious, benign, unsure; empty without a usable answer
	Calls   int
	Cached  bool
	Dropped int // claims that did not hold
	Signals []Signal
	Gaps    []alert.Gap
}

// heard appends the testimony's signals, each made unable to lower, to decide alone or to set aside.
func (t *Testimony) heard(list []Signal) []Signal {
	for _, s := range t.Signals {
		s.Weight, s.Trust, s.Hard, s.Critical, s.By = max(0, s.Weight), alert.Attacker, false, false, ""
		list = append(list, s)
	}
	return list
}

// CaseOf is the id of the case that a verdict is on its own, until correlation finds it company.
func CaseOf(verdict string) string { return "c-" + strings.TrimPrefix(verdict, "v-") }

// idOf mints a verdict's id from its fingerprint and the digest of its first member: the same alerts lead to the same id in every
// run. Both are hashes already.
func idOf(fp Fingerprint, digest [8]byte) string {
	for i := range digest {
		digest[i] ^= fp[i]
	}
	return "v-" + hex.EncodeToString(digest[:])
}

// AppendJSON appends the verdict as a document of kind verdict, version 1.
func (v *Verdict) AppendJSON(b []byte) []byte {
	b = append(b, `{"kind":"verdict","version":1`...)
	b = wire.Text(b, "id", v.ID)
	b = v.appendGroup(b)
	b = append(append(b, `,"alert":`...), v.Alert...)
	b = wire.Text(b, "case", v.Case)
	b = wire.Word(b, "disposition", v.Disposition.String())
	b = wire.Float(b, "probability", v.Probability)
	b = wire.Bool(b, "calibrated", v.Calibrated)
	b = append(wire.Key(b, "severity"), '{')
	b = wire.Word(b, "recommended", v.Severity.String())
	b = wire.Text(b, "vendor", v.Vendor.Vendor)
	b = append(wire.Int(b, "score", int64(v.SeverityPct)), '}')
	b = wire.Word(b, "route", v.Route.String())
	b = wire.Bool(b, "would_close", v.WouldClose)
	if v.ClosedBy != "" || v.Certificate != "" {
		b = wire.Text(append(wire.Key(b, "closed_by"), '{'), "rule", v.ClosedBy)
		b = append(wire.Text(b, "certificate", v.Certificate), '}')
	}
	b = wire.Int(b, "score", int64(v.Score))
	b = wire.Int(b, "base", int64(v.Base))
	if v.Critical {
		b = wire.Bool(b, "critical", true)
	}
	b = v.appendPattern(b)
	b = append(wire.Key(b, "signals"), '[')
	for i := range v.Signals {
		b = v.Signals[i].AppendJSON(wire.Comma(b))
	}
	b = append(b, ']')
	b = appendSuppressed(b, v.Suppressed)
	if v.gaps != nil && len(v.Gaps) == v.standing {
		b = append(b, v.gaps...)
	} else {
		b = alert.AppendGaps(b, v.Gaps)
	}
	b = appendModels(b, v.Models)
	if v.Prose != nil {
		b = v.Prose.AppendJSON(b)
	}
	b = append(wire.Key(b, "digests"), '{')
	b = wire.Text(b, "policy", v.Digests.Policy)
	b = wire.Text(b, "precedent", v.Digests.Precedent)
	b = wire.Text(b, "context", v.Digests.Context)
	b = wire.Text(b, "model", v.Digests.Model)
	return append(b, "}}"...)
}

func (v *Verdict) appendGroup(b []byte) []byte {
	b = append(wire.Key(b, "group"), '{')
	b = wire.Hex(b, "fingerprint", "", v.Fingerprint[:])
	b = wire.Int(b, "count", int64(v.Count))
	b = wire.Time(b, "first_time", v.First)
	b = wire.Time(b, "last_time", v.Last)
	b = wire.Texts(b, "alert_ids", v.IDs)
	b = wire.Int(b, "more", int64(v.More))
	return append(wire.Bool(b, "late", v.Late), '}')
}

// appendPattern appends the member "pattern": what rescoring needs beside the signals and the alert.
func (v *Verdict) appendPattern(b []byte) []byte {
	g := &v.Pattern
	b = append(wire.Key(b, "pattern"), '{')
	b = wire.Int(b, "alerts", int64(g.Alerts))
	b = wire.Int(b, "neighbours", int64(g.Neighbours))
	if v.Rated != v.Vendor.Score {
		b = wire.Int(b, "severity", int64(v.Rated))
	}
	switch {
	case g.FirstEver:
		b = wire.Word(b, "first", "ever")
	case g.FirstHere:
		b = wire.Word(b, "first", "here")
	}
	b = wire.Text(b, "account", g.Account)
	return append(wire.Word(b, "named", g.Trust.String()), '}')
}

// AppendJSON appends the signal as it stands in a verdict.
func (s *Signal) AppendJSON(b []byte) []byte {
	b = wire.Text(append(b, '{'), "check", s.Check)
	b = wire.Word(b, "family", string(s.Family))
	b = wire.Word(b, "trust", s.Trust.String())
	b = wire.Int(b, "weight", int64(s.Weight))
	if s.Weighed && s.Check != patternCheck {
		b = wire.Int(b, "expert", int64(s.Expert))
	}
	b = wire.Int(b, "term", int64(s.Term))
	b = wire.Text(b, "sentence", s.Sentence)
	b = append(wire.Key(b, "receipts"), '[')
	for _, r := range s.Receipts {
		b = append(wire.Comma(b), '{')
		b = wire.Text(b, "path", string(r.Path))
		b = wire.Text(b, "value", r.Value)
		b = append(wire.Text(b, "source", r.Source), '}')
	}
	if b = append(b, ']'); s.Hard {
		b = wire.Bool(b, "hard", true)
	}
	return append(b, '}')
}

func appendSuppressed(b []byte, list []Suppressed) []byte {
	if len(list) == 0 {
		return b
	}
	b = append(wire.Key(b, "suppressed"), '[')
	for _, s := range list {
		b = append(wire.Comma(b), '{')
		b = wire.Text(b, "check", s.Check)
		b = wire.Text(b, "sentence", s.Sentence)
		b = append(wire.Text(b, "by", s.By), '}')
	}
	return append(b, ']')
}

// answers are what a model can say, the mildest first.
var answers = [...]string{"", "benign", "unsure", "suspicious", "malicious"}

// appendModels appends the member "model": who was asked, and of several the gravest answer.
func appendModels(b []byte, list []*Testimony) []byte {
	if len(list) == 0 {
		return b
	}
	all := Testimony{Model: cmp.Or(list[0].Cascade, list[0].Model), Cached: true}
	grave := 0
	for _, t := range list {
		grave = max(grave, slices.Index(answers[:], t.Answer))
		all.Calls, all.Dropped, all.Cached = all.Calls+t.Calls, all.Dropped+t.Dropped, all.Cached && t.Cached
	}
	b = wire.Text(append(wire.Key(b, "model"), '{'), "name", all.Model)
	b = wire.Text(b, "answer", answers[grave])
	b = wire.Int(b, "calls", int64(all.Calls))
	b = wire.Bool(b, "cached", all.Cached)
	if all.Dropped > 0 {
		b = wire.Int(b, "dropped", int64(all.Dropped))
	}
	if list[0].Cascade != "" {
		b = append(wire.Key(b, "answers"), '[')
		for _, t := range list {
			b = wire.Text(append(wire.Comma(b), '{'), "name", t.Model)
			b = append(wire.Text(b, "answer", t.Answer), '}')
		}
		b = append(b, ']')
	}
	return append(b, '}')
}

// AppendMembers appends a members document: ids of a verdict that its own document had no room for.
func AppendMembers(b []byte, verdict string, ids []string) []byte {
	b = append(b, `{"kind":"members","version":1`...)
	b = wire.Text(b, "verdict", verdict)
	b = wire.Texts(b, "alert_ids", ids)
	return append(b, '}')
}
