package splunk

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/investigate"
)

// covering is what an index holds within a window. Every hop of an investigation asks about the same one.
type covering struct {
	from, to time.Time
	list     []investigate.Covered
}

// buckets is into how many parts a window is cut; each has two moments, of which a Covered takes 4,096.
const buckets = 1000

// cover finds out what there is to be searched within the window. An open window has no end to count to: nothing is said of it.
func (s *search) cover() error {
	from, to := s.q.From.Truncate(wide), s.q.To.Add(wide-1).Truncate(wide)
	if s.lost || s.q.From.IsZero() || s.q.To.IsZero() || !from.Before(to) {
		return nil
	}
	s.c.mu.Lock()
	known := s.c.covered
	s.c.mu.Unlock()
	if !known.from.Equal(from) || !known.to.Equal(to) || known.list == nil {
		var err error
		if known, err = s.look(from, to); err != nil || known.list == nil {
			return err
		}
		s.c.mu.Lock()
		s.c.covered = known
		s.c.mu.Unlock()
	}
	s.answer.Covered = append(s.answer.Covered, known.list...)
	return nil
}

func (s *search) look(from, to time.Time) (covering, error) {
	span := max(time.Minute, (to.Sub(from) / buckets).Round(time.Minute))
	spl := fmt.Sprintf("| tstats count where %s by index _time span=%ds", s.base(), int(span.Seconds()))
	k := covering{from: from, to: to, list: []investigate.Covered{}}
	at := map[string]*investigate.Covered{}
	gaps := len(s.answer.Gaps)
	warned, err := s.c.export(s.ctx, inquiry{spl: spl, from: from, to: to}, func(row gjson.Result) error {
		name := s.c.set.Name + ": index " + row.Get("index").String()
		c := at[name]
		if c == nil {
			c = &investigate.Covered{Input: name}
			at[name] = c
		}
		n, _ := strconv.ParseInt(row.Get("count").String(), 10, 64)
		c.Records += n
		if t := moment(row.Get("_time")); !t.IsZero() && n > 0 {
			c.Times = append(c.Times, t, t.Add(span-time.Second)) // somewhere between the two
		}
		return nil
	})
	if s.ctx.Err() != nil {
		return covering{}, s.ctx.Err()
	}
	for _, w := range warned {
		s.gap(alert.Partial, "splunk warns about what there is to be searched: "+w)
	}
	if err != nil {
		s.gap(alert.Partial, "what there was to be searched is not known: "+err.Error())
		return covering{}, nil
	}
	for _, c := range at {
		slices.SortFunc(c.Times, time.Time.Compare)
		k.list = append(k.list, *c)
	}
	slices.SortFunc(k.list, func(a, b investigate.Covered) int { return strings.Compare(a.Input, b.Input) })
	if len(s.answer.Gaps) > gaps {
		s.answer.Covered = append(s.answer.Covered, k.list...) // not kept: who asks again is to hear of it again
		return covering{}, nil
	}
	return k, nil
}
