package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

// commands reads command lines of Windows, Unix and macOS, wherever the product put them, and what is hidden in them.
// Source: the tables it reads with (lolbins, cradles, sabotage, tools, thefts, shells, recon) say theirs.
type commands struct {
	lines *lines
	slots *slotTable
}

// Commands returns the check of command lines.
func Commands() triage.Check {
	return commandsOf(newTables())
}

func commandsOf(t *tables) triage.Check {
	return &commands{newLines(newRuleset(lolbins, cradles, sabotage, tools, thefts, shells, recon), t.hidden), tableOf(commandIn)}
}

// commandIn tells the slots in which commands stand.
func commandIn(s alert.Slot, typ alert.EntityType) uint8 {
	return uint8(bool2int(typ == alert.Command || s == alert.SlotDetails))
}

func (c *commands) Name() string { return "commands" }

func (c *commands) Check(a *alert.Alert, note func(triage.Signal)) {
	if !has(a, alert.Command) && a.First(alert.SlotDetails) == nil && a.First(alert.SlotMessage) == nil {
		return
	}
	r := reading{name: c.Name(), lines: c.lines, note: note}
	commanded := false
	for i := range a.Fields {
		f := &a.Fields[i]
		if c.slots[f.Slot] != 0 {
			commanded = commanded || f.Slot != alert.SlotDetails
			r.read(f, f.Value)
		}
	}
	if commanded {
		return
	}
	for f := range a.Each(alert.SlotMessage) {
		if line := quotedCommand(f.Value); line != "" {
			r.read(f, line)
		}
	}
}

// quotedCommand cuts the command line out of a log message that quotes one: sudo, cron, Windows' process creation.
func quotedCommand(message string) string {
	for _, mark := range [...]string{"COMMAND=", "CMD (", "Process Command Line:", "CommandLine:", "Command Line:"} {
		if _, line, ok := strings.Cut(message, mark); ok {
			line, _, _ = strings.Cut(line, "\n")
			return strings.TrimSpace(line)
		}
	}
	return ""
}

// reading is one pass over the texts of one alert. What was said about one text is not said again about the next: the
// same command line often stands in several fields.
type reading struct {
	name  string
	lines *lines
	note  func(triage.Signal)
	texts [4]string
	n     int
	said  []string
	asked []string
}

// longest bounds how much of a text is read, in bytes.
const longest = 256 << 10

func (r *reading) read(f *alert.Field, text string) {
	text = text[:min(len(text), longest)]
	if slices.Contains(r.texts[:min(r.n, len(r.texts))], text) {
		return
	}
	r.texts[r.n%len(r.texts)] = text
	r.n++
	r.asked = r.asked[:0]
	line := r.lines.read(text)
	for _, h := range line.found {
		r.say(f, h, text[h.from:h.to], "")
	}
	if line.hides {
		r.unwrap(f, text)
	}
	r.questions(f, text)
}

// unwrap reads what is hidden in a text.
func (r *reading) unwrap(f *alert.Field, text string) {
	r.lines.hidden.layers(text, func(l layer) {
		r.lines.set.match(l.text, func(h found) {
			r.say(f, h, l.from, fmt.Sprintf(", in text %s: %s", l.how, extract(l.text, h.from)))
		})
		if strings.HasPrefix(l.how, "written with escape") {
			r.once(f, 900, "letters are separated by escape characters so that nobody can search for them", l.from)
		}
	})
}

func (r *reading) say(f *alert.Field, h found, part, where string) {
	if h.weight == faint {
		if !slices.Contains(r.asked, h.says) {
			r.asked = append(r.asked, h.says)
		}
		return
	}
	if slices.Contains(r.said, h.says) {
		return
	}
	r.said = append(r.said, h.says)
	r.note(triage.Note(r.name, triage.CommandLine, h.weight, h.says+where, part, f))
}

func (r *reading) once(f *alert.Field, w triage.Weight, sentence, part string) {
	if !slices.Contains(r.said, sentence) {
		r.said = append(r.said, sentence)
		r.note(triage.Note(r.name, triage.CommandLine, w, sentence, part, f))
	}
}

// questions weighs what a line asks about its system: the more at once, the less it is routine.
func (r *reading) questions(f *alert.Field, text string) {
	n := len(r.asked)
	if n == 0 {
		return
	}
	weight := []triage.Weight{faint, 600, 1000, 1400}[min(n, 4)-1]
	r.once(f, weight, "asks about the system: "+strings.Join(r.asked, ", "), text)
}

// extract is a piece of decoded text for people, from where the match begins.
func extract(text string, from int) string {
	const most = 100
	text = strings.ToValidUTF8(text[from:min(len(text), from+most)], "?")
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r <= ' ' || r == 0x7f }), " ")
}
