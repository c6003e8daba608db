package alert

import (
	"math"
	"strconv"
	"strings"
)

// settle derives the alert's scalar members from its fields.
func (w walker) settle() {
	a := w.a
	a.distrustQuotes()
	for i := range a.Fields {
		f := &a.Fields[i]
		switch f.Slot {
		case SlotID:
			a.ID = f.Value
		case SlotRuleID:
			a.Rule.ID = f.Value
		case SlotRuleName:
			a.Rule.Name = f.Value
		case SlotTitle:
			a.Title = f.Value
		case SlotVendor:
			a.Vendor = f.Value
		case SlotProduct:
			a.Product = f.Value
		case SlotAction:
			a.Action = w.m.action(f.Value)
		case SlotSeverity:
			a.Severity = Severity{Score: w.m.levels.score(f.Value), Vendor: f.Value}
		case SlotTechnique:
			Techniques(f.Value, func(id string) { a.technique(id) })
		}
	}
	if a.ID == "" {
		a.ID = w.p.tapes[0].digest(&a.Digest)
	}
	if t := a.title(w.m.titles); t != "" {
		a.Title = t
	}
	if a.Title == "" {
		a.Title = a.Rule.Name
	}
	if a.Time.IsZero() {
		a.Gaps = append(a.Gaps, Gap{Check: "time", Class: Partial, Reason: "the record carries no time that could be read"})
	}
}

func (a *Alert) technique(id string) {
	for _, t := range a.Techniques {
		if t == id {
			return
		}
	}
	if len(a.Techniques) < 32 {
		a.Techniques = append(a.Techniques, id)
	}
}

// score maps a vendor's severity to 0..100; -1 when it cannot.
func (l *Levels) score(v string) int {
	if n, ok := l.Words[v]; ok {
		return n
	}
	if n, ok := l.Words[strings.ToLower(v)]; ok {
		return n
	}
	num, err := strconv.ParseFloat(v, 64)
	if err != nil || math.IsNaN(num) || math.IsInf(num, 0) {
		return severityWord(v)
	}
	lo, hi := 0.0, 100.0
	if len(l.Scale) == 2 {
		lo, hi = l.Scale[0], l.Scale[1]
	} else if num >= 0 && num <= 10 {
		hi = 10
	}
	if hi == lo {
		return -1
	}
	return int(math.Round(100 * min(1, max(0, (num-lo)/(hi-lo)))))
}

// severityWord knows the words of syslog, CVSS and the vendors.
func severityWord(v string) int {
	switch strings.ToLower(strings.TrimSpace(v)) {
	case "informational", "information", "info", "debug", "notice", "none", "benign", "log", "audit", "verbose", "undetermined":
		return 5
	case "low", "minor", "very low", "very-low":
		return 25
	case "medium", "moderate", "warning", "warn", "suspicious", "average":
		return 50
	case "high", "major", "error", "err", "severe", "malicious", "important":
		return 75
	case "critical", "crit", "very high", "very-high", "emergency", "alert", "emerg", "fatal", "urgent", "extreme", "panic":
		return 95
	}
	return -1
}

// Action is what the product did about what it saw.
type Action uint8

// The actions. The zero value is that the record does not say.
const (
	NoAction Action = iota
	Allowed
	Blocked
	Quarantined
	Detected     // seen, nothing done
	ActionFailed // the product tried and could not
	actions
)

var actionNames = [actions]string{"", "allowed", "blocked", "quarantined", "detected", "failed"}

func (a Action) String() string { return actionNames[a] }

// Stopped tells whether the product kept the activity from taking effect.
func (a Action) Stopped() bool { return a == Blocked || a == Quarantined }

func actionNamed(s string) (Action, bool) {
	for a := Allowed; a < actions; a++ {
		if actionNames[a] == s {
			return a, true
		}
	}
	return NoAction, false
}

func (m *mapping) action(v string) Action {
	v = strings.ToLower(strings.TrimSpace(v))
	if a, ok := m.actions[v]; ok {
		return a
	}
	switch v {
	case "allow", "allowed", "pass", "passed", "passthrough", "accept", "accepted", "permit", "permitted", "forward", "forwarded", "delivered", "deliver", "ok", "success", "client-rst", "server-rst", "close", "executed", "not blocked", "none_allowed":
		return Allowed
	case "block", "blocked", "deny", "denied", "drop", "dropped", "reject", "rejected", "prevent", "prevented", "reset", "reset-both", "reset-client", "reset-server", "terminated", "killed", "kill", "discard", "discarded", "stop", "stopped", "denied by policy", "sinkhole", "sinkholed", "block-url", "block_url", "blocked by policy", "challenge", "forbidden":
		return Blocked
	case "quarantine", "quarantined", "clean", "cleaned", "remove", "removed", "delete", "deleted", "remediated", "isolate", "isolated", "remediate", "mitigated", "disinfected":
		return Quarantined
	case "detect", "detected", "detection", "monitor", "monitored", "log", "logged", "alert", "alerted", "report", "reported", "notify", "audit", "tap", "observed":
		return Detected
	case "failed", "failure", "remediation failed", "quarantine failed", "clean failed", "partial":
		return ActionFailed
	}
	return NoAction
}
