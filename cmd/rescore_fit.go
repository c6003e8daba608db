package cmd

import (
	"maps"
	"math"
	"slices"

	"github.com/seed-959697dd/soc/internal/learn"
	"github.com/seed-959697dd/soc/triage"
)

// fit counts how verdicts fit what is known to be true, in whole numbers only: whatever batches they came in, and wherever a run was
// cut and resumed, the sums are the same. Its zero value is empty.
type fit struct {
	Bins    map[int32]*[8]int64 // by score in steps of five milli-nats; see Add
	Squares int64               // of the errors of the probabilities, in units of 1e-9
}

// binStep is as wide as the bins of learn.Measure; farthest bounds their number, whatever a document claims.
const (
	binStep  = 5
	farthest = 500_000
	unit     = 1e9
)

// The bits of a count's place in its bin.
const (
	fitAttack = 1 << iota
	fitCalled // an attack, with a probability of 0.5 or more
	fitShut   // closed, or would be
)

// Add counts one judgement.
func (f *fit) Add(j *triage.Judgement, attack bool) {
	if f.Bins == nil {
		f.Bins = map[int32]*[8]int64{}
	}
	at, truth := 0, 0.0
	if attack {
		at, truth = fitAttack, 1
	}
	if j.Probability >= 0.5 {
		at |= fitCalled
	}
	if j.Route == triage.Closed || j.WouldClose {
		at |= fitShut
	}
	f.bin(max(-farthest, min(farthest, j.Score)) / binStep)[at]++
	off := max(0, min(1, j.Probability)) - truth
	f.Squares += int64(math.Round(off * off * unit))
}

func (f *fit) bin(score int32) *[8]int64 {
	b := f.Bins[score]
	if b == nil {
		b = new([8]int64)
		f.Bins[score] = b
	}
	return b
}

// Merge adds what another has counted.
func (f *fit) Merge(o *fit) {
	if f.Bins == nil {
		f.Bins = map[int32]*[8]int64{}
	}
	for score, counts := range o.Bins {
		b := f.bin(score)
		for i, n := range counts {
			b[i] += n
		}
	}
	f.Squares += o.Squares
}

// measured is a fit, read: learn.Measure's formulas over the counts.
type measured struct {
	learn.Measure
	brier float64
}

// Brier is the mean squared error of the probabilities.
func (m *measured) Brier() float64 { return m.brier }

// measure reads the counts.
func (f *fit) measure() *measured {
	m := &measured{}
	for _, score := range slices.Sorted(maps.Keys(f.Bins)) {
		for at, n := range f.Bins[score] {
			j := triage.Judgement{Score: score * binStep, Probability: float64(at & fitCalled), WouldClose: at&fitShut != 0}
			for range n {
				m.Add(&j, at&fitAttack != 0)
			}
		}
	}
	m.brier = float64(f.Squares) / unit / float64(max(1, m.Len()))
	return m
}
