package casebook_test

import (
	"database/sql"
	"errors"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/real/postgres"
)

// sharedEnv names the server on which the suite runs instead of on files.
const sharedEnv = "SOC_TEST_POSTGRES"

// TestTheWholeSuiteOnPostgres runs every other test of this package on a real server.
func TestTheWholeSuiteOnPostgres(t *testing.T) {
	if os.Getenv(sharedEnv) != "" {
		t.Skip("this is it")
	}
	if testing.Short() && os.Getenv("SOC_REQUIRE_REAL") == "" {
		t.Skip("takes as long as all the others")
	}
	s := postgres.Serve(t, os.Getenv("SOC_REQUIRE_REAL") != "")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), self, "-test.timeout=20m", "-test.v")
	if testing.Short() {
		c.Args = append(c.Args, "-test.short")
	}
	c.Env = append(os.Environ(), sharedEnv+"="+s.URL("soc", ""))
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if n := len(regexp.MustCompile(`(?m)^--- PASS`).FindAll(out, -1)); n < 40 {
		t.Errorf("only %d tests ran there", n)
	}
}

// onFiles skips what is about files.
func onFiles(t testing.TB) {
	t.Helper()
	if os.Getenv(sharedEnv) != "" {
		t.Skip("is about a file")
	}
}

func fresh(t testing.TB, server string) string {
	t.Helper()
	path, err := postgres.Fresh(t.Context(), server)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// database opens a book past its package.
func database(t testing.TB, path string) *sql.DB {
	t.Helper()
	driver := "sqlite"
	if casebook.Shared(path) {
		driver = "pgx"
	}
	db, err := sql.Open(driver, path)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// dialect is a statement as the book at path understands it.
func dialect(path, statement string) string {
	if !casebook.Shared(path) {
		return statement
	}
	for _, r := range [][2]string{
		{`\bhex\(([\w.]+)\)`, `upper(encode($1, 'hex'))`},
		{`\bx'([0-9a-f]*)'`, `'\x$1'`},
		{`\bzeroblob\((\d+)\)`, `decode(repeat('00', $1), 'hex')`},
		{`\binstr\((\w+), ('[^']*')\)`, `strpos($1, $2)`},
		{`\+ \((i % 97 = 0)\)`, `+ ($1)::int`},
		{`^EXPLAIN QUERY PLAN`, `EXPLAIN`},
		{`\bprintf\('c-%06x', i\)`, `'c-' || lpad(to_hex(i), 6, '0')`},
	} {
		statement = regexp.MustCompile(r[0]).ReplaceAllString(statement, r[1])
	}
	return statement
}

// Texts that Postgres refuses come back as they were stored, and what is longer than a key is known again.
func TestHostileTextsAreStored(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	b := open(t, path)
	long := strings.Repeat("x", 20_000)
	lines := []string{
		line("ws\x00-1", "a-\x00-1", 1, "cmd.exe"), // %q writes \x00, which is no JSON: see below
		line("ws-2", long, 2, "cmd.exe"), line(long, "a-3", 3, "cmd.exe"), line("ws-\U000f0041", "a-\U000f0000", 4, "cmd.exe"),
	}
	lines[0] = strings.NewReplacer(`\x00`, `\u0000`).Replace(lines[0])
	lines[3] = strings.NewReplacer(`\U000f0041`, "\U000f0041", `\U000f0000`, "\U000f0000").Replace(lines[3])
	first := triageInto(t, b, lines)
	if again := triageInto(t, b, lines); !slices.Equal(first, again) || len(first) != 4 {
		t.Errorf("another book the second time: %v, then %v", first, again)
	}
	for _, p := range first {
		c, err := b.Case(t.Context(), p.caseID)
		if err != nil {
			t.Fatal(err)
		}
		if strings.ContainsRune(c.Host, 0xF0000+0xff) {
			t.Errorf("the host came back as %q", c.Host)
		}
		err = b.Members(t.Context(), p.caseID, func(m *casebook.Member) error {
			_, err := b.Raw(t.Context(), m.Digest)
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
	const note = "a\x00b\xffc\U000f0041"
	if _, err := b.Note(t.Context(), first[0].caseID, "ann", note); err != nil {
		t.Fatal(err)
	}
	err := b.Notes(t.Context(), first[0].caseID, func(n *casebook.Note) error {
		if n.Text != note {
			t.Errorf("the note is %q", n.Text)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if err := b.Holds(t.Context()); err != nil {
		t.Error(err)
	}
}

// Of two names that differ in the size of letters the one whose bytes come first is first, whatever language the database speaks.
func TestTextsCompareByTheirBytes(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	triageInto(t, open(t, path), []string{line("b", "a", 1, "cmd.exe"), line("B", "Z", 1, "cmd.exe"), line("\u00e4", "_", 1, "cmd.exe")})
	if got := state(t, path, `SELECT id FROM alerts ORDER BY id`); got != "Z|\n_|\na|\n" {
		t.Errorf("in the order %q", got)
	}
}

// A process that stands still within a transaction holds up nobody for ever, and a lost connection is an error on one line.
func TestOpenSaysWhatIsWrongWithAnAddress(t *testing.T) {
	t.Parallel()
	server := os.Getenv(sharedEnv)
	if server == "" {
		t.Skip("is about Postgres")
	}
	bare := strings.Replace(server, "soc@", "locked@", 1)
	with := func(password string) string { return strings.Replace(server, "soc@", "locked:"+password+"@", 1) }
	schema := func(address string) string {
		return address + "&search_path=" + mustQuery(t, newPath(t)).Get("search_path")
	}
	rows := map[string]struct {
		address, password string
		want              error
		words             string
	}{
		"no address":             {"postgres://a b:x@%zz/", "", nil, "no address of a database"},
		"nobody listens":         {"postgres://soc:hidden-1@127.0.0.1:1/x", "", nil, "connection refused"},
		"no schema":              {server + "&search_path=nothing_here", "", casebook.ErrNoSchema, "search_path"},
		"no password":            {bare, "", nil, "password"},
		"a wrong one":            {with("hidden-1"), "", nil, "password"},
		"a wrong one by the way": {bare, "hidden-1", nil, "password"},
		"the right one":          {schema(bare), postgres.Password, nil, ""},
		"the right one, written": {schema(with(postgres.Password)), "", nil, ""},
		"no certificate":         {"postgres://soc:hidden-1@192.0.2.1:1/x?connect_timeout=1", "", nil, ""},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, err := casebook.Open(t.Context(), row.address, casebook.Options{Password: row.password, Now: clock})
			if err == nil {
				if err := b.Close(); err != nil || row.words+name == "no certificate" {
					t.Error(err)
				}
				return
			}
			if row.want != nil && !errors.Is(err, row.want) || !strings.Contains(err.Error(), row.words) || row.words == "" && name != "no certificate" {
				t.Errorf("error %v, want %v %s", err, row.want, row.words)
			}
			if strings.Contains(err.Error(), "hidden-1") || strings.Contains(err.Error(), postgres.Password) || strings.ContainsAny(err.Error(), "\n\t") {
				t.Errorf("the error shows a password, or takes several lines: %q", err)
			}
		})
	}
}

func mustQuery(t testing.TB, address string) url.Values {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query()
}
