package casebook

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-959697dd/soc/alert"
)

// Key is what an alert is known by across runs: its id and the digest of its bytes.
type Key struct {
	ID     string
	Digest alert.Digest
}

// Holder names the verdict that holds an alert, and its case, if it has one.
type Holder struct{ Verdict, Case string }

// VerdictOf tells which verdict holds an alert; ok is false when the book does not know it.
func (b *Book) VerdictOf(ctx context.Context, alertID string, digest alert.Digest) (verdictID, caseID string, ok bool, err error) {
	h, ok, err := b.Known(ctx, Key{alertID, digest})
	return h.Verdict, h.Case, ok, err
}

// Known finds the verdict that holds the first of the keys that the book knows.
func (b *Book) Known(ctx context.Context, keys ...Key) (h Holder, ok bool, err error) {
	for len(keys) > 0 && !ok && err == nil {
		n := min(len(keys), lookupSize)
		h, ok, err = b.known(ctx, keys[:n])
		keys = keys[n:]
	}
	return h, ok, err
}

// lookupSize is how many keys one query asks for.
const lookupSize = 64

func (b *Book) known(ctx context.Context, keys []Key) (Holder, bool, error) {
	query, args := lookup(`SELECT a.digest, a.id, a.verdict, v.case_id FROM alerts a JOIN verdicts v ON v.id = a.verdict WHERE a.digest IN `, keys)
	found := map[Key]Holder{}
	err := b.each(ctx, "looking up alerts", query, args, func(scan func(...any) error) error {
		var digest []byte
		var k Key
		var h Holder
		var caseID sql.NullString
		if err := scan(&digest, &k.ID, &h.Verdict, &caseID); err != nil {
			return err
		}
		copy(k.Digest[:], digest)
		h.Case = caseID.String
		found[k] = h
		return nil
	})
	for _, k := range keys {
		k.ID = b.engine.key(k.ID)
		if h, ok := found[k]; ok {
			return h, true, err
		}
	}
	return Holder{}, false, err
}

// lookup ends a query in the list of the keys' digests.
func lookup(query string, keys []Key) (string, []any) {
	args := make([]any, len(keys))
	for i := range keys {
		args[i] = keys[i].Digest[:]
	}
	return query + placeholders(len(keys)), args
}

func placeholder(n int) string { return "$" + strconv.Itoa(n) }

// placeholders is ($1,$2,...) for n values, as both databases write it.
func placeholders(n int) string {
	b := make([]byte, 0, 5*n+2)
	for i := range n {
		b = strconv.AppendInt(append(b, ',', '$'), int64(i)+1, 10)
	}
	b[0] = '('
	return string(append(b, ')'))
}

// caseID finds the one case that a person means: by its id or the beginning of it, with or without "c-", or by the id
// of one of its verdicts.
func caseID(ctx context.Context, q querier, name string) (string, error) {
	if strings.HasPrefix(name, "v-") {
		return caseOfVerdict(ctx, q, name)
	}
	name = "c-" + strings.TrimPrefix(name, "c-")
	rows, err := q.QueryContext(ctx, `SELECT id FROM cases WHERE id >= $1 AND id < $2 ORDER BY id LIMIT 4`, name, name+"\x7f")
	if err != nil {
		return "", err
	}
	defer func() { _ = rows.Close() }()
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return "", err
		}
		ids = append(ids, id)
	}
	switch {
	case rows.Err() != nil:
		return "", rows.Err()
	case len(ids) == 0:
		return mergedID(ctx, q, name)
	case len(ids) > 1 && ids[0] != name:
		return "", named(ErrAmbiguous, strings.Join(ids, ", "))
	}
	return ids[0], nil
}

// mergedID finds the case in which one is that was merged.
func mergedID(ctx context.Context, q querier, name string) (string, error) {
	g, err := regrouped(ctx, q)
	if err != nil {
		return "", err
	}
	var ids []string
	for from := range g.into {
		if id := g.at(from); strings.HasPrefix(from, name) && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	switch len(ids) {
	case 0:
		return "", named(ErrNoCase, name)
	case 1:
		return ids[0], nil
	}
	slices.Sort(ids)
	return "", named(ErrAmbiguous, strings.Join(ids, ", "))
}

func caseOfVerdict(ctx context.Context, q querier, verdict string) (string, error) {
	var id sql.NullString
	err := q.QueryRowContext(ctx, `SELECT v.case_id FROM verdicts v WHERE v.id = $1 OR v.id = (SELECT verdict FROM aliases WHERE id = $1)`, verdict).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) || err == nil && !id.Valid {
		return "", named(ErrNoCase, verdict)
	}
	return id.String, err
}

// querier is a database or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func named(err error, name string) error { return fmt.Errorf("%w: %s", err, name) }
