package triage_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

// oracle is a lookup that remembers what it was asked.
type oracle struct {
	mu    sync.Mutex
	asked []alert.Indicator
	look  func(ctx context.Context, n int, in []alert.Indicator) ([]triage.Finding, error) // nil knows a bad address; n counts from 1
	calls int
}

func (*oracle) Name() string { return "oracle" }

func (o *oracle) Look(ctx context.Context, in []alert.Indicator) ([]triage.Finding, error) {
	o.mu.Lock()
	o.calls++
	n := o.calls
	o.asked = append(o.asked, in...)
	o.mu.Unlock()
	if o.look != nil {
		return o.look(ctx, n, in)
	}
	return knows(in), nil
}

func (o *oracle) questions() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.asked)
}

const bad = "203.0.113.66"

func knows(in []alert.Indicator) (found []triage.Finding) {
	for i, q := range in {
		if q.Value == bad {
			found = append(found, triage.Finding{Indicator: i, Weight: 1200, Sentence: bad + " has been seen", Source: "page 7"})
		}
	}
	return found
}

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// about is an alert that holds values of one kind, all seen by a sensor.
func about(kind alert.EntityType, values ...string) *alert.Alert {
	a := &alert.Alert{}
	for i, v := range values {
		path := alert.NewPath("v", fmt.Sprint(i))
		a.Fields = append(a.Fields, alert.Field{Slot: alert.EntitySlot(alert.Source, kind), Trust: alert.Sensor, Path: path, Value: v})
	}
	return a
}

func desk(o *oracle, change func(*triage.DeskSettings, *triage.Service)) *triage.Desk {
	set := triage.DeskSettings{Now: func() time.Time { return noon }}
	s := triage.Service{Lookup: o, Types: []string{"ip"}}
	if change != nil {
		change(&set, &s)
	}
	return triage.NewDesk(set, s)
}

// TestAnAnswerIsASignal with its receipt, from the first question and from the cache alike.
func TestAnAnswerIsASignal(t *testing.T) {
	t.Parallel()
	o := &oracle{}
	var now time.Time
	d := desk(o, func(s *triage.DeskSettings, _ *triage.Service) { s.Now = func() time.Time { return now } })
	want := []triage.Signal{{
		Check: "oracle", Family: triage.Reputation, Trust: alert.Sensor, Weight: 1200, Sentence: bad + " has been seen",
		Receipts: []alert.Ref{{Path: "v.1", Value: bad, Source: "page 7, asked 2026-11-23T12:00:00Z"}},
	}}
	for after, questions := range map[time.Duration]int{0: 2, 5 * time.Hour: 2, -48 * time.Hour: 2} {
		now = noon
		d.Ask(t.Context(), about(alert.IP, "198.51.100.1", bad))
		now = noon.Add(after)
		signals, gaps := d.Ask(t.Context(), about(alert.IP, "198.51.100.1", bad))
		if diff := cmp.Diff(want, signals); diff != "" || len(gaps) > 0 || o.questions() != questions {
			t.Errorf("after %s: %d questions, gaps %v\n%s", after, o.questions(), gaps, diff)
		}
	}
	now = noon.Add(7 * time.Hour) // "nothing known" holds for six hours, an answer for a day
	if d.Ask(t.Context(), about(alert.IP, "198.51.100.1", bad)); o.questions() != 3 {
		t.Errorf("%d questions after seven hours", o.questions())
	}
	now = noon.Add(25 * time.Hour)
	if d.Ask(t.Context(), about(alert.IP, "198.51.100.1", bad)); o.questions() != 5 {
		t.Errorf("%d questions after a day", o.questions())
	}
}

// TestAttackersTextOnlyRaises: a service's good word about what an attacker wrote counts nothing.
func TestAttackersTextOnlyRaises(t *testing.T) {
	t.Parallel()
	good := func(_ context.Context, _ int, in []alert.Indicator) ([]triage.Finding, error) {
		return []triage.Finding{{Weight: -900, Sentence: in[0].Value + " is fine"}}, nil
	}
	for trust, want := range map[alert.Trust]triage.Weight{alert.Attacker: 0, alert.Sensor: -900} {
		a := about(alert.IP, bad)
		a.Fields[0].Trust = trust
		if signals, _ := desk(&oracle{look: good}, nil).Ask(t.Context(), a); len(signals) != 1 || signals[0].Weight != want {
			t.Errorf("%s: %+v", trust, signals)
		}
	}
}

// TestWhatLeaves: public indicators of the types the service may be told, in their canonical form, and nothing else of the alert.
func TestWhatLeaves(t *testing.T) {
	t.Parallel()
	inside := []string{
		"10.1.2.3", "172.20.0.1", "192.168.0.1", "127.0.0.1", "169.254.1.1", "100.64.0.1", "198.18.0.1", "0.1.2.3", "224.0.0.1", "255.255.255.255",
		"::1", "fe80::1", "fc00::1", "fec0::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "2001::a00:1", "198.51.100.130", "2001:db8:77::1",
	}
	types := []string{"ip", "domain", "url", "mail", "sha256", "cve"}
	for name, c := range map[string]struct {
		a    *alert.Alert
		want []string
	}{
		"addresses of one's own": {about(alert.IP, inside...), nil},
		"addresses":              {about(alert.IP, bad, "::ffff:192.0.2.1", "2001:DB8::1", "203.0.113.7%eth0", "203.0.113.7 or so"), []string{bad, "192.0.2.1", "2001:db8::1"}},
		"names": {
			about(alert.Domain, "Bad.Example.NET.", "dc01.corp.example.com", "corp.example.com", "notcorp.example.com", "printer.local", "4.3.2.1", "a b.example.net", "a..example.net", "host"),
			[]string{"bad.example.net", "notcorp.example.com"},
		},
		"links": {
			about(alert.URL, "https://bad.example.net/x?y=1#z", "http://203.0.113.66:8080/", "https://user:pw@bad.example.net/", "http://10.0.0.1/", "http://wiki.corp.example.com/"),
			[]string{"https://bad.example.net/x?y=1", "http://203.0.113.66:8080/"},
		},
		"mail":   {about(alert.Mail, "x@bad.example.net", "alice@corp.example.com", "a b@bad.example.net", "@bad.example.net"), []string{"x@bad.example.net"}},
		"hashes": {about(alert.Hash, strings.Repeat("AB", 32), strings.Repeat("XY", 32), strings.Repeat("ab", 16)), []string{strings.Repeat("ab", 32)}},
	} {
		o := &oracle{}
		d := desk(o, func(s *triage.DeskSettings, v *triage.Service) {
			s.PerAlert, v.Types, s.OwnDomains = 100, types, []string{".Corp.example.com"}
			s.Own = []netip.Prefix{netip.MustParsePrefix("198.51.100.128/25"), netip.MustParsePrefix("2001:db8:77::/48")}
		})
		if signals, gaps := d.Ask(t.Context(), c.a); len(gaps) > 0 {
			t.Errorf("%s: %v %v", name, signals, gaps)
		}
		var got []string
		for _, in := range o.asked {
			if got = append(got, in.Value); in.Path != "" {
				t.Errorf("%s: the path %s left", name, in.Path)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: asked about %q", name, got)
		}
	}
}

// TestACrowdedAlert: what a sensor saw is asked about before what an attacker wrote, and the rest is a gap.
func TestACrowdedAlert(t *testing.T) {
	t.Parallel()
	a := &alert.Alert{}
	for i := range 20 {
		f := alert.Field{Slot: alert.EntitySlot(alert.Related, alert.IP), Path: alert.NewPath("v", fmt.Sprint(i)), Value: fmt.Sprintf("203.0.113.%d", i+1)}
		if i == 19 {
			f.Trust = alert.Sensor
		}
		a.Fields = append(a.Fields, f)
	}
	o := &oracle{}
	_, gaps := desk(o, nil).Ask(t.Context(), a)
	want := []alert.Gap{{Check: "oracle", Class: alert.Partial, Reason: "not asked about 12 more indicators: 8 of an alert are"}}
	if len(o.asked) != 8 || o.asked[0].Value != "203.0.113.20" || !slices.Equal(gaps, want) {
		t.Errorf("%v %v", o.asked, gaps)
	}
}

// TestNoAnswerIsAGap, whatever the reason, and never "nothing known".
func TestNoAnswerIsAGap(t *testing.T) {
	t.Parallel()
	fail := func(err error) func(context.Context, int, []alert.Indicator) ([]triage.Finding, error) {
		return func(context.Context, int, []alert.Indicator) ([]triage.Finding, error) { return nil, err }
	}
	down := errors.New("it is down")
	type asks []string // the reasons after each alert, "" for none
	for name, c := range map[string]struct {
		look   func(context.Context, int, []alert.Indicator) ([]triage.Finding, error)
		change func(*triage.DeskSettings, *triage.Service)
		want   asks
		calls  int
	}{
		"it fails again and again": {fail(down), func(_ *triage.DeskSettings, s *triage.Service) { s.Failures = 2 }, asks{
			"no answer about 203.0.113.1: it is down", "no answer about 203.0.113.2: it is down",
			"no answer about 203.0.113.3: not asked any more: 2 failures in a row, the last: it is down",
		}, 2},
		"it fails between answers": {func(_ context.Context, n int, _ []alert.Indicator) ([]triage.Finding, error) {
			return nil, []error{nil, down}[n%2]
		}, func(_ *triage.DeskSettings, s *triage.Service) { s.Failures = 2 }, asks{"no answer about 203.0.113.1: it is down", "", "no answer about 203.0.113.3: it is down", "", "no answer about 203.0.113.5: it is down"}, 5},
		"it refuses for good": {fail(&triage.LookupError{Shut: true, Err: errors.New("the key is refused")}), nil, asks{
			"no answer about 203.0.113.1: the key is refused", "no answer about 203.0.113.2: not asked any more: the key is refused",
		}, 1},
		"it refuses for an hour": {fail(&triage.LookupError{Shut: true, After: time.Hour, Err: errors.New("quota")}), nil, asks{
			"no answer about 203.0.113.1: quota", "no answer about 203.0.113.2: not asked before 2026-11-23T13:00:00Z: quota",
		}, 1},
		"it refuses a question": {fail(&triage.LookupError{Err: errors.New("no such address")}), func(_ *triage.DeskSettings, s *triage.Service) { s.Failures = 1 }, asks{
			"no answer about 203.0.113.1: no such address", "no answer about 203.0.113.2: no such address",
		}, 2},
		"the questions are used up": {nil, func(_ *triage.DeskSettings, s *triage.Service) { s.Questions = 2 }, asks{"", "", "no answer about 203.0.113.3: the 2 questions of a run are used up"}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := &oracle{look: c.look}
			d := desk(o, c.change)
			for i, want := range c.want {
				signals, gaps := d.Ask(t.Context(), about(alert.IP, fmt.Sprintf("203.0.113.%d", i+1)))
				var wanted []alert.Gap
				if want != "" {
					wanted = []alert.Gap{{Check: "oracle", Class: alert.Failed, Reason: want}}
				}
				if !slices.Equal(gaps, wanted) || len(signals) > 0 {
					t.Errorf("alert %d: %v %v", i+1, signals, gaps)
				}
			}
			if o.calls != c.calls {
				t.Errorf("%d calls", o.calls)
			}
		})
	}
}

// TestHalfAnAnswer: what is known counts, the rest is a gap, and only the rest is asked about again.
func TestHalfAnAnswer(t *testing.T) {
	t.Parallel()
	o := &oracle{look: func(_ context.Context, n int, in []alert.Indicator) ([]triage.Finding, error) {
		if n > 1 {
			return knows(in), nil
		}
		return []triage.Finding{{Indicator: 0}, {Indicator: 1, Weight: 1200, Sentence: "seen"}, {Indicator: 9, Sentence: "not asked for"}}, errors.New("it hung up")
	}}
	d := desk(o, nil)
	a := about(alert.IP, "203.0.113.1", bad, "203.0.113.3", "203.0.113.4", "203.0.113.5", "203.0.113.6")
	signals, gaps := d.Ask(t.Context(), a)
	want := []alert.Gap{{Check: "oracle", Class: alert.Partial, Reason: "no answer about 203.0.113.3, 203.0.113.4, 203.0.113.5 and 1 more: it hung up"}}
	if len(signals) != 1 || !slices.Equal(gaps, want) {
		t.Errorf("%v %v", signals, gaps)
	}
	if signals, gaps = d.Ask(t.Context(), a); len(signals) != 1 || len(gaps) > 0 || o.questions() != 6+4 {
		t.Errorf("%d questions, %v %v", o.questions(), signals, gaps)
	}
}

// TestAPause: after it one failure is enough to shut again, and one answer opens.
func TestAPause(t *testing.T) {
	t.Parallel()
	now, down := noon, true
	o := &oracle{look: func(context.Context, int, []alert.Indicator) ([]triage.Finding, error) {
		if down {
			return nil, errors.New("down")
		}
		return nil, nil
	}}
	d := desk(o, func(set *triage.DeskSettings, s *triage.Service) {
		set.Now, s.Failures, s.Pause = func() time.Time { return now }, 3, time.Minute
	})
	n := 0
	ask := func(times int) int {
		for range times {
			n++
			d.Ask(t.Context(), about(alert.IP, fmt.Sprintf("203.0.113.%d", n)))
		}
		return o.questions()
	}
	got := []int{ask(10)}
	now = now.Add(2 * time.Minute)
	got = append(got, ask(10))
	now, down = now.Add(2*time.Minute), false
	got = append(got, ask(10))
	if want := []int{3, 4, 14}; !slices.Equal(got, want) {
		t.Errorf("asked %v", got)
	}
}

// TestManyJudges ask the same at once: it is asked once, at most so many at a time, and all get the answer.
func TestManyJudges(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var busy, most int
		var mu sync.Mutex
		count := func(n int) {
			mu.Lock()
			defer mu.Unlock()
			busy += n
			most = max(most, busy)
		}
		o := &oracle{look: func(_ context.Context, _ int, in []alert.Indicator) ([]triage.Finding, error) {
			count(1)
			defer count(-1)
			time.Sleep(time.Second)
			return knows(in), nil
		}}
		d := desk(o, func(_ *triage.DeskSettings, s *triage.Service) { s.Parallel = 3 })
		var wg sync.WaitGroup
		for i := range 50 {
			wg.Go(func() {
				if signals, gaps := d.Ask(t.Context(), about(alert.IP, bad, fmt.Sprintf("203.0.113.%d", i%10))); len(signals) != 1 || len(gaps) > 0 {
					t.Errorf("%v %v", signals, gaps)
				}
			})
		}
		wg.Wait()
		if o.questions() != 11 || most > 3 {
			t.Errorf("%d questions, %d at once", o.questions(), most)
		}
	})
}

// TestARunsTime: what is under way when it ends is a gap, and nothing is asked after.
func TestARunsTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := &oracle{look: func(ctx context.Context, n int, _ []alert.Indicator) ([]triage.Finding, error) {
			if n == 1 {
				time.Sleep(time.Second)
				return nil, nil
			}
			<-ctx.Done()
			return nil, ctx.Err()
		}}
		d := desk(o, func(set *triage.DeskSettings, _ *triage.Service) { set.Time = time.Minute })
		time.Sleep(time.Hour) // the run's time begins with the first question
		for i, want := range []string{"", "the 1m0s that a run has for questions are over", "the 1m0s that a run has for questions are over"} {
			_, gaps := d.Ask(t.Context(), about(alert.IP, fmt.Sprintf("203.0.113.%d", i)))
			if want == "" && len(gaps) > 0 || want != "" && (len(gaps) != 1 || !strings.HasSuffix(gaps[0].Reason, want)) {
				t.Errorf("alert %d: %v", i, gaps)
			}
		}
		if o.calls != 2 {
			t.Errorf("%d calls", o.calls)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, gaps := desk(&oracle{}, nil).Ask(ctx, about(alert.IP, bad)); len(gaps) != 1 || !strings.HasSuffix(gaps[0].Reason, "context canceled") {
			t.Errorf("an interrupted run: %v", gaps)
		}
	})
}

// TestMemoryIsBounded: the oldest answers go first.
func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	var m triage.Memory
	for i := range 70_000 {
		m.Store("s", "ip", fmt.Sprint(i), []byte("x"), noon)
		m.Store("s", "ip", "kept fresh is not the same as kept", []byte("x"), noon)
	}
	held := 0
	for i := range 70_000 {
		if _, _, ok := m.Recall("s", "ip", fmt.Sprint(i)); ok {
			held++
		}
	}
	if _, _, ok := m.Recall("s", "ip", "69999"); !ok || held > 1<<16 || held < 60_000 {
		t.Errorf("holds %d, the last %v", held, ok)
	}
}
