package render

import (
	"fmt"
	"strings"
	"time"
)

// Tuning is what learn --suggest tells people: the noisiest patterns and a suppression for each.
type Tuning struct {
	Alerts, Rejected int64
	Groups, Decided  int64
	Decisions, Used  int64
	Unread           int // lines of decisions that were none
	Unnamed          int // detections whose name an attacker can write
	Until            time.Time
	Folder           string // where the drafts went; empty: they are shown
	Suggestions      []Suggestion
	Notes            []string // rejected lines and gaps
}

// Suggestion is one pattern with its record and its drafts.
type Suggestion struct {
	Name, Rule, Title, Format                    string
	Values                                       []string
	Alerts, Groups, Harmless, Attacks, Undecided int
	Share                                        float64 // of all alerts
	First, Last                                  time.Time
	Hidden                                       []string // ids of alerts of attacks
	HiddenAlerts                                 int
	Drafts                                       []Draft
}

// Draft is a suppression in one language, or why there is none.
type Draft struct{ Language, Text, Refused, File string }

// shownHidden bounds the ids of hidden attacks that text shows; the document has more.
const shownHidden = 10

// Append appends the suggestions, and what they were found in.
func (t *Tuning) Append(b []byte, p Paper) []byte {
	for i := range t.Suggestions {
		b = t.Suggestions[i].append(b, p, i+1, t.Folder)
		b = append(b, '\n')
	}
	if len(t.Suggestions) == 0 {
		b = p.wrap(b, 0, "no pattern was decided harmless often enough to suggest anything")
	}
	if t.Folder != "" && len(t.Suggestions) > 0 {
		b = p.wrap(b, 0, "drafts written to "+clean(t.Folder))
	}
	b = p.items(b, 0, ", ", Plural(t.Alerts, "alert", "alerts")+" read", labelled("lines rejected", zeroless(int(t.Rejected))), Plural(t.Groups, "group", "groups"),
		fmt.Sprintf("%s of them decided", Count(t.Decided)), fmt.Sprintf("%s of %s used", Count(t.Used), Plural(t.Decisions, "decision", "decisions")),
		labelled("decision lines rejected", zeroless(t.Unread)))
	for _, note := range t.Notes {
		b = p.wrap(b, 2, clean(note))
	}
	if t.Unnamed > 0 {
		b = p.wrap(b, 0, Plural(int64(t.Unnamed), "detection", "detections")+" left out: an attacker can write the name")
	}
	return p.wrap(b, 0, "nothing was changed; every draft ends on "+t.Until.Format(time.DateOnly)+" and waits for a person")
}

func (s *Suggestion) append(b []byte, p Paper, rank int, folder string) []byte {
	title := fmt.Sprintf("%d. rule %s of %s", rank, clean(s.Rule), clean(s.Format))
	if s.Title != "" && s.Title != s.Rule {
		title += " (" + clean(s.Title) + ")"
	}
	title += ": " + clean(strings.Join(s.Values, ", "))
	if s.Attacks > 0 {
		title = "HIDES ATTACKS: " + title
	}
	b = p.heading(b, title)
	b = p.field(b, "would hide", s.hides())
	b = p.field(b, "record", fmt.Sprintf("%s in %s, %.1f %% of all; groups: %d harmless, %s, %d undecided", Plural(int64(s.Alerts), "alert", "alerts"),
		Plural(int64(s.Groups), "group", "groups"), 100*s.Share, s.Harmless, Plural(int64(s.Attacks), "attack", "attacks"), s.Undecided))
	b = p.field(b, "seen", Span(s.First, s.Last))
	b = p.field(b, "name", s.Name)
	for i := range s.Drafts {
		b = s.Drafts[i].append(b, p, folder)
	}
	return b
}

// hides says what the suppression would have hidden in the past, attacks first.
func (s *Suggestion) hides() string {
	if s.Attacks == 0 {
		return "no attack that was decided"
	}
	shown := s.Hidden[:min(shownHidden, len(s.Hidden))]
	text := Plural(int64(s.HiddenAlerts), "alert", "alerts") + " of " + Plural(int64(s.Attacks), "attack group", "attack groups") + ": " + clean(strings.Join(shown, ", "))
	if more := s.HiddenAlerts - len(shown); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// append shows the draft uncut, to be copied, or where it went.
func (d *Draft) append(b []byte, p Paper, folder string) []byte {
	switch {
	case d.Refused != "":
		return p.field(b, d.Language, "not drafted: "+clean(d.Refused))
	case folder != "":
		return p.field(b, d.Language, d.File)
	}
	b = p.line(b, 0, d.Language)
	for line := range strings.Lines(d.Text) {
		b = append(append(append(b, "    "...), clean(strings.TrimSuffix(line, "\n"))...), '\n')
	}
	return b
}
