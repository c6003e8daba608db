package learn

import (
	"maps"
	"slices"

	"github.com/seed-959697dd/soc/triage"
)

// Measure says how well judgements fit what is known to be true, in memory that does not grow. Its zero value is empty.
type Measure struct {
	Attacks, Others int
	Caught, Alarmed int // of either kind, called an attack: probability of 0.5 or more
	Shut            int // attacks that are closed or would be
	scores          map[triage.Weight]*[2]int
	brier           float64
}

// scoreStep is the width of a bin of scores in milli-nats. Scores that share a bin count as equal.
const scoreStep = 5

// Add counts one judgement.
func (m *Measure) Add(j *triage.Judgement, attack bool) {
	if m.scores == nil {
		m.scores = map[triage.Weight]*[2]int{}
	}
	bin := m.scores[j.Score/scoreStep]
	if bin == nil {
		bin = new([2]int)
		m.scores[j.Score/scoreStep] = bin
	}
	y := 0.0
	if attack {
		bin[1]++
		y = 1
	} else {
		bin[0]++
	}
	m.brier += (j.Probability - y) * (j.Probability - y)
	said := j.Probability >= 0.5
	switch {
	case attack:
		m.Attacks++
		m.Caught += one(said)
		m.Shut += one(j.Route == triage.Closed || j.WouldClose)
	default:
		m.Others++
		m.Alarmed += one(said)
	}
}

// Merge adds what another has counted.
func (m *Measure) Merge(o *Measure) {
	if m.scores == nil {
		m.scores = map[triage.Weight]*[2]int{}
	}
	m.Attacks, m.Others, m.Caught, m.Alarmed, m.Shut = m.Attacks+o.Attacks, m.Others+o.Others, m.Caught+o.Caught, m.Alarmed+o.Alarmed, m.Shut+o.Shut
	m.brier += o.brier
	for score, n := range o.scores {
		if bin := m.scores[score]; bin != nil {
			bin[0], bin[1] = bin[0]+n[0], bin[1]+n[1]
		} else {
			c := *n
			m.scores[score] = &c
		}
	}
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// Len is how many judgements were counted.
func (m *Measure) Len() int { return m.Attacks + m.Others }

// Accuracy is the share that was called what it is.
func (m *Measure) Accuracy() float64 {
	return float64(m.Caught+m.Others-m.Alarmed) / float64(max(1, m.Len()))
}

// Brier is the mean squared error of the probabilities.
func (m *Measure) Brier() float64 { return m.brier / float64(max(1, m.Len())) }

// AUC is the chance that an attack scores higher than something else, ties counting half; ok is false without both kinds.
func (m *Measure) AUC() (auc float64, ok bool) {
	if m.Attacks == 0 || m.Others == 0 {
		return 0, false
	}
	var below, sum float64
	for _, score := range sortedScores(m.scores) {
		n := m.scores[score]
		sum += float64(n[1]) * (below + float64(n[0])/2)
		below += float64(n[0])
	}
	return sum / (float64(m.Attacks) * float64(m.Others)), true
}

// Missed is the share of the attacks that are closed or would be, with the 95 % Clopper-Pearson upper bound.
func (m *Measure) Missed() (share, upper float64) {
	return float64(m.Shut) / float64(max(1, m.Attacks)), Upper(m.Shut, m.Attacks, 0.05)
}

func sortedScores(m map[triage.Weight]*[2]int) []triage.Weight { return slices.Sorted(maps.Keys(m)) }
