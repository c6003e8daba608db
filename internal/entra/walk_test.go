package entra_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/internal/entra"
)

// list is a service with a list: it clamps pages, may hand out links, sorts unless told otherwise, and lets items change while it is walked.
type list struct {
	t      *testing.T
	items  []entra.Item
	group  map[string]string // severity by id
	clamp  int
	links  bool
	skips  int
	chaos  bool // unsorted
	change func(asked int)
	asked  int
}

var day = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

func (l *list) page(_ context.Context, a entra.Ask) (entra.Page, error) {
	l.asked++
	if l.asked > 10_000 {
		l.t.Fatal("it does not end")
	}
	if l.change != nil {
		l.change(l.asked)
	}
	filter, skip := a.Filter, a.Skip
	if a.Link != "" {
		filter, _, _ = strings.Cut(a.Link, "#")
		skip, _ = strconv.Atoi(a.Link[strings.IndexByte(a.Link, '#')+1:])
	} else if skip > l.skips {
		return entra.Page{}, errors.New("answered 400")
	}
	var hits []entra.Item
	for _, i := range l.items {
		if l.meets(i, filter) {
			hits = append(hits, i)
		}
	}
	slices.SortStableFunc(hits, func(x, y entra.Item) int { return x.At.Compare(y.At) })
	if l.chaos {
		slices.Reverse(hits)
	}
	hits = hits[min(skip, len(hits)):]
	p := entra.Page{Items: slices.Clone(hits[:min(l.clamp, len(hits))])}
	if l.links && len(hits) > l.clamp {
		p.Link = filter + "#" + strconv.Itoa(skip+l.clamp)
	}
	return p, nil
}

func (l *list) meets(i entra.Item, filter string) bool {
	for c := range strings.SplitSeq(filter, " and ") {
		f := strings.Fields(c)
		if f[0] == "severity" {
			if l.group[i.ID] != f[2] {
				return false
			}
			continue
		}
		at, err := time.Parse(time.RFC3339Nano, f[2])
		if err != nil || f[0] != "changed" {
			l.t.Fatalf("filter %q", filter)
		}
		ok := map[string]bool{"ge": !i.At.Before(at), "gt": i.At.After(at), "lt": i.At.Before(at), "eq": i.At.Equal(at)}[f[1]]
		if !ok {
			return false
		}
	}
	return true
}

func (l *list) walk(w entra.Walk) (got []string, lacks []string) {
	l.t.Helper()
	w.Field, w.Page, w.Skips = "changed", l.page, l.skips
	last := time.Time{}
	lacks, err := w.Do(l.t.Context(), func(i entra.Item) error {
		if i.At.Before(last) {
			l.t.Errorf("%s comes after a later change", i.ID)
		}
		last = i.At
		got = append(got, i.ID+"@"+entra.Moment(i.At))
		return nil
	})
	if err != nil {
		l.t.Fatal(err)
	}
	return got, lacks
}

// Law: whatever the clamp, the ties and the links, each item within the window is found once, the oldest change first.
func TestEverythingIsFoundOnce(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for n := range 200 {
		l := &list{t: t, clamp: 1 + r.IntN(12), links: r.IntN(2) == 0, skips: 500, group: map[string]string{}}
		spread := 1 + r.IntN(60)
		var want []string
		for i := range r.IntN(120) {
			at := day.Add(time.Duration(r.IntN(spread)) * 1_234_500)
			l.items = append(l.items, entra.Item{ID: fmt.Sprint("i", i), At: at})
			if !at.Before(day.Add(2_469_000)) && at.Before(day.Add(50_000_000)) {
				want = append(want, fmt.Sprintf("i%d@%s", i, entra.Moment(at)))
			}
		}
		w := entra.Walk{From: day.Add(2_469_000), To: day.Add(50_000_000), Linked: l.links && r.IntN(2) == 0}
		if w.Linked {
			l.skips = 0
		}
		got, lacks := l.walk(w)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) || len(lacks) > 0 {
			t.Fatalf("round %d, pages of %d, links %v: %d items, want %d; %q", n, l.clamp, l.links, len(got), len(want), lacks)
		}
	}
}

// Trap: what changes while a list is walked moves to its end, and with it everything behind moves to the page before.
func TestNothingIsSteppedOverWhileItemsChange(t *testing.T) {
	t.Parallel()
	for _, links := range []bool{false, true} {
		l := &list{t: t, clamp: 10, links: links, skips: 500}
		for i := range 100 {
			l.items = append(l.items, entra.Item{ID: fmt.Sprint("i", i), At: day.Add(time.Duration(i) * time.Second)})
		}
		l.change = func(asked int) {
			if asked > 1 && asked < 8 { // those of the first page
				l.items[asked].At = day.Add(time.Hour).Add(time.Duration(asked) * time.Second)
			}
		}
		got, lacks := l.walk(entra.Walk{})
		for i := range 100 {
			if !slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, fmt.Sprintf("i%d@", i)) }) {
				t.Errorf("links %v: i%d was stepped over", links, i)
			}
		}
		if len(got) != 106 || len(lacks) > 0 {
			t.Errorf("links %v: %d found, %q", links, len(got), lacks)
		}
	}
}

// Trap: one moment has more items than a page holds, and $skip ends at 500. It neither loops nor loses; what is out of reach is told.
func TestMoreOfOneMomentThanAPageHolds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n, found int
		split    bool
		links    bool
		lack     bool
	}{
		{1000, 1000, false, false, false},
		{1500, 1500, false, false, true},
		{2000, 1500, false, false, true},
		{2000, 2000, true, false, false},
		{4500, 3000, true, false, true},
		{4500, 4500, false, true, false},
	} {
		l := &list{t: t, clamp: 1000, links: c.links, skips: 500, group: map[string]string{}}
		for i := range c.n {
			id := fmt.Sprint("i", i)
			l.items, l.group[id] = append(l.items, entra.Item{ID: id, At: day}), []string{"low", "high"}[i%2]
		}
		l.items = append(l.items, entra.Item{ID: "after", At: day.Add(time.Nanosecond * 100)})
		w := entra.Walk{From: day.Add(-time.Hour)}
		if c.split {
			w.Split = [][]string{{"severity eq low", "severity eq high"}}
		}
		got, lacks := l.walk(w)
		if len(got) != c.found+1 || (len(lacks) > 0) != c.lack {
			t.Errorf("%d at one moment, split %v, links %v: %d found, %q", c.n, c.split, c.links, len(got), lacks)
		}
	}
}

// Law: the newest first, as alerts come where nobody asks otherwise: each item is found once all the same, with links and without.
func TestAListThatIsNotSorted(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 8))
	for n := range 100 {
		l := &list{t: t, clamp: 2 + r.IntN(12), links: n%2 == 0, chaos: true, skips: 500}
		var want []string
		for i := range r.IntN(100) {
			at := day.Add(time.Duration(i)*time.Minute + time.Duration(r.IntN(1000))*time.Millisecond)
			l.items = append(l.items, entra.Item{ID: fmt.Sprint("i", i), At: at})
			want = append(want, fmt.Sprintf("i%d@%s", i, entra.Moment(at)))
		}
		got, lacks := l.walk(entra.Walk{From: day.Add(-time.Hour)})
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) || len(lacks) > 0 {
			t.Fatalf("round %d, pages of %d, links %v: %d of %d found, %q", n, l.clamp, l.links, len(got), len(want), lacks)
		}
	}
}

func TestWhatEndsAWalk(t *testing.T) {
	t.Parallel()
	stop := errors.New("stop")
	one, count := entra.Item{ID: "a", At: day}, 0
	for name, c := range map[string]struct {
		page func(entra.Ask) (entra.Page, error)
		says string
	}{
		"a page that does not come": {func(entra.Ask) (entra.Page, error) { return entra.Page{}, stop }, "stop"},
		"links in a circle":         {func(entra.Ask) (entra.Page, error) { return entra.Page{Items: []entra.Item{one}, Link: "x"}, nil }, "circle"},
		"links to the same for ever": {func(a entra.Ask) (entra.Page, error) {
			return entra.Page{Items: []entra.Item{one}, Link: a.Link + "x"}, nil
		}, "always has another page, and 51 in a row had nothing new"},
		"links to nothing for ever": {func(a entra.Ask) (entra.Page, error) { return entra.Page{Link: a.Link + "x"}, nil }, "nothing new"},
		"news for ever": {func(entra.Ask) (entra.Page, error) {
			count++
			return entra.Page{Items: []entra.Item{{ID: fmt.Sprint(count), At: day.Add(time.Duration(count) * time.Second)}}, Link: fmt.Sprint(count)}, nil
		}, "also after 50000"},
	} {
		w := entra.Walk{Field: "changed", Skips: 500, Page: func(_ context.Context, a entra.Ask) (entra.Page, error) { return c.page(a) }}
		if _, err := w.Do(t.Context(), func(entra.Item) error { return nil }); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	w := entra.Walk{Field: "changed", Page: func(context.Context, entra.Ask) (entra.Page, error) { return entra.Page{Items: []entra.Item{one}}, nil }}
	if _, err := w.Do(t.Context(), func(entra.Item) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("%v", err)
	}
	if lacks, err := w.Do(t.Context(), func(entra.Item) error { return nil }); err != nil || len(lacks) == 0 {
		t.Errorf("a service that answers the same for ever: %q, %v", lacks, err)
	}
}
