package splunk

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/web"
	"github.com/seed-959697dd/soc/investigate"
)

const (
	together = 50        // terms that one search asks for
	longest  = 16 << 10  // bytes of its clauses
	mostRows = 100_000   // rows that one question brings, unless the settings say otherwise
	wide     = time.Hour // what is said of a window is said of whole hours
)

// wanted is a term on its way.
type wanted struct {
	term   int
	spl    string
	values []string // folded, of which a record must hold one
	host   string   // likewise, empty: any
	rows   int64    // that met it in the search at hand
}

// Search implements investigate.Source. Terms are asked for together; a record is handed over once, and counts for every term that it holds. Of a term
// that met more than the query wants, the further records are counted over there and stay there.
func (c *Client) Search(ctx context.Context, q investigate.Query, found func(*alert.Alert) error) (investigate.Answer, error) {
	s := &search{c: c, ctx: ctx, q: q, found: found, met: map[alert.Digest]bool{}, parser: c.set.Formats.NewParser(), left: map[string]int{}}
	s.answer.Counts = make([]int64, len(q.Terms))
	for _, batch := range s.batches() {
		if err := s.ask(batch); err != nil {
			return s.answer, err
		}
		if s.lost {
			break
		}
	}
	for _, why := range slices.Sorted(maps.Keys(s.left)) {
		s.gap(alert.Partial, fmt.Sprintf("%d values were not searched: %s", s.left[why], why))
	}
	if s.unread > 0 {
		s.gap(alert.Partial, fmt.Sprintf("%d records could not be read: %s", s.unread, s.whyUnread))
	}
	if err := s.cover(); err != nil {
		return s.answer, err
	}
	return s.answer, ctx.Err()
}

// search is one question.
type search struct {
	c      *Client
	ctx    context.Context //nolint:containedctx // a search lives as long as one question
	q      investigate.Query
	found  func(*alert.Alert) error
	answer investigate.Answer

	met       map[alert.Digest]bool // records that were handed over
	parser    *alert.Parser
	left      map[string]int // terms that are not asked for, by why
	unread    int
	whyUnread string
	lost      bool // nobody answers any more
}

func (s *search) gap(class alert.GapClass, reason string) {
	s.answer.Gaps = append(s.answer.Gaps, alert.Gap{Source: s.c.set.Name, Class: class, Reason: reason})
}

// batches puts the terms together.
func (s *search) batches() (list [][]*wanted) {
	var batch []*wanted
	size := 0
	for i, t := range s.q.Terms {
		spl, why := clause(t)
		if why != "" {
			s.left[why]++
			continue
		}
		w := &wanted{term: i, spl: spl, values: spellings(t.Value), host: fold(hostName(t.Host))}
		if len(batch) == together || size+len(spl) > longest && len(batch) > 0 {
			list, batch, size = append(list, batch), nil, 0
		}
		batch, size = append(batch, w), size+len(spl)
	}
	if len(batch) > 0 {
		list = append(list, batch)
	}
	return list
}

// ask asks for a batch. When it brings more than wanted, the terms that are common are counted apart, and the others asked for again without them.
func (s *search) ask(batch []*wanted) error {
	for len(batch) > 0 {
		for _, w := range batch {
			w.rows = 0
		}
		limit := s.room(len(batch))
		n := 0
		err := s.run(batch, func(row gjson.Result) error {
			if n == limit {
				return errEnough
			}
			n++
			return s.row(batch, row)
		})
		if !errors.Is(err, errEnough) {
			for _, w := range batch {
				s.answer.Counts[w.term] += w.rows
			}
			return err
		}
		many := func(w *wanted) bool { return s.q.Most > 0 && w.rows > int64(s.q.Most) }
		rest := slices.DeleteFunc(slices.Clone(batch), many)
		if len(rest) == len(batch) {
			for _, w := range batch {
				s.answer.Counts[w.term] += w.rows
			}
			s.gap(alert.Partial, fmt.Sprintf("more than %d records hold %s: the others were not read", limit, s.named(batch)))
			return nil
		}
		for _, w := range batch {
			if many(w) {
				if err := s.count(w); err != nil {
					return err
				}
			}
		}
		batch = rest
	}
	return nil
}

// room is how many rows a search may bring before somebody looks which of its terms is common.
func (s *search) room(terms int) int {
	limit := s.c.set.Limit
	if limit == 0 {
		limit = mostRows
	}
	if s.q.Most > 0 {
		limit = min(limit, 2*s.q.Most*terms+1)
	}
	return limit
}

// base is what is looked through. The alerts themselves, and the risk events that they are made of, are no logs unless somebody says so.
func (s *search) base() string {
	if len(s.c.indexes) == 0 {
		return "index=* NOT index=notable NOT index=risk"
	}
	list := make([]string, len(s.c.indexes))
	for i, name := range s.c.indexes {
		list[i] = "index=" + quote(name)
	}
	return "(" + strings.Join(list, " OR ") + ")"
}

func (s *search) inquiry(spl string) inquiry {
	q := inquiry{spl: spl, from: s.q.From, to: s.q.To}
	if !q.to.IsZero() {
		q.to = q.to.Add(time.Millisecond) // there it is excluded, here it is not
	}
	return q
}

func (s *search) run(batch []*wanted, each func(gjson.Result) error) error {
	list := make([]string, len(batch))
	for i, w := range batch {
		list[i] = w.spl
	}
	return s.heard(batch, s.inquiry("search "+s.base()+" ("+strings.Join(list, " OR ")+")"), each)
}

// heard runs a search whose troubles are gaps that say what was asked. The error is for what makes every further question pointless.
func (s *search) heard(batch []*wanted, q inquiry, each func(gjson.Result) error) error {
	var stopped error
	warned, err := s.c.export(s.ctx, q, func(row gjson.Result) error {
		stopped = each(row)
		return stopped
	})
	for _, w := range warned {
		s.gap(alert.Partial, "splunk warns about "+s.named(batch)+": "+w)
	}
	switch n := status(err); {
	case err == nil:
		return nil
	case stopped != nil:
		return stopped
	case s.ctx.Err() != nil:
		return s.ctx.Err()
	case n == http.StatusUnauthorized || n == http.StatusForbidden:
		return fmt.Errorf("searching %s: %w", s.c.set.Name, err)
	case errors.Is(err, ErrUnended), errors.Is(err, web.ErrCut):
		s.gap(alert.Partial, "asked for "+s.named(batch)+": "+err.Error())
	default:
		s.gap(alert.Failed, "asked for "+s.named(batch)+": "+err.Error())
		s.lost = n == 0 && !errors.Is(err, ErrSaid)
	}
	return nil
}

// count lets a common term be counted over there.
func (s *search) count(w *wanted) error {
	return s.heard([]*wanted{w}, s.inquiry("search "+s.base()+" "+w.spl+" | stats count"), func(row gjson.Result) error {
		n, err := strconv.ParseInt(row.Get("count").String(), 10, 64)
		if err == nil {
			s.answer.Counts[w.term] += n
		}
		return nil
	})
}
