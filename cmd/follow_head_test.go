package cmd_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/cmd"
	"github.com/seed-959697dd/soc/internal/casebook"
)

// head reads so many bytes and goes away.
type head struct {
	mu   sync.Mutex
	left int
	got  bytes.Buffer
}

func (h *head) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := min(len(p), h.left)
	h.left -= n
	h.got.Write(p[:n])
	if n < len(p) {
		return n, syscall.EPIPE
	}
	return n, nil
}

// Whoever reads what a run that follows prints may go away at any point: the run ends, without an error; what it printed is stored; the next
// run judges what was not, and everything is judged once.
func TestFollowingForAReaderThatGoesAway(t *testing.T) {
	t.Parallel()
	const alerts = 60
	for _, bytes := range []int{0, 1500, 64<<10 - 1, 64<<10 + 1, 100_000} {
		for _, how := range []string{"--from siem", "--from siem --from other", "--worker --from siem"} {
			t.Run(fmt.Sprint(how, " ", bytes), func(t *testing.T) {
				t.Parallel()
				s := &tenant{asked: make(chan struct{})}
				for i := range alerts {
					at := noon().Add(time.Duration(i-alerts) * 10 * time.Minute)
					s.add(fmt.Sprint("n-", i), wazuh(fmt.Sprint("a", i), fmt.Sprint("ws-", i), 5, at), at)
				}
				over := make(chan struct{})
				go func() {
					for {
						select {
						case <-s.asked:
						case <-over:
							return
						}
					}
				}()
				d := newDesk(t, map[string]any{"siem": s, "other": &tenant{}})
				d.write("policy.yaml", "gap: 1s\n")
				line := "triage --json --follow --policy " + d.dir + "/policy.yaml --since 3000d " + how
				h := &head{left: bytes}
				w := d.world(nil, nil, func() time.Time { return noon() })
				if strings.Contains(how, "worker") {
					w = d.world(nil, nil, time.Now)
				}
				w.IO.Out, w.IO.Err = h, io.Discard
				status := make(chan int, 1)
				ctx, stop := context.WithCancel(t.Context())
				defer stop()
				go func() { status <- cmd.Main(ctx, strings.Fields(line), w) }()
				select {
				case got := <-status:
					if got != 0 {
						t.Errorf("status %d", got)
					}
				case <-time.After(time.Minute):
					stop()
					<-status
					t.Fatal("it did not end")
				}
				close(over)
				first := judgedIn(t, d, h.got.String())
				out := &head{left: 1 << 30}
				w.IO.Out = out
				ctx, stop = context.WithCancel(t.Context())
				defer stop()
				go func() { status <- cmd.Main(ctx, strings.Fields(line), w) }()
				<-s.asked
				<-s.asked
				d.nothingWaits(t)
				stop()
				if got := <-status; got != 0 {
					t.Errorf("the next run: status %d", got)
				}
				second := judgedIn(t, d, out.got.String())
				for id := range second {
					if first[id] {
						t.Errorf("%s was printed twice", id)
					}
				}
				book, err := casebook.Open(t.Context(), d.dir+"/book.db", casebook.Options{Now: noon})
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = book.Close() }()
				n, waits := count(t, book, `SELECT COUNT(*) FROM alerts`), count(t, book, `SELECT COUNT(*) FROM arrivals WHERE waits = 1`)+count(t, book, `SELECT COUNT(*) FROM waiting`)
				m, err := book.Mark(t.Context(), "siem")
				if err != nil || n != alerts || waits != 0 || m.At.Before(noon().Add(-10*time.Minute)) {
					t.Errorf("%d alerts judged, %d wait, the mark is %+v, %v", n, waits, m, err)
				}
			})
		}
	}
}

// nothingWaits waits until workers have judged everything.
func (d *desk) nothingWaits(t *testing.T) {
	t.Helper()
	book, err := casebook.Open(t.Context(), d.dir+"/book.db", casebook.Options{Now: noon})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = book.Close() }()
	until(t, "everything judged", func() bool { return count(t, book, `SELECT COUNT(*) FROM waiting`) == 0 })
}

// judgedIn are the alerts of the verdicts that were printed whole, each of which has to be in the casebook.
func judgedIn(t *testing.T, d *desk, out string) map[string]bool {
	t.Helper()
	book, err := casebook.Open(t.Context(), d.dir+"/book.db", casebook.Options{Now: noon})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = book.Close() }()
	seen := map[string]bool{}
	for line := range strings.Lines(out) {
		if !strings.HasSuffix(line, "\n") || gjson.Get(line, "kind").Str != "verdict" {
			continue
		}
		id := gjson.Get(line, "id").Str
		seen[id] = true
		if n := count(t, book, `SELECT COUNT(*) FROM verdicts WHERE id = '`+id+`'`); n != 1 {
			t.Errorf("%s is printed and %d times in the book", id, n)
		}
	}
	return seen
}
