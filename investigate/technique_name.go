package investigate

import (
	_ "embed"
	"strings"
	"sync"
)

// Names of techniques that detection products map alerts to, sub-techniques without their parent's. Source: MITRE ATT&CK Enterprise
// (attack.mitre.org), which is copyright of The MITRE Corporation and used with its permission to reproduce names and ids.
//
//go:embed techniques.txt
var techniqueLines string

var techniqueNames = sync.OnceValue(func() map[string]string {
	names := map[string]string{}
	for line := range strings.Lines(techniqueLines) {
		id, name, _ := strings.Cut(strings.TrimSpace(line), " ")
		names[id] = name
	}
	return names
})

// TechniqueName is what ATT&CK calls a technique: "OS Credential Dumping: LSASS Memory". Of an unknown sub-technique it is the name of its
// parent, of an unknown technique nothing.
func TechniqueName(id string) string {
	names := techniqueNames()
	parent, _, sub := strings.Cut(id, ".")
	if name := names[id]; sub && name != "" {
		return names[parent] + ": " + name
	}
	return names[parent]
}

// TechniquePhase is the tactic that a technique usually serves, spelled as in Event; empty when it is unknown.
func TechniquePhase(id string) string { return phaseOf(id).name() }
