package kql

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/investigate"
)

// coverage is which tables have rows in a window. It is asked once for all questions about the window.
type coverage struct {
	covered []investigate.Covered
	tables  []*Table
}

const (
	steps = 512 // of a window; at most two moments each, and one row in an answer that is cut somewhere
	kept  = 64  // windows that are remembered
)

// look finds out which tables have rows in the window. When that fails all of them are asked.
func (r *search) look(ctx context.Context) []*Table {
	key := [2]time.Time{r.from, r.to}
	r.s.mu.Lock()
	c := r.s.seen[key]
	r.s.mu.Unlock()
	if c == nil {
		var parts []string
		var all []*Table
		for i := range r.s.Tables {
			all = append(all, &r.s.Tables[i])
			parts = append(parts, r.s.spread(&r.s.Tables[i], r.from, r.to, r.to.Sub(r.from)/steps))
		}
		result, err := r.s.Ask(ctx, union(parts), r.from, r.to)
		if err != nil || result.Fault != "" {
			r.failed("which tables have records", all, result, err)
			return all
		}
		c = r.s.coverage(result.Rows)
		r.s.mu.Lock()
		if r.s.seen == nil || len(r.s.seen) >= kept {
			r.s.seen = map[[2]time.Time]*coverage{}
		}
		r.s.seen[key] = c
		r.s.mu.Unlock()
	}
	r.answer.Covered = append(r.answer.Covered, c.covered...)
	var none []string
	for i := range r.s.Tables {
		if !slices.Contains(c.tables, &r.s.Tables[i]) {
			none = append(none, r.s.Tables[i].Name)
		}
	}
	if len(none) > 0 {
		r.gap(alert.Unconfigured, "these tables have no record, or are not there, "+Span(r.from, r.to)+": "+strings.Join(none, ", "))
	}
	return c.tables
}

func (s *Source) coverage(rows [][]byte) *coverage {
	times, counts := map[string][]time.Time{}, map[string]int64{}
	for _, row := range rows {
		v := gjson.ParseBytes(row)
		name := v.Get(mark).Str
		counts[name] += v.Get("soc_n").Int()
		for _, end := range []string{"soc_first", "soc_last"} {
			if at, err := time.Parse(time.RFC3339Nano, v.Get(end).Str); err == nil {
				times[name] = append(times[name], at)
			}
		}
	}
	c := &coverage{}
	for i := range s.Tables {
		name := s.Tables[i].Name
		if counts[name] == 0 {
			continue
		}
		slices.SortFunc(times[name], time.Time.Compare)
		at := slices.CompactFunc(times[name], time.Time.Equal)
		c.tables = append(c.tables, &s.Tables[i])
		c.covered = append(c.covered, investigate.Covered{Input: s.Name + "/" + name, Times: at, Records: counts[name]})
	}
	return c
}
