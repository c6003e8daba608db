package check

import (
	"strings"
	"sync"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

// Whether what was tried took effect. A blocked attack is still an attack, so it lowers little; one that was let through,
// or that the product failed to remove, needs somebody. None of it means anything without a reason to think of an attack.
//
// Source: action, disposition and remediation fields of OCSF 1.x (disposition_id), Microsoft Defender (remediationStatus),
// Suricata EVE (alert.action), RFC 9110 (status codes).

type outcomes struct {
	attack   func() *finder
	unhealed func() *finder
	web      *webReader
	slots    *slotTable
}

// OutcomeOf reads actions, results and the status of requests.
func OutcomeOf() triage.Check { return outcomeOf(newTables()) }

func outcomeOf(t *tables) triage.Check {
	return &outcomes{
		attack: anyOf("exploit", "malware", "trojan", "ransom", "attack", "injection", "traversal", "phish", "malicious", "backdoor",
			"botnet", "command and control", "web shell", "webshell", "mimikatz", "brute force", "suspicious", "threat"),
		unhealed: anyOf("remediation failed", "quarantine failed", "clean failed", "remove failed", "failed to quarantine", "failed to clean",
			"failed to remove", "failed to delete", "failed to remediate", "unable to clean", "unable to quarantine", "not cleaned", "not quarantined",
			"left alone", "not remediated", "remediation_failed", "quarantine_failed", "cannot be cleaned", "action required"),
		web: t.web, slots: slotsOf(alert.SlotHTTPStatus, alert.SlotResult),
	}
}

func (*outcomes) Name() string { return "outcome" }

func (c *outcomes) Check(a *alert.Alert, note func(triage.Signal)) {
	if f := a.First(alert.SlotAction); f != nil {
		c.acted(a, f, note)
	}
	if a.First(alert.SlotHTTPStatus) == nil && a.First(alert.SlotResult) == nil {
		return
	}
	for i := range a.Fields {
		f := &a.Fields[i]
		if c.slots[f.Slot] == 0 {
			continue
		}
		switch f.Slot {
		case alert.SlotHTTPStatus:
			c.answered(a, f, note)
		case alert.SlotResult:
			c.ended(a, f, note)
		}
	}
}

func (c *outcomes) acted(a *alert.Alert, f *alert.Field, note func(triage.Signal)) {
	say := func(w triage.Weight, sentence string) {
		if w > 0 || f.Trust > alert.Attacker {
			note(triage.Note("outcome", triage.Outcome, w, sentence, "", f))
		}
	}
	switch a.Action {
	case alert.Blocked, alert.Quarantined:
		if c.grave(a) {
			say(-600, "the product says that it stopped this")
		}
	case alert.ActionFailed:
		if c.grave(a) && signInSlot(a) == nil {
			say(1200, "the product tried to stop this and could not")
		}
	case alert.Allowed:
		if a.Severity.Score >= 70 {
			say(300, "the product let this through, though it rates it high")
		}
	case alert.NoAction, alert.Detected:
		if c.unhealed().any(f.Value) {
			say(1200, "the product tried to stop this and could not")
		}
	}
}

// grave tells whether anything but the outcome speaks of an attack.
func (c *outcomes) grave(a *alert.Alert) bool {
	if a.Severity.Score >= 50 || a.First(alert.SlotThreat) != nil {
		return true
	}
	for i := range a.Fields {
		f := &a.Fields[i]
		switch f.Slot {
		case alert.SlotTitle, alert.SlotRuleName, alert.SlotCategory:
			if c.attack().any(f.Value) {
				return true
			}
		}
	}
	return false
}

// answered reads how a server answered a request that looks like an attack.
func (c *outcomes) answered(a *alert.Alert, f *alert.Field, note func(triage.Signal)) {
	if len(f.Value) != 3 || f.Value[0] != '2' && f.Value != "500" && (f.Value[0] != '4' || f.Trust == alert.Attacker) {
		return
	}
	for u := range a.Entities(alert.URL) {
		if c.web.read(u.Value).weight < 1000 {
			continue
		}
		switch {
		case f.Value[0] == '2':
			note(triage.Note("outcome", triage.Outcome, 700, "the server answered a request that looks like an attack with success", "", f, u))
		case f.Value == "500":
			note(triage.Note("outcome", triage.Outcome, 200, "a request that looks like an attack broke something in the server", "", f, u))
		default:
			note(triage.Note("outcome", triage.Outcome, -300, "the server refused the request", "", f))
		}
		return
	}
}

// ended reads the result of what was tried. A refused sign-in is another subject: guessing passwords fails a thousand
// times before it succeeds.
func (c *outcomes) ended(a *alert.Alert, f *alert.Field, note func(triage.Signal)) {
	switch {
	case c.unhealed().any(f.Value):
		note(triage.Note("outcome", triage.Outcome, 1200, "the product tried to stop this and could not", "", f))
	case f.Trust > alert.Attacker && isRefusal(f.Value) && signInSlot(a) == nil && c.grave(a):
		note(triage.Note("outcome", triage.Outcome, -300, "what was tried did not succeed", "", f))
	}
}

func isRefusal(s string) bool {
	switch strings.ToLower(s) {
	case "failure", "failed", "denied", "blocked", "refused", "accessdenied", "access denied", "unauthorized", "prevented":
		return true
	}
	return false
}

// signInSlot is a field that only alerts about signing in have.
func signInSlot(a *alert.Alert) *alert.Field {
	if f := a.First(alert.SlotLogonType); f != nil {
		return f
	}
	return a.First(alert.SlotMethod)
}

// anyOf finds any of some words, which stand for themselves.
func anyOf(words ...string) func() *finder {
	return sync.OnceValue(func() *finder { return newFinder(plainWords(words)) })
}

func plainWords(words []string) []literal {
	all := make([]literal, len(words))
	for i, w := range words {
		all[i].word = w
	}
	return all
}
