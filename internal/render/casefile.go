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

func spaced(word string) string { return strings.ReplaceAll(word, "_", " ") }
