package playbook_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/seed-959697dd/soc/internal/playbook"
	"github.com/seed-959697dd/soc/respond"
)

const doc = `{"kind":"case","id":"c-1","techniques":["T1003.001","T1110"],"verdicts":[
 {"alert":{"id":"a1","title":"Impossible travel","entities":[{"type":"host","role":"target","value":"ws-1"},{"type":"host","role":"observer","value":"siem"},{"type":"user","role":"actor","value":"bob"}],"keys":[{"type":"credential","value":"AKIAEXAMPLE","path":"k"}]}},
 {"alert":{"id":"a2","entities":[{"type":"host","role":"target","value":"WS-1"}]}}],
 "indicators":[{"type":"ip","value":"203.0.113.9","verdict":"malicious","role":"source","receipts":[{"alert":"a2","value":"203.0.113.9"}]},{"type":"ip","value":"203.0.113.10","verdict":"unknown"}]}`

func read(t *testing.T, text string) *playbook.Playbook {
	t.Helper()
	p, err := playbook.Read("own.yaml", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func caseOf(t *testing.T, doc string) *playbook.Case {
	t.Helper()
	k, err := playbook.ReadCase([]byte(doc))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestStepsFindTheirTargets(t *testing.T) {
	t.Parallel()
	p := read(t, `
name: own
when: '"T1110" in case.techniques'
steps:
  - {action: isolate-host, each: hosts, why: it is there}
  - {action: block-ip, each: ips, if: 'it.role == "source"', why: it comes from there}
  - {action: disable-access-key, each: access_keys, why: it was used}
  - {action: notify, each: case, why: somebody should know}
`)
	k := caseOf(t, doc)
	if ok, err := p.Fits(k); !ok || err != nil {
		t.Fatal(ok, err)
	}
	wants, undecided := p.Wants(k)
	var got []string
	for _, w := range wants {
		got = append(got, w.Action+" "+string(w.Target.Type)+" "+w.Target.Value+" "+strings.Join(w.Cites, "+"))
		if !strings.HasSuffix(w.Why, "(playbook own)") {
			t.Error(w.Why)
		}
	}
	if s := strings.Join(got, ", "); s != "isolate-host host ws-1 alert a1+alert a2, block-ip ip 203.0.113.9 alert a2, disable-access-key access_key AKIAEXAMPLE alert a1, notify case c-1 " {
		t.Error(s)
	}
	// An indicator without a role: whether it is a source cannot be decided, so it is not blocked, and that is said.
	if len(undecided) != 1 || !strings.Contains(undecided[0], "203.0.113.10: no such key: role") {
		t.Error(undecided)
	}
}

func TestWhatAStepDidNotLookAtIsSaid(t *testing.T) {
	t.Parallel()
	p := read(t, "name: own\nwhen: 'true'\nsteps: [{action: block-ip, each: ips, if: 'it.role == \"source\"', why: y}]")
	var list []string
	for i := range 1003 {
		one := fmt.Sprintf(`{"type":"ip","role":"source","value":"198.51.%d.%d"}`, 100+i/250, i%250)
		list = append(list, one, one) // one that is met twice is one
	}
	wants, undecided := p.Wants(caseOf(t, `{"kind":"case","version":1,"id":"c-1","indicators":[`+strings.Join(list, ",")+`]}`))
	if len(wants) != 1000 || len(undecided) != 1 || undecided[0] != "playbook own: step 1: 3 more than 1000 were not looked at" {
		t.Error(len(wants), undecided)
	}
}

func TestMistakesAreNamed(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"name: x\nwhen: 'true'\nsteps: [{action: wipe, each: hosts, why: y}]":                 `no action "wipe"`,
		"name: x\nwhen: 'true'\nsteps: [{action: block-ip, each: hosts, why: y}]":             `block-ip is not done to each of "hosts"`,
		"name: x\nwhen: 'true'\nsteps: [{action: block-ip, each: planets, why: y}]":           `not done to each of "planets"`,
		"name: x\nwhen: 'true'\nsteps: [{action: block-ip, each: ips}]":                       "has no why",
		"name: x\nwhen: 'true'\nsteps: [{action: block-ip, each: ips, why: y, iff: 'true'}]":  "iff",
		"name: x\nwhen: 'case.'\nsteps: [{action: block-ip, each: ips, why: y}]":              "when: ",
		"name: x\nwhen: '1 + 1'\nsteps: [{action: block-ip, each: ips, why: y}]":              "not a condition",
		"name: x\nwhen: 'true'\nsteps: [{action: block-ip, each: ips, why: y, if: 'nobody'}]": "step 1: if: ",
		"when: 'true'\nsteps: [{action: block-ip, each: ips, why: y}]":                        "a playbook has a name",
		strings.Repeat("#", 1<<20) + "\n":                                                     "more than",
	} {
		if _, err := playbook.Read("own.yaml", strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "playbook own.yaml: ") {
			t.Errorf("%.60q: %v", text, err)
		}
	}
}

// Every shipped playbook reads, and decides of a case that lacks everything.
func TestShippedPlaybooks(t *testing.T) {
	t.Parallel()
	list, err := playbook.Shipped()
	if err != nil || len(list) != 12 {
		t.Fatal(len(list), err)
	}
	empty, full := caseOf(t, `{"kind":"case","id":"c-2"}`), caseOf(t, doc)
	fits := 0
	for _, p := range list {
		if ok, err := p.Fits(empty); ok || err != nil || p.About == "" {
			t.Errorf("%s: %t, %v", p.Name, ok, err)
		}
		ok, err := p.Fits(full)
		if err != nil {
			t.Error(err)
		}
		if !ok {
			continue
		}
		fits++
		wants, _ := p.Wants(full)
		plan := respond.Propose(respond.Situation{Case: "c-1", Wants: wants}, respond.Settings{Author: "ann", Hands: func(string, respond.Target) (respond.Hand, bool) { return respond.Hand{Driver: "d"}, true }})
		for _, r := range plan.Refused {
			if strings.Contains(r.Because, "catalogue") || strings.Contains(r.Because, "is not done") {
				t.Errorf("%s: %+v", p.Name, r)
			}
		}
	}
	if fits != 4 { // credential access, brute force, impossible travel, a key of the cloud
		t.Errorf("%d fit", fits)
	}
}

// A condition cannot run for ever.
func TestAConditionEnds(t *testing.T) {
	t.Parallel()
	big := `{"kind":"case","id":"c-1","techniques":["` + strings.Repeat(`T1","`, 3000) + `T1"]}`
	p := read(t, "name: x\nwhen: 'case.techniques.all(a, case.techniques.all(b, case.techniques.all(c, a == b && b == c)))'\nsteps: [{action: notify, each: case, why: y}]")
	if _, err := p.Fits(caseOf(t, big)); err == nil || !strings.Contains(err.Error(), "cost limit") {
		t.Error(err)
	}
}
