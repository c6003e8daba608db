package casebook

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"net/url"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

// server is a book in a Postgres database, or in one schema of it (search_path). Whoever writes takes the journal's head first.
type server struct{}

// Shared tells whether a casebook's name is the address of a Postgres database: postgres://USER@HOST/DATABASE.
func Shared(name string) bool {
	return strings.HasPrefix(name, "postgres://") || strings.HasPrefix(name, "postgresql://")
}

// Plain is a casebook's name as it may be shown: without the password that an address may hold.
func Plain(name string) string {
	if !Shared(name) {
		return name
	}
	u, err := url.Parse(name)
	if err != nil {
		return "postgres"
	}
	if u.User != nil {
		u.User = url.User(u.User.Username())
	}
	q := u.Query()
	for _, secret := range []string{"password", "sslpassword"} {
		q.Del(secret)
	}
	u.RawQuery = q.Encode()
	return u.String()
}

// HasPassword tells whether an address holds a password.
func HasPassword(name string) bool {
	u, err := url.Parse(name)
	if err != nil || !Shared(name) {
		return false
	}
	_, set := u.User.Password()
	return set || u.Query().Has("password")
}

var errAddress = errors.New("no address of a database like postgres://USER@HOST/DATABASE")

// maxConnections bounds what one process takes of the server's connections.
const maxConnections = 16

// openServer makes the pool ready; it connects when it is first used. Over a network the server has to show a certificate that names it,
// unless the address says otherwise (sslmode).
func openServer(address, password string, readOnly bool) (*sql.DB, error) {
	conf, err := parseAddress(address)
	if err != nil {
		return nil, err
	}
	if password != "" {
		conf.Password = password
	}
	for name, value := range map[string]string{
		"application_name": "soc", "lock_timeout": "30000",
		"idle_in_transaction_session_timeout": "60000", // a process that stands still, or whose machine is gone, holds up nobody longer
	} {
		if _, set := conf.RuntimeParams[name]; !set {
			conf.RuntimeParams[name] = value
		}
	}
	if readOnly {
		conf.RuntimeParams["default_transaction_read_only"] = "on"
	}
	db := sql.OpenDB(texts{stdlib.GetConnector(*conf)})
	db.SetMaxOpenConns(maxConnections)
	db.SetMaxIdleConns(maxConnections / 4)
	return db, nil
}

// parseAddress reads an address, with what the environment and the service file say as libpq reads them.
func parseAddress(address string) (*pgx.ConnConfig, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, errAddress // the error would show the address
	}
	conf, err := pgx.ParseConfig(address)
	if q := u.Query(); err == nil && !q.Has("sslmode") && !nearby(conf) {
		q.Set("sslmode", "verify-full")
		u.RawQuery = q.Encode()
		conf, err = pgx.ParseConfig(u.String())
	}
	if err == nil {
		return conf, nil
	}
	if cause := errors.Unwrap(err); cause != nil {
		return nil, fmt.Errorf("%w: %w", errAddress, cause)
	}
	return nil, errAddress
}

// nearby tells whether the traffic stays on this machine.
func nearby(conf *pgx.ConnConfig) bool {
	local := func(host string) bool {
		ip, err := netip.ParseAddr(host)
		return err == nil && ip.IsLoopback() || host == "localhost" || strings.HasPrefix(host, "/") || strings.HasPrefix(host, "@")
	}
	for _, f := range conf.Fallbacks {
		if !local(f.Host) {
			return false
		}
	}
	return local(conf.Host)
}

func (server) lock(ctx context.Context, tx *sql.Tx) error {
	var seq int64
	return tx.QueryRowContext(ctx, `SELECT seq FROM head WHERE one = 1 FOR UPDATE`).Scan(&seq)
}

func (server) sure(ctx context.Context, c *sql.Conn) (func() error, error) {
	_, err := c.ExecContext(ctx, `SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') IN ('off', 'local')`)
	return func() error { // the connection keeps it: what is on the disk does no harm
		return nil
	}, err
}

func (server) view() *sql.TxOptions {
	return &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead}
}

func (server) tables(ctx context.Context, db *sql.DB) (all, versioned int64, err error) {
	const count = `SELECT current_schema() IS NULL, count(*), count(CASE WHEN tablename = 'goose_db_version' THEN 1 END) FROM pg_tables WHERE schemaname = current_schema()`
	var none bool
	if err = db.QueryRowContext(ctx, count).Scan(&none, &all, &versioned); err == nil && none {
		err = ErrNoSchema
	}
	return all, versioned, err
}

// migrate lets one process after the other bring the schema up to date.
func (server) migrate(ctx context.Context, db *sql.DB, files fs.FS) (err error) {
	c, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	const name = `hashtext('soc casebook ' || current_schema())`
	if _, err := c.ExecContext(ctx, `SELECT pg_advisory_lock(`+name+`)`); err != nil {
		return err
	}
	defer func() {
		_, uerr := c.ExecContext(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock(`+name+`)`)
		err = errors.Join(err, uerr)
	}()
	return upgrade(ctx, goose.DialectPostgres, db, bytewise{files})
}

func (server) together() int { return 64 }

func (server) key(text string) string { return short(text) }

func (server) explain(err error) error {
	var e *pgconn.PgError
	var c *pgconn.ConnectError
	switch {
	case errors.As(err, &c):
		return oneLine{err}
	case !errors.As(err, &e):
		return err
	}
	var what error
	switch e.Code {
	case "55P03", "40P01", "40001", "57P03": // lock not available, deadlock, serialization failure, starting up
		what = ErrBusy
	case "53100":
		what = ErrFull
	case "25006", "42501": // read-only transaction, no privilege
		what = ErrReadOnly
	case "XX001", "XX002":
		what = ErrDamaged
	default:
		return err
	}
	return fmt.Errorf("%w (%w)", what, err)
}

// oneLine is an error whose words stand on one line.
type oneLine struct{ error }

func (e oneLine) Error() string { return strings.Join(strings.Fields(e.error.Error()), " ") }

func (e oneLine) Unwrap() error { return e.error }

// bytewise are migrations in which texts compare by their bytes, as they do in SQLite, whatever language the database speaks.
type bytewise struct{ fs.FS }

var textType = regexp.MustCompile(`\bTEXT\b`)

// Open implements fs.FS.
func (b bytewise) Open(name string) (fs.File, error) {
	f, err := b.FS.Open(name)
	if err != nil || !strings.HasSuffix(name, ".sql") {
		return f, err
	}
	text, err := fs.ReadFile(b.FS, name)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &respelled{f, bytes.NewReader(textType.ReplaceAll(text, []byte(`TEXT COLLATE "C"`)))}, nil
}

// respelled is a file whose text reads otherwise.
type respelled struct {
	fs.File
	text *bytes.Reader
}

func (r *respelled) Read(p []byte) (int, error) { return r.text.Read(p) }
