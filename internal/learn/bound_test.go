package learn_test

import (
	"math"
	"testing"

	"github.com/seed-959697dd/soc/internal/learn"
)

// TestClopperPearson: the published sizes at which k misses are few enough, each of them the least.
func TestClopperPearson(t *testing.T) {
	t.Parallel()
	const delta = 0.05
	for _, row := range []struct {
		alpha float64
		n     [4]int // for zero, one, two, three misses
	}{
		{0.05, [4]int{59, 93, 124, 153}},
		{0.02, [4]int{149, 236, 313, 386}},
		{0.01, [4]int{299, 473, 628, 773}},
		{0.005, [4]int{598, 947, 1258, 1549}},
		{0.001, [4]int{2995, 4742, 6294, 7752}},
	} {
		for k, n := range row.n {
			if u := learn.Upper(k, n, delta); u > row.alpha {
				t.Errorf("%d of %d: bound %v is above %v", k, n, u, row.alpha)
			}
			if u := learn.Upper(k, n-1, delta); u <= row.alpha {
				t.Errorf("%d of %d: bound %v, so %d would not be the least for %v", k, n-1, u, n, row.alpha)
			}
		}
		if got := learn.Needed(row.alpha, delta); got != row.n[0] {
			t.Errorf("needed for %v: %d, want %d", row.alpha, got, row.n[0])
		}
	}
}

// TestUpperIsABound: it solves its own equation, rises with misses, falls with size, and knows its ends.
func TestUpperIsABound(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 7, 60, 1000} {
		last := 0.0
		for k := 0; k <= n; k += max(1, n/13) {
			u := learn.Upper(k, n, 0.05)
			if u <= last || u > 1 || u < float64(k)/float64(n) {
				t.Fatalf("%d of %d: %v after %v", k, n, u, last)
			}
			if wider := learn.Upper(k, n, 0.01); wider < u {
				t.Errorf("%d of %d: more confidence gives %v, less %v", k, n, wider, u)
			}
			if k < n && math.Abs(atMost(k, n, u)-0.05) > 1e-6 {
				t.Errorf("%d of %d: at the bound %v so few are seen with probability %v", k, n, u, atMost(k, n, u))
			}
			last = u
		}
	}
	if learn.Upper(0, 0, 0.05) != 1 || learn.Upper(3, 3, 0.05) != 1 || learn.Upper(4, 3, 0.05) != 1 {
		t.Error("without data, or with nothing but misses, the bound is 1")
	}
}

func TestAtLeast(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 7, 60, 1000} {
		for k := range n + 2 {
			if got, want := learn.AtLeast(k, n, 0.02), 1-atMost(k-1, n, 0.02); math.Abs(got-want) > 1e-9 {
				t.Errorf("%d of %d: %v, want %v", k, n, got, want)
			}
		}
	}
}

// atMost is the probability of at most k of n.
func atMost(k, n int, p float64) (sum float64) {
	logOf := func(x int) float64 { l, _ := math.Lgamma(float64(x + 1)); return l }
	for i := range k + 1 {
		sum += math.Exp(logOf(n) - logOf(i) - logOf(n-i) + float64(i)*math.Log(p) + float64(n-i)*math.Log1p(-p))
	}
	return sum
}
