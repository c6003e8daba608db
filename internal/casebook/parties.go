package casebook

import (
	"context"
	"database/sql"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/internal/wire"
)

// Party is a host or a user that takes part in something, or an address of the estate where no host is named. Its value is in small
// letters, and cut where it is longer than a key.
type Party struct{ Kind, Value string }

// maxParties bounds the parties of one verdict.
const maxParties = 8

// Parties are the hosts and users in an alert's document. Accounts that every machine has are nobody's: their host stands for them. Where
// no host is named, as in most alerts of a network sensor, private addresses stand for it.
func Parties(document []byte) (list []Party) {
	hosts := 0
	var addresses []Party
	gjson.GetBytes(document, "entities").ForEach(func(_, e gjson.Result) bool {
		p := Party{e.Get("type").Str, short(strings.ToLower(e.Get("value").Str))}
		switch {
		case e.Get("role").Str == "observer":
		case p.Kind == "host":
			hosts++
			list = append(list, p)
		case p.Kind == "user" && !everywhere(p.Value):
			list = append(list, p)
		case p.Kind == "ip" && len(addresses) < maxParties && own(p.Value):
			addresses = append(addresses, p)
		}
		return len(list) < maxParties
	})
	if hosts == 0 {
		list = append(list, addresses...)
	}
	return list[:min(len(list), maxParties)]
}

// own tells an address of somebody's own network.
func own(value string) bool {
	a, err := netip.ParseAddr(value)
	return err == nil && a.IsPrivate()
}

// everywhere tells the accounts that a system brings along. Source: Microsoft, "Well-known security identifiers"; Linux Standard Base,
// "Required users".
func everywhere(user string) bool {
	user = user[strings.LastIndexByte(user, '\\')+1:]
	switch user {
	case "system", "local service", "network service", "anonymous logon", "localsystem", "root", "nobody", "daemon", "":
		return true
	}
	return strings.HasSuffix(user, "$")
}

// OpenParties are the parties of open cases. A case that was only made because something that would have been closed was held back or
// picked to be looked at again has none: nothing speaks against its host, and each audit would end closing there.
func (b *Book) OpenParties(ctx context.Context) (map[Party]struct{}, error) {
	open := map[Party]struct{}{}
	const query = `SELECT DISTINCT p.kind, p.value FROM cases c JOIN verdicts v ON v.case_id = c.id JOIN parties p ON p.verdict = v.id WHERE c.status = 'open'`
	err := b.each(ctx, "reading open cases", query, nil, func(scan func(...any) error) error {
		var p Party
		if err := scan(&p.Kind, &p.Value); err != nil {
			return err
		}
		open[p] = struct{}{}
		return nil
	})
	return open, err
}

// DecidedCases are the ids of the closed cases.
func (b *Book) DecidedCases(ctx context.Context) (map[string]struct{}, error) {
	closed := map[string]struct{}{}
	err := b.each(ctx, "reading closed cases", `SELECT id FROM cases WHERE status = 'closed'`, nil, func(scan func(...any) error) error {
		var id string
		err := scan(&id)
		closed[id] = struct{}{}
		return err
	})
	return closed, err
}

// nameParties stores the parties of verdicts that a person has taken up, and returns those that are new, by verdict.
func (b *Book) nameParties(ctx context.Context, tx *sql.Tx, verdicts []string) (fresh map[string][]Party, err error) {
	fresh = map[string][]Party{}
	for _, id := range verdicts {
		var document []byte
		err := tx.QueryRowContext(ctx, `SELECT document FROM verdicts WHERE id = $1`, id).Scan(&document)
		if err == nil {
			document, err = b.zip.unpack(document)
		}
		if err != nil {
			return nil, err
		}
		for _, p := range Parties([]byte(gjson.GetBytes(document, "alert").Raw)) {
			res, err := tx.ExecContext(ctx, insertParty+` VALUES ($1, $2, $3) `+unlessThere, id, p.Kind, p.Value)
			if err != nil {
				return nil, err
			}
			n, err := res.RowsAffected()
			if err != nil {
				return nil, err
			}
			if n > 0 {
				fresh[id] = append(fresh[id], p)
			}
		}
	}
	return fresh, nil
}

// appendParties tells in the words of the journal whom verdicts are about from now on.
func appendParties(b []byte, list map[string][]Party) []byte {
	if len(list) == 0 {
		return b
	}
	b = append(wire.Key(b, "parties"), '{')
	for _, id := range slices.Sorted(maps.Keys(list)) {
		b = append(wire.Key(b, id), '[')
		for _, p := range list[id] {
			b = append(wire.Text(wire.Text(append(wire.Comma(b), '{'), "kind", p.Kind), "value", p.Value), '}')
		}
		b = append(b, ']')
	}
	return append(b, '}')
}

const insertParty = `INSERT INTO parties (verdict, kind, value)`

const unlessThere = `ON CONFLICT (verdict, kind, value) DO NOTHING`

func (w *batch) saveParties(ctx context.Context, tx *sql.Tx) error {
	rows := w.b.inserter(tx, 3, insertParty, unlessThere)
	for _, e := range w.order {
		if e.next == nil {
			continue
		}
		for _, p := range e.next.parties {
			if err := rows.add(ctx, e.id, p.Kind, p.Value); err != nil {
				return err
			}
		}
	}
	_, err := rows.end(ctx)
	return err
}
