package casebook

import (
	"context"
	"database/sql/driver"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/stdlib"
)

// An alert's texts may hold a NUL, or bytes that are no UTF-8: SQLite stores them, Postgres refuses both. On their way there such a byte
// becomes a character of a private plane, on the way back that becomes the byte again. What comes back is what was stored.

// planted is the first of the 256 characters that stand for bytes: the first of plane 15, which nobody's writing uses.
const planted = 0xF0000

// plant spells a text so that Postgres takes it. A text that already holds one of the characters has its bytes replaced too.
func plant(s string) string {
	if clean(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == 0 || r == utf8.RuneError && n == 1 || r >= planted && r < planted+256 {
			for k := range n {
				b.WriteRune(planted + rune(s[i+k]))
			}
		} else {
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	return b.String()
}

// clean tells a text that needs no other spelling: all of the private plane's characters begin with the byte F3.
func clean(s string) bool {
	return strings.IndexByte(s, 0) < 0 && strings.IndexByte(s, 0xF3) < 0 && utf8.ValidString(s)
}

// unearth is plant the other way round.
func unearth(s string) string {
	if strings.IndexByte(s, 0xF3) < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for _, r := range s {
		if r >= planted && r < planted+256 {
			b = append(b, byte(r-planted))
		} else {
			b = utf8.AppendRune(b, r)
		}
	}
	return string(b)
}

// texts is a driver whose connections spell texts so.
type texts struct{ driver.Connector }

// Connect implements driver.Connector.
func (t texts) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := t.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &textConn{c.(*stdlib.Conn)}, nil //nolint:forcetypeassert // what stdlib.GetConnector makes
}

type textConn struct{ *stdlib.Conn }

// CheckNamedValue implements driver.NamedValueChecker: it sees every argument of every statement.
func (c *textConn) CheckNamedValue(v *driver.NamedValue) error {
	if valuer, ok := v.Value.(driver.Valuer); ok {
		is, err := driver.Value(nil), error(nil)
		if is, err = valuer.Value(); err != nil {
			return err
		}
		v.Value = is
	}
	if s, ok := v.Value.(string); ok {
		v.Value = plant(s)
	}
	return c.Conn.CheckNamedValue(v)
}

// PrepareContext implements driver.ConnPrepareContext.
func (c *textConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	s, err := c.Conn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	return &textStmt{s.(*stdlib.Stmt)}, nil //nolint:forcetypeassert // what stdlib.Conn makes
}

// QueryContext implements driver.QueryerContext.
func (c *textConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	return readable(c.Conn.QueryContext(ctx, query, args))
}

type textStmt struct{ *stdlib.Stmt }

// QueryContext implements driver.StmtQueryContext.
func (s *textStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	return readable(s.Stmt.QueryContext(ctx, args))
}

func readable(r driver.Rows, err error) (driver.Rows, error) {
	if err != nil {
		return nil, err
	}
	return textRows{r}, nil
}

type textRows struct{ driver.Rows }

// Next implements driver.Rows.
func (r textRows) Next(dest []driver.Value) error {
	err := r.Rows.Next(dest)
	for i := range dest {
		if s, ok := dest[i].(string); ok {
			dest[i] = unearth(s)
		}
	}
	return err
}
