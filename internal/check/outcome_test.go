package check_test

import (
	"testing"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/check"
	"github.com/seed-959697dd/soc/triage"
)

func acting(action alert.Action, score int, a *alert.Alert) *alert.Alert {
	a.Action, a.Severity.Score = action, score
	return a
}

func TestOutcomes(t *testing.T) {
	t.Parallel()
	url := alert.EntitySlot(alert.Target, alert.URL)
	const attack = "https://shop.example.com/item?id=1%27%20UNION%20SELECT%20user,pass%20FROM%20users--"
	weighs(t, check.OutcomeOf(), map[string]weighed{
		"let through":                            {300, acting(alert.Allowed, 80, ours(alert.SlotAction, "allowed"))},
		"could not be removed":                   {1200, acting(alert.ActionFailed, 60, ours(alert.SlotAction, "failed", alert.SlotThreat, "Trojan:Win32/Sample"))},
		"could not be removed, in words":         {1200, ours(alert.SlotResult, "Quarantine failed")},
		"the server agreed":                      {400, ours(alert.SlotHTTPStatus, "200", url, attack)},
		"the server broke":                       {200, ours(alert.SlotHTTPStatus, "500", url, attack)},
		"an ordinary page":                       {0, ours(alert.SlotHTTPStatus, "200", url, "https://shop.example.com/item?id=1")},
		"an ordinary page that is missing":       {0, ours(alert.SlotHTTPStatus, "404", url, "https://shop.example.com/favicon.ico")},
		"a firewall's ordinary work":             {0, acting(alert.Blocked, 10, ours(alert.SlotAction, "deny", alert.SlotTitle, "Connection denied"))},
		"an ordinary refusal":                    {0, ours(alert.SlotResult, "failure", alert.SlotTitle, "Backup")},
		"a failed sign-in":                       {0, acting(alert.ActionFailed, 60, ours(alert.SlotAction, "failed", alert.SlotLogonType, "3"))},
		"blocked, as a stranger says":            {0, acting(alert.Blocked, 80, with(alert.SlotAction, "blocked"))},
		"refused, as a stranger says":            {0, with(alert.SlotResult, "denied", alert.SlotTitle, "Exploit attempt")},
		"allowed and unimportant":                {0, acting(alert.Allowed, 20, ours(alert.SlotAction, "allowed"))},
		"seen":                                   {0, acting(alert.Detected, 90, ours(alert.SlotAction, "alert"))},
		"a status that is none":                  {0, ours(alert.SlotHTTPStatus, "0", url, attack)},
		"a refusal that only the stranger wrote": {0, with(alert.SlotHTTPStatus, "403", url, attack)},
	})
	atMost(t, check.OutcomeOf(), map[string]weighed{
		"stopped":                {-600, acting(alert.Blocked, 80, ours(alert.SlotAction, "blocked"))},
		"stopped, by its title":  {-600, acting(alert.Quarantined, -1, ours(alert.SlotAction, "cleaned", alert.SlotTitle, "Malware detected"))},
		"the server refused":     {-300, ours(alert.SlotHTTPStatus, "403", url, attack)},
		"it was denied":          {-300, ours(alert.SlotResult, "denied", alert.SlotTitle, "Exploit attempt")},
		"the operation was none": {-300, acting(alert.NoAction, 80, ours(alert.SlotResult, "AccessDenied"))},
	})
}

func BenchmarkOutcome(b *testing.B) {
	a, c := acting(alert.Blocked, 20, ours(alert.SlotAction, "deny", alert.SlotTitle, "Connection from 192.0.2.1 denied by policy", alert.SlotResult, "failure")), check.OutcomeOf()
	b.ReportAllocs()
	for b.Loop() {
		c.Check(a, func(triage.Signal) {})
	}
}
