package respond_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/respond"
)

// What is foreseen is what becomes of each action, whatever stands against it, and foreseeing it changes nothing.
func TestWhatIsForeseenComesTrue(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	seen := map[respond.Prospect]int{}
	for n := range 400 {
		var list []string
		for i := range 1 + r.IntN(5) {
			list = append(list, fmt.Sprintf("9.9.%d.%d", n%250, 1+i))
		}
		p := planOf(list...)
		w := newWorld()
		for _, target := range list {
			w.inForce[target] = r.IntN(4) == 0
		}
		c := w.crew()
		switch r.IntN(6) {
		case 0:
			w.stopped = "somebody pulled it"
		case 1:
			c.Watched = func(context.Context) bool { return false }
		case 2:
			c.Limits.PerHour = 2
		case 3:
			c.Windows = []respond.Window{{From: noon.Add(-time.Hour), To: noon.Add(time.Hour), Covers: func(x respond.Target) bool { return x.Value == list[0] }}}
		case 4:
			c.Guard.Targets = list[:1]
		}
		if r.IntN(3) == 0 { // a run before has done some of it
			some := p
			some.Items = p.Items[:1]
			if _, err := w.crew().Apply(t.Context(), &some); err != nil {
				t.Fatal(err)
			}
		}
		before := slices.Clone(w.steps)
		forecast, err := c.Foresee(t.Context(), &p)
		if err != nil || len(forecast) != len(p.Items) || len(w.steps) != len(before) {
			t.Fatal(err, forecast)
		}
		receipts, err := c.Apply(t.Context(), &p)
		if err != nil {
			t.Fatal(err)
		}
		for i, f := range forecast {
			seen[f.Would]++
			came := receipts[i].Outcome
			switch {
			case f.Would == respond.WouldDo && came != respond.Done,
				f.Would == respond.WouldFind && came != respond.Already,
				f.Would == respond.WouldRefuse && (came != respond.RefusedOutcome || receipts[i].Detail != f.Because),
				f.Would == respond.WasBegun && !slices.ContainsFunc(before, func(s respond.Step) bool { return s.Item.ID == f.Action }):
				t.Fatalf("foreseen %s (%s), came %s (%s)", f.Would, f.Because, came, receipts[i].Detail)
			}
		}
	}
	for _, p := range []respond.Prospect{respond.WouldDo, respond.WouldFind, respond.WouldRefuse, respond.WasBegun} {
		if seen[p] == 0 {
			t.Errorf("%s was never foreseen: the test proves nothing of it", p)
		}
	}
}
