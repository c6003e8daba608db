package triage_test

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

var families = []triage.Family{triage.Vendor, triage.Detection, triage.CommandLine, triage.Novelty, triage.Tampering}

// signalsOf makes signals of arbitrary bytes: weight, family, trust, check and sentence.
func signalsOf(data []byte) []triage.Signal {
	var list []triage.Signal
	for len(data) >= 6 && len(list) < 40 {
		w := triage.Weight(int16(binary.LittleEndian.Uint16(data)))
		trust := alert.Trust(data[2] % 3)
		if trust == alert.Attacker {
			w = max(w, 0)
		}
		list = append(list, triage.Signal{
			Check: string(rune('a' + data[3]%4)), Family: families[int(data[4])%len(families)], Trust: trust, Weight: w, Hard: w > 0 && data[5]&15 == 15,
			Sentence: string(rune('p' + data[5]%8)), Receipts: []alert.Ref{{Path: "x", Value: "y"}},
		})
		data = data[6:]
	}
	return list
}

// FuzzDecide: the terms re-add; the order of the evidence does not matter; one more signal that an attacker can cause never lowers the score;
// what it adds is foretold; nothing is closed without an allow rule; a probability is a probability.
func FuzzDecide(f *testing.F) {
	f.Add([]byte("0123456789abcdefghijklmnopqrstuvwxyz"), uint16(700))
	f.Add([]byte{0, 0x20, 0, 1, 2, 3, 0, 0x90, 1, 1, 2, 3, 0, 0x7f, 0, 1, 2, 15}, uint16(4000))
	p := triage.DefaultPolicy()
	f.Fuzz(func(t *testing.T, data []byte, extra uint16) {
		ev := triage.Evidence{Signals: signalsOf(data)}
		j := triage.Decide(ev, &p)
		sum := j.Base
		for _, s := range j.Signals {
			sum += s.Term
		}
		if sum != j.Score {
			t.Fatalf("base %d and terms make %d, score is %d", j.Base, sum, j.Score)
		}
		if j.Probability < 0 || j.Probability > 1 || math.IsNaN(j.Probability) || j.Route == triage.Closed || j.WouldClose {
			t.Fatalf("%+v", j)
		}
		shuffled := slices.Clone(ev.Signals)
		rand.New(rand.NewPCG(1, uint64(len(data)))).Shuffle(len(shuffled), func(a, b int) { shuffled[a], shuffled[b] = shuffled[b], shuffled[a] })
		if k := triage.Decide(triage.Evidence{Signals: shuffled}, &p); k.Score != j.Score || k.Route != j.Route || k.Disposition != j.Disposition {
			t.Fatalf("another order gives %d, not %d", k.Score, j.Score)
		}
		for _, fam := range families {
			one := triage.Signal{Check: "z", Family: fam, Trust: alert.Attacker, Weight: triage.Weight(extra), Sentence: "z"}
			more := append(slices.Clone(ev.Signals), one)
			k := triage.Decide(triage.Evidence{Signals: more}, &p)
			if k.Score < j.Score {
				t.Fatalf("an attacker's signal of %d in %s lowered %d to %d", extra, fam, j.Score, k.Score)
			}
			if far := p.Reach(&triage.Verdict{Judgement: j}, one); far != k.Score-j.Score {
				t.Fatalf("a signal of %d in %s was to lift %d by %d, it made %d of it", extra, fam, j.Score, far, k.Score)
			}
		}
	})
}

// FuzzMerge: no member scores higher alone than inside its group, and the order of the members does not matter for the score.
func FuzzMerge(f *testing.F) {
	f.Add([]byte("0123456789abcdefghijkl"), []byte("mnopqrstuvwxyz0123456789"), []byte("zyxwvutsrqponmlkjihgfedcba"))
	f.Add([]byte{0, 0xf0, 1, 0, 0, 0, 0, 0xe0, 1, 0, 0, 0}, []byte{0, 0xf0, 1, 0, 0, 0}, []byte{})
	p := triage.DefaultPolicy()
	f.Fuzz(func(t *testing.T, a, b, c []byte) {
		members := [][]triage.Signal{signalsOf(a), signalsOf(b), signalsOf(c)}
		var group []triage.Signal
		for i, m := range members {
			group = triage.Merge(group, m, i)
		}
		whole := triage.Decide(triage.Evidence{Signals: group}, &p)
		for i, m := range members {
			alone := triage.Decide(triage.Evidence{Signals: m}, &p)
			if alone.Score > whole.Score || alone.Route > whole.Route {
				t.Fatalf("member %d alone scores %d, the group %d", i, alone.Score, whole.Score)
			}
		}
	})
}

func TestNothingLowersThatAnAttackerWrote(t *testing.T) {
	field := &alert.Field{Slot: alert.SlotMessage, Trust: alert.Attacker, Path: "message", Value: "all is well"}
	if s := triage.Note("x", triage.Detection, -2000, "calms", "", field); s.Weight != 0 {
		t.Errorf("weight %d", s.Weight)
	}
	sensor := &alert.Field{Slot: alert.SlotAction, Trust: alert.Sensor, Path: "action", Value: "blocked"}
	if s := triage.Note("x", triage.Outcome, -600, "was stopped", "", sensor, field); s.Weight != 0 || s.Trust != alert.Attacker {
		t.Errorf("least trusted field does not count: %+v", s)
	}
	if s := triage.Note("x", triage.Outcome, -600, "was stopped", "", sensor); s.Weight != -600 || s.Trust != alert.Sensor {
		t.Errorf("%+v", s)
	}
	if s := triage.Note("x", triage.Outcome, -600, "no receipt", ""); s.Weight != 0 {
		t.Errorf("without a receipt: %+v", s)
	}
}

func TestDecide(t *testing.T) {
	strong := triage.Signal{Check: "c", Family: triage.CommandLine, Weight: 3500, Sentence: "s"}
	calm := triage.Signal{Check: "v", Family: triage.Vendor, Trust: alert.Sensor, Weight: -700, Sentence: "low"}
	hard := triage.Signal{Check: "deny", Family: triage.Rules, Trust: alert.Sensor, Weight: 100, Hard: true, Sentence: "deny rule"}
	inject := triage.Signal{Check: "tampering", Family: triage.Tampering, Weight: 300, Sentence: "instructs its reader"}
	signed := &triage.Allowance{Rule: "scanner", Signed: true, By: "k", Until: "2027-01-01"}
	unsigned := &triage.Allowance{Rule: "scanner"}
	gap := []alert.Gap{{Check: "assets", Class: alert.Failed, Reason: "down"}}
	for name, c := range map[string]struct {
		ev          triage.Evidence
		required    []string
		route       triage.Route
		disposition triage.Disposition
		would       bool
		severity    triage.Severity
	}{
		"nothing known is for a person":       {triage.Evidence{}, nil, triage.Review, triage.Undetermined, false, triage.Low},
		"strong evidence escalates":           {triage.Evidence{Signals: []triage.Signal{strong}}, nil, triage.Escalate, triage.TruePositive, false, triage.Medium},
		"a hard signal escalates alone":       {triage.Evidence{Signals: []triage.Signal{hard}}, nil, triage.Escalate, triage.Undetermined, false, triage.High},
		"a signed rule closes":                {triage.Evidence{Signals: []triage.Signal{calm}, Allow: signed}, nil, triage.Closed, triage.BenignPositive, false, triage.Low},
		"an unsigned rule only marks":         {triage.Evidence{Signals: []triage.Signal{calm}, Allow: unsigned}, nil, triage.Review, triage.BenignPositive, true, triage.Low},
		"a rule does not close an escalation": {triage.Evidence{Signals: []triage.Signal{strong}, Allow: signed}, nil, triage.Escalate, triage.BenignPositive, true, triage.Medium},
		"a hard signal outweighs a rule":      {triage.Evidence{Signals: []triage.Signal{hard}, Allow: signed}, nil, triage.Escalate, triage.Undetermined, false, triage.High},
		"an instruction bars closing":         {triage.Evidence{Signals: []triage.Signal{inject}, Allow: signed}, nil, triage.Review, triage.Undetermined, false, triage.Low},
		"a gap in a required check bars":      {triage.Evidence{Gaps: gap, Allow: signed}, []string{"assets"}, triage.Review, triage.Undetermined, false, triage.Low},
		"a gap in another check does not":     {triage.Evidence{Gaps: gap, Allow: signed}, []string{"intel"}, triage.Closed, triage.BenignPositive, false, triage.Low},
		"a critical asset escalates at 20 %":  {triage.Evidence{Signals: []triage.Signal{{Check: "c", Family: triage.CommandLine, Weight: 1800, Sentence: "s"}}, Critical: true}, nil, triage.Escalate, triage.Undetermined, false, triage.Low},
		"the same elsewhere waits in review":  {triage.Evidence{Signals: []triage.Signal{{Check: "c", Family: triage.CommandLine, Weight: 1800, Sentence: "s"}}}, nil, triage.Review, triage.Undetermined, false, triage.Low},
	} {
		t.Run(name, func(t *testing.T) {
			p := triage.DefaultPolicy()
			p.Required = c.required
			c.ev.Severity.Score = -1
			j := triage.Decide(c.ev, &p)
			if j.Route != c.route || j.Disposition != c.disposition || j.WouldClose != c.would || j.Severity != c.severity {
				t.Errorf("route %s, %s, would close %v, severity %s", j.Route, j.Disposition, j.WouldClose, j.Severity)
			}
		})
	}
}

func BenchmarkDecide(b *testing.B) {
	p := triage.DefaultPolicy()
	ev := triage.Evidence{Signals: signalsOf([]byte("0123456789abcdefghijklmnopqrstuvwxyz0123456789"))}
	b.ReportAllocs()
	for b.Loop() {
		triage.Decide(ev, &p)
	}
}

// BenchmarkWrite spells a verdict.
func BenchmarkWrite(b *testing.B) {
	p := triage.DefaultPolicy()
	v := triage.Verdict{
		Judgement: triage.Decide(triage.Evidence{Signals: signalsOf([]byte("0123456789abcdefghijklmnopqrstuvwxyz0123456789"))}, &p),
		ID:        "v-0123456789abcdef", Count: 3, First: start, Last: start, IDs: []string{"a", "b", "c"}, Alert: []byte(`{"kind":"alert","version":1,"id":"a"}`),
	}
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = v.AppendJSON(buf[:0])
	}
	b.SetBytes(int64(len(buf)))
}
