package investigate_test

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/check"
	"github.com/seed-959697dd/soc/investigate"
)

// twoHosts are the records of the story of two hosts, and the verdict its case begins with.
func twoHosts(t testing.TB) (list []*alert.Alert, doc string) {
	t.Helper()
	list = logs(t, "ws-11.ndjson", "srv-02.ndjson")
	at := slices.IndexFunc(list, func(a *alert.Alert) bool { return a.Input.Line == 14 })
	return list, verdictOf(list[at], "1a")
}

// all picks every pivot for every thing, and what does not exist.
func all(_ context.Context, quests []investigate.Quest) []investigate.Reply {
	replies := make([]investigate.Reply, len(quests))
	for i, q := range quests {
		replies[i].By = "m"
		for n := -1; n <= len(q.Things); n++ {
			for _, p := range append(investigate.Pivots(), investigate.Pivot{Name: "delete-everything"}) {
				if n < 0 || n >= len(q.Things) || p.Name == "account-logons" || p.Name == "account-actions" || p.Name == "host-logons" || p.Name == "address-elsewhere" {
					replies[i].Picks = append(replies[i].Picks, investigate.Pick{Pivot: p.Name, Thing: n})
				}
			}
		}
	}
	return replies
}

func consulted(t testing.TB, src investigate.Source, doc string, consult investigate.Consult) *investigate.Case {
	t.Helper()
	k := oneCase(t, doc)
	p := investigate.Pursuit{Checks: check.All(), Consult: consult}
	if err := p.Pursue(t.Context(), src, []*investigate.Case{k}); err != nil {
		t.Fatal(err)
	}
	k.Decode(func(string) []investigate.Script { return nil })
	k.Stand(nil)
	k.Conclude()
	return k
}

// What somebody else picks only adds: events behind those found by rule, each with who asked and why, and a part of the findings of their own.
// All else is to the byte what it is without.
func TestWhatIsAskedForOnlyAdds(t *testing.T) {
	t.Parallel()
	records, doc := twoHosts(t)
	alone := consulted(t, &shelf{records: records}, doc, nil)
	asked := consulted(t, &shelf{records: records}, doc, all)
	n := asked.Found()
	if n != len(alone.Events) || len(asked.Events) == n {
		t.Fatalf("%d events by rule, %d without, %d in all", n, len(alone.Events), len(asked.Events))
	}
	for i := range asked.Events[n:] {
		e := &asked.Events[n+i]
		if e.Asked != "m" || e.By != "asked" || !strings.HasPrefix(e.Why, "asked for by model m: ") {
			t.Errorf("event %d: %s by %s: %s", n+i+1, e.Asked, e.By, e.Why)
		}
		if i > 0 && e.Record.Time.Before(asked.Events[n+i-1].Record.Time) {
			t.Errorf("event %d stands behind a later one", n+i+1)
		}
	}
	told := 0
	asked.Findings = slices.DeleteFunc(asked.Findings, func(f investigate.Finding) bool {
		if f.Part == investigate.Asked {
			told++
		}
		return f.Part == investigate.Asked || f.Part == investigate.Unseen
	})
	alone.Findings = slices.DeleteFunc(alone.Findings, func(f investigate.Finding) bool { return f.Part == investigate.Unseen })
	asked.Events, asked.Gaps, alone.Gaps = asked.Events[:n], nil, nil
	if a, b := asked.AppendJSON(nil), alone.AppendJSON(nil); told == 0 || !bytes.Equal(a, b) {
		t.Errorf("%d sentences on what was asked for; the rest is not as it was:\n%s\n%s", told, a, b)
	}
}

// The order in which records come makes no difference, and what is asked for in the first round can be asked about in the second.
func TestAskingIsRepeatable(t *testing.T) {
	t.Parallel()
	records, doc := twoHosts(t)
	rounds := 0
	count := func(ctx context.Context, quests []investigate.Quest) []investigate.Reply {
		rounds++
		return all(ctx, quests)
	}
	want := consulted(t, &shelf{records: records}, doc, count).AppendJSON(nil)
	if rounds != 2 {
		t.Errorf("%d rounds", rounds)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 3 {
		mixed := slices.Clone(records)
		rng.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		if got := consulted(t, &shelf{records: mixed}, doc, all).AppendJSON(nil); !bytes.Equal(got, want) {
			t.Fatal("another case")
		}
	}
}

// Who fails leaves gaps and the case as it was; a source that fails fails the pursuit.
func TestAskingMayFail(t *testing.T) {
	t.Parallel()
	records, doc := twoHosts(t)
	gap := alert.Gap{Check: "model", Source: "m", Class: alert.Failed, Reason: "no answer in time"}
	k := consulted(t, &shelf{records: records}, doc, func(context.Context, []investigate.Quest) []investigate.Reply {
		return []investigate.Reply{{By: "m", Gaps: []alert.Gap{gap}}}
	})
	if !slices.Contains(k.Gaps, gap) || k.Found() != len(k.Events) {
		t.Errorf("%v", k.Gaps)
	}
	src := &shelf{records: records}
	p := investigate.Pursuit{Checks: check.All(), Consult: func(ctx context.Context, q []investigate.Quest) []investigate.Reply {
		src.fails = errors.New("gone")
		return all(ctx, q)
	}}
	if err := p.Pursue(t.Context(), src, []*investigate.Case{oneCase(t, doc)}); !errors.Is(err, src.fails) {
		t.Error(err)
	}
}

// Each question of the catalogue finds what it says, and not the rest.
func TestPivots(t *testing.T) {
	t.Parallel()
	for _, p := range investigate.Pivots() {
		if p.Sentence == "" || !slices.ContainsFunc([]string{"user", "host", "ip", "domain", "url", "file", "hash"}, p.Fits) {
			t.Errorf("%s: %q, about nothing", p.Name, p.Sentence)
		}
	}
	records, doc := twoHosts(t)
	for name, row := range map[string]struct{ typ, says string }{
		"host-logons": {"host", "logon"}, "account-logons": {"user", "logon"},
	} {
		k := consulted(t, &shelf{records: records}, doc, func(_ context.Context, quests []investigate.Quest) []investigate.Reply {
			r := investigate.Reply{By: "m"}
			for i, thing := range quests[0].Things {
				if thing.Type == row.typ {
					r.Picks = append(r.Picks, investigate.Pick{Pivot: name, Thing: i})
				}
			}
			return []investigate.Reply{r}
		})
		for i := range k.Events[k.Found():] {
			if e := &k.Events[k.Found()+i]; !strings.Contains(e.Summary, row.says) {
				t.Errorf("%s found %s", name, e.Summary)
			}
		}
		if name == "host-logons" && len(k.Events) == k.Found() {
			t.Errorf("%s found nothing", name)
		}
	}
}
