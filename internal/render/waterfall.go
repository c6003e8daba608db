package render

import (
	"fmt"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/triage"
)

// Bounds of a waterfall.
const (
	shownTerms    = 60 // beyond these a person asks for the others
	shownReceipts = 4
	thinBar       = 16 // columns
	wideBar       = 32
)

// waterfall is a verdict's sum as signed terms, each where the one before it ended, with its receipts below it. A bar of "+" speaks for
// an attack, one of "-" against.
func waterfall(title string, v *sheet, width int, whole bool) Section {
	signals := v.signals
	s := Section{Title: title, Count: len(signals)}
	shown := signals
	if !whole && len(signals) > shownTerms {
		shown = signals[:shownTerms]
	}
	base, score := v.members["base"].Int(), v.members["score"].Int()
	f := fall{bar: thinBar, width: width}
	if width >= 100 {
		f.bar = wideBar
	}
	f.scale(base, score, shown)
	id := v.text("id")
	at := f.term(&s, 0, base, fmt.Sprintf("base rate: %.3g %% of groups are attacks", 100*triage.Probability(triage.Weight(base))), Behind{})
	for _, one := range shown {
		b := Behind{Verdict: id, Path: one.Get("receipts.0.path").Str}
		at = f.term(&s, at, one.Get("term").Int(), keep(one.Get("sentence").Str), b)
		f.receipts(&s, id, &one)
	}
	if more := len(signals) - len(shown); more > 0 {
		f.term(&s, at, score-at, Plural(int64(more), "term", "terms")+" more; enter shows all", Behind{Unfold: title})
	}
	f.total(&s, score, v.members["calibrated"].Bool(), v.members["probability"].Num)
	for _, one := range v.members["suppressed"].Array() {
		s.Lines = append(s.Lines, folded(Faint, 2, width, 2, "suppressed: "+keep(one.Get("sentence").Str)+"; "+keep(one.Get("by").Str))...)
	}
	return s
}

// fall lays out the terms of one waterfall.
type fall struct {
	bar, width int
	low, high  int64
}

// scale finds between which sums the waterfall moves.
func (f *fall) scale(base, score int64, signals []gjson.Result) {
	f.low, f.high = min(0, base, score), max(0, base, score)
	at := base
	for i := range signals {
		at += signals[i].Get("term").Int()
		f.low, f.high = min(f.low, at), max(f.high, at)
	}
}

// column is where a sum stands in the bar.
func (f *fall) column(sum int64) int {
	if f.high == f.low {
		return 0
	}
	return int((sum - f.low) * int64(f.bar-1) / (f.high - f.low))
}

// term adds the lines of one term that starts at a sum, and returns where it ends.
func (f *fall) term(s *Section, from, term int64, sentence string, behind Behind) int64 {
	tone, sign := Raise, "+"
	if term < 0 {
		tone, sign = Lower, "-"
	}
	start, end := f.column(min(from, from+term)), f.column(max(from, from+term))
	n := max(1, end-start)
	if term == 0 {
		tone, n, sign = Faint, 1, "."
	}
	start = min(start, f.bar-n)
	bar := strings.Repeat(" ", start) + strings.Repeat(sign, n) + strings.Repeat(" ", f.bar-start-n)
	indent := termWidth + f.bar + 4
	head, rest := breakAt(sentence, max(f.width-indent, 8))
	s.Lines = append(s.Lines, Line{Pieces: []Piece{{tone, pad(fmt.Sprintf("%+d", term), termWidth)}, {Faint, " |"}, {tone, bar}, {Faint, "| "}, {Plain, head}}, Behind: behind})
	for _, l := range folded(Plain, indent, f.width, 3, rest) {
		l.Behind = behind
		s.Lines = append(s.Lines, l)
	}
	return from + term
}

// receipts adds where a term's evidence stands.
func (f *fall) receipts(s *Section, verdict string, signal *gjson.Result) {
	list := signal.Get("receipts").Array()
	for i, r := range list {
		if i == shownReceipts {
			s.Lines = append(s.Lines, toned(Faint, strings.Repeat(" ", besides+2)+"and "+Count(int64(len(list)-i))+" receipts more"))
			break
		}
		text := keep(r.Get("path").Str) + " = " + keep(r.Get("value").Str) + known(keep(r.Get("source").Str))
		for _, l := range folded(Faint, besides+2, f.width, 2, text) {
			l.Behind = Behind{Verdict: verdict, Path: r.Get("path").Str}
			s.Lines = append(s.Lines, l)
		}
	}
}

func (f *fall) total(s *Section, score int64, calibrated bool, probability float64) {
	note := "score; uncalibrated: it ranks, it is no probability"
	if calibrated {
		note = fmt.Sprintf("score; the probability of an attack is %.4f", probability)
	}
	at := f.column(score)
	bar := strings.Repeat(" ", at) + "*" + strings.Repeat(" ", f.bar-at-1)
	indent := termWidth + f.bar + 4
	head, rest := breakAt(note, max(f.width-indent, 8))
	s.Lines = append(s.Lines, Line{Pieces: []Piece{{Strong, pad(fmt.Sprintf("%+d", score), termWidth)}, {Faint, " |"}, {Strong, bar}, {Faint, "| "}, {Strong, head}}})
	s.Lines = append(s.Lines, folded(Strong, indent, f.width, 2, rest)...)
}
