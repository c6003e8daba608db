package cmd

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/seed-959697dd/soc/internal/learn"
	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/internal/rules"
	"github.com/seed-959697dd/soc/internal/wire"
)

// print writes what was found, and the drafts as files when a folder is named.
func (s *suggesting) print(out io.Writer, o learnSuggestOptions, folder string, until, now time.Time) error {
	found := s.patterns.Suggest(o.top)
	text := render.Tuning{
		Alerts: s.acc.read - s.acc.rejected, Groups: s.groups, Decided: s.decided, Decisions: s.read, Used: s.used, Unread: len(s.bad), Rejected: s.acc.rejected,
		Unnamed: s.patterns.Unnamed(), Until: until, Folder: folder, Notes: s.notes(),
	}
	var docs []byte
	for i := range found {
		f := &found[i]
		drafts := f.Drafts(until)
		proven(f, drafts, until, now)
		if err := saveDrafts(folder, f, drafts); err != nil {
			return err
		}
		docs = append(f.AppendJSON(docs, i+1, drafts), '\n')
		text.Suggestions = append(text.Suggestions, rendered(f, drafts))
	}
	if !s.app.wantsJSON() {
		docs = text.Append(nil, render.NewPaper(s.app.IO))
	} else {
		docs = s.appendSummary(docs, len(found))
	}
	_, err := out.Write(docs)
	return err
}

// shownDecisions bounds the rejected decision lines that text names.
const shownDecisions = 5

// notes name what could not be read.
func (s *suggesting) notes() (list []string) {
	for i := range s.acc.first {
		r := &s.acc.first[i]
		list = append(list, fmt.Sprintf("%s:%d, byte %d: %s", r.Input, r.Line, r.Offset, r.Reason))
	}
	for _, g := range s.acc.gaps {
		list = append(list, fmt.Sprintf("gap: %s: %s", g.Input, g.Reason))
	}
	for _, r := range s.bad[:min(shownDecisions, len(s.bad))] {
		list = append(list, fmt.Sprintf("decisions, line %d: %s", r.Line, r.Reason))
	}
	return list
}

// proven refuses an allow rule that the rules themselves would refuse.
func proven(f *learn.Suggestion, drafts []learn.Draft, until, now time.Time) {
	for i := range drafts {
		if d := &drafts[i]; d.Language == learn.CEL && d.Refused == "" {
			r := rules.Rule{Name: f.Name, Effect: rules.Allow, When: f.Condition(), Reason: f.Reason(), Expires: until.Format(time.DateOnly)}
			if _, err := rules.Compile([]rules.Rule{r}, nil, now); err != nil {
				*d = learn.Draft{Language: d.Language, Refused: err.Error()}
			}
		}
	}
}

// saveDrafts writes one file per draft. Their names hold nothing that an alert says.
func saveDrafts(folder string, f *learn.Suggestion, drafts []learn.Draft) error {
	if folder == "" {
		return nil
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("writing drafts: %w", err)
	}
	for i := range drafts {
		d := &drafts[i]
		if d.Refused != "" {
			continue
		}
		name := filepath.Join(folder, f.Name+d.Language.Ending())
		if err := writeBeside(name, func(w io.Writer) error { _, err := io.WriteString(w, d.Text); return err }); err != nil {
			return fmt.Errorf("writing drafts: %w", err)
		}
	}
	return nil
}

func rendered(f *learn.Suggestion, drafts []learn.Draft) render.Suggestion {
	r := render.Suggestion{
		Name: f.Name, Rule: f.Rule.Value, Title: f.Title, Format: f.Format, Alerts: f.Alerts, Groups: f.Groups, Harmless: f.Harmless, Attacks: f.Attacks,
		Undecided: f.Undecided(), Share: f.Share, First: f.First, Last: f.Last, Hidden: f.Hidden, HiddenAlerts: f.HiddenAlerts(),
	}
	for _, v := range f.Facts {
		r.Values = append(r.Values, v.Slot.String()+" "+v.Value)
	}
	for _, d := range drafts {
		r.Drafts = append(r.Drafts, render.Draft{Language: string(d.Language), Text: d.Text, Refused: d.Refused, File: f.Name + d.Language.Ending()})
	}
	return r
}

func (s *suggesting) appendSummary(b []byte, n int) []byte {
	b = append(b, `{"kind":"summary","version":1,"command":"learn"`...)
	b = wire.Int(b, "read", s.acc.read)
	b = wire.Int(b, "rejected", s.acc.rejected)
	b = wire.Int(b, "decisions", s.read)
	b = wire.Int(b, "decisions_rejected", int64(len(s.bad)))
	b = wire.Int(b, "decisions_used", s.used)
	b = wire.Int(b, "groups", s.groups)
	b = wire.Int(b, "groups_decided", s.decided)
	b = wire.Int(b, "suggestions", int64(n))
	return append(b, '}', '\n')
}
