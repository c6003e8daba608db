package prompt_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/prompt"
	"github.com/seed-959697dd/soc/triage"
)

// noticed is a verdict on the attack of these tests.
func noticed() *triage.Verdict {
	v := &triage.Verdict{}
	v.Route, v.Severity = triage.Escalate, triage.High
	command := []alert.Ref{{Path: "process.command_line", Value: "delete shadows"}}
	v.Signals = []triage.Signal{
		{Check: "commands", Term: 3400, Sentence: "shadow copies are deleted: delete shadows", Receipts: command},
		{Check: "model", Term: 590, Sentence: "model m calls it malicious and cites 1 place", Receipts: command},
		{Check: "assets", Term: 300, Sentence: "the host belongs to Hanne Berg", Receipts: []alert.Ref{{Path: "host.name", Value: "ws-12", Source: "assets.csv, line 2"}}},
		{Check: "processes", Term: 100, Sentence: "another alert of the group names uqvwxz", Receipts: []alert.Ref{{Path: "user.name", Value: "uqvwxz"}}},
	}
	return v
}

// written spells prose of one sentence.
func written(t *testing.T, text string, signals []int, cites ...[2]string) prompt.Answer {
	t.Helper()
	type cite struct {
		Path  string `json:"path"`
		Value string `json:"value"`
	}
	list := []cite{}
	for _, c := range cites {
		list = append(list, cite{c[0], c[1]})
	}
	if signals == nil {
		signals = []int{}
	}
	b, err := json.Marshal(map[string]any{"sentences": []any{map[string]any{"text": text, "cites": list, "signals": signals}}})
	if err != nil {
		t.Fatal(err)
	}
	return prompt.Answer{Text: string(b), Finish: "stop"}
}

func TestProseIsReadLikeAStranger(t *testing.T) {
	t.Parallel()
	path := [2]string{"process.command_line", "delete shadows"}
	for _, remote := range []bool{false, true} {
		a := parse(t, attack)
		e, err := composer(t, prompt.Settings{}).Explain(a, noticed(), remote)
		if err != nil {
			t.Fatal(err)
		}
		for name, row := range map[string]struct {
			answer prompt.Answer
			holds  bool
		}{
			"a path":                             {written(t, "Copies are deleted.", nil, path), true},
			"a signal":                           {written(t, "Copies are deleted.", []int{1}), true},
			"both":                               {written(t, "Copies are deleted.", []int{1}, path), true},
			"nothing":                            {written(t, "Copies are deleted.", nil), false},
			"a signal that is not there":         {written(t, "Copies are deleted.", []int{5}), false},
			"none of the checks but a model":     {written(t, "A model says so.", []int{2}), false},
			"a signal by the path of none":       {written(t, "Copies are deleted.", nil, [2]string{"signal 1", ""}), false},
			"another value":                      {written(t, "Backups are deleted.", nil, [2]string{"process.command_line", "delete backups"}), false},
			"one that holds and one that is not": {written(t, "Copies are deleted.", []int{1}, path, [2]string{"process.name", "x"}), false},
			"an address of its own":              {written(t, "It calls 203.0.113.99.", []int{1}), false},
			"no path":                            {written(t, "It is so.", nil, [2]string{"@this", "delete shadows"}), false},
		} {
			p, err := e.Read(row.answer)
			if err != nil || row.holds != (len(p.Sentences) == 1) || row.holds == (p.Dropped == 1) {
				t.Errorf("%s (remote %t): %+v %v", name, remote, p, err)
			}
		}
		p, err := e.Read(written(t, "Copies are deleted.", []int{1}, path))
		if want := []triage.Cite{{At: "process.command_line", Value: "delete shadows"}, {At: "signal 1", Value: "shadow copies are deleted: delete shadows"}}; err != nil ||
			len(p.Sentences) != 1 || p.Sentences[0].Cites[0] != want[0] || p.Sentences[0].Cites[1] != want[1] {
			t.Errorf("%+v %v", p, err)
		}
		for name, text := range map[string]string{
			"prose": "It is fine.", "empty": "", "another member": `{"sentences":[],"close":true}`, "not a list": `{"sentences":{}}`, "twice": `{"sentences":[],"sentences":[]}`,
			"more behind it": `{"sentences":[]} done`, "a weight": `{"sentences":[{"text":"a","cites":[],"signals":[1],"weight":-1}]}`,
			"half a sentence": `{"sentences":[{"text":"a","cites":[]}]}`, "a signal as text": `{"sentences":[{"text":"a","cites":[],"signals":["1"]}]}`,
			"many": `{"sentences":[` + strings.Repeat(`{"text":"a","cites":[],"signals":[1]},`, 20) + `{"text":"a","cites":[],"signals":[1]}]}`,
		} {
			if p, err := e.Read(prompt.Answer{Text: text}); !errors.Is(err, prompt.ErrMalformed) || len(p.Sentences) != 0 {
				t.Errorf("%s: %+v %v", name, p, err)
			}
		}
		mark := e.Request.System[strings.LastIndex(e.Request.System, " ")+1:]
		if _, err := e.Read(written(t, "The mark is "+strings.ToUpper(mark), []int{1})); !errors.Is(err, prompt.ErrLeaked) {
			t.Errorf("the mark: %v", err)
		}
		if _, err := e.Read(prompt.Answer{Text: `{"sentences":[]}`, Truncated: true}); !errors.Is(err, prompt.ErrTruncated) {
			t.Errorf("cut: %v", err)
		}
	}
}

// TestProseSpeaksOfRealNames: what a model elsewhere calls by replacements is read back.
func TestProseSpeaksOfRealNames(t *testing.T) {
	t.Parallel()
	a := parse(t, attack)
	e, err := composer(t, prompt.Settings{}).Explain(a, noticed(), true)
	if err != nil {
		t.Fatal(err)
	}
	var host string
	for _, r := range block(t, e.Request.Alert) {
		if r[0] == "host.name" {
			host = r[2].(string)
		}
	}
	p, err := e.Read(written(t, "On "+host+" copies are deleted.", nil, [2]string{"host.name", host}))
	if err != nil || len(p.Sentences) != 1 || p.Sentences[0].Text != "On ws-12 copies are deleted." || p.Sentences[0].Cites[0].Value != "ws-12" {
		t.Errorf("%s: %+v %v", host, p, err)
	}
}

// TestTheRequestForProse: neighbours share its beginning, its key names what is told, and what models said is not among that.
func TestTheRequestForProse(t *testing.T) {
	t.Parallel()
	c := composer(t, prompt.Settings{})
	explain := func(raw string, change func(*triage.Verdict), remote bool) prompt.Request {
		a := parse(t, raw)
		v := noticed()
		if change != nil {
			change(v)
		}
		e, err := c.Explain(a, v, remote)
		if err != nil {
			t.Fatal(err)
		}
		return e.Request
	}
	one, two := explain(attack, nil, false), explain(strings.ReplaceAll(attack, "ws-12", "ws-13"), nil, false)
	if one.System != two.System || one.Shared != two.Shared || one.Key == two.Key {
		t.Error("two alerts do not share what stands before the alert, or are one question")
	}
	if silent := explain(attack, func(v *triage.Verdict) { v.Signals[1].Sentence = "another word" }, false); silent.Key != one.Key || silent.Alert != one.Alert {
		t.Error("what a model said is told to the one that explains")
	}
	for name, change := range map[string]func(*triage.Verdict){
		"a sentence": func(v *triage.Verdict) { v.Signals[0].Sentence = "x" }, "a term": func(v *triage.Verdict) { v.Signals[0].Term++ },
		"the route": func(v *triage.Verdict) { v.Route = triage.Review },
	} {
		if other := explain(attack, change, false); other.Key == one.Key {
			t.Errorf("another %s is the same question", name)
		}
	}
	q, err := c.Ask(parse(t, attack), prompt.About{}, false)
	if err != nil {
		t.Fatal(err)
	}
	if q.Request.Key == one.Key {
		t.Error("the question and the request for prose have one key")
	}
	if far := explain(attack, nil, true); strings.Contains(far.Alert, "Hanne") || strings.Contains(far.Alert, "uqvwxz") || !strings.Contains(far.Alert, `[3,"assets",300,""]`) ||
		!strings.Contains(one.Alert, "Hanne") {
		t.Errorf("what the estate's records say leaves:\n%s", far.Alert)
	}
	file := "../../testdata/model/prose_remote.txt"
	got := prompt.Show(explain(attack, nil, true))
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(file); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s changed: %v\n%s", file, err, got)
	}
}

// TestNothingOfTheEstateLeavesForProse: sentences that quote the alert are redacted like the alert.
func TestNothingOfTheEstateLeavesForProse(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(7, 8))
	c := composer(t, prompt.Settings{})
	refused := 0
	for i := range 300 {
		s := generate(rng, i)
		a := parse(t, s.raw)
		v := &triage.Verdict{}
		for j := range a.Fields {
			f := &a.Fields[j]
			words := strings.SplitAfter(f.Value, " ")
			v.Signals = append(v.Signals, triage.Note("names", triage.Network, 1, "it says "+f.Value, "", f),
				triage.Note("names", triage.Network, 1, "it ends with "+strings.Join(words[len(words)/2:], ""), "", f))
		}
		e, err := c.Explain(a, v, true)
		if errors.Is(err, prompt.ErrResidue) {
			refused++ // a piece of a secret, without the words that show what it is
			continue
		}
		if err != nil {
			t.Fatalf("%v: %s", err, s.raw)
		}
		sent := strings.ToLower(string(prompt.Show(e.Request)))
		for _, secret := range s.secrets {
			if strings.Contains(sent, strings.ToLower(secret)) {
				t.Errorf("alert %d: %s leaves in\n%s", i, secret, e.Request.Alert)
			}
		}
	}
	if refused > 100 {
		t.Errorf("%d of 300 were not sent", refused)
	}
}
