package learn_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/seed-959697dd/soc/internal/learn"
	"github.com/seed-959697dd/soc/triage"
)

// TestProof counts the clean audits that certify, and shows that the certificate keeps its promise when nothing is to be certified.
func TestProof(t *testing.T) {
	t.Parallel()
	clean := learn.Audit{Q: learn.LeastAudited}
	for _, row := range []struct {
		alpha float64
		want  int
	}{{0.05, 62}, {0.02, 152}, {0.01, 302}, {0.001, 2998}} {
		n := 0
		for e := 1.0; e < 1/0.05; n++ {
			e = learn.Prove(e, clean, row.alpha, learn.Lambda)
		}
		if n != row.want {
			t.Errorf("alpha %v: certified after %d clean audits, want %d", row.alpha, n, row.want)
		}
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for _, near := range []bool{false, true} { // attacks anywhere, or all of them where audits are frequent
		wrong := 0
		const runs = 1000
		for range runs {
			e := 1.0
			for i := 0; i < 1500 && e < 1/0.05; i++ {
				e = learn.Prove(e, drawAudit(rng, 0.02, near), 0.02, learn.Lambda)
			}
			if e >= 1/0.05 {
				wrong++
			}
		}
		if wrong > runs*6/100 {
			t.Errorf("near %v: %d of %d estates at the very bound were certified", near, wrong, runs)
		}
	}
}

// drawAudit draws closed groups, a tenth of them near the threshold, until one is audited. A share of rate of all of them are attacks.
func drawAudit(rng *rand.Rand, rate float64, near bool) learn.Audit {
	for {
		close := rng.Float64() < 0.1
		q, p := learn.LeastAudited, rate
		if close {
			q = learn.MostAudited
		}
		if near {
			p = 0
			if close {
				p = 10 * rate
			}
		}
		if rng.Float64() < q {
			return learn.Audit{Attack: rng.Float64() < p, Q: q}
		}
	}
}

// TestDriftAlarm: finds in a row raise it, a long calm does not deafen it.
func TestDriftAlarm(t *testing.T) {
	t.Parallel()
	a := 1.0
	for range 100_000 {
		a = learn.Drift(a, learn.Audit{Q: 0.01}, 0.001)
	}
	if a >= learn.AlarmAt || a <= 0 {
		t.Fatalf("calm: %v", a)
	}
	found := 0
	for ; a < learn.AlarmAt; found++ {
		a = learn.Drift(a, learn.Audit{Attack: true, Q: 0.2}, 0.001)
	}
	if found != 2 {
		t.Errorf("alarm after %d finds, want 2", found)
	}
	if got := learn.Tolerated(0.02, 100, 400); math.Abs(got-0.001) > 1e-12 {
		t.Errorf("tolerated %v", got)
	}
	if got := learn.Tolerated(0.5, 1e9, 1); got != 0.2 {
		t.Errorf("tolerated %v", got)
	}
}

// TestAuditProbability: between its bounds, falling with the distance from the threshold.
func TestAuditProbability(t *testing.T) {
	t.Parallel()
	last := learn.MostAudited
	for score := triage.Weight(5000); score >= -40_000; score -= 100 {
		q := learn.AuditProbability(score, -1000)
		if q < learn.LeastAudited || q > last {
			t.Fatalf("score %d: %v after %v", score, q, last)
		}
		last = q
	}
	if last != learn.LeastAudited || learn.AuditProbability(-1000, -1000) != learn.MostAudited {
		t.Errorf("far below %v", last)
	}
	if q := learn.AuditProbability(math.MinInt32, math.MaxInt32); q != learn.LeastAudited {
		t.Errorf("extremes: %v", q)
	}
}

// TestAudited: as many as asked for, always the same ones, others under another key, and who is picked at 1 % is picked at 20 %.
func TestAudited(t *testing.T) {
	t.Parallel()
	const n = 20_000
	picked, same := 0, 0
	for i := range n {
		id := fmt.Sprint("v-", i)
		few, many := learn.Audited([]byte("key"), id, 0.01), learn.Audited([]byte("key"), id, 0.20)
		if few && !many || few != learn.Audited([]byte("key"), id, 0.01) {
			t.Fatalf("%s: picked at 1 %%: %v, at 20 %%: %v", id, few, many)
		}
		if many {
			picked++
			if learn.Audited([]byte("other"), id, 0.20) {
				same++
			}
		}
	}
	if picked < 3700 || picked > 4300 || same < 600 || same > 1000 {
		t.Errorf("%d of %d picked, %d of them under another key too", picked, n, same)
	}
	if learn.Audited(nil, "v", 0) || !learn.Audited(nil, "v", 1) {
		t.Error("0 picks, or 1 does not")
	}
}

// TestOmission: the estimate is unbiased and its interval covers, for any mixture of probabilities, also when nothing is found.
func TestOmission(t *testing.T) {
	t.Parallel()
	if e, low, high := learn.Omission(nil, 10_000, 0.05); e != 0 || low != 0 || math.Abs(high-0.036889) > 1e-4 {
		t.Errorf("nothing found: %v %v %v", e, low, high) // -ln(0.025) finds at 1 % among 10,000
	}
	if _, _, high := learn.Omission(nil, 0, 0.05); high != 1 {
		t.Errorf("nothing closed: %v", high)
	}
	rng := rand.New(rand.NewPCG(3, 4))
	const runs, closed, rate = 300, 20_000, 0.004
	sum, covered := 0.0, 0
	for range runs {
		var audits []learn.Audit
		for range closed {
			q := learn.AuditProbability(-triage.Weight(rng.IntN(5000)), 0)
			if rng.Float64() < q {
				audits = append(audits, learn.Audit{Attack: rng.Float64() < rate, Q: q})
			}
		}
		e, low, high := learn.Omission(audits, closed, 0.05)
		sum += e
		if low <= rate && rate <= high && low <= e && e <= high {
			covered++
		}
	}
	if mean := sum / runs; mean < 0.0036 || mean > 0.0044 {
		t.Errorf("mean estimate %v of %v", mean, rate)
	}
	if covered < runs*94/100 {
		t.Errorf("%d of %d intervals cover", covered, runs)
	}
}
