package sigma_test

import (
	"encoding/json"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/alert/stream"
	"github.com/seed-959697dd/soc/internal/sigma"
	"github.com/seed-959697dd/soc/triage"
)

// TestTree measures a tree of rules by hand: SOC_SIGMA_RULES names it, SOC_SIGMA_EVENTS a file or directory of records. A record of the
// form {"rule_id": ..., "event": ...} names the rule that must match; of any other each match is told.
func TestTree(t *testing.T) {
	name, events := os.Getenv("SOC_SIGMA_RULES"), os.Getenv("SOC_SIGMA_EVENTS")
	if name == "" || events == "" {
		t.Skip("SOC_SIGMA_RULES and SOC_SIGMA_EVENTS name no files")
	}
	trees := []sigma.Tree{sigma.At(name)}
	if name == "own" {
		trees[0] = sigma.Own()
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	start := time.Now()
	set, skipped, err := sigma.Load(sigma.Options{}, trees...)
	if err != nil {
		t.Fatal(err)
	}
	took := time.Since(start)
	runtime.GC()
	runtime.ReadMemStats(&after)
	t.Logf("%d rules, %d skipped, %v, %d MiB", set.Len(), len(skipped), took, (after.HeapAlloc-before.HeapAlloc)>>20)
	for _, s := range skipped {
		t.Logf("skipped %v", s)
	}
	records := readRecords(t, events)
	tell(t, set, records)
	start = time.Now()
	rounds := 0
	for time.Since(start) < 3*time.Second {
		for i := range records {
			set.Check(&records[i].alert, func(triage.Signal) {})
		}
		rounds++
	}
	t.Logf("%.0f records a second", float64(rounds*len(records))/time.Since(start).Seconds())
}

type record struct {
	alert  alert.Alert
	wanted string
}

// tell compares what matches with what must, and tells the rest.
func tell(t *testing.T, set *sigma.Set, records []record) {
	loaded, matched, missing, expected := map[string]bool{}, 0, 0, 0
	for _, r := range set.Rules() {
		loaded[r.ID] = true
	}
	for i := range records {
		r, found := &records[i], false
		list := set.Match(&r.alert)
		for _, m := range list {
			found = found || m.Rule.ID == r.wanted
			if r.wanted == "" {
				t.Logf("%s:%d %s: %s (%s) %v", r.alert.Input.Name, r.alert.Input.Line, r.alert.Format, m.Rule.Title, m.Rule.Level, m.Fields)
			}
			for _, f := range m.Fields {
				if !(alert.Ref{Path: f.Path, Value: f.Value}).Holds(r.alert.View) {
					t.Errorf("%s: %s does not hold %q", m.Rule.Title, f.Path, f.Value)
				}
			}
		}
		matched += min(1, len(list))
		switch {
		case r.wanted == "":
		case !loaded[r.wanted]:
			missing++
		case !found:
			t.Errorf("record %d: rule %s does not match", i+1, r.wanted)
			fallthrough
		default:
			expected++
		}
	}
	t.Logf("%d records, %d with a match, %d with an expected rule, %d whose rule is not there", len(records), matched, expected, missing)
}

func readRecords(t *testing.T, name string) (list []record) {
	set, err := formats()
	if err != nil {
		t.Fatal(err)
	}
	sources, err := stream.Expand([]string{name}, nil)
	if err != nil {
		t.Fatal(err)
	}
	p := set.NewParser()
	for _, src := range sources {
		err := stream.Read(t.Context(), src, stream.Limits{}, func(b stream.Batch) error {
			for _, line := range b.Records {
				var named struct {
					RuleID string          `json:"rule_id"`
					Rule   json.RawMessage `json:"sigma_path"`
					Event  json.RawMessage `json:"event"`
				}
				var r record
				raw := line.Raw
				if json.Unmarshal(raw, &named) == nil && named.Rule != nil {
					raw, r.wanted = named.Event, named.RuleID
				}
				if _, err := p.Parse(&r.alert, raw, line.View); err == nil {
					r.alert = *r.alert.Clone()
					r.alert.Input = alert.Place{Name: b.Input, Line: line.Line}
					list = append(list, r)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return list
}
