package entra

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Walk goes through what a list has, by the time of the last change, the oldest first.
//
// It asks again from the last change that it saw, rather than for the second page of the first question: an item that changes meanwhile moves
// to the end, so that whatever counts pages by position would step over as many others. What it saw of that moment it knows by its id. Only
// where one moment has more items than a page holds does it go on as the service offers: by its link, else by $skip as far as that goes, else
// by parts of the moment (Split). What cannot be reached even so is told.
type Walk struct {
	Field    string    // of the time, as filters spell it
	From, To time.Time // From is included, To is not; a zero To is open
	Query    string    // a further condition, as a person wrote it
	Skips    int       // the most that $skip may say; 0: there is none
	Linked   bool      // a page without a link is the last: the service never leaves one out
	// Split are conditions of which each item meets exactly one per list, tried one list after the other.
	Split [][]string
	// Page asks for one page.
	Page func(ctx context.Context, a Ask) (Page, error)
}

// Ask is what one page is asked by: the link alone where there is one.
type Ask struct {
	Filter string
	Skip   int
	Link   string
}

// Page is the items of an answer, and where it goes on.
type Page struct {
	Items []Item
	Link  string
}

// Item is one of a list.
type Item struct {
	ID  string
	At  time.Time // of the last change
	Raw []byte
}

// Moment writes a time as filters do.
func Moment(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.9999999Z") }

// walking is one walk at some point of it.
type walking struct {
	*Walk
	found   func(Item) error
	at      time.Time       // the last change seen
	until   time.Time       // an end before To, while a window is halved; zero: To
	wild    bool            // the service does not sort
	past    bool            // all of that moment is seen
	seen    map[string]bool // ids of that moment
	longest int             // of the pages so far
	links   map[string]bool
	asked   int // pages
	lacks   []string
}

// mostPages bounds a walk, and mostIdle how many pages behind a link in a row may have nothing that the walk has not seen: a list that goes
// on after that has no end. Azure's lists may have some empty pages.
const (
	mostPages = 50_000
	mostIdle  = 50
)

// errEndless ends a walk through a list without an end.
var errEndless = errors.New("the service always has another page")

// ask asks for one page more.
func (g *walking) ask(ctx context.Context, a Ask) (Page, error) {
	if g.asked++; g.asked > mostPages {
		return Page{}, fmt.Errorf("%w, also after %d", errEndless, mostPages)
	}
	return g.Page(ctx, a)
}

// Do calls found for each item, once for each time at which it was changed. lacks says what could not be reached. The error is Page's or
// found's.
func (w *Walk) Do(ctx context.Context, found func(Item) error) (lacks []string, err error) {
	g := &walking{Walk: w, found: found, at: w.From, seen: map[string]bool{}, links: map[string]bool{}}
	if g.at.IsZero() {
		g.at = time.Unix(0, 0)
	}
	for more := true; more && err == nil; {
		if more, err = g.step(ctx); !more && !g.until.IsZero() {
			g.at, g.past, g.seen, g.until, more = g.until, false, map[string]bool{}, time.Time{}, true
		}
	}
	return g.lacks, err
}

// step asks for what comes next. It is over when the answer has nothing new although it had room.
func (g *walking) step(ctx context.Context) (more bool, err error) {
	op := " ge "
	if g.past {
		op = " gt "
	}
	page, err := g.ask(ctx, Ask{Filter: g.filter(g.Field + op + Moment(g.at))})
	if err != nil || len(page.Items) == 0 && page.Link == "" {
		return false, err
	}
	g.longest = max(g.longest, len(page.Items))
	fresh := slices.DeleteFunc(slices.Clone(page.Items), g.before)
	if len(fresh) == 0 && page.Link == "" {
		if len(page.Items) == g.longest {
			g.lack("asked for what was changed since " + Moment(g.at) + ", the service answers with what was changed before")
		}
		return false, nil
	}
	rising := func(a, b Item) int { return a.At.Compare(b.At) }
	g.wild = g.wild || !slices.IsSortedFunc(fresh, rising)
	full := page.Link != "" || len(page.Items) == g.longest && latest(fresh).After(g.at)
	if len(fresh) == 0 || g.wild && (full || !slices.IsSortedFunc(fresh, rising)) {
		return g.unsorted(ctx, page)
	}
	if g.Linked && page.Link == "" {
		return false, g.hand(fresh)
	}
	last := fresh[len(fresh)-1].At
	if last.After(g.at) {
		return true, g.hand(fresh)
	}
	news := len(g.seen)
	if err := g.hand(fresh); err != nil {
		return false, err
	}
	if len(g.seen) == news && len(page.Items) < g.longest && page.Link == "" {
		return false, nil
	}
	if err := g.moment(ctx, page); err != nil {
		return false, err
	}
	g.past, g.seen = true, map[string]bool{}
	return true, nil
}

// before tells what a page has from before the point that the walk is at, as a service does that rounds times.
func (g *walking) before(i Item) bool { return i.At.Before(g.at) || g.past && i.At.Equal(g.at) }

func (g *walking) filter(when string, more ...string) string {
	parts := append([]string{when}, more...)
	to := g.To
	if !g.until.IsZero() {
		to = g.until
	}
	if !to.IsZero() {
		parts = append(parts, g.Field+" lt "+Moment(to))
	}
	if g.Query != "" {
		parts = append(parts, "("+g.Query+")")
	}
	return strings.Join(parts, " and ")
}

// hand hands on what was not seen, and moves on to its time.
func (g *walking) hand(items []Item) error {
	for _, i := range items {
		if i.At.After(g.at) {
			g.at, g.past, g.seen = i.At, false, map[string]bool{}
		}
		if g.seen[i.ID] {
			continue
		}
		g.seen[i.ID] = true
		if err := g.found(i); err != nil {
			return err
		}
	}
	return nil
}

// moment sees the rest of one moment, of which a page is full.
func (g *walking) moment(ctx context.Context, page Page) error {
	if page.Link != "" {
		items, err := g.follow(ctx, page.Link)
		if err == nil {
			err = g.hand(slices.DeleteFunc(items, func(i Item) bool { return !i.At.Equal(g.at) }))
		}
		return err
	}
	whole, err := g.part(ctx, nil, len(page.Items))
	if err != nil || whole {
		return err
	}
	parts := [][]string{nil} // that are not whole
	for _, list := range g.Split {
		var next [][]string
		for _, base := range parts {
			for _, c := range list {
				cut := append(slices.Clone(base), c)
				whole, err := g.part(ctx, cut, 0)
				if err != nil {
					return err
				}
				if !whole {
					next = append(next, cut)
				}
			}
		}
		parts = next
	}
	if len(parts) > 0 {
		g.lack(fmt.Sprintf("more was changed at %s than the service hands over of one moment: %d came, others may be missing", Moment(g.at), len(g.seen)))
	}
	return nil
}

func (g *walking) lack(what string) {
	if !slices.Contains(g.lacks, what) {
		g.lacks = append(g.lacks, what)
	}
}

// part sees a part of the moment, from a number on, and tells whether that was all of it.
func (g *walking) part(ctx context.Context, conditions []string, skip int) (whole bool, err error) {
	for {
		if skip > g.Skips { // as far as it may: pages overlap
			skip = g.Skips
		}
		page, err := g.ask(ctx, Ask{Filter: g.filter(g.Field+" eq "+Moment(g.at), conditions...), Skip: skip})
		if err != nil || len(page.Items) == 0 {
			return err == nil, err
		}
		g.longest = max(g.longest, len(page.Items))
		if err := g.hand(slices.DeleteFunc(page.Items, func(i Item) bool { return !i.At.Equal(g.at) })); err != nil {
			return false, err
		}
		if skip == g.Skips {
			return len(page.Items) < g.longest, nil
		}
		skip += len(page.Items)
	}
}

// unsorted takes a list that the service does not sort: all of it at once where it hands out links. Where it does not, a page that may be cut
// is asked for again over the first half of the time that is left.
func (g *walking) unsorted(ctx context.Context, page Page) (more bool, err error) {
	const tick = 100 * time.Nanosecond
	items := page.Items
	if page.Link != "" {
		rest, err := g.follow(ctx, page.Link)
		if err != nil {
			return false, err
		}
		items = append(items, rest...)
	} else if len(items) == g.longest {
		last := latest(items)
		if half := last.Sub(g.at) / 2; half >= tick {
			g.until = g.at.Add(half).Truncate(tick).Add(tick)
			return true, nil
		}
		g.lack("the service did not sort by the last change: at " + Moment(last) + " some may be missing")
	}
	items = slices.DeleteFunc(items, g.before)
	slices.SortStableFunc(items, func(a, b Item) int { return a.At.Compare(b.At) })
	return false, g.hand(items)
}

// latest is the last change of a page.
func latest(items []Item) (last time.Time) {
	for i := range items {
		if items[i].At.After(last) {
			last = items[i].At
		}
	}
	return last
}

// follow collects what lies behind a link.
func (g *walking) follow(ctx context.Context, link string) (items []Item, err error) {
	met, idle := map[string]bool{}, 0
	for link != "" {
		if g.links[link] {
			return nil, fmt.Errorf("the service links its pages in a circle")
		}
		g.links[link] = true
		page, err := g.ask(ctx, Ask{Link: link})
		if err != nil {
			return nil, err
		}
		idle++
		for _, i := range page.Items {
			if key := i.ID + " " + Moment(i.At); !met[key] {
				met[key], idle = true, 0
			}
		}
		if idle > mostIdle {
			return nil, fmt.Errorf("%w, and %d in a row had nothing new", errEndless, idle)
		}
		g.longest = max(g.longest, len(page.Items))
		items, link = append(items, page.Items...), page.Link
	}
	return items, nil
}
