package casebook

import "context"

// Elsewhere counts the other cases with a party.
type Elsewhere struct {
	Open, Closed int
	More         bool // and more than were counted
}

// mostElsewhere bounds the cases that are counted for one party: beyond it they say no more.
const mostElsewhere = 1000

// Elsewhere counts the cases besides one that have a party.
func (b *Book) Elsewhere(ctx context.Context, caseID string, p Party) (e Elsewhere, err error) {
	const query = `SELECT s.status, COUNT(*) FROM (SELECT DISTINCT c.id, c.status FROM parties p JOIN verdicts v ON v.id = p.verdict JOIN cases c ON c.id = v.case_id
		WHERE p.kind = $1 AND p.value = $2 AND c.id <> $3 LIMIT $4) s GROUP BY s.status`
	err = b.each(ctx, "looking for other cases", query, []any{p.Kind, p.Value, caseID, mostElsewhere + 1}, func(scan func(...any) error) error {
		var status string
		var n int
		if err := scan(&status, &n); err != nil {
			return err
		}
		if status == Closed {
			e.Closed += n
		} else {
			e.Open += n
		}
		return nil
	})
	if e.More = e.Open+e.Closed > mostElsewhere; e.More {
		e.Open = min(e.Open, mostElsewhere)
		e.Closed = mostElsewhere - e.Open
	}
	return e, err
}
