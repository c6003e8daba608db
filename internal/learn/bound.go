package learn

import (
	"math"

	"gonum.org/v1/gonum/mathext"

	"github.com/seed-959697dd/soc/triage"
)

// Upper is the Clopper-Pearson upper bound, at confidence 1-delta, of a rate of which k in n were seen: the quantile 1-delta of
// the beta distribution with parameters k+1 and n-k. Source: C. J. Clopper, E. S. Pearson, Biometrika 26 (1934).
func Upper(k, n int, delta float64) float64 {
	switch {
	case n <= 0 || k >= n:
		return 1
	case k == 0:
		return 1 - math.Pow(delta, 1/float64(n))
	}
	return mathext.InvRegIncBeta(float64(k+1), float64(n-k), 1-delta)
}

// AtLeast is the probability that k or more of n are seen where each is with a probability of rate.
func AtLeast(k, n int, rate float64) float64 {
	switch {
	case k <= 0:
		return 1
	case k > n:
		return 0
	}
	return mathext.RegIncBeta(float64(k), float64(n-k+1), rate)
}

// Needed is the least n of which none may be seen for the bound to be at most alpha.
func Needed(alpha, delta float64) int {
	return int(math.Ceil(math.Log(delta)/math.Log1p(-alpha) - 1e-9))
}

// The grid of thresholds in milli-nats, from the safest upwards. It is fixed, so that no threshold is chosen by what was seen.
const (
	gridFrom = -20_000
	gridTo   = 5_000
	gridStep = 50
)

// sequence tests the thresholds of the grid from the safest upwards and stops at the first that fails: the error of all tests
// together is at most delta. missed tells how many of the n attacks lie below a threshold. Source: P. Bauer, "Multiple testing in
// clinical trials", Statistics in Medicine 10 (1991), on testing in a fixed order.
func sequence(n int, alpha, delta float64, missed func(t triage.Weight) int) triage.Bound {
	b := triage.Bound{N: n, Upper: Upper(0, n, delta)}
	for t := triage.Weight(gridFrom); t <= gridTo; t += gridStep {
		k := missed(t)
		u := Upper(k, n, delta)
		if u > alpha {
			break
		}
		b.Certified, b.Threshold, b.K, b.Upper = true, t, k, u
	}
	if !b.Certified {
		b.Needs = max(1, Needed(alpha, delta)-n)
	}
	return b
}
