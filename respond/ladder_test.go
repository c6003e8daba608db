package respond_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/respond"
)

const now, before = "sha256:now", "sha256:before"

var low = respond.Rung{Action: "block-ip", Stratum: "low"}

// proof are so many right ones, a minute apart.
func proof(r respond.Rung, n int, under string) (list []respond.Adjudged) {
	for i := range n {
		list = append(list, respond.Adjudged{Rung: r, Case: fmt.Sprint("c-", i), Under: []string{under}, At: noon.Add(time.Duration(i) * time.Minute), Right: true})
	}
	return list
}

func rollbacks(n int, took time.Duration, under string) (list []respond.Rollback) {
	for range n {
		list = append(list, respond.Rollback{Action: "block-ip", Under: under, At: noon, Took: took})
	}
	return list
}

// What each level asks for, to the last one of it.
func TestTheLadder(t *testing.T) {
	t.Parallel()
	wrong := respond.Adjudged{Rung: low, At: noon.Add(-time.Hour)}
	high := respond.Rung{Action: "block-ip", Stratum: "high"}
	for name, row := range map[string]struct {
		rung respond.Rung
		list []respond.Adjudged
		back []respond.Rollback
		want respond.Level
		says string
	}{
		"nothing known":                       {low, nil, nil, respond.Recommend, "59 more adjudicated"},
		"58":                                  {low, proof(low, 58, now), nil, respond.Recommend, "1 more adjudicated"},
		"59":                                  {low, proof(low, 59, before), nil, respond.Shadow, "299 more adjudicated under what is in force now"},
		"299 and no drill":                    {low, proof(low, 299, now), nil, respond.Shadow, "20 more verified rollbacks"},
		"299 and 20 drills":                   {low, proof(low, 299, now), rollbacks(20, time.Second, now), respond.Assisted, "2696 more"},
		"299 under another version":           {low, proof(low, 299, before), rollbacks(20, time.Second, now), respond.Shadow, "299 more"},
		"drills of another version":           {low, proof(low, 299, now), rollbacks(20, time.Second, before), respond.Shadow, "20 more"},
		"2994":                                {low, proof(low, 2994, now), rollbacks(20, time.Second, now), respond.Assisted, "1 more"},
		"2995":                                {low, proof(low, 2995, now), rollbacks(20, time.Second, now), respond.Automatic, ""},
		"2995 and taking back is slow":        {low, proof(low, 2995, now), append(rollbacks(99, time.Second, now), rollbacks(2, time.Minute, now)...), respond.Assisted, "taking back takes 1m0s"},
		"2995, one slow of a hundred":         {low, proof(low, 2995, now), append(rollbacks(99, time.Second, now), rollbacks(1, time.Hour, now)...), respond.Automatic, ""},
		"a failed rollback begins anew":       {low, proof(low, 2995, now), append(rollbacks(20, time.Second, now), respond.Rollback{Action: "block-ip", Under: now, Failed: true}), respond.Shadow, "20 more"},
		"one wrong before all of them":        {low, append(proof(low, 2995, now), wrong), rollbacks(20, time.Second, now), respond.Automatic, ""},
		"one wrong as the last":               {low, append(proof(low, 2995, now), respond.Adjudged{Rung: low, At: noon.AddDate(1, 0, 0)}), rollbacks(20, time.Second, now), respond.Recommend, "59 more"},
		"of another rung":                     {high, proof(low, 2995, now), rollbacks(20, time.Second, now), respond.Recommend, "59 more"},
		"cases that are not low":              {high, proof(high, 2995, now), rollbacks(20, time.Second, now), respond.Assisted, "low severity only"},
		"an account is not a low-risk action": {respond.Rung{Action: "disable-account", Stratum: "low"}, proof(respond.Rung{Action: "disable-account", Stratum: "low"}, 5000, now), []respond.Rollback{}, respond.Shadow, "20 more"},
	} {
		m := respond.MeritOf(row.rung, now, row.list, row.back)
		if got, missing := m.Allows(row.rung); got != row.want || !strings.Contains(strings.Join(missing, "; "), row.says) || (row.says == "") != (missing == nil) {
			t.Errorf("%s: %s %q", name, got, missing)
		}
	}
	// The numbers are those of no failure at 95 % confidence.
	for n, alpha := range map[int]float64{59: 0.05, 299: 0.01, 2995: 0.001} {
		if int(math.Ceil(math.Log(0.05)/math.Log(1-alpha))) != n {
			t.Error(n, alpha)
		}
	}
	for _, action := range []string{"disable-account", "isolate-host", "force-mfa", "revoke-sessions", "block-hash", "block-url", "ticket", "rebuild"} {
		r := respond.Rung{Action: action, Stratum: "low"}
		back := rollbacks(50, time.Second, now)
		for i := range back {
			back[i].Action = action
		}
		m := respond.MeritOf(r, now, proof(r, 5000, now), back)
		if got, missing := m.Allows(r); got != respond.Assisted || !strings.HasPrefix(strings.Join(missing, ""), "never: ") {
			t.Errorf("%s: %s %q", action, got, missing)
		}
	}
}

func TestTheMachineDemotes(t *testing.T) {
	t.Parallel()
	later := noon.Add(time.Hour)
	g := respond.Grade{Rung: low, Level: respond.Automatic, Under: now, At: noon}
	fine := respond.Weather{Under: now}
	guarded := respond.Adjudged{Rung: low, At: later, Protected: "protected: a name of this estate"}
	for name, row := range map[string]struct {
		list []respond.Adjudged
		back []respond.Rollback
		w    respond.Weather
		want respond.Level
		says string
	}{
		"nothing happened":                  {nil, nil, fine, respond.Automatic, ""},
		"right ones":                        {proof(low, 100, now), nil, fine, respond.Automatic, ""},
		"wrong on a protected asset":        {[]respond.Adjudged{guarded}, nil, fine, respond.Recommend, "a name of this estate"},
		"that, before it was promoted":      {[]respond.Adjudged{{Rung: low, At: noon, Protected: "x"}}, nil, fine, respond.Automatic, ""},
		"that, on another rung":             {[]respond.Adjudged{{Rung: respond.Rung{Action: "block-ip", Stratum: "high"}, At: later, Protected: "x"}}, nil, fine, respond.Automatic, ""},
		"one wrong":                         {[]respond.Adjudged{{Rung: low, At: later}}, nil, fine, respond.Automatic, ""},
		"two wrong are drift":               {[]respond.Adjudged{{Rung: low, At: later}, {Rung: low, At: later}}, nil, fine, respond.Shadow, "drift"},
		"two wrong, long apart, are drift":  {slices.Concat([]respond.Adjudged{{Rung: low, At: later}}, proof(low, 20, now), []respond.Adjudged{{Rung: low, At: later.AddDate(1, 0, 0)}}), nil, fine, respond.Shadow, "drift"},
		"a drift alarm of closing":          {nil, nil, respond.Weather{Under: now, Drift: "drift alarm of yesterday"}, respond.Shadow, "yesterday"},
		"the kill switch":                   {nil, nil, respond.Weather{Under: now, Stopped: "$SOC_STOP is set"}, respond.Shadow, "$SOC_STOP"},
		"a new version":                     {nil, nil, respond.Weather{Under: before}, respond.Shadow, "another one"},
		"a failed rollback":                 {nil, []respond.Rollback{{Action: "block-ip", At: later, Failed: true}}, fine, respond.Shadow, "taking it back failed"},
		"a failed rollback of other things": {nil, []respond.Rollback{{Action: "block-domain", At: later, Failed: true}}, fine, respond.Automatic, ""},
		"a failed rollback from before":     {nil, []respond.Rollback{{Action: "block-ip", At: noon, Failed: true}}, fine, respond.Automatic, ""},
	} {
		got, fell := g.Demoted(row.list, row.back, row.w)
		if got.Level != row.want || fell != (row.want != respond.Automatic) || !strings.Contains(got.Because, row.says) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// Whatever happens, the machine raises nothing, and nothing that goes wrong allows more than before.
func TestTheLadderOnlyFalls(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	for range 60 {
		list := proof(low, r.IntN(3200), []string{now, before}[r.IntN(2)])
		back := rollbacks(r.IntN(30), time.Duration(r.IntN(70))*time.Second, now)
		m := respond.MeritOf(low, now, list, back)
		allowed, _ := m.Allows(low)
		worse, slower := list, back
		if r.IntN(2) == 0 {
			worse = append(slices.Clone(list), respond.Adjudged{Rung: low, At: noon.Add(time.Duration(r.IntN(4000)) * time.Minute)})
		} else {
			slower = append(slices.Clone(back), respond.Rollback{Action: "block-ip", Under: now, At: noon.Add(time.Hour), Failed: true})
		}
		m = respond.MeritOf(low, now, worse, slower)
		if after, _ := m.Allows(low); after > allowed {
			t.Fatalf("%s after something went wrong, %s before", after, allowed)
		}
		g := respond.Grade{Rung: low, Level: respond.Level(r.IntN(5)), Under: []string{now, before}[r.IntN(2)], At: noon.Add(time.Duration(r.IntN(3000)) * time.Minute)}
		w := respond.Weather{Under: now}
		if r.IntN(4) == 0 {
			w.Stopped = "pulled"
		}
		if d, fell := g.Demoted(worse, slower, w); d.Level > g.Level || fell && (d.Because == "" || d.Level == g.Level) || d.Rung != g.Rung {
			t.Fatalf("%+v became %+v", g, d)
		}
	}
}

// authority lets what it is told.
type authority struct {
	grade   respond.Grade
	err     error
	earlier string
}

func (a *authority) Grade(context.Context, respond.Rung, string) (respond.Grade, error) {
	return a.grade, a.err
}

func (a *authority) Earlier(context.Context, *respond.Plan, *respond.Item) (string, error) {
	return a.earlier, nil
}

// Of everything that has to hold nothing may be missing: whatever the level, the plan and the grade say, no driver is told anything
// without level 4 under the version in force, for a confirmed threat of a low case, reversible and over within four hours.
func TestNothingIsDoneAloneWithoutLevelFour(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 8))
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	often := func(v, other string) string { // mostly v, so that all of it holds at times
		if r.IntN(5) > 0 {
			return v
		}
		return other
	}
	did, refused := 0, 0
	for n := range 4000 {
		action := often("block-ip", "block-domain")
		target := respond.Target{Type: respond.IP, Value: fmt.Sprintf("9.9.%d.%d", n/250, 1+n%250)}
		if action == "block-domain" {
			target = respond.Target{Type: respond.Domain, Value: fmt.Sprintf("evil-%d.example.net", n)}
		}
		severity := often("low", pick(respond.Strata()...))
		set := respond.Settings{Author: "soc", Now: noon, Purpose: respond.Purpose(often(string(respond.Alone), pick("", "shadow", "drill")))}
		ttl := []time.Duration{0, time.Hour, 5 * time.Hour}[r.IntN(3)]
		set.Hands = func(_ string, t respond.Target) (respond.Hand, bool) {
			return respond.Hand{Driver: "d", TTL: ttl, Under: often(now, before), State: respond.State{Image: "image of " + t.Value}}, true
		}
		p := respond.Propose(respond.Situation{Case: "c-1", Severity: severity, Wants: []respond.Want{{Action: action, Target: target, Why: "a test", Confirmed: often("a feed says so", "")}}}, set)
		a := &authority{grade: respond.Grade{Rung: respond.Rung{Action: often(action, "block-url"), Stratum: often(severity, "low")}, Level: respond.Level(r.IntN(7)), Under: often(now, before)}}
		if r.IntN(10) == 0 {
			a.err = errors.New("nobody knows")
		}
		if r.IntN(10) == 0 {
			a.earlier = "a person took it back"
		}
		w := newWorld()
		if r.IntN(10) == 0 {
			w.stopped = "pulled"
		}
		list, err := w.crew().Alone(t.Context(), &p, a)
		if err != nil || len(list) != len(p.Items) {
			t.Fatal(err, list)
		}
		i := &p.Items[0]
		may := a.err == nil && a.earlier == "" && w.stopped == "" && p.Purpose == respond.Alone && a.grade.Level == respond.Automatic &&
			a.grade.Rung == respond.Rung{Action: action, Stratum: severity} && (severity == "low" || severity == "informational") &&
			a.grade.Under == i.Under && i.Confirmed != "" && i.Class == respond.Reversible && i.TTL > 0 && i.TTL <= 4*time.Hour
		if len(w.sent) > 0 != may || may != (list[0].Outcome == respond.Done) {
			t.Fatalf("sent %v, may %t: %+v %+v %+v", w.sent, may, a.grade, p, list)
		}
		if may {
			did++
		} else {
			refused++
		}
	}
	if did < 20 || refused < 20 {
		t.Errorf("%d done, %d refused: the test proves nothing", did, refused)
	}
}

// Somebody who writes the alerts decides how many cases there are and what they name: whatever they name, what is protected stays, what
// is done within an hour stays below half the cap, and people can always act.
func TestWeaponisedAlertsStayWithinTheCaps(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(9, 10))
	guard := respond.Guard{Targets: []string{"9.9.9.9"}, Domains: []string{"example.com"}}
	for range 25 {
		w := newWorld()
		c := w.crew()
		c.Guard, c.Limits = guard, respond.Limits{PerHour: 2 + r.IntN(40), Each: 1 + r.IntN(10)}
		half := max(1, c.Limits.PerHour/2)
		for n := range 40 {
			var wants []respond.Want
			for range 1 + r.IntN(30) {
				value := []string{fmt.Sprintf("9.8.%d.%d", r.IntN(250), r.IntN(250)), "9.9.9.9", "10.0.0.1", "0.0.0.0/0", "*", "", "127.0.0.1", "9.9.9.0/24", "9.0.0.0/8"}[r.IntN(9)]
				wants = append(wants, respond.Want{Action: "block-ip", Target: respond.Target{Type: respond.IP, Value: value}, Why: "an alert says so", Confirmed: "a feed says so"})
			}
			p := respond.Propose(respond.Situation{Case: fmt.Sprint("c-", n), Severity: "low", Wants: wants}, respond.Settings{
				Author: "soc", Now: w.clock, Purpose: respond.Alone, Guard: guard, Limits: c.Limits,
				Hands: func(_ string, t respond.Target) (respond.Hand, bool) {
					return respond.Hand{Driver: "d", Under: now, State: respond.State{Image: "image of " + t.Value}}, true
				},
			})
			if _, err := c.Alone(t.Context(), &p, &authority{grade: respond.Grade{Rung: low, Level: respond.Automatic, Under: now}}); err != nil {
				t.Fatal(err)
			}
			w.clock = w.clock.Add(time.Duration(r.IntN(600)) * time.Second)
		}
		for i := range w.steps {
			within := 0
			for j := range w.steps[:i+1] {
				if w.steps[i].Started.Sub(w.steps[j].Started) < time.Hour {
					within++
				}
			}
			if within > half {
				t.Fatalf("%d within an hour, the machine's half of the cap is %d", within, half)
			}
		}
		for target, on := range w.inForce {
			if on && (target == "9.9.9.9" || target == "10.0.0.1" || !strings.HasPrefix(target, "9.8.")) {
				t.Fatalf("%s was touched", target)
			}
		}
		if len(w.steps) == 0 {
			t.Fatal("nothing was done: the test proves nothing")
		}
		// A person is not kept from acting by what the machine did.
		if p := planOf("9.7.7.7"); apply(t, w, &p)[0].Outcome != respond.Done {
			t.Error("there is no room left for people")
		}
	}
}

// A promotion reads back as what was signed, whatever its figures.
func TestAPromotionReadsBackAsItWasSigned(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(11, 12))
	for range 2000 {
		p := respond.Promotion{
			Rung: low, Level: respond.Level(r.IntN(5)), Under: now, By: "maria", Key: "soc-ed25519:x", At: noon.Add(time.Duration(r.Int64N(1e15))), Signature: "s",
			Merit: respond.Merit{Right: r.IntN(9999), Now: r.IntN(9999), Wrong: r.IntN(9), Drills: r.IntN(2) * r.IntN(99), Slow: time.Duration(r.Int64N(int64(2 * time.Hour)))},
		}
		if p.Merit.Drills == 0 {
			p.Merit.Slow = 0
		}
		q, err := respond.ReadPromotion(p.AppendJSON(nil))
		if err != nil || string(q.Payload()) != string(p.Payload()) || q.Rung != p.Rung || q.Level != p.Level || !q.At.Equal(p.At) {
			t.Fatalf("%v\n%s\n%s", err, p.Payload(), q.Payload())
		}
	}
	for _, text := range []string{"", "{}", `{"kind":"promotion","version":1}`, `{"kind":"promotion","version":2,"level":1}`} {
		if _, err := respond.ReadPromotion([]byte(text)); !errors.Is(err, respond.ErrNoPromotion) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
