package casebook

import (
	"context"
	"database/sql"
	"strings"

	"github.com/tidwall/gjson"
)

// Party is a host or a user that takes part in something. Its value is in small letters.
type Party struct{ Kind, Value string }

// maxParties bounds the parties of one verdict.
const maxParties = 8

// Parties are the hosts and users in an alert's document. Accounts that every machine has are nobody's: their host stands for them.
func Parties(document []byte) (list []Party) {
	gjson.GetBytes(document, "entities").ForEach(func(_, e gjson.Result) bool {
		kind := e.Get("type").Str
		if kind != "host" && kind != "user" || e.Get("role").Str == "observer" {
			return true
		}
		if p := (Party{kind, strings.ToLower(e.Get("value").Str)}); kind == "host" || !everywhere(p.Value) {
			list = append(list, p)
		}
		return len(list) < maxParties
	})
	return list
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

// OpenParties are the hosts and users in open cases.
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

func (w *batch) saveParties(ctx context.Context, tx *sql.Tx) error {
	stmt, err := tx.PrepareContext(ctx, `INSERT INTO parties (verdict, kind, value) VALUES ($1, $2, $3) ON CONFLICT (verdict, kind, value) DO NOTHING`)
	if err != nil {
		return err
	}
	defer func() { _ = stmt.Close() }()
	for _, e := range w.order {
		if e.next == nil {
			continue
		}
		for _, p := range e.next.parties {
			if _, err := stmt.ExecContext(ctx, e.id, p.Kind, p.Value); err != nil {
				return err
			}
		}
	}
	return nil
}
