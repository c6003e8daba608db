package render

import (
	"fmt"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/investigate"
	"github.com/seed-959697dd/soc/respond"
)

// Plan appends a plan for people: what, to what, why, at what risk, and the way back. kept says that it can be approved.
func (p Paper) Plan(b []byte, plan *respond.Plan, kept bool) []byte {
	b = p.heading(b, plan.ID+"  for case "+clean(plan.Case))
	b = p.wrap(b, 2, "by "+clean(plan.Author)+", to be begun before "+moment(plan.Expires))
	phase := -1
	for i := range plan.Items {
		item := &plan.Items[i]
		if int(item.Phase) != phase {
			phase = int(item.Phase)
			b = p.line(append(b, '\n'), 2, p.bold(item.Phase.String()))
		}
		b = p.item(b, item)
	}
	if len(plan.Refused) > 0 {
		b = p.line(append(b, '\n'), 2, p.bold("refused"))
		for _, r := range plan.Refused {
			b = p.hang(b, 4, "- ", strings.TrimRight(clean(r.Action)+" "+clean(r.Target.Value), " ")+": "+clean(r.Because))
		}
	}
	for _, g := range plan.Gaps {
		b = p.hang(b, 2, "gap: ", clean(g.Reason))
	}
	if need := plan.Needs(); need != respond.Nobody && kept {
		b = p.wrap(append(b, '\n'), 2, "to approve, "+need.String()+" other than "+clean(plan.Author)+":")
		b = p.paste(b, 2, ApproveCommand(plan))
	}
	return append(b, '\n')
}

func (p Paper) item(b []byte, item *respond.Item) []byte {
	b = p.wrap(b, 4, item.ID+"  "+item.Action+" "+clean(item.Target.Value))
	if item.Why != "" {
		b = p.wrap(b, 8, "why: "+clean(item.Why)+cited(item.Cites))
	}
	entry := respond.Catalogue()[item.Action]
	b = p.wrap(b, 8, "risk: "+entry.Risk)
	if item.Action == respond.ManualStep {
		return p.checklist(p.wrap(b, 8, "a task for a person:"), item.Steps)
	}
	if item.Class == respond.Task && entry.Class != respond.Task {
		return p.wrap(b, 8, "by hand, no driver is configured; "+wayBack(&entry))
	}
	if item.Class == respond.Task {
		b = p.wrap(b, 8, "a task for a person: "+clean(strings.Join(item.Steps, "; ")))
		return b
	}
	way := wayBack(&entry)
	if item.TTL > 0 {
		way += ", by itself after " + investigate.Interval(item.TTL)
	}
	who := "needs " + item.Needs.String()
	if item.Done {
		who += "; in force already"
	}
	return p.wrap(b, 8, way+"; by driver "+clean(item.Driver)+"; "+who)
}

// wayBack says how an action is taken back.
func wayBack(entry *respond.Action) string {
	switch entry.Class {
	case respond.SelfHealing:
		return "way back: it comes back by itself"
	case respond.AppendOnly:
		return "it only adds"
	case respond.Reversible, respond.Task:
	}
	return "way back: " + entry.Inverse
}

// checklist appends what a person has to do, each with a box to tick.
func (p Paper) checklist(b []byte, steps []string) []byte {
	for _, step := range steps {
		mark := "[ ] "
		for line := range strings.Lines(step) {
			b = p.hang(b, 10, mark, clean(strings.TrimSuffix(line, "\n")))
			mark = "    "
		}
	}
	return b
}

func cited(list []string) string {
	if len(list) == 0 {
		return ""
	}
	const most = 3
	return " [" + clean(strings.Join(list[:min(len(list), most)], ", ")) + beyond(len(list), most) + "]"
}

// Receipt appends what happened to an action.
func (p Paper) Receipt(b []byte, r *respond.Receipt) []byte {
	s := fmt.Sprintf("%-11s %s  %s %s", r.Outcome, clean(r.Action), r.Name, clean(r.Target.Value))
	b = p.wrap(b, 0, s)
	if r.Detail != "" {
		b = p.wrap(b, 4, clean(r.Detail))
	}
	if !r.Until.IsZero() && r.Outcome == respond.Done {
		b = p.line(b, 4, "until "+moment(r.Until))
	}
	return b
}

// Forecast appends what would become of an action.
func (p Paper) Forecast(b []byte, f *respond.Forecast) []byte {
	word := [...]string{"would be refused", "would be done", "in force already", "was begun before", "a person's task"}[f.Would]
	b = p.wrap(b, 0, fmt.Sprintf("%-16s %s  %s %s", word, f.Action, f.Name, clean(f.Target.Value)))
	if f.Because != "" {
		b = p.wrap(b, 4, clean(f.Because))
	}
	return b
}

func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05Z") }

// PlanLine appends a plan in one line, with how far it has come; in two where the paper is too narrow, so that neither is cut.
func (p Paper) PlanLine(b []byte, plan *respond.Plan, how string) []byte {
	made, whose := plan.Created.UTC().Format("2006-01-02 15:04"), clean(plan.Case)+" by "+clean(plan.Author)
	if line := fmt.Sprintf("%s  %s  %-18s %s", plan.ID, made, how, whose); term.Width(line) <= p.width {
		return p.line(b, 0, line)
	}
	b = p.hang(b, 0, plan.ID+"  ", how)
	return p.wrap(b, 4, made+"  "+whose)
}

// Next appends what a person may do about a plan now, in one line that can be pasted.
func (p Paper) Next(b []byte, command string) []byte {
	return p.paste(b, 2, "next: "+command)
}

// ApproveCommand is how a person agrees to a plan, with every risk that needs it.
func ApproveCommand(plan *respond.Plan) string {
	return "soc respond approve " + plan.ID + " --key FILE --accept-risk " + strings.Join(plan.Risks(), " --accept-risk ")
}

// Approval appends who agreed to what.
func (p Paper) Approval(b []byte, a *respond.Approval) []byte {
	return p.wrap(b, 0, "approved    by "+clean(a.By)+" at "+moment(a.At)+": "+clean(strings.Join(a.Risks, ", ")))
}
