package check

import (
	"fmt"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

// scripts reads the text of scripts: PowerShell's script blocks, AMSI content, macros. A script says much; several
// independent traits together say more than the strongest.
// Source: ATT&CK T1059; Microsoft, about_Logging_Windows (event 4104); the tables it reads with say theirs.
type scripts struct {
	lines *lines
}

// Scripts returns the check of script text.
func Scripts() triage.Check {
	return scriptsOf(newTables())
}

func scriptsOf(t *tables) triage.Check {
	return &scripts{newLines(newRuleset(cradles, sabotage, tools, thefts, lolbins, shells), t.hidden)}
}

func (c *scripts) Name() string { return "scripts" }

// many is from how many independent traits on a script is said to have several, and each is the weight of one.
const (
	many = 3
	each = 500
)

func (c *scripts) Check(a *alert.Alert, note func(triage.Signal)) {
	for f := range a.Each(alert.SlotScript) {
		n := 0
		r := reading{name: c.Name(), lines: c.lines, note: func(s triage.Signal) {
			if s.Weight >= each {
				n++
			}
			note(s)
		}}
		r.read(f, f.Value)
		if n >= many {
			note(triage.Note(c.Name(), triage.CommandLine, triage.Weight(min(n, 6)*each), fmt.Sprintf("%d independent traits of attack scripts in one text", n), "", f))
		}
	}
}
