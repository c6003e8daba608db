package tui

import (
	"fmt"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/triage"
)

// verdictDialog asks for the reason of a decision: picked by its number, or typed. It also asks what the decision rests on.
type verdictDialog struct {
	ids         []string
	title       string // of the case, when there is one
	disposition triage.Disposition
	confirmed   bool
	picks       []string
	in          input
	empty       bool // enter was pressed without a reason
}

// dispositionOf is the disposition that an act decides.
func dispositionOf(a act) (triage.Disposition, bool) {
	switch a { //nolint:exhaustive // the four that decide
	case actTrue:
		return triage.TruePositive, true
	case actBenign:
		return triage.BenignPositive, true
	case actFalse:
		return triage.FalsePositive, true
	case actUndetermined:
		return triage.Undetermined, true
	}
	return triage.Undetermined, false
}

// reasons are what is often said, by disposition; what was said of similar cases and in this session comes before it.
func reasons(d triage.Disposition) []string {
	switch d {
	case triage.TruePositive:
		return []string{"attack confirmed by the host's own logs", "credentials were stolen", "malware ran"}
	case triage.BenignPositive:
		return []string{"approved scan or test", "administrator at work", "expected of this application"}
	case triage.FalsePositive:
		return []string{"the rule matches harmless text", "faulty or outdated rule", "wrong data in the alert"}
	case triage.Undetermined:
		return []string{"the logs are gone", "the owner does not answer"}
	}
	return nil
}

// mostPicks is how many reasons can be picked by a digit.
const mostPicks = 6

func newVerdictDialog(ids []string, title string, d triage.Disposition, said []string, similar []render.SimilarCase) verdictDialog {
	v := verdictDialog{ids: ids, title: title, disposition: d}
	var list []string
	for i := range similar {
		if similar[i].Disposition == d.String() {
			list = append(list, similar[i].Reason)
		}
	}
	for _, r := range slices.Concat(list, said, reasons(d)) {
		if r != "" && len(v.picks) < mostPicks && !slices.Contains(v.picks, r) {
			v.picks = append(v.picks, r)
		}
	}
	return v
}

func (v verdictDialog) press(k tea.KeyMsg) (dialog, intent) {
	v.empty = false
	switch {
	case k.Type == tea.KeyEsc:
		return nil, wantToast{"nothing was decided"}
	case k.Type == tea.KeyTab:
		v.confirmed = !v.confirmed
		return v, nil
	case k.Type == tea.KeyEnter && v.in.String() == "":
		v.empty = true
		return v, nil
	case k.Type == tea.KeyEnter:
		certainty := triage.Asserted
		if v.confirmed {
			certainty = triage.Confirmed
		}
		return nil, wantDecide{v.ids, triage.Decision{Disposition: v.disposition, Reason: v.in.String(), Certainty: certainty}}
	case k.Type == tea.KeyRunes && len(k.Runes) == 1 && len(v.in.text) == 0:
		if n := int(k.Runes[0] - '1'); n >= 0 && n < len(v.picks) {
			v.in = typed(v.picks[n])
			return v, nil
		}
	}
	v.in.key(k)
	return v, nil
}

func (v verdictDialog) lines(w, _ int) []render.Line {
	what := v.title
	if len(v.ids) > 1 {
		what = render.Plural(int64(len(v.ids)), "case", "cases") + ", with one reason"
	} else if len(v.ids) == 1 {
		what = v.ids[0] + " " + what
	}
	list := []render.Line{{Pieces: []render.Piece{{Tone: render.Strong, Text: strings.ReplaceAll(v.disposition.String(), "_", " ") + ": "}, {Text: render.Short(what)}}}, {}}
	for i, r := range v.picks {
		list = append(list, render.Line{Pieces: []render.Piece{{Tone: render.Strong, Text: fmt.Sprintf("  %d  ", i+1)}, {Text: render.Short(r)}}})
	}
	certainty := "[asserted] confirmed   tab: it was investigated"
	if v.confirmed {
		certainty = "asserted [confirmed]   tab: it was not investigated"
	}
	say := "reason: "
	list = append(list, render.Line{}, render.Line{Pieces: []render.Piece{{Text: say}, {Tone: render.Strong, Text: v.in.show(w - len(say))}}}, render.Line{Pieces: []render.Piece{{Text: certainty}}})
	if v.empty {
		return append(list, render.Note(render.Warn, w, "a decision needs a reason: pick one by its number, or type it")...)
	}
	return append(list, render.Note(render.Faint, w, "a number picks, enter decides, esc goes back")...)
}
