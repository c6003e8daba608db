package learn

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

// decided is a group with its label, to be added in any order.
type decided struct {
	v *triage.Verdict
	l Label
}

// some are decided groups of different ages.
func some(seed uint64, attacks, harmless int) []decided {
	e := newEstate(seed, true)
	var list []decided
	for n := 0; n < attacks; n += 3 {
		p := e.profile()
		for range 3 {
			list = append(list, decided{e.group(true, &p), Label{triage.TruePositive, fmt.Sprint("incident ", n), time.Unix(int64(e.rng.IntN(100*86400)), 0)}})
		}
	}
	for range harmless {
		d := triage.BenignPositive + triage.Disposition(e.rng.IntN(2))
		list = append(list, decided{e.group(false, &profile{}), Label{d, "", time.Unix(int64(e.rng.IntN(100*86400)), 0)}})
	}
	return list
}

func setOf(list []decided) *Set {
	s := &Set{}
	for _, d := range list {
		s.Add(d.v, d.l)
	}
	return s
}

// TestSameSetSameBytes: learning the same groups again, or in any other order, gives the same file.
func TestSameSetSameBytes(t *testing.T) {
	t.Parallel()
	policy := triage.DefaultPolicy()
	for seed, size := range [][2]int{{300, 900}, {30, 60}} {
		list := some(uint64(seed), size[0], size[1])
		rng := rand.New(rand.NewPCG(uint64(seed), 9))
		var first []byte
		for turn := range 6 {
			p, err := Learn(setOf(list), settings(&policy))
			if err != nil {
				t.Fatal(err)
			}
			if text := spelled(t, p); turn == 0 {
				first = text
			} else if !bytes.Equal(first, text) {
				t.Errorf("%v: turn %d gives other bytes", size, turn)
			}
			if turn > 0 {
				rng.Shuffle(len(list), func(i, k int) { list[i], list[k] = list[k], list[i] })
			}
		}
	}
}

// TestCountsAreExact: sums do not depend on the order, and a part that is taken out leaves nothing behind.
func TestCountsAreExact(t *testing.T) {
	t.Parallel()
	policy := triage.DefaultPolicy()
	counted := func(list []decided) *learner {
		l := &learner{Set: setOf(list), Settings: settings(&policy), policy: policy}
		l.HalfLife = 90 * 24 * time.Hour
		l.count()
		return l
	}
	list := some(6, 300, 900)
	there := counted(list)
	slices.Reverse(list)
	back := counted(list)
	if there.all.all != back.all.all || !maps.Equal(there.all.kinds, back.all.kinds) {
		t.Errorf("%+v in one order, %+v in the other", there.all.all, back.all.all)
	}
	for i := range list {
		back.add(back.all, i, -1)
	}
	if back.all.all != (triage.Record{}) {
		t.Errorf("left behind: %+v", back.all.all)
	}
	for key, o := range back.all.kinds {
		if o != (outcome{}) {
			t.Errorf("left behind of %s: %+v", key, o)
		}
	}
}

// TestWhatIsLearned: records, counts and the rate are those of what was added.
func TestWhatIsLearned(t *testing.T) {
	t.Parallel()
	policy := triage.DefaultPolicy()
	if _, err := Learn(&Set{}, settings(&policy)); !errors.Is(err, ErrNothing) {
		t.Errorf("nothing: %v", err)
	}
	s := &Set{}
	now := settings(&policy).Now
	add := func(rule string, d triage.Disposition, age time.Duration) {
		v := &triage.Verdict{Rule: rule, Host: "h", Pattern: triage.Pattern{Rule: rule, Format: "f", Severity: triage.Low, Alerts: 1}}
		s.Add(v, Label{Disposition: d, At: now.Add(-age)})
	}
	add("f one", triage.TruePositive, 0)
	add("f one", triage.FalsePositive, 90*24*time.Hour)
	add("f two", triage.BenignPositive, 180*24*time.Hour)
	add("f two", triage.Undetermined, 0)
	add("f two", triage.FalsePositive, -time.Hour) // a clock that runs ahead
	p, err := Learn(s, settings(&policy))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]triage.Record{"f one": {Attacks: 1, False: 0.5, Decided: 2}, "f two": {Benign: 0.25, False: 1, Decided: 2}}
	for rule, r := range want {
		if p.Rules[rule] != r {
			t.Errorf("%s: %+v, want %+v", rule, p.Rules[rule], r)
		}
	}
	if all := (triage.Record{Attacks: 1, Benign: 0.25, False: 1.5, Decided: 4}); p.All != all || p.Classes["f"] != all || len(p.Rules) != 2 {
		t.Errorf("all %+v, classes %v", p.All, p.Classes)
	}
	if p.Certificate.Groups.Certified || p.Certificate.Groups.Needs != 148 || p.Certificate.Incidents.Needs != 148 {
		t.Errorf("one attack: %+v", p.Certificate)
	}
}

// TestScoresHaveNotSeenTheirGroup: a detector that fired in one incident only has no record of attacks when that incident is scored.
func TestScoresHaveNotSeenTheirGroup(t *testing.T) {
	t.Parallel()
	list := some(5, 90, 600)
	lone := &triage.Verdict{Rule: "made lone", Host: "x", Pattern: triage.Pattern{Rule: "made lone", Format: "made", Severity: triage.Low, Alerts: 1}}
	for range 40 {
		list = append(list, decided{lone, Label{triage.TruePositive, "the only one", time.Unix(0, 0)}})
	}
	policy := triage.DefaultPolicy()
	l := &learner{Set: setOf(list), Settings: settings(&policy), policy: policy}
	l.HalfLife = 90 * 24 * time.Hour
	l.count()
	informed := l.policy
	informed.Precedent = l.model(l.all, nil)
	scores := l.crossFit()
	if len(scores) != len(l.groups) {
		t.Fatalf("%d scores of %d groups", len(scores), len(l.groups))
	}
	last := scores[len(scores)-1]
	knows := l.score(nil, []int{last.group}, 0, &informed)[0].score
	if last.score >= knows-1000 {
		t.Errorf("score %d with its own incident taken out, %d with it", last.score, knows)
	}
}

// TestAttackersTextNeverLowers: under any precedent, one more signal that an attacker can cause never lowers a score.
func TestAttackersTextNeverLowers(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(7, 7))
	signal := func(trust alert.Trust) triage.Signal {
		w := triage.Weight(rng.IntN(8001) - 4000)
		if trust == alert.Attacker {
			w = max(0, w)
		}
		families := triage.Families()
		return triage.Signal{Check: fmt.Sprint("check ", rng.IntN(4)), Family: families[rng.IntN(len(families))], Trust: trust, Weight: w, Sentence: fmt.Sprint("it is so, ", rng.IntN(50))}
	}
	trusts := []alert.Trust{alert.Attacker, alert.Sensor, alert.Estate}
	for range 5000 {
		p := &triage.Precedent{Base: triage.Weight(rng.IntN(8000) - 6000), Strength: 8, Rules: map[string]triage.Record{}, Weights: map[string]triage.Learned{}}
		policy := triage.DefaultPolicy()
		policy.Precedent = p
		ev := triage.Evidence{Pattern: triage.Pattern{Alerts: 1 + rng.IntN(900), Rule: "r", Format: "f", Neighbours: rng.IntN(20), Trust: trusts[rng.IntN(3)]}}
		p.Rules["r"] = triage.Record{Attacks: 50 * rng.Float64(), False: 500 * rng.Float64(), Decided: 600}
		for range rng.IntN(12) {
			ev.Signals = append(ev.Signals, signal(trusts[rng.IntN(3)]))
		}
		more := signal(alert.Attacker)
		for _, s := range append(ev.Pattern.Signals(ev.Signals[:len(ev.Signals):len(ev.Signals)]), more) {
			if rng.IntN(3) > 0 {
				p.Weights[s.Key()] = triage.Learned{Weight: triage.Weight(rng.IntN(10_001) - 5000)}
			}
		}
		before := triage.Decide(ev, &policy).Score
		ev.Signals = append(ev.Signals, more)
		if after := triage.Decide(ev, &policy).Score; after < before {
			t.Fatalf("%d, with one more signal of an attacker's %d: %+v under %+v", before, after, ev, p)
		}
	}
}

// BenchmarkLearn learns from half a million decided groups of 5,000 detectors.
func BenchmarkLearn(b *testing.B) {
	e := newEstate(1, false)
	const groups = 500_000
	s := &Set{}
	for i := range groups {
		d := triage.FalsePositive
		if i%100 == 0 {
			d = triage.TruePositive
		}
		v := e.group(d == triage.TruePositive, &profile{})
		v.Rule = fmt.Sprint("rule ", e.rng.IntN(5000))
		v.Pattern.Rule = v.Rule
		s.Add(v, Label{Disposition: d, At: time.Unix(int64(i), 0), Incident: fmt.Sprint("incident ", i/300)})
	}
	policy := triage.DefaultPolicy()
	for b.Loop() {
		if _, err := Learn(s, settings(&policy)); err != nil {
			b.Fatal(err)
		}
	}
}

// TestAMixedDetectorIsLeftToPeople: where attacks of one detector look like its noise, the bound over all attacks says nothing about them.
func TestAMixedDetectorIsLeftToPeople(t *testing.T) {
	t.Parallel()
	policy := triage.DefaultPolicy()
	set := settings(&policy)
	set.Alpha = 0.05
	s := &Set{}
	group := func(rule string, strong bool) *triage.Verdict {
		v := &triage.Verdict{Rule: rule, Host: "h", Pattern: triage.Pattern{Rule: rule, Format: "f", Severity: triage.Low, Alerts: 1, Trust: alert.Sensor}}
		if strong {
			v.Signals = []triage.Signal{{Check: "made", Family: triage.CommandLine, Trust: alert.Sensor, Weight: 3000}}
		}
		return v
	}
	add := func(rule string, n int, d triage.Disposition, strong bool) {
		for i := range n {
			s.Add(group(rule, strong), Label{Disposition: d, Incident: fmt.Sprint(rule, d, i), At: set.Now})
		}
	}
	add("f apart", 200, triage.TruePositive, true)
	add("f apart", 400, triage.FalsePositive, false)
	add("f mixed", 2, triage.TruePositive, false)
	add("f mixed", 400, triage.FalsePositive, false)
	// Most of the noise: that one of the three attacks below is its own tells nothing.
	add("f noise", 1, triage.TruePositive, false)
	add("f noise", 9000, triage.FalsePositive, false)
	p, err := Learn(s, set)
	if err != nil {
		t.Fatal(err)
	}
	if want := map[string]triage.Mixed{"f mixed": {Attacks: 2, Groups: 402}}; !maps.Equal(p.Mixed, want) || p.Strata[0].Groups.K != 3 {
		t.Fatalf("mixed %v, of %+v", p.Mixed, p.Strata[0].Groups)
	}
	if p, err = Read(spelled(t, p), nil); err != nil {
		t.Fatal(err)
	}
	policy.Precedent = p
	for rule, want := range map[string]bool{"f apart": true, "f noise": true, "f mixed": false} {
		v := group(rule, false)
		if j := triage.Decide(triage.Evidence{Signals: v.Signals, Pattern: v.Pattern}, &policy); j.WouldClose != want {
			t.Errorf("%s: would close %v with score %d below %d", rule, j.WouldClose, j.Score, p.Strata[0].Groups.Threshold)
		}
	}
	for name, m := range map[string]triage.Mixed{"more than there are": {Attacks: 3, Groups: 2}, "more than were decided": {Attacks: 1, Groups: 900}, "none": {Attacks: 0, Groups: 9}, "more than all": {Attacks: 4, Groups: 300}} {
		edited := *p
		edited.Mixed = map[string]triage.Mixed{"f mixed": m}
		if _, err := Read(spelled(t, &edited), nil); !errors.Is(err, ErrCertificate) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
