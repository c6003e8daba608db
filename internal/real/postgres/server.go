// Package postgres runs a real PostgreSQL server for a test, on a socket and in directories of its own, as the user postgres where the test
// runs as root. Nothing of it is left when the test ends.
//
// It installs nothing: Debian's package postgresql does (.ci/run). Without a server the test is skipped, or fails where the caller says that
// it is required. It is for tests only. Start with Serve; Server.Fresh gives each test a schema of its own.
package postgres

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

// Locked is a user who has to say Password; everybody else is let in.
const (
	Locked   = "locked"
	Password = "not-a-secret-7"
)

// Server is one that runs. It is safe for concurrent use.
type Server struct {
	Socket string // the directory of its socket
	dir    string
	cmd    *exec.Cmd
	gone   chan error
}

// ErrAbsent means that no PostgreSQL is installed.
var ErrAbsent = errors.New("needs PostgreSQL (apt-get install postgresql)")

// Start starts a server. The caller ends it.
func Start() (*Server, error) {
	bin := binaries()
	if bin == "" {
		return nil, ErrAbsent
	}
	dir, err := os.MkdirTemp("", "soc-pg-") // of its own: the name of a socket must be short
	if err != nil {
		return nil, err
	}
	s := &Server{Socket: dir, dir: dir, gone: make(chan error, 1)}
	if err := s.start(bin); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return s, nil
}

// binaries is the directory of the newest server that is installed, empty for none.
func binaries() string {
	list, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	slices.Sort(list)
	if len(list) > 0 {
		return filepath.Dir(list[len(list)-1])
	}
	at, err := exec.LookPath("postgres")
	if err != nil {
		return ""
	}
	if at, err = filepath.EvalSymlinks(at); err != nil {
		return ""
	}
	return filepath.Dir(at)
}

// start makes a database cluster and runs it. Its own language is not the one of bytes, so that what relies on that is found out.
func (s *Server) start(bin string) error {
	if err := own(s.dir); err != nil {
		return err
	}
	data := filepath.Join(s.dir, "data")
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", data, "-U", "soc", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en-US")
	initdb.Dir = s.dir
	if err := as(initdb); err != nil {
		return err
	}
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	access := "local all " + Locked + " scram-sha-256\nlocal all all trust\n"
	if err := os.WriteFile(filepath.Join(data, "pg_hba.conf"), []byte(access), 0o600); err != nil {
		return err
	}
	var log bytes.Buffer
	s.cmd = exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-k", s.dir, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=200", "-c", "shared_buffers=32MB")
	s.cmd.Dir, s.cmd.Stderr = s.dir, &log
	if err := as(s.cmd); err != nil {
		return err
	}
	if err := s.cmd.Start(); err != nil {
		return err
	}
	go func() { s.gone <- s.cmd.Wait() }()
	if err := s.wait(); err != nil {
		return errors.Join(fmt.Errorf("%w\n%s", err, log.Bytes()), s.Stop())
	}
	return s.Do(context.Background(), `CREATE ROLE `+Locked+` LOGIN SUPERUSER PASSWORD '`+Password+`'`)
}

// wait returns once the server answers. It takes as long as a busy machine needs.
func (s *Server) wait() (err error) {
	for range 600 {
		if err = s.Do(context.Background(), `SELECT 1`); err == nil {
			return nil
		}
		select {
		case gone := <-s.gone:
			s.gone <- gone
			return errors.Join(errors.New("the server ended before it answered"), gone)
		case <-time.After(100 * time.Millisecond):
		}
	}
	return err
}

// Stop ends the server at once and removes its files.
func (s *Server) Stop() error {
	if s.cmd != nil && s.cmd.Process != nil {
		_ = s.cmd.Process.Signal(os.Interrupt) // a fast shutdown
		<-s.gone
	}
	return os.RemoveAll(s.dir)
}

// URL is the address of the database for a user, with the tables in a schema.
func (s *Server) URL(user, schema string) string {
	q := url.Values{"host": {s.Socket}}
	if schema != "" {
		q.Set("search_path", schema)
	}
	return "postgres://" + user + "@/postgres?" + q.Encode()
}

// Do runs a statement.
func (s *Server) Do(ctx context.Context, statement string) error {
	c, err := pgx.Connect(ctx, s.URL("soc", ""))
	if err != nil {
		return err
	}
	_, err = c.Exec(ctx, statement)
	return errors.Join(err, c.Close(ctx))
}

// Fresh is the address of a new, empty schema.
func (s *Server) Fresh(ctx context.Context) (string, error) { return Fresh(ctx, s.URL("soc", "")) }

// Fresh is the address of a new, empty schema in the database at another address.
func Fresh(ctx context.Context, address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", err
	}
	var id [8]byte
	_, _ = rand.Read(id[:]) // never fails
	schema := "s" + hex.EncodeToString(id[:])
	c, err := pgx.Connect(ctx, address)
	if err != nil {
		return "", err
	}
	_, err = c.Exec(ctx, `CREATE SCHEMA `+schema)
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return u.String(), errors.Join(err, c.Close(ctx))
}
