package learn

import (
	"cmp"
	"math"
	"slices"

	"github.com/seed-959697dd/soc/triage"
)

// enough is how many decided groups isotonic regression needs; below it, the two figures of a logistic curve are all that can be told.
const enough = 1000

// calibrate finds which score means which probability, from scores that never saw their group, and how far off that is on groups that the
// steps never saw either.
func calibrate(p *triage.Precedent, list []scored) {
	attacks := 0
	for _, s := range list {
		if s.attack {
			attacks++
		}
	}
	if attacks < 5 || len(list)-attacks < 5 {
		return
	}
	p.Calibration = curve(list)
	var told []forecast
	for fold := range folds {
		var rest, part []scored
		for _, s := range list {
			if s.fold == fold {
				part = append(part, s)
			} else {
				rest = append(rest, s)
			}
		}
		q := triage.Precedent{Calibration: curve(rest)}
		for _, s := range part {
			if prob, ok := q.Probability(s.score); ok {
				told = append(told, forecast{prob, s.attack})
			}
		}
	}
	p.Certificate.CalibrationError, p.Certificate.Brier = errorsOf(told)
}

func curve(list []scored) []triage.Point {
	if len(list) >= enough {
		return isotonic(list)
	}
	return logistic(list)
}

// isotonic is the pool-adjacent-violators fit of a rising step function, with one attack's and one other's weight spread over the
// ends so that no probability is 0 or 1. Source: M. Ayer et al., Annals of Mathematical Statistics 26 (1955).
func isotonic(list []scored) []triage.Point {
	sorted := slices.Clone(list)
	slices.SortFunc(sorted, func(a, b scored) int { return cmp.Compare(a.score, b.score) })
	type block struct {
		from            triage.Weight
		attacks, weight float64
	}
	var blocks []block
	for i := 0; i < len(sorted); {
		b := block{from: sorted[i].score}
		for ; i < len(sorted) && sorted[i].score == b.from; i++ {
			b.weight++
			if sorted[i].attack {
				b.attacks++
			}
		}
		blocks = append(blocks, b)
		for n := len(blocks); n > 1 && blocks[n-2].attacks*blocks[n-1].weight >= blocks[n-1].attacks*blocks[n-2].weight; n = len(blocks) {
			blocks[n-2].attacks += blocks[n-1].attacks
			blocks[n-2].weight += blocks[n-1].weight
			blocks = blocks[:n-1]
		}
	}
	points := make([]triage.Point, len(blocks))
	for i, b := range blocks {
		points[i] = triage.Point{Score: b.from, Probability: within(fine((b.attacks + 0.5) / (b.weight + 1)))}
	}
	for i := len(points) - 2; i >= 0; i-- { // the smoothing may not turn the order around
		points[i].Probability = min(points[i].Probability, points[i+1].Probability)
	}
	return points
}

func fine(f float64) float64 { return math.Round(f*1e6) / 1e6 }

// within keeps a probability off 0 and 1: a finite number of decisions proves neither.
func within(f float64) float64 { return min(max(f, 1e-6), 1-1e-6) }

// logistic is Platt's fit, tabulated. Source: J. Platt, "Probabilistic outputs for support vector machines" (1999), with the
// targets and the Newton steps of H.-T. Lin, C.-J. Lin, R. C. Weng, Machine Learning 68 (2007).
func logistic(list []scored) []triage.Point {
	var attacks, others float64
	for _, s := range list {
		if s.attack {
			attacks++
		} else {
			others++
		}
	}
	if attacks == 0 || others == 0 {
		return nil
	}
	high, low := (attacks+1)/(attacks+2), 1/(others+2)
	a, b := 1.0, math.Log((attacks+1)/(others+1))
	for range 50 {
		var ga, gb, haa, hab, hbb float64
		for _, s := range list {
			x, t := float64(s.score)/1000, low
			if s.attack {
				t = high
			}
			q := 1 / (1 + math.Exp(-a*x-b))
			d, v := q-t, q*(1-q)
			ga, gb = ga+d*x, gb+d
			haa, hab, hbb = haa+v*x*x, hab+v*x, hbb+v
		}
		haa, hbb = haa+1e-9, hbb+1e-9
		det := haa*hbb - hab*hab
		if det == 0 {
			break
		}
		da, db := (hbb*ga-hab*gb)/det, (haa*gb-hab*ga)/det
		step := min(1, 2/(math.Abs(da)+math.Abs(db)+1e-12))
		a, b = max(0, a-step*da), b-step*db
		if math.Abs(da)+math.Abs(db) < 1e-9 {
			break
		}
	}
	var points []triage.Point
	for t := triage.Weight(gridFrom); t <= -gridFrom; t += 250 {
		prob := within(fine(1 / (1 + math.Exp(-a*float64(t)/1000-b))))
		if n := len(points); n == 0 || points[n-1].Probability != prob {
			points = append(points, triage.Point{Score: t, Probability: prob})
		}
	}
	return points
}

// forecast is a probability and what came.
type forecast struct {
	probability float64
	attack      bool
}

// errorsOf is the expected calibration error over ten bins of equal size, and the Brier score.
func errorsOf(list []forecast) (ece, brier float64) {
	if len(list) == 0 {
		return 0, 0
	}
	slices.SortStableFunc(list, func(a, b forecast) int { return cmp.Compare(a.probability, b.probability) })
	for bin := range folds {
		part := list[bin*len(list)/folds : (bin+1)*len(list)/folds]
		var said, came float64
		for _, f := range part {
			y := 0.0
			if f.attack {
				y = 1
			}
			said, came = said+f.probability, came+y
			brier += (f.probability - y) * (f.probability - y)
		}
		ece += math.Abs(said - came)
	}
	n := float64(len(list))
	return fine(ece / n), fine(brier / n)
}
