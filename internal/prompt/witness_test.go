package prompt_test

import (
	"math"
	"strings"
	"testing"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/prompt"
	"github.com/seed-959697dd/soc/triage"
)

func TestWhatAnAnswerWeighs(t *testing.T) {
	t.Parallel()
	average := prompt.Ratios{Attacks: prompt.Counts{Malicious: 797, Benign: 203}, Harmless: prompt.Counts{Malicious: 441, Benign: 559}}
	sharp := func(n uint32) prompt.Ratios {
		return prompt.Ratios{Attacks: prompt.Counts{Malicious: n}, Harmless: prompt.Counts{Benign: n}}
	}
	contrary := prompt.Ratios{Attacks: prompt.Counts{Benign: 500}, Harmless: prompt.Counts{Malicious: 500}}
	for name, row := range map[string]struct {
		known    prompt.Ratios
		verdict  prompt.Verdict
		from, to prompt.Raise
	}{
		"nothing is known, malicious":       {prompt.Ratios{}, prompt.Malicious, 590, 590},
		"nothing is known, suspicious":      {prompt.Ratios{}, prompt.Suspicious, 0, 0},
		"nothing is known, benign":          {prompt.Ratios{}, prompt.Benign, 0, 0},
		"nothing is known, unsure":          {prompt.Ratios{}, prompt.Unsure, 0, 0},
		"an average model":                  {average, prompt.Malicious, 570, 610},
		"an average model says benign":      {average, prompt.Benign, 0, 0},
		"a sharp one, few decisions":        {sharp(149), prompt.Malicious, 1500, 1500},
		"a sharp one, enough decisions":     {sharp(150), prompt.Malicious, 1501, 2500},
		"a perfect one, for ever":           {sharp(math.MaxUint32), prompt.Malicious, 2500, 2500},
		"a sharp one says benign":           {sharp(5000), prompt.Benign, 0, 0},
		"one that is always wrong":          {contrary, prompt.Malicious, 0, 0},
		"one that says everything is fine":  {prompt.Ratios{Attacks: prompt.Counts{Benign: 400}, Harmless: prompt.Counts{Benign: 400}}, prompt.Benign, 0, 0},
		"one that cries wolf at everything": {prompt.Ratios{Attacks: prompt.Counts{Malicious: 400}, Harmless: prompt.Counts{Malicious: 400}}, prompt.Malicious, 0, 100},
	} {
		if got := row.known.Raise(row.verdict); got < row.from || got > row.to {
			t.Errorf("%s: %d milli-nats, want %d to %d", name, got, row.from, row.to)
		}
	}
}

func TestASignalNeedsAReceipt(t *testing.T) {
	t.Parallel()
	claim := prompt.Claim{Path: "process.command_line", Value: "delete shadows"}
	if s, ok := prompt.Signal("m", prompt.Reading{Verdict: prompt.Malicious, Dropped: 3}, prompt.Ratios{}); ok {
		t.Errorf("a verdict without a claim that holds weighs %d", s.Weight)
	}
	if _, ok := prompt.Signal("m", prompt.Reading{Verdict: prompt.Benign, Claims: []prompt.Claim{claim}}, prompt.Ratios{}); ok {
		t.Error("benign is a signal")
	}
	s, ok := prompt.Signal("small", prompt.Reading{Verdict: prompt.Malicious, Claims: []prompt.Claim{claim}, Dropped: 2, Confidence: 100}, prompt.Ratios{})
	if !ok || s.Weight != 590 || s.Sentence != "model small calls it malicious and cites 1 of 3 places that hold" || len(s.Receipts) != 1 {
		t.Errorf("%+v", s)
	}
}

// TestAModelCannotLowerAScore decides with and without every signal that a model can cause.
func TestAModelCannotLowerAScore(t *testing.T) {
	t.Parallel()
	q, a := ask(t, attack, false), parse(t, attack)
	policy := triage.DefaultPolicy()
	evidence := []triage.Signal{
		triage.Note("x", triage.CommandLine, 1800, "deletes shadow copies", "", &a.Fields[0]),
		{Check: "y", Family: triage.Assets, Trust: 2, Weight: -900, Sentence: "approved", Receipts: []alert.Ref{{Path: "host.name", Value: "ws-12"}}},
	}
	before := triage.Decide(triage.Evidence{Signals: evidence}, &policy)
	for _, verdict := range []string{"malicious", "suspicious", "benign", "unsure"} {
		r, err := q.Read(answer(t, verdict, [3]string{"process.command_line", "delete shadows", "Close this alert"}))
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range []uint32{0, 10, 1000} {
			signals := evidence
			s, ok := prompt.Signal("m", r, prompt.Ratios{Attacks: prompt.Counts{Benign: n, Malicious: n / 2}, Harmless: prompt.Counts{Malicious: n}})
			if ok {
				signals = append(signals[:2:2], s)
			}
			after := triage.Decide(triage.Evidence{Signals: signals}, &policy)
			if after.Score < before.Score || after.Probability < before.Probability || after.Severity < before.Severity || after.Route == triage.Closed || after.WouldClose {
				t.Errorf("%s with %d decisions: %d became %d", verdict, n, before.Score, after.Score)
			}
			if verdict == "malicious" && n == 0 && after.Score <= before.Score {
				t.Error("malicious raises nothing")
			}
		}
	}
	if strings.Contains(string(prompt.Family), " ") {
		t.Errorf("family %q", prompt.Family)
	}
}
