package baseline_test

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/estate/baseline"
)

// The file says what was learned, not how: in which order, in which batches.
func TestSameEventsSameBytes(t *testing.T) {
	t.Parallel()
	records := ordinary()
	want := file(t, learn(t, baseline.Options{}, nil, records...))
	r := rand.New(rand.NewPCG(1, 2))
	for range 3 {
		r.Shuffle(len(records), func(i, j int) { records[i], records[j] = records[j], records[i] })
		l := baseline.NewLearner(baseline.Options{})
		var f baseline.Facts
		for i, record := range records {
			f.Add(parse(t, record), nil, on(300, 0))
			if i%7 == 0 {
				l.Take(&f)
				f.Reset()
			}
		}
		l.Take(&f)
		if !bytes.Equal(file(t, l.Baseline(nil)), want) {
			t.Fatal("another order gave another file")
		}
	}
}

func TestLearningAgainAddsNothingTwice(t *testing.T) {
	t.Parallel()
	records := ordinary()
	half := len(records) / 2 // at the end of a day
	whole := file(t, learn(t, baseline.Options{}, nil, records...))
	first, second := learn(t, baseline.Options{}, nil, records[:half]...), learn(t, baseline.Options{}, nil, records[half:]...)
	for name, b := range map[string]*baseline.Baseline{
		"the same events again":             learn(t, baseline.Options{}, learn(t, baseline.Options{}, nil, records...), records...),
		"day after day":                     learn(t, baseline.Options{}, first, records[half:]...),
		"the past later":                    learn(t, baseline.Options{}, second, records[:half]...),
		"a file that has grown since":       learn(t, baseline.Options{}, learn(t, baseline.Options{}, nil, records[:half+3]...), records...),
		"a part of what is known":           learn(t, baseline.Options{}, learn(t, baseline.Options{}, nil, records...), records[half:half+3]...),
		"nothing, into what is known":       learn(t, baseline.Options{}, learn(t, baseline.Options{}, nil, records...)),
		"what is known, into an empty file": learn(t, baseline.Options{}, learn(t, baseline.Options{}, nil), records...),
	} {
		if !bytes.Equal(file(t, b), whole) {
			t.Errorf("%s: not what learning everything at once gives", name)
		}
	}
}

func TestCrowdedIsNeverNew(t *testing.T) {
	t.Parallel()
	var records []string
	for day := range 20 {
		for i := range 3 {
			ip := "10." + string(rune('0'+day%8)) + "." + string(rune('0'+i)) + ".1"
			records = append(records, cloudCall(on(day, 8), "alice", ip, "s3", "ListBuckets", "eu-west-1"))
		}
	}
	strange := cloudCall(on(20, 8), "alice", "203.0.113.9", "s3", "ListBuckets", "eu-west-1")
	if got := said(t, learn(t, baseline.Options{}, nil, records...), strange); got == "" {
		t.Fatal("24 networks are not many")
	}
	few := baseline.Options{Limits: baseline.Limits{Values: 20}}
	b := learn(t, few, nil, records...)
	if got := said(t, b, strange); got != "" {
		t.Errorf("said %q", got)
	}
	d := b.Describe()
	if d.Crowded != 2 || strings.Join(d.Crowds, ", ") != "addresses of user alice, networks of user alice" {
		t.Errorf("%+v", d)
	}
	// It stays crowded, whatever is learned after.
	if got := said(t, learn(t, baseline.Options{}, b, records[0]), strange); got != "" {
		t.Errorf("after learning again said %q", got)
	}
	// Two halves that are not crowded are together.
	half := len(records) / 2
	if d := learn(t, few, learn(t, few, nil, records[:half]...), records[half:]...).Describe(); d.Crowded != 2 {
		t.Errorf("in two halves: %+v", d)
	}
}

// Every limit of the whole makes for silence, not for a larger file and not for false news.
func TestLimitsOfTheWhole(t *testing.T) {
	t.Parallel()
	records := ordinary()
	strange := []string{
		cloudCall(on(20, 8), "alice", "203.0.113.9", "iam", "CreateUser", "ap-east-1"),
		started(on(20, 8), "ws-12", `C:\Temp\rclone.exe`, `C:\Windows\System32\services.exe`),
		connected(on(20, 8), "10.1.2.3", "203.0.113.99"),
	}
	full := learn(t, baseline.Options{}, nil, records...)
	size := full.Describe().Values
	for name, l := range map[string]baseline.Limits{
		"series": {Series: 3}, "values": {Total: 5}, "days": {Days: 30}, "text": {Text: 60},
	} {
		b := learn(t, baseline.Options{Limits: l}, nil, records...)
		if d := b.Describe(); d.Values >= size || l.Total > 0 && d.Values > l.Total {
			t.Errorf("%s: %d of %d values", name, d.Values, size)
		}
		for _, record := range strange {
			for _, s := range signals(t, b, record) {
				if !strings.Contains(said(t, full, record), s.Sentence) {
					t.Errorf("%s: %q is said only because there was no room", name, s.Sentence)
				}
			}
		}
	}
}

func TestTally(t *testing.T) {
	t.Parallel()
	l := baseline.NewLearner(baseline.Options{Until: on(10, 0)})
	call := cloudCall(on(1, 8), "alice", "192.0.2.7", "s3", "ListBuckets", "eu-west-1")
	for _, record := range []string{
		call,
		strings.Replace(call, "{", `{"errorCode":"AccessDenied",`, 1),
		strings.Replace(call, "2026-", "1996-", 1),
		strings.Replace(call, "2026-", "2036-", 1),
		strings.Replace(call, "eventTime", "someTime", 1),
		connected(on(1, 8), "203.0.113.7", "203.0.113.8"),
	} {
		l.Add(parse(t, record))
	}
	if got, want := l.Tally(), (baseline.Tally{Read: 6, Used: 1, Refused: 1, Untimed: 3, Silent: 1}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// A nightly run must not make the file grow for ever.
func TestOldDaysAreForgotten(t *testing.T) {
	t.Parallel()
	old := cloudCall(on(0, 8), "zoe", "192.0.2.7", "s3", "ListBuckets", "eu-west-1")
	recent := cloudCall(on(400, 8), "alice", "192.0.2.7", "s3", "ListBuckets", "eu-west-1")
	l := baseline.NewLearner(baseline.Options{})
	for _, record := range []string{old, recent} {
		a := parse(t, record)
		l.Add(a)
	}
	d := l.Baseline(nil).Describe()
	if d.Users != 1 || d.Forgotten != 1 || d.From != d.To || d.From != "2027-02-09" {
		t.Errorf("%+v", d)
	}
}

// Learner.Add keeps nothing of the alert: its strings are views into memory that serves the next one.
func TestNothingIsKeptOfAnAlert(t *testing.T) {
	t.Parallel()
	records := ordinary()
	want := file(t, learn(t, baseline.Options{}, nil, records...))
	set, err := formats()
	if err != nil {
		t.Fatal(err)
	}
	l := baseline.NewLearner(baseline.Options{})
	parser, room := set.NewParser(), make([]byte, 4096)
	for _, record := range records {
		raw := room[:copy(room, record)]
		var a alert.Alert
		if _, err := parser.Parse(&a, raw, nil); err != nil {
			t.Fatal(err)
		}
		l.Add(&a)
		clear(room)
	}
	if !bytes.Equal(file(t, l.Baseline(nil)), want) {
		t.Error("what was learned changed with the memory it was read from")
	}
}
