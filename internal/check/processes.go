package check

import (
	"strings"
	"sync"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

// processes looks at who started what, from where, and under which name.
// Source: ATT&CK T1036 (masquerading), T1204, T1203, T1055, T1505.003, T1546.008; SANS, Hunt Evil (which process of
// Windows has which parent and place); Microsoft, Sysmon events 1 and 7 (OriginalFileName).
type processes struct {
	kinds     func() map[string]kind
	parents   func() map[string]string // system process -> the parents it may have
	originals func() map[string]original
	lineage   func() []lineage
	squatted  []string
	places    *ruleset
	tools     *ruleset
	known     *memory[program]
}

// Processes returns the check of processes and their parents.
func Processes() triage.Check {
	return processesOf(newTables())
}

func processesOf(t *tables) triage.Check {
	return &processes{t.kinds, sync.OnceValue(properParents), sync.OnceValue(renamed), sync.OnceValue(lineages), squatted(), newRuleset(places), t.tools, newMemory[program]()}
}

func (c *processes) Name() string { return "processes" }

func (c *processes) Check(a *alert.Alert, note func(triage.Signal)) {
	actor := a.First(alert.EntitySlot(alert.Actor, alert.Process))
	target := a.First(alert.EntitySlot(alert.Target, alert.Process))
	parent := a.First(alert.SlotParent)
	child := actor
	if child == nil {
		child = target
	}
	if parent != nil && child != nil {
		p := c.known.get(child.Value, c.program)
		c.family(parent, child, c.known.get(parent.Value, c.program).kind, p.kind, note)
		if p.parents != "" {
			c.parentage(parent, child, p.parents, note)
		}
	}
	if actor != nil && target != nil && a.First(alert.SlotAccess) == nil { // who opened a process did not start it
		c.family(actor, target, c.known.get(actor.Value, c.program).kind, c.known.get(target.Value, c.program).kind, note)
	}
	if child != nil && strings.EqualFold(base(child.Value), "whoami.exe") {
		c.service(a, child, note)
	}
	last := ""
	for f := range a.Entities(alert.Process) {
		if f.Value != last && !c.known.get(f.Value, c.program).quiet {
			c.image(a, f, note)
		}
		last = f.Value
	}
	if o := a.First(alert.SlotOriginalName); o != nil && child != nil {
		c.renamed(o, child, note)
	}
}

// service judges an account of the machine that asks who it is: people know, and services do not ask; who just took one over does.
func (c *processes) service(a *alert.Alert, child *alert.Field, note func(triage.Signal)) {
	user := a.First(alert.EntitySlot(alert.Actor, alert.User))
	if user == nil {
		return
	}
	switch name := lowerBase(user.Value); {
	case name == "system", name == "local service", name == "network service", name == "defaultapppool", strings.Contains(strings.ToLower(user.Value), "apppool"):
		c.note(note, 2600, "an account of the machine asks who it is", "", user, child)
	}
}

// family judges a parent and its child by what kinds of program they are.
func (c *processes) family(parent, child *alert.Field, p, k kind, note func(triage.Signal)) {
	if p == 0 || k == 0 {
		return
	}
	for _, l := range c.lineage() {
		if p&l.parent != 0 && k&l.child != 0 {
			c.note(note, l.weight, l.says+": "+base(parent.Value)+" started "+base(child.Value), base(child.Value), child, parent)
			return
		}
	}
}

// parentage judges programs of Windows that only one other program starts.
func (c *processes) parentage(parent, child *alert.Field, allowed string, note func(triage.Signal)) {
	p := lowerBase(parent.Value)
	if p == "" || p == "-" || !strings.HasSuffix(p, ".exe") && p != "system" {
		return
	}
	if !strings.Contains(allowed, "|"+p+"|") {
		c.note(note, 2300, base(child.Value)+" has a parent that Windows never gives it: "+base(parent.Value), base(child.Value), child, parent)
	}
}

// program is what a path tells about the program that lies there, or a name about the one that bears it.
type program struct {
	kind    kind
	parents string // of a system program, the parents it may have
	quiet   bool   // image says nothing
}

func (c *processes) program(path string) program {
	name := lowerBase(path)
	p := program{kind: c.kinds()[name], quiet: c.isQuiet(path)}
	if p.kind&systemProgram != 0 {
		p.parents = c.parents()[name]
	}
	return p
}

// isQuiet tells whether image says nothing about a program; its signature alone says nothing either.
func (c *processes) isQuiet(path string) bool {
	quiet := true
	f := alert.Field{Value: path}
	c.image(&alert.Alert{}, &f, func(triage.Signal) { quiet = false })
	return quiet
}

// image judges one program by its path and name.
func (c *processes) image(a *alert.Alert, f *alert.Field, note func(triage.Signal)) {
	name := lowerBase(f.Value)
	kind := c.kinds()[name]
	c.tools.match(base(f.Value), func(h found) { c.note(note, h.weight, h.says+" runs", base(f.Value)[h.from:h.to], f) })
	if kind&systemProgram != 0 && misplaced(f.Value, name) {
		c.note(note, 2500, "has the name of a program of Windows and does not lie where Windows keeps it", "", f)
	} else if real := c.squats(name, kind); real != "" {
		c.note(note, 2000, "has almost the name of "+real, base(f.Value), f)
	}
	odd := false
	c.places.match(f.Value, func(h found) {
		odd = true
		c.note(note, h.weight, h.says, f.Value[h.from:h.to], f)
	})
	if !odd {
		return
	}
	if signature := a.First(alert.SlotSignature); signature != nil && unsigned(signature.Value) {
		c.note(note, 400, "is not signed", "", signature, f)
	}
}

func unsigned(s string) bool {
	switch strings.ToLower(s) {
	case "unsigned", "false", "invalid", "revoked", "notsigned", "bad", "expired", "untrusted", "unavailable", "not signed":
		return true
	}
	return false
}

// misplaced tells a system program's name outside the folders of Windows. A name without a path says nothing.
func misplaced(path, name string) bool {
	if len(path) < 4 || path[1] != ':' && path[0] != '\\' || len(path) == len(name) {
		return false
	}
	const home = `\windows\system32\`
	if len(path) > len(home)+2 && strings.EqualFold(path[2:2+len(home)], home) {
		return false // nearly always
	}
	p := strings.ToLower(path)
	for _, home := range [...]string{`windows\system32\`, `windows\syswow64\`, `windows\sysnative\`, `windows\winsxs\`, `windows\servicing\`, `systemroot\system32\`, `$windows.~bt\`, `\windows.old\`, `windows\sysarm32\`, `\softwaredistribution\`} {
		if strings.Contains(p, home) {
			return false
		}
	}
	return !strings.HasSuffix(p, `windows\`+name)
}

// squats returns the system program whose name differs from name by one letter.
func (c *processes) squats(name string, kind kind) string {
	stem, ok := strings.CutSuffix(name, ".exe")
	if !ok || kind != 0 {
		return ""
	}
	for _, real := range c.squatted {
		if oneEdit(stem, real) {
			return real + ".exe"
		}
	}
	return ""
}

func (c *processes) renamed(o, f *alert.Field, note func(triage.Signal)) {
	was, known := c.originals()[lowerBase(o.Value)]
	if known && f.Value != o.Value && !strings.Contains(lowerBase(f.Value), was.stem) {
		c.note(note, was.weight, "was renamed: its maker calls it "+o.Value, "", o, f)
	}
}

func (c *processes) note(note func(triage.Signal), w triage.Weight, sentence, part string, fields ...*alert.Field) {
	note(triage.Note(c.Name(), triage.ProcessTree, w, sentence, part, fields...))
}

// base is the last element of a path of Windows or Unix.
func base(path string) string {
	i := len(path)
	for i > 0 && path[i-1] != '/' && path[i-1] != '\\' {
		i--
	}
	return path[i:]
}

func lowerBase(path string) string { return strings.ToLower(base(path)) }

// oneEdit tells whether one letter changed, added, left out or swapped with its neighbour turns a into b.
func oneEdit(a, b string) bool {
	if a == b || len(a)-len(b) > 1 || len(b)-len(a) > 1 {
		return false
	}
	p := 0
	for p < min(len(a), len(b)) && a[p] == b[p] {
		p++
	}
	s := 0
	for s < min(len(a), len(b))-p && a[len(a)-1-s] == b[len(b)-1-s] {
		s++
	}
	if p+s >= max(len(a), len(b))-1 {
		return true
	}
	return len(a) == len(b) && p+s == len(a)-2 && a[p] == b[p+1] && a[p+1] == b[p]
}
