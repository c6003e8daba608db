package cmd_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/seed-959697dd/soc/cmd"
	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/triage"
	"github.com/seed-959697dd/soc/tui"
)

func nightClock() time.Time { return time.Date(2026, 3, 3, 6, 0, 0, 0, time.UTC) }

// bookWorld is a world without configuration, at the end of the demonstration's night.
func bookWorld(t testing.TB, home string, out *bytes.Buffer) cmd.World {
	t.Helper()
	env := map[string]string{"HOME": home, "XDG_STATE_HOME": filepath.Join(home, "state"), "XDG_CONFIG_HOME": filepath.Join(home, "config"), "USER": "analyst"}
	return cmd.World{IO: term.IO{In: strings.NewReader(""), Out: out, Err: out}, Env: func(k string) string { return env[k] }, Now: nightClock}
}

// nightBook triages the demonstration's night into a casebook.
func nightBook(t testing.TB) (w cmd.World, path string) {
	t.Helper()
	return nightBookOf(t, filepath.Join("..", "testdata", "demo"))
}

func nightBookOf(t testing.TB, input string) (w cmd.World, path string) {
	t.Helper()
	var out bytes.Buffer
	home := t.TempDir()
	w, path = bookWorld(t, home, &out), filepath.Join(home, "book.db")
	if status := cmd.Main(t.Context(), []string{"triage", "--book", path, input}, w); status != 0 {
		t.Fatalf("status %d: %s", status, out.String())
	}
	return w, path
}

// seat is a screen over a real casebook.
type seat struct {
	m    tea.Model
	now  time.Time
	book *casebook.Book
}

func sit(t testing.TB, w cmd.World, path, by string, width, height int, theme string, from ...string) *seat {
	t.Helper()
	d, book, err := cmd.OpenDesk(t.Context(), w, path, by, from...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = book.Close() })
	s := &seat{now: nightClock(), book: book}
	m := tui.New(t.Context(), tui.Options{Desk: d, Now: func() time.Time { return s.now }, Place: tui.Place{Theme: theme}})
	s.m = m
	s.send(tea.WindowSizeMsg{Width: width, Height: height})
	s.obey(m.Init())
	return s
}

// obey runs a command and everything that comes of it.
func (s *seat) obey(first tea.Cmd) {
	msgs, under := make(chan tea.Msg), 0
	start := func(c tea.Cmd) {
		if c != nil {
			under++
			go func() { msgs <- c() }()
		}
	}
	for start(first); under > 0; {
		msg := <-msgs
		under--
		if list, ok := msg.(tea.BatchMsg); ok {
			for _, c := range list {
				start(c)
			}
		} else if msg != nil {
			var next tea.Cmd
			s.m, next = s.m.Update(msg)
			start(next)
		}
	}
}

func (s *seat) send(msg tea.Msg) {
	var c tea.Cmd
	s.m, c = s.m.Update(msg)
	s.obey(c)
}

func (s *seat) press(keys ...string) {
	for _, k := range keys {
		s.now = s.now.Add(time.Second)
		switch kind, ok := map[string]tea.KeyType{"enter": tea.KeyEnter, "esc": tea.KeyEsc, "tab": tea.KeyTab, "down": tea.KeyDown, "pgdown": tea.KeyPgDown, "end": tea.KeyEnd}[k]; {
		case ok:
			s.send(tea.KeyMsg{Type: kind})
		default:
			s.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(k)})
		}
	}
}

var colours = regexp.MustCompile("\x1b\\[[0-9;]*m")

func (s *seat) sees(t *testing.T, words ...string) {
	t.Helper()
	text := colours.ReplaceAllString(s.m.View(), "")
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%q is not on the screen:\n%s", w, text)
		}
	}
}

func TestTwoScreensOnOneCasebook(t *testing.T) {
	t.Parallel()
	w, path := nightBook(t)
	maria, sam := sit(t, w, path, "maria", 80, 24, "plain"), sit(t, w, path, "sam", 80, 24, "plain")
	maria.sees(t, "9 escalated, 96 to review, 0 closed")
	maria.press("enter", "t", "1")
	sam.press("enter", "f", "2")
	sam.press("enter") // sam is first
	maria.press("enter")
	maria.sees(t, "was decided by somebody else first", "decided by sam: false positive")
	maria.press("n")
	maria.press("q")
	maria.sees(t, "8 escalated, 96 to review, 1 closed")
	maria.press("u")
	maria.sees(t, "there is nothing to take back")
	var said, noted []string
	err := sam.book.Cases(t.Context(), casebook.Query{State: casebook.Closed}, func(c *casebook.Case) error {
		err := sam.book.Decisions(t.Context(), c.ID, func(d *casebook.Decided) error {
			said = append(said, d.By+" "+d.Disposition)
			return nil
		})
		if err != nil {
			return err
		}
		return sam.book.Notes(t.Context(), c.ID, func(n *casebook.Note) error {
			noted = append(noted, n.By+" "+n.Text)
			return nil
		})
	})
	if err != nil || fmt.Sprint(said) != "[sam false_positive]" || len(noted) != 1 || !strings.HasPrefix(noted[0], "maria said too late: true positive") {
		t.Errorf("%v %v %v", said, noted, err)
	}
}

// fillQueue writes n open cases straight into a casebook's file.
func fillQueue(tb testing.TB, path string, n int) {
	tb.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for _, statement := range []string{
		fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
			INSERT INTO cases (id, status, opened, title, severity, route, probability, disposition)
			SELECT printf('c-0%%015x', i), 'open', 1772000000000000000 + i, 'Odd process ' || (i %% 1000), CASE WHEN i %% 7 = 0 THEN 'high' ELSE 'low' END, 1 + (i %% 97 = 0), (i * 7919 %% 1000) / 1000.0, 'undetermined' FROM n`, n),
		`INSERT INTO verdicts (id, case_id, fingerprint, format, rule, host, title, count, route, would_close, disposition, probability, severity, score, document, run)
			SELECT 'v' || substr(id, 2), id, '', 'generic', 'rule ' || (opened % 50), 'ws-' || (opened % 400), title, 1, route, 0, disposition, probability, severity, opened % 9000, zeroblob(1500), 1 FROM cases WHERE id LIKE 'c-000000%'`,
	} {
		if _, err := db.Exec(statement); err != nil {
			tb.Fatal(err)
		}
	}
}

// BenchmarkScreen is the screen over a casebook of 100,000 open cases: until the first cases can be read, until all are there, a key with its
// frame, a filter, a decision.
func BenchmarkScreen(b *testing.B) {
	w, path := nightBook(b)
	fillQueue(b, path, 100_000)
	frame := func(s *seat) {
		if len(s.m.View()) == 0 {
			b.Fatal("an empty frame")
		}
	}
	b.Run("start", func(b *testing.B) {
		for b.Loop() {
			d, book, err := cmd.OpenDesk(b.Context(), w, path, "maria")
			if err != nil {
				b.Fatal(err)
			}
			l, err := d.Queue.List(b.Context(), tui.View{State: "open"}, 200)
			var ids []string
			for _, e := range l.Entries[:40] {
				ids = append(ids, e.ID)
			}
			if _, rerr := d.Queue.Rows(b.Context(), ids); err != nil || rerr != nil {
				b.Fatal(err, rerr)
			}
			_ = book.Close()
		}
	})
	b.Run("all", func(b *testing.B) {
		for b.Loop() {
			frame(sit(b, w, path, "maria", 80, 24, "dark"))
		}
	})
	s := sit(b, w, path, "maria", 200, 60, "dark")
	b.Run("frame", func(b *testing.B) { // what stands between a key and the screen: Update and View, rows that are known
		m := s.m
		for b.Loop() {
			m, _ = m.Update(tea.KeyMsg{Type: tea.KeyDown})
			if len(m.View()) == 0 {
				b.Fatal("an empty frame")
			}
			m, _ = m.Update(tea.KeyMsg{Type: tea.KeyUp})
		}
	})
	b.Run("page", func(b *testing.B) { // a page down, with what is read for it
		for b.Loop() {
			s.press("pgdown")
			frame(s)
		}
	})
	b.Run("filter", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			s.press("/", fmt.Sprintf("process %d", i%1000), "enter")
			frame(s)
			s.press("/")
			s.send(tea.KeyMsg{Type: tea.KeyCtrlU})
			s.press("enter")
		}
	})
	for name, text := range map[string]string{
		"condition of the case": `severity == "high" && probability > 0.%03d`, "condition of its verdict": `rule == "rule 7" && score > %d`, "condition the database cannot decide": `glob(title, "*process %d")`,
	} {
		b.Run(name, func(b *testing.B) { // one listing, without the keys that ask for it
			d, book, err := cmd.OpenDesk(b.Context(), w, path, "maria")
			if err != nil {
				b.Fatal(err)
			}
			defer func() { _ = book.Close() }()
			for i := 0; b.Loop(); i++ {
				l, err := d.Queue.List(b.Context(), tui.View{State: "open", Filter: fmt.Sprintf(text, i%100)}, 0)
				if err != nil || len(l.Entries) == 0 {
					b.Fatal(len(l.Entries), err)
				}
			}
		})
	}
	b.Run("decide", func(b *testing.B) {
		d, book, err := cmd.OpenDesk(b.Context(), w, path, "sam")
		if err != nil {
			b.Fatal(err)
		}
		defer func() { _ = book.Close() }()
		l, err := d.Queue.List(b.Context(), tui.View{State: "open", Sort: "newest"}, 0)
		if err != nil {
			b.Fatal(err)
		}
		for i := 0; b.Loop(); i++ {
			if _, err := d.Decider.Decide(context.Background(), l.Entries[i].ID, decision()); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func decision() triage.Decision {
	return triage.Decision{Disposition: triage.FalsePositive, Reason: "faulty rule", Certainty: triage.Asserted}
}

func TestWhatIsSaidUnderTheScreenIsSaidAfterIt(t *testing.T) {
	t.Parallel()
	w, tell := cmd.Aside()
	for _, line := range []string{"soc: notify night: not told\n", strings.Repeat("x", 1<<20), "soc: and this\n"} {
		if _, err := w.Write([]byte(line)); err != nil {
			t.Fatal(err)
		}
	}
	var out strings.Builder
	if err := tell(&out); err != nil || out.String() != "soc: notify night: not told\nsoc: and this\nsoc: another 1048576 bytes of what was said meanwhile were not kept\n" {
		t.Errorf("%v %.200q", err, out.String())
	}
}

// growCase gives the first case of the queue n more verdicts, copies of its own.
func growCase(tb testing.TB, path string, n int) (id string) {
	tb.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if err := db.QueryRow(`SELECT id FROM cases ORDER BY route DESC, probability DESC, id LIMIT 1`).Scan(&id); err != nil {
		tb.Fatal(err)
	}
	for _, statement := range []string{
		fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
			INSERT INTO verdicts (id, case_id, fingerprint, format, rule, host, title, first_time, last_time, count, route, would_close, disposition, probability, severity, score, document, run)
			SELECT printf('v-0%%015x', i), case_id, '', format, 'rule ' || (i %% 50), host, title, first_time, last_time + i, 1, route, 0, disposition, probability, severity, score - i, document, run
			FROM n, (SELECT * FROM verdicts WHERE case_id = '%s' LIMIT 1)`, n, id),
		`INSERT INTO alerts (digest, id, verdict, input, received, copies) SELECT CAST(id AS BLOB), 'a' || id, id, '{"name":"night.ndjson","line":1,"offset":0}', 1, 1 FROM verdicts WHERE id LIKE 'v-000000%'`,
		`INSERT INTO parties (verdict, kind, value) SELECT id, 'host', LOWER(host) FROM verdicts WHERE id LIKE 'v-000000%'`,
	} {
		if _, err := db.Exec(statement); err != nil {
			tb.Fatal(err)
		}
	}
	return id
}

// A case with very many verdicts is read in windows: what is held does not grow with it.
func TestALargeCaseIsReadInWindows(t *testing.T) {
	t.Parallel()
	w, path := nightBook(t)
	id := growCase(t, path, 3000)
	d, book, err := cmd.OpenDesk(t.Context(), w, path, "maria")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = book.Close() })
	for _, from := range []int64{0, 100, 2950} {
		f, err := d.Reader.File(t.Context(), id, from)
		if err != nil {
			t.Fatal(err)
		}
		if f.Row.Verdicts != 3001 || len(f.Verdicts) > render.Window || int64(len(f.Verdicts)) != min(render.Window, 3001-from) || len(f.Case.Members) > 200 || len(f.Members)+int(f.More) < 3000 {
			t.Errorf("from %d: %d verdicts of %d, %d in the case, %d and %d alerts", from, len(f.Verdicts), f.Row.Verdicts, len(f.Case.Members), len(f.Members), f.More)
		}
		gapped := f.Gapped()
		if text := gapped.Text(); !strings.Contains(text, "rest on the 200 strongest of 3001 verdicts") {
			t.Errorf("what is left out is no gap: %s", text)
		}
		judged := f.Judged()
		if text := judged.Text(); !strings.Contains(text, "+8468") { // the strongest, whatever is shown
			t.Errorf("from %d: %s", from, text)
		}
	}
}

// BenchmarkLargeCase opens a case with 50,000 verdicts, and its last window. The memory is what one opening allocates.
func BenchmarkLargeCase(b *testing.B) {
	w, path := nightBook(b)
	id := growCase(b, path, 50_000)
	d, book, err := cmd.OpenDesk(b.Context(), w, path, "maria")
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = book.Close() }()
	for name, from := range map[string]int64{"open": 0, "last": 49_900} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				f, err := d.Reader.File(b.Context(), id, from)
				if err != nil || len(f.Verdicts) == 0 {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("row", func(b *testing.B) {
		for b.Loop() {
			if _, err := d.Queue.Rows(b.Context(), []string{id}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
