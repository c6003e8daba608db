package render

import (
	"strings"

	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/respond"
)

// PlanLines is a plan for a screen: first how far it has come, who agreed to it and what came of it.
func PlanLines(width int, plan *respond.Plan, standing string, approvals []respond.Approval, receipts []respond.Receipt) []Line {
	p := NewPaper(term.IO{Width: width})
	b := p.wrap(nil, 0, plan.ID+": "+standing)
	for i := range approvals {
		b = p.Approval(b, &approvals[i])
	}
	for i := range receipts {
		b = p.Receipt(b, &receipts[i])
	}
	return split(p.Plan(append(b, '\n'), plan, false))
}

// ReceiptLines is what is under way, and the receipts that have come of it so far.
func ReceiptLines(width int, busy string, receipts []respond.Receipt) []Line {
	p := NewPaper(term.IO{Width: width})
	var b []byte
	for i := range receipts {
		b = p.Receipt(b, &receipts[i])
	}
	list := append([]Line{toned(Heading, "RECEIPTS")}, split(b)...)
	if busy != "" {
		list = append(list, toned(Warn, busy+" ..."))
	}
	return append(list, Line{})
}

// split is text that is laid out already as lines.
func split(b []byte) (list []Line) {
	for line := range strings.Lines(string(b)) {
		line = strings.TrimRight(line, "\n")
		tone := Plain
		if trimmed := strings.TrimSpace(line); strings.HasPrefix(trimmed, "risk: ") || strings.HasPrefix(trimmed, "gap: ") {
			tone = Warn
		} else if line != "" && !strings.HasPrefix(line, "    ") {
			tone = Strong
		}
		list = append(list, toned(tone, line))
	}
	return list
}

// Note is a text of one tone in as many lines as it needs.
func Note(t Tone, width int, text string) []Line { return folded(t, 0, width, 100, clean(text)) }

// RiskLines says what a risk is, for the person who is to accept it.
func RiskLines(width int, risk string) []Line {
	return folded(Warn, 0, width, 6, risk+": "+respond.Catalogue()[risk].Risk)
}
