package learn

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/seed-959697dd/soc/triage"
)

// cloud is scores whose chance of being an attack is the logistic of slope*score.
func cloud(rng *rand.Rand, n int, slope float64) []scored {
	list := make([]scored, n)
	for i := range list {
		x := triage.Weight(3000 * rng.NormFloat64())
		list[i] = scored{group: i, score: x, attack: rng.Float64() < logisticOf(slope*float64(x)/1000-1), fold: i % folds}
	}
	return list
}

// TestCurvesRise: both curves rise, and no probability is 0 or 1, whatever they are made of.
func TestCurvesRise(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 1))
	for round := range 200 {
		list := cloud(rng, 2+rng.IntN(300), 4*rng.NormFloat64()) // falling ones too
		if round%5 == 0 {
			for i := range list {
				list[i].score = triage.Weight(rng.IntN(3)) * 1_000_000 // ties, far apart
			}
		}
		for name, points := range map[string][]triage.Point{"isotonic": isotonic(list), "logistic": logistic(list)} {
			if err := rises(points); err != nil {
				t.Fatalf("%s of %d: %v", name, len(list), err)
			}
		}
	}
}

// TestCurvesFit: both find the curve that the scores came from.
func TestCurvesFit(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(2, 2))
	for name, row := range map[string]struct {
		curve func([]scored) []triage.Point
		n     int
		off   float64
	}{"logistic": {logistic, 900, 0.08}, "isotonic": {isotonic, 20_000, 0.08}} {
		p := triage.Precedent{Calibration: row.curve(cloud(rng, row.n, 1))}
		for x := triage.Weight(-4000); x <= 6000; x += 500 {
			got, ok := p.Probability(x)
			if want := logisticOf(float64(x)/1000 - 1); !ok || math.Abs(got-want) > row.off {
				t.Errorf("%s: at %d %v, want %v", name, x, got, want)
			}
		}
	}
}

// TestLogisticNeverFalls: where attacks score lower than the rest, the best rising curve is level.
func TestLogisticNeverFalls(t *testing.T) {
	t.Parallel()
	points := logistic(cloud(rand.New(rand.NewPCG(3, 3)), 500, -2))
	if err := rises(points); err != nil {
		t.Error(err)
	}
	if logistic([]scored{{score: 1}, {score: 2}}) != nil {
		t.Error("a curve of one kind only")
	}
}

// TestErrors: forecasts that are right on average have no calibration error, those that are always wrong have all of it.
func TestErrors(t *testing.T) {
	t.Parallel()
	var right, wrong []forecast
	for i := range 1000 {
		right = append(right, forecast{0.25, i%4 == 0})
		wrong = append(wrong, forecast{float64(i % 2), i%2 == 0})
	}
	if ece, brier := errorsOf(right); ece > 1e-9 || math.Abs(brier-0.1875) > 1e-9 {
		t.Errorf("right: %v %v", ece, brier)
	}
	if ece, brier := errorsOf(wrong); ece != 1 || brier != 1 {
		t.Errorf("wrong: %v %v", ece, brier)
	}
	if ece, brier := errorsOf(nil); ece != 0 || brier != 0 {
		t.Errorf("none: %v %v", ece, brier)
	}
}

// TestCalibrationIsHonest: the error that is told is that on groups which the curve never saw, and small where the curve fits.
func TestCalibrationIsHonest(t *testing.T) {
	t.Parallel()
	p := &triage.Precedent{}
	calibrate(p, cloud(rand.New(rand.NewPCG(4, 4)), 5000, 1))
	if len(p.Calibration) < 5 || p.Certificate.CalibrationError > 0.03 || p.Certificate.Brier < 0.02 || p.Certificate.Brier > 0.25 {
		t.Errorf("%d steps, error %v, Brier %v", len(p.Calibration), p.Certificate.CalibrationError, p.Certificate.Brier)
	}
	few := &triage.Precedent{}
	calibrate(few, []scored{{score: 1, attack: true}, {score: 0}})
	if few.Calibration != nil {
		t.Error("a calibration from two groups")
	}
}
