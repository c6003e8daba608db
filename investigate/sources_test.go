package investigate_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/investigate"
)

// Logs that lie in several places make the case that they make in one, whatever place answers first.
func TestSeveralSourcesAreOne(t *testing.T) {
	t.Parallel()
	records, doc := twoHosts(t)
	want := consulted(t, &shelf{records: records}, doc, nil).AppendJSON(nil)
	var parts [3][]*alert.Alert
	for i, r := range records {
		parts[i%3] = append(parts[i%3], r)
	}
	for range 4 {
		src := investigate.Sources(investigate.Named{Source: &shelf{records: parts[0]}}, investigate.Named{Name: "siem", Source: &shelf{records: parts[1]}}, investigate.Named{Name: "edr", Source: &shelf{records: parts[2]}})
		if got := consulted(t, src, doc, nil).AppendJSON(nil); !bytes.Equal(got, want) {
			t.Fatalf("%s\n%s", got, want)
		}
	}
}

// One that fails is a gap by its name and is asked no more; what others lack carries their name; the case has what the rest has.
func TestASourceThatFailsIsAGap(t *testing.T) {
	t.Parallel()
	records, doc := twoHosts(t)
	bad := &shelf{fails: errors.New("401: no right to search")}
	lame := &shelf{gaps: []alert.Gap{{Check: "logs", Class: alert.Partial, Reason: "more than 10,000 matched"}}}
	k := consulted(t, investigate.Sources(investigate.Named{Source: &shelf{records: records}}, investigate.Named{Name: "siem", Source: bad}, investigate.Named{Name: "edr", Source: lame}), doc, nil)
	failed := alert.Gap{Check: "logs", Source: "siem", Class: alert.Failed, Reason: "not searched to the end, and not asked again: 401: no right to search"}
	if bad.asked != 1 || lame.asked < 2 || len(k.Events) == 0 || !slices.Contains(k.Gaps, failed) {
		t.Errorf("asked %d and %d times, %d events: %v", bad.asked, lame.asked, len(k.Events), k.Gaps)
	}
	if n := len(slices.DeleteFunc(slices.Clone(k.Gaps), func(g alert.Gap) bool { return g.Source != "edr" || !strings.HasPrefix(g.Reason, "more than") })); n != 1 {
		t.Errorf("%v", k.Gaps)
	}
}

// stuck waits for its context.
type stuck struct{}

func (stuck) Search(ctx context.Context, _ investigate.Query, _ func(*alert.Alert) error) (investigate.Answer, error) {
	<-ctx.Done()
	return investigate.Answer{}, ctx.Err()
}

// Whoever takes the records may end the search: all of it, also where a source still waits. So may whoever asked.
func TestASearchEnds(t *testing.T) {
	t.Parallel()
	records, _ := twoHosts(t)
	src := investigate.Sources(investigate.Named{Name: "a", Source: stuck{}}, investigate.Named{Name: "b", Source: &shelf{records: records}})
	full := errors.New("full")
	q := investigate.Query{Terms: []investigate.Term{{Kind: "user", Value: "alice"}}}
	if _, err := src.Search(t.Context(), q, func(*alert.Alert) error { return full }); !errors.Is(err, full) {
		t.Error(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := investigate.Sources(investigate.Named{Name: "a", Source: stuck{}}).Search(ctx, q, nil); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
