package casebook

import (
	"context"
	"slices"

	"github.com/tidwall/gjson"
)

// groups is what people merged and took apart, as the journal has it.
type groups struct {
	into  map[string]string              // a case that was merged, and into which
	apart map[string]map[string]struct{} // cases that were taken apart, by either
}

func regrouped(ctx context.Context, q querier) (*groups, error) {
	g := &groups{into: map[string]string{}, apart: map[string]map[string]struct{}{}}
	rows, err := q.QueryContext(ctx, `SELECT what FROM journal WHERE what LIKE '{"do":"merge"%' OR what LIKE '{"do":"split"%' ORDER BY seq`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var what string
		if err := rows.Scan(&what); err != nil {
			return nil, err
		}
		g.take(gjson.Parse(what))
	}
	return g, rows.Err()
}

// take replays one record. What one case was taken apart from, the case that comes out of it is, too; a merge puts one in the place of the
// other.
func (g *groups) take(what gjson.Result) {
	id, from, into := what.Get("case").Str, what.Get("from").Str, what.Get("into").Str
	if into != "" {
		delete(g.into, into)
		if what.Get("undo").Exists() { // of a merge: nobody says that they stay apart
			return
		}
		for other := range g.apart[id] {
			g.part(into, other)
		}
		g.part(id, into)
		return
	}
	g.into[from] = id
	for other := range g.apart[from] {
		delete(g.apart[other], from)
		g.part(id, other)
	}
	delete(g.apart, from)
}

func (g *groups) part(a, b string) {
	if a == b {
		return
	}
	for _, s := range [...][2]string{{a, b}, {b, a}} {
		if g.apart[s[0]] == nil {
			g.apart[s[0]] = map[string]struct{}{}
		}
		g.apart[s[0]][s[1]] = struct{}{}
	}
}

// at is the case that a merged one is in by now.
func (g *groups) at(id string) string {
	for n := 0; n <= len(g.into); n++ {
		next, ok := g.into[id]
		if !ok {
			break
		}
		id = next
	}
	return id
}

// Apart are, by case, the cases that a person took it apart from.
func (b *Book) Apart(ctx context.Context) (map[string][]string, error) {
	g, err := regrouped(ctx, b.db)
	if err != nil {
		return nil, b.fail("reading what was taken apart", err)
	}
	list := map[string][]string{}
	for id, others := range g.apart {
		for other := range others {
			list[id] = append(list[id], other)
		}
		slices.Sort(list[id])
	}
	return list, nil
}

// names are those under which people spoke of a case: its own, and of those that were merged into it.
func names(ctx context.Context, q querier, id string) ([]any, error) {
	g, err := regrouped(ctx, q)
	if err != nil {
		return nil, err
	}
	list := []any{id}
	for from := range g.into {
		if g.at(from) == id {
			list = append(list, from)
		}
	}
	return list, nil
}
