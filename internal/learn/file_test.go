package learn

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/sign"
	"github.com/seed-959697dd/soc/triage"
)

// lesson learns from one synthetic estate.
func lesson(t testing.TB, seed uint64, attacks, harmless int) *triage.Precedent {
	t.Helper()
	policy := triage.DefaultPolicy()
	p, err := Learn(newEstate(seed, false).history(attacks, harmless), settings(&policy))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func settings(policy *triage.Policy) Settings {
	return Settings{Alpha: simAlpha, Delta: simDelta, Now: time.Unix(120*86400, 0), Policy: policy, Checks: []string{"made"}, Inputs: []triage.Input{{Name: "decisions.ndjson", Digest: "sha256:00"}}}
}

func spelled(t testing.TB, p *triage.Precedent) []byte {
	t.Helper()
	text, err := Write(p)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestReadBack: what is written is read, and spelled the same again.
func TestReadBack(t *testing.T) {
	t.Parallel()
	for seed, size := range [][2]int{{400, 1500}, {60, 100}, {3, 200}, {200, 3}, {2, 0}, {0, 2}} {
		text := spelled(t, lesson(t, uint64(seed), size[0], size[1]))
		p, err := Read(text, nil)
		if err != nil {
			t.Errorf("%v: %v", size, err)
			continue
		}
		if p.Trusted != "" || !strings.HasPrefix(p.Digest, "sha256:") || !bytes.Equal(spelled(t, p), text) {
			t.Errorf("%v: trusted %q, digest %q, or spelled in another way", size, p.Trusted, p.Digest)
		}
	}
}

// TestEditedByHand refuses files of which a number was changed.
func TestEditedByHand(t *testing.T) {
	t.Parallel()
	text := spelled(t, lesson(t, 1, 400, 1500))
	rule := func(p *triage.Precedent, change func(*triage.Record)) {
		r := p.Rules["rule 3"]
		change(&r)
		p.Rules["rule 3"] = r
	}
	weight := func(p *triage.Precedent, key string, change func(*triage.Learned)) {
		l := p.Weights[key]
		change(&l)
		p.Weights[key] = l
	}
	for name, edit := range map[string]func(*triage.Precedent){
		"fewer misses":             func(p *triage.Precedent) { p.Strata[0].Groups.K = 0 },
		"more attacks":             func(p *triage.Precedent) { p.Strata[0].Groups.N *= 2 },
		"a smaller bound":          func(p *triage.Precedent) { p.Strata[0].Groups.Upper = 0.001 },
		"a stricter alpha":         func(p *triage.Precedent) { p.Certificate.Alpha = 0.001 },
		"a looser delta":           func(p *triage.Precedent) { p.Certificate.Delta = 0.2 },
		"delta of a stratum":       func(p *triage.Precedent) { p.Strata[0].Delta = 0.04 },
		"a negative delta":         func(p *triage.Precedent) { p.Strata[0].Delta = -0.01 },
		"a threshold off the grid": func(p *triage.Precedent) { p.Strata[0].Groups.Threshold++ },
		"a threshold beyond it":    func(p *triage.Precedent) { p.Strata[0].Groups.Threshold = 1_000_000 },
		"certified": func(p *triage.Precedent) {
			p.Strata[0].Incidents = triage.Bound{N: 20, Certified: true, Upper: Upper(0, 20, p.Strata[0].Delta)}
		},
		"more incidents than there": func(p *triage.Precedent) {
			b := &p.Strata[0].Incidents
			b.N += 1000
			b.Upper = Upper(b.K, b.N, p.Strata[0].Delta)
		},
		"the summary alone":         func(p *triage.Precedent) { p.Certificate.Groups.K++ },
		"a stratum twice":           func(p *triage.Precedent) { p.Strata = append(p.Strata, p.Strata[0]) },
		"a stratum for the highest": func(p *triage.Precedent) { p.Strata[0].Name = triage.Critical.String() },
		"no stratum":                func(p *triage.Precedent) { p.Strata = nil },
		"a rule's record": func(p *triage.Precedent) {
			rule(p, func(r *triage.Record) { r.Attacks, r.False = 0, r.Attacks+r.False })
		},
		"a rule's decisions":        func(p *triage.Precedent) { rule(p, func(r *triage.Record) { r.Decided += 300 }) },
		"a huge record":             func(p *triage.Precedent) { rule(p, func(r *triage.Record) { r.False = 1e300 }) },
		"a negative record":         func(p *triage.Precedent) { rule(p, func(r *triage.Record) { r.Attacks = -1 }) },
		"the base":                  func(p *triage.Precedent) { p.Base -= 1000 },
		"the strength":              func(p *triage.Precedent) { p.Strength *= 2 },
		"a weight":                  func(p *triage.Precedent) { weight(p, "made/vendor/2", func(l *triage.Learned) { l.Weight = -3000 }) },
		"the count behind a weight": func(p *triage.Precedent) { weight(p, "made/vendor/2", func(l *triage.Learned) { l.Attacks = 0 }) },
		"a weight's name":           func(p *triage.Precedent) { p.Weights["made/vendor/99999999"] = triage.Learned{} },
		"probabilities that fall":   func(p *triage.Precedent) { p.Calibration[0].Probability = 0.999 },
		"a probability of 0":        func(p *triage.Precedent) { p.Calibration[0].Probability = 0 },
		"scores out of order":       func(p *triage.Precedent) { p.Calibration[0].Score = 1 << 30 },
		"closed by more than all":   func(p *triage.Precedent) { p.Certificate.Closed = 1.5 },
		"all records":               func(p *triage.Precedent) { p.All.Attacks, p.All.False = 1, p.All.False+p.All.Attacks-1 },
	} {
		p := &triage.Precedent{}
		if err := json.Unmarshal(text, p); err != nil {
			t.Fatal(err)
		}
		edit(p)
		edited := spelled(t, p)
		if bytes.Equal(edited, text) {
			t.Errorf("%s: nothing was changed", name)
		}
		if got, err := Read(edited, nil); !errors.Is(err, ErrCertificate) || got != nil {
			t.Errorf("%s: %v", name, err)
		} else if strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %q is no line", name, err)
		}
	}
}

// TestNotOurs refuses what is no precedent, or one that this program cannot know.
func TestNotOurs(t *testing.T) {
	t.Parallel()
	text := string(spelled(t, lesson(t, 2, 200, 400)))
	for name, row := range map[string]struct {
		text string
		want error
	}{
		"nothing":          {"", ErrKind},
		"another document": {`{"kind":"verdict","version":1}`, ErrKind},
		"a list":           {"[]", ErrKind},
		"cut":              {text[:len(text)/2], ErrKind},
		"two":              {text + text, ErrKind},
		"a newer one":      {strings.Replace(text, `"version": 1`, `"version": 2`, 1), ErrNewer},
		"no version":       {strings.Replace(text, `"version": 1`, `"version": 0`, 1), ErrKind},
		"an unknown key":   {strings.Replace(text, `"version": 1`, `"version": 1, "speed": 9`, 1), ErrKind},
		"a number too big": {strings.Replace(text, `"half_life_days": 90`, `"half_life_days": 1e999`, 1), ErrKind},
		"not a number":     {strings.Replace(text, `"half_life_days": 90`, `"half_life_days": NaN`, 1), ErrKind},
	} {
		if p, err := Read([]byte(row.text), nil); !errors.Is(err, row.want) || p != nil {
			t.Errorf("%s: %v, want %v", name, err, row.want)
		}
	}
}

// TestSignature: an approver's makes the file trusted; a stranger's, a foreign one and one of another text do not pass.
func TestSignature(t *testing.T) {
	t.Parallel()
	maria, eve := keyOf(t, 1), keyOf(t, 2)
	approvers := sign.Approvers{{Name: "maria", Key: maria.Public().String()}}
	p := lesson(t, 3, 200, 400)
	payload, err := Payload(p)
	if err != nil {
		t.Fatal(err)
	}
	signed := func(by string, key sign.Key, context string, payload []byte) []byte {
		q := *p
		q.By, q.Signature = by, sign.Sign(key, context, payload)
		return spelled(t, &q)
	}
	got, err := Read(signed("maria", maria, Context, payload), approvers)
	if err != nil || got.Trusted != "maria" {
		t.Fatalf("trusted %+v: %v", got, err)
	}
	for name, text := range map[string][]byte{
		"a stranger":          signed("eve", eve, Context, payload),
		"in another's name":   signed("maria", eve, Context, payload),
		"for another purpose": signed("maria", maria, "soc policy rule v1", payload),
		"of another text":     signed("maria", maria, Context, append(payload, ' ')),
		"changed afterwards":  bytes.Replace(signed("maria", maria, Context, payload), []byte(`"labels": "estate"`), []byte(`"labels": "other"`), 1),
	} {
		if p, err := Read(text, approvers); !errors.Is(err, ErrSignature) || p != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func keyOf(t *testing.T, seed byte) sign.Key {
	t.Helper()
	key, err := sign.Generate(bytes.NewReader(bytes.Repeat([]byte{seed}, 64)))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// FuzzRead: no file ends the program, and what is accepted is accepted again.
func FuzzRead(f *testing.F) {
	f.Add(spelled(f, lesson(f, 4, 200, 300)))
	f.Add([]byte(`{"kind":"precedent","version":1,"certificate":{"alpha":0.02,"delta":0.05},"strata":[{"name":"all","delta":1e-320}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := Read(text, nil)
		if err != nil {
			return
		}
		if _, err := Read(spelled(t, p), nil); err != nil {
			t.Fatalf("accepted once only: %v", err)
		}
		policy := triage.DefaultPolicy()
		policy.Precedent = p
		e := newEstate(1, false)
		e.rng = rand.New(rand.NewPCG(1, 1))
		v := e.group(true, &profile{})
		triage.Decide(triage.Evidence{Signals: v.Signals, Pattern: v.Pattern}, &policy)
	})
}

// TestWhatIsLearnedIsRead: whatever the clock, and so however the counts have faded and were rounded, a precedent is read back.
func TestWhatIsLearnedIsRead(t *testing.T) {
	t.Parallel()
	policy := triage.DefaultPolicy()
	for i := range 300 {
		var s Set
		for n := range 40 {
			v := triage.Verdict{Rule: "r" + strconv.Itoa(n%7), Host: "h", Pattern: triage.Pattern{Alerts: 1 + n%3, Rule: "r" + strconv.Itoa(n%7), Format: "f", Trust: alert.Sensor}}
			s.Add(&v, Label{Disposition: triage.Disposition(1 + (n*n+i)%3), Incident: strconv.Itoa(n), At: time.Unix(int64(1_700_000_000+n*86_399), 0)})
		}
		p, err := Learn(&s, Settings{Alpha: 0.02, Delta: 0.05, Now: time.Unix(int64(1_720_000_000+i*7_919), 0), Policy: &policy})
		if err != nil {
			t.Fatal(err)
		}
		text, err := Write(p)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Read(text, nil); err != nil {
			t.Fatalf("%d: %v", i, err)
		}
	}
}
