package tui_test

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/respond"
	"github.com/seed-959697dd/soc/tui"
)

func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string always is JSON
	}
	return string(b)
}

// samplePlan is a plan with an action, a task and a refusal.
func samplePlan(t *testing.T) tui.PlanFile {
	t.Helper()
	s := respond.Situation{Case: "c-7f3a000000000000", CaseDigest: "sha256:00", Wants: []respond.Want{
		{Action: "block-ip", Why: "the beacon of ws-12 goes there", Target: respond.Target{Type: respond.IP, Value: "203.0.113.9"}, Cites: []string{"alert a-1"}},
		{Action: "isolate-host", Why: "it runs the beacon", Target: respond.Target{Type: respond.Host, Value: "ws-12"}, Cites: []string{"alert a-1"}},
	}}
	p := respond.Propose(s, respond.Settings{
		Author: "sam", Now: clock(), Guard: respond.Guard{Reachable: documentation(t)},
		Hands: func(action string, _ respond.Target) (respond.Hand, bool) {
			return respond.Hand{Driver: "edge", OwnTTL: true, TTL: 4 * time.Hour}, action == "block-ip"
		},
	})
	return tui.PlanFile{Plan: p, Standing: "waits for approval"}
}

func TestFrames(t *testing.T) {
	t.Parallel()
	frames := map[string][]string{
		"queue":   {},
		"groups":  {"o", "enter", "j", "space"},
		"case":    {"enter", "j", "j"},
		"raw":     {"enter", "j", "j", "enter"},
		"plan":    {"p"},
		"decide":  {"f"},
		"help":    {"?"},
		"palette": {":", "u", "n", "d"},
		"filter":  {"/", "c", "o", "u", "n", "t", ">", "x", "enter"},
		"snooze":  {"z", "3"},
		"merge":   {"space", "space", "M", "tab"},
		"report":  {"enter", "R", "j"},
		"hours":   {"enter", "-", "-"},
		"model":   {"enter", "d", "j"},
	}
	for name, keys := range frames {
		for _, size := range [][2]int{{80, 24}, {120, 40}, {200, 60}} {
			for _, theme := range []string{"dark", "plain"} {
				t.Run(fmt.Sprintf("%s_%dx%d_%s", name, size[0], size[1], theme), func(t *testing.T) {
					t.Parallel()
					b := night(40)
					b.plans = []tui.PlanFile{samplePlan(t)}
					b.cases[0].Similar = []render.SimilarCase{{
						Case: "c-00000000000000aa", Title: "Lsass process memory dumped", Host: "ws-07", Disposition: "false_positive", Reason: "crash dump of the helpdesk",
						Certainty: "confirmed", By: "sam", At: clock().AddDate(0, 0, -9), Same: true,
					}}
					b.cases[0].Notes = []render.CaseNote{{At: clock().Add(-time.Hour), By: "sam", Text: "asked the owner, no answer yet"}}
					b.cases[0].Row.Owner = "sam"
					b.cases[0].Met = []render.Met{{Kind: "host", Value: "ws-12.corp.example.com", Estate: "criticality high, laboratory, owner research (assets.csv:4)", Open: 3, Closed: 9}}
					r := sit(t, b, "maria", size[0], size[1], tui.Options{Place: tui.Place{Theme: theme}})
					r.press(keys...)
					r.view()
					golden(t, fmt.Sprintf("%s_%dx%d_%s", name, size[0], size[1], theme), r.m.View())
				})
			}
		}
	}
}

func documentation(t *testing.T) []netip.Prefix {
	t.Helper()
	return []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24")}
}
