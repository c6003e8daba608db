package investigate

import (
	"bytes"
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/seed-959697dd/soc/alert"
)

//go:embed techniques.yaml
var techniqueFile []byte

// meaning says which facts of an event stand for a technique.
type meaning struct {
	Technique string   `yaml:"t"`
	Phase     string   `yaml:"phase"`
	Kinds     []string `yaml:"kind"`
	Programs  []string `yaml:"program"`
	Parents   []string `yaml:"parent"`
	Targets   []string `yaml:"target"`
	Codes     []string `yaml:"code"`
	Logons    []string `yaml:"logon"`
	Reads     bool     `yaml:"reads"`
	Others    bool     `yaml:"others"`
	Command   pattern  `yaml:"command"`
	From      pattern  `yaml:"from"`
	File      pattern  `yaml:"file"`
	Registry  pattern  `yaml:"registry"`
	URL       pattern  `yaml:"url"`
	Agent     pattern  `yaml:"agent"`
	Operation pattern  `yaml:"operation"`
	Service   pattern  `yaml:"service"`
	Result    pattern  `yaml:"result"`
	Details   pattern  `yaml:"details"`
}

// pattern is an expression, nil where there is none.
type pattern struct{ *regexp.Regexp }

func (p *pattern) UnmarshalYAML(n *yaml.Node) error {
	re, err := regexp.Compile("(?i)" + n.Value)
	if err != nil {
		return fmt.Errorf("line %d: %w", n.Line, err)
	}
	p.Regexp = re
	return nil
}

var meanings = sync.OnceValues(func() ([]meaning, error) { return readMeanings(techniqueFile) })

func readMeanings(file []byte) (list []meaning, err error) {
	d := yaml.NewDecoder(bytes.NewReader(file))
	d.KnownFields(true)
	if err := d.Decode(&list); err != nil {
		return nil, fmt.Errorf("reading techniques.yaml: %w", err)
	}
	for _, m := range list {
		for _, k := range m.Kinds {
			if kindNamed(k) < 0 {
				return nil, fmt.Errorf("reading techniques.yaml: %s: no kind %q", m.Technique, k)
			}
		}
		if gravity(m.phase()) == 0 {
			return nil, fmt.Errorf("reading techniques.yaml: %s: no phase is known for it, name one", m.Technique)
		}
	}
	return list, nil
}

func kindNamed(s string) int {
	for k := range kinds {
		if k.String() == s {
			return int(k)
		}
	}
	return -1
}

func (m *meaning) phase() string {
	if m.Phase != "" {
		return m.Phase
	}
	return phaseOf(m.Technique).name()
}

// holds tells whether all conditions do.
func (m *meaning) holds(t *trace) bool {
	a := t.a
	return (m.Kinds == nil || slices.Contains(m.Kinds, t.kind.String())) &&
		(m.Programs == nil || slices.Contains(m.Programs, t.common)) &&
		(m.Parents == nil || oneOf(m.Parents, t.parent.image)) &&
		(m.Targets == nil || oneOf(m.Targets, t.target.image)) &&
		(m.Codes == nil || slices.Contains(m.Codes, a.Text(alert.SlotEventCode))) &&
		(m.Logons == nil || slices.Contains(m.Logons, a.Text(alert.SlotLogonType))) &&
		(!m.Reads || readsMemory(a)) && (!m.Others || stationed(t.actor.image) != session) &&
		m.Command.in(a, t.commands()...) &&
		(m.From.Regexp == nil || m.From.MatchString(t.actor.image)) &&
		m.File.in(a, alert.EntitySlot(alert.Target, alert.File)) && m.Registry.in(a, alert.EntitySlot(alert.Target, alert.Registry)) &&
		m.URL.in(a, alert.EntitySlot(alert.Target, alert.URL)) && m.Agent.in(a, alert.SlotUserAgent) &&
		m.Operation.in(a, alert.SlotOperation) && m.Service.in(a, alert.SlotService) && m.Result.in(a, alert.SlotResult) && m.Details.in(a, alert.SlotDetails)
}

// oneOf tells whether an image is one of the programs, of whatever version: tomcat9, php-fpm8.2.
func oneOf(list []string, image string) bool {
	name := program(image)
	return slices.Contains(list, name) || slices.Contains(list, strings.TrimRight(name, "0123456789."))
}

// commands are the slots with what was run. Where something else is told, a command line is only that of who did it.
func (t *trace) commands() []alert.Slot {
	switch {
	case t.is(start, generic, call, web):
		return []alert.Slot{alert.EntitySlot(alert.Actor, alert.Command), alert.EntitySlot(alert.Target, alert.Command), alert.SlotScript}
	}
	return []alert.Slot{alert.EntitySlot(alert.Target, alert.Command), alert.SlotScript}
}

func (p pattern) in(a *alert.Alert, slots ...alert.Slot) bool {
	if p.Regexp == nil {
		return true
	}
	for _, s := range slots {
		for f := range a.Each(s) {
			if p.MatchString(f.Value) {
				return true
			}
		}
	}
	return false
}

// readsMemory tells whether the access that a record names lets one read another process's memory.
// Source: Microsoft, Process Security and Access Rights: PROCESS_VM_READ is 0x0010.
func readsMemory(a *alert.Alert) bool {
	n, err := strconv.ParseUint(strings.TrimPrefix(strings.ToLower(a.Text(alert.SlotAccess)), "0x"), 16, 64)
	return err == nil && n&0x10 != 0
}

// techniquesOf returns what a record stands for, those it names itself first, and the phase of the gravest.
func techniquesOf(t *trace) (ids []string, phase string) {
	ids = slices.Clone(t.a.Techniques)
	list, err := meanings()
	if err != nil {
		panic(err) // the file is compiled in, and a test reads it
	}
	for i := range list {
		m := &list[i]
		if !m.holds(t) {
			continue
		}
		if !slices.Contains(ids, m.Technique) {
			ids = append(ids, m.Technique)
		}
		if p := m.phase(); gravity(p) > gravity(phase) {
			phase = p
		}
	}
	if phase == "" {
		for _, id := range ids {
			if p := phaseOf(id).name(); gravity(p) > gravity(phase) {
				phase = p
			}
		}
	}
	return ids, phase
}

// gravity orders phases: that something was run, or looked at, says less than what it was run for.
func gravity(phase string) int {
	switch phase {
	case "":
		return 0
	case "execution":
		return 1
	case "discovery", "reconnaissance":
		return 2
	case "defense-evasion":
		return 3
	case "initial-access":
		return 4
	case "persistence", "privilege-escalation", "command-and-control":
		return 5
	case "lateral-movement", "collection":
		return 6
	case "credential-access":
		return 7
	}
	return 8 // exfiltration, impact
}
