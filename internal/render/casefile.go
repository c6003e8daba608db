package render

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/investigate"
)

// CaseFile is everything that a screen shows of one case.
type CaseFile struct {
	Row       CaseRow
	Verdicts  [][]byte          // their documents, the strongest first; of a case with many a window of them
	From      int64             // verdicts before the first of Verdicts
	Best      []byte            // the document of the strongest verdict, where the window does not begin with it
	Case      *investigate.Case // made of them
	Events    []investigate.Event
	Holes     []investigate.Hole
	Findings  []investigate.Finding
	Members   []CaseMember
	More      int64 // members that found no room
	Similar   []SimilarCase
	Decisions []CaseDecision
	Notes     []CaseNote
	Plans     []string // ids, the latest first
	Met       []Met    // what is known of its entities
	Picked    bool     // a closed case that a certificate would have closed, and that a person was given to look at

	sheets []sheet // of Verdicts
}

// Window is how many verdicts of a case are read and shown at a time.
const Window = 100

// Met is what is known of an entity besides this case.
type Met struct {
	Kind, Value  string
	Estate       string // what the estate's records say, and where; empty: nothing
	Open, Closed int    // other cases with it
	More         bool   // and more than were counted
}

// Zoom is how closely a timeline is looked at.
type Zoom int

// The zooms, from the closest.
const (
	ZoomEvents Zoom = iota
	ZoomMinutes
	ZoomHours
	ZoomPhases
	Zooms // how many there are
)

// Shown says how a case is looked at. Unfolded names the sections that are shown whole.
type Shown struct {
	Unfolded map[string]bool
	Zoom     Zoom
}

// CaseMember is an alert of a case.
type CaseMember struct {
	ID, Verdict string
	Input       alert.Place
	Copies      int64
	Kept        bool // its bytes
}

// SimilarCase is a decided case like another one.
type SimilarCase struct {
	Case, Title, Host, Disposition, Reason, Certainty, By string
	At                                                    time.Time
	Same                                                  bool // the same rule and parties
}

// CaseDecision is what a person said.
type CaseDecision struct {
	Disposition, Reason, Certainty, By string
	At                                 time.Time
	Undone                             bool
}

// CaseNote is what a person wrote.
type CaseNote struct {
	At       time.Time
	By, Text string
}

// Section is a part of a case with its lines.
type Section struct {
	Title string
	Count int
	Lines []Line
}

// Judged is the verdict in one line: what the machine made of the case, and the strongest reason.
func (f *CaseFile) Judged() Line {
	if f.Row.Status == "closed" {
		by := ""
		if f.Row.By != "" {
			by = " by " + clean(f.Row.By)
		}
		return toned(Strong, "closed as "+spaced(f.Row.Disposition)+by+" at "+moment(f.Row.Closed))
	}
	if len(f.Verdicts) == 0 && f.Best == nil {
		return toned(Warn, "the casebook has no verdict of this case")
	}
	v := f.best()
	text := fmt.Sprintf("verdict: %s, %+d %s", clean(spaced(v.text("disposition"))), v.members["score"].Int(), standing(v.members["calibrated"].Bool(), v.members["probability"].Num))
	for _, s := range v.signals {
		if s.Get("term").Int() > 0 {
			text += ": " + keep(s.Get("sentence").Str)
			break
		}
	}
	return toned(Strong, text)
}

// Named are verdicts of the case in a line each, at most a few of them.
func (f *CaseFile) Named(ids []string) (list []string) {
	const most = 6
	for i := range f.Read().sheets {
		v := &f.sheets[i]
		if id := v.text("id"); slices.Contains(ids, id) && len(list) < most {
			list = append(list, "  "+id+" "+keep(v.members["alert"].Get("title").Str))
		}
	}
	if more := len(ids) - len(list); more > 0 {
		list = append(list, "  and "+Count(int64(more))+" more")
	}
	return list
}

// Has tells whether a verdict is among those that are shown.
func (f *CaseFile) Has(verdict string) bool {
	for i := range f.Read().sheets {
		if f.sheets[i].text("id") == verdict {
			return true
		}
	}
	return false
}

// Strongest is the id of the case's strongest verdict.
func (f *CaseFile) Strongest() string {
	if len(f.Verdicts) == 0 && f.Best == nil {
		return ""
	}
	return f.best().text("id")
}

// best is the strongest verdict.
func (f *CaseFile) best() *sheet {
	if f.Best != nil {
		s := sheetOf(f.Best)
		return &s
	}
	return &f.Read().sheets[0]
}

// Gapped is the gaps in one line: what could not be found out, and is therefore no all-clear.
func (f *CaseFile) Gapped() Line {
	list := f.gaps()
	if len(list) == 0 {
		return toned(Faint, "no gaps")
	}
	return Line{Pieces: []Piece{{Warn, Plural(int64(len(list)), "GAP", "GAPS") + ": "}, {Plain, strings.Join(list, "; ")}}}
}

func (f *CaseFile) gaps() (list []string) {
	for i := range f.Read().sheets {
		for _, g := range f.sheets[i].members["gaps"].Array() {
			said := keep(sayGap(alert.Gap{Check: g.Get("check").Str, Source: g.Get("source").Str, Class: alert.GapClass(g.Get("class").Str), Reason: g.Get("reason").Str}))
			if !slices.Contains(list, said) {
				list = append(list, said)
			}
		}
	}
	if f.Case == nil {
		return list
	}
	for _, g := range f.Case.Gaps {
		if said := keep(sayGap(g)); !slices.Contains(list, said) {
			list = append(list, said)
		}
	}
	return list
}

// Sections are the parts of the case in lines of at most width columns; parts that are empty are left out, save those whose emptiness
// says something.
func (f *CaseFile) Sections(width int, how Shown) []Section {
	list := f.window(f.From-Window, f.From, width)
	all := max(f.Row.Verdicts, f.From+int64(len(f.Verdicts)))
	for i := range f.Read().sheets {
		title := "EVIDENCE"
		if all > 1 {
			title = fmt.Sprintf("EVIDENCE %d of %d", f.From+int64(i)+1, all)
		}
		list = append(list, waterfall(title, &f.sheets[i], width, how.Unfolded[title]))
	}
	next := f.From + int64(len(f.Verdicts))
	list = append(list, f.window(next, min(all, next+Window), width)...)
	for _, s := range []Section{
		f.similar(width), f.timeline(width, how.Zoom), f.entities(width), f.indicators(width), f.findings(width), f.links(width),
		f.decisions(width), f.notes(width), f.members(width), f.missing(width), f.planned(),
	} {
		if len(s.Lines) > 0 {
			list = append(list, s)
		}
	}
	return list
}

// window leads to other verdicts of the case, from one up to before another; there may be none.
func (f *CaseFile) window(from, to int64, width int) []Section {
	if from = max(from, 0); from >= to {
		return nil
	}
	s := Section{Title: fmt.Sprintf("EVIDENCE %d to %d", from+1, to), Count: int(to - from)}
	s.Lines = folded(Faint, 2, width, 2, fmt.Sprintf("enter shows the verdicts %d to %d", from+1, to))
	for i := range s.Lines {
		s.Lines[i].Behind = Behind{Window: true, From: from}
	}
	return []Section{s}
}

func (f *CaseFile) missing(width int) Section {
	list := f.gaps()
	s := Section{Title: "GAPS", Count: len(list)}
	for _, g := range list {
		s.Lines = append(s.Lines, folded(Warn, 2, width, 4, g)...)
	}
	return s
}

func (f *CaseFile) entities(width int) Section {
	s := Section{Title: "ENTITIES"}
	met := map[string]bool{}
	for i := range f.Read().sheets {
		v := &f.sheets[i]
		for _, e := range v.members["alert"].Get("entities").Array() {
			kind, role, value := e.Get("type").Str, e.Get("role").Str, e.Get("value").Str
			if name := kind + role + value; met[name] || len(met) == 200 {
				continue
			} else {
				met[name] = true
			}
			behind := Behind{Verdict: v.text("id"), Path: e.Get("path").Str}
			if kind == "host" || kind == "user" {
				behind = Behind{Find: kind + ":" + quoted(value)}
			}
			behind.Kind, behind.Value = kind, value
			s.Count++
			s.Lines = append(s.Lines, labels(keep(role)+" "+entityWord(kind), 18, width, keep(value), Plain, behind)...)
			s.Lines = append(s.Lines, f.met(kind, value, width, behind)...)
		}
	}
	return s
}

// met is what is known of an entity, below it.
func (f *CaseFile) met(kind, value string, width int, behind Behind) (list []Line) {
	at := slices.IndexFunc(f.Met, func(m Met) bool { return m.Kind == kind && m.Value == value })
	if at < 0 {
		return nil
	}
	m := &f.Met[at]
	if m.Estate != "" {
		list = folded(Faint, 21, width, 3, keep(m.Estate))
	}
	if n := m.Open + m.Closed; n > 0 {
		text := "in " + Plural(int64(n), "other case", "other cases")
		if m.More {
			text = "in more than " + Plural(int64(n), "other case", "other cases")
		}
		list = append(list, folded(Faint, 21, width, 2, text+", "+Count(int64(m.Open))+" open: enter lists them")...)
	}
	for i := range list {
		list[i].Behind = behind
	}
	return list
}

// labels is a text behind a label, in as many lines as it needs up to three.
func labels(label string, column, width int, text string, t Tone, behind Behind) []Line {
	column += 3
	head, rest := breakAt(text, max(width-column, 8))
	list := append([]Line{{Pieces: []Piece{{Faint, "  " + fit(label, column-3) + " "}, {t, head}}}}, folded(t, column, width, 2, rest)...)
	for i := range list {
		list[i].Behind = behind
	}
	return list
}

// entityWord is the kind of an entity as people say it.
func entityWord(kind string) string {
	if kind == "process_command" {
		return "command"
	}
	return keep(spaced(kind))
}

// quoted is a value as a filter takes it.
func quoted(value string) string {
	if strings.ContainsAny(value, " \t") {
		return `"` + value + `"`
	}
	return value
}

func (f *CaseFile) indicators(width int) Section {
	s := Section{Title: "INDICATORS"}
	if f.Case == nil {
		return s
	}
	s.Count = len(f.Case.Indicators)
	verdicts := f.standFor()
	for i := range f.Case.Indicators {
		n := &f.Case.Indicators[i]
		tone := Plain
		if n.Verdict == "malicious" || n.Verdict == "suspicious" {
			tone = Raise
		}
		behind := Behind{Copy: keep(n.Defanged), Kind: n.Type, Value: n.Value}
		if len(n.Receipts) > 0 {
			behind.Verdict, behind.Path = verdicts[n.Receipts[0].Alert], n.Receipts[0].Path
		}
		s.Lines = append(s.Lines, labels(keep(n.Type), 7, width, keep(n.Defanged)+reputed(n.Verdict), tone, behind)...)
	}
	return s
}

// standFor are the verdicts by the alert that stands for each.
func (f *CaseFile) standFor() map[string]string {
	verdicts := map[string]string{}
	for i := range f.Read().sheets {
		verdicts[f.sheets[i].members["alert"].Get("id").Str] = f.sheets[i].text("id")
	}
	return verdicts
}

func (f *CaseFile) similar(width int) Section {
	s := Section{Title: "SIMILAR, DECIDED", Count: len(f.Similar)}
	for i := range f.Similar {
		c := &f.Similar[i]
		how := "same rule"
		if c.Same {
			how = "same rule and parties"
		}
		l := Line{Pieces: []Piece{{Strong, "  " + spaced(c.Disposition)}, {Plain, ", " + keep(c.Certainty) + " by " + keep(c.By) + ": " + keep(c.Reason)}}}
		l.Behind.Case = c.Case
		s.Lines = append(s.Lines, l)
		under := folded(Faint, 6, width, 2, how+", "+c.At.UTC().Format(time.DateOnly)+", "+keep(shorter(c.Host))+", "+keep(c.Title))
		for j := range under {
			under[j].Behind.Case = c.Case
		}
		s.Lines = append(s.Lines, under...)
	}
	return s
}

func (f *CaseFile) links(width int) Section {
	s := Section{Title: "LINKS"}
	if f.Case == nil {
		return s
	}
	s.Count = len(f.Case.Links)
	for i := range f.Case.Links[:min(s.Count, 50)] {
		s.Lines = append(s.Lines, folded(Plain, 2, width, 3, whyLinked(&f.Case.Links[i]))...)
	}
	return s
}

func (f *CaseFile) decisions(width int) Section {
	s := Section{Title: "DECISIONS", Count: len(f.Decisions)}
	for i := range f.Decisions {
		d := &f.Decisions[i]
		taken, tone := "", Plain
		if d.Undone {
			taken, tone = " (taken back)", Faint
		}
		s.Lines = append(s.Lines, folded(tone, 2, width, 4, moment(d.At)+"  "+spaced(d.Disposition)+", "+keep(d.Certainty)+" by "+keep(d.By)+": "+keep(d.Reason)+taken)...)
	}
	if f.Picked {
		s.Lines = append(s.Lines, folded(Plain, 2, width, 3, "an audit: a certificate would have closed this case; it was picked to be looked at, and your decision is what the certificate is measured by")...)
	}
	return s
}

func (f *CaseFile) notes(width int) Section {
	s := Section{Title: "NOTES", Count: len(f.Notes)}
	for i := range f.Notes {
		n := &f.Notes[i]
		s.Lines = append(s.Lines, folded(Plain, 2, width, 8, moment(n.At)+"  "+keep(n.By)+": "+keep(n.Text))...)
	}
	return s
}

func (f *CaseFile) members(width int) Section {
	s := Section{Title: "ALERTS", Count: len(f.Members) + int(f.More)}
	for i := range f.Members {
		m := &f.Members[i]
		text := fmt.Sprintf("  %s  %s", keep(m.ID), placed(&m.Input))
		if m.Copies > 1 {
			text += ", " + Plural(m.Copies, "copy", "copies")
		}
		if !m.Kept {
			text += ", its bytes are not kept"
		}
		l := plain(text)
		l.Behind.Verdict = m.Verdict
		s.Lines = append(s.Lines, l)
	}
	if f.More > 0 {
		s.Lines = append(s.Lines, folded(Faint, 2, width, 2, "and "+Count(f.More)+" more: soc cases show "+f.Row.ID+" --json lists all")...)
	}
	return s
}

func (f *CaseFile) planned() Section {
	s := Section{Title: "PLANS", Count: len(f.Plans)}
	for _, id := range f.Plans {
		s.Lines = append(s.Lines, plain("  "+id))
	}
	return s
}

func spaced(word string) string { return strings.ReplaceAll(word, "_", " ") }
