package web_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/internal/web"
)

// read collects the lines that a server sends.
func read(t *testing.T, answer http.HandlerFunc, s web.Stream, change func(*web.Settings)) ([]string, error) {
	t.Helper()
	var got []string
	err := client(t, answer, change).Lines(t.Context(), web.Request{Path: []string{"export"}, Repeatable: true, Method: http.MethodPost}, s, func(line []byte) error {
		got = append(got, string(line))
		return nil
	})
	return got, err
}

// TestAnAnswerLineByLine: whatever ends the lines, however long they are, whether the last has an end or not.
func TestAnAnswerLineByLine(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 200_000)
	for text, want := range map[string][]string{
		"a\nb\n":                        {"a", "b"},
		"a\r\n\r\n\n b \nc":             {"a", "b", "c"},
		"":                              nil,
		long + "\ny\n" + long:           {long, "y", long},
		"a\n" + long + "\n" + "b\n\n\n": {"a", long, "b"},
	} {
		got, err := read(t, page("application/json", text), web.Stream{}, nil)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%.20q: %d lines, %v", text, len(got), err)
		}
	}
}

// TestALineThatBreaksOff is not handed over, those before it are, and they are not fetched again.
func TestALineThatBreaksOff(t *testing.T) {
	t.Parallel()
	var n atomic.Int32
	got, err := read(t, func(w http.ResponseWriter, _ *http.Request) {
		n.Add(1)
		w.Header().Set("Content-Length", "1000")
		_, _ = w.Write([]byte("one\ntwo\nthr"))
	}, web.Stream{}, nil)
	if !errors.Is(err, web.ErrCut) || !slices.Equal(got, []string{"one", "two"}) || n.Load() != 1 {
		t.Errorf("%q %v, %d attempts", got, err, n.Load())
	}
}

// TestLinesAreAskedForAgain while none came.
func TestLinesAreAskedForAgain(t *testing.T) {
	t.Parallel()
	var n atomic.Int32
	got, err := read(t, func(w http.ResponseWriter, _ *http.Request) {
		switch n.Add(1) {
		case 1:
			w.WriteHeader(http.StatusServiceUnavailable)
		case 2:
			w.Header().Set("Content-Length", "9")
		default:
			_, _ = w.Write([]byte("at last\n"))
		}
	}, web.Stream{}, nil)
	if err != nil || !slices.Equal(got, []string{"at last"}) || n.Load() != 3 {
		t.Errorf("%q %v, %d attempts", got, err, n.Load())
	}
}

// TestLinesKeepToTheRules of every request: bounds, redirects, pages for people, and the key in no error.
func TestLinesKeepToTheRules(t *testing.T) {
	t.Parallel()
	short := 50 * time.Millisecond
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		s      web.Stream
		want   string
		is     error
	}{
		"a line too long": {page("text/plain", "a\n"+strings.Repeat("x", 101)+"\n"), web.Stream{MaxLine: 100}, "a line of more than 100 bytes", web.ErrTooLarge},
		"too much":        {page("text/plain", strings.Repeat("x\n", 101)), web.Stream{MaxBody: 200}, "more than 200 bytes", web.ErrTooLarge},
		"no answer":       {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, web.Stream{Idle: short}, "nothing for 50ms", web.ErrTimeout},
		"silence": {func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write([]byte("a\n"))
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		}, web.Stream{Idle: short}, "nothing for 50ms", web.ErrTimeout},
		"elsewhere": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://elsewhere.example/", http.StatusTemporaryRedirect)
		}, web.Stream{}, "refused to be redirected to https://elsewhere.example", web.ErrRedirect},
		"a page": {page("text/html", "<p>Please sign in"), web.Stream{}, "HTML", web.ErrHTML},
		"a hidden page": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Content-Type"] = nil
			_, _ = w.Write([]byte("<!doctype html>"))
		}, web.Stream{}, "HTML", web.ErrHTML},
		"an echo": {func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			_, _ = w.Write([]byte("bad key " + r.Header.Get("Key")))
		}, web.Stream{}, "answered 403 Forbidden: bad key REDACTED", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := read(t, c.answer, c.s, nil)
			var fault *web.Error
			if !errors.As(err, &fault) || c.is != nil && !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.want) || leaks(err.Error()) {
				t.Errorf("%T %v", err, err)
			}
		})
	}
}

// TestAStreamMayTakeItsTime: what counts is how long nothing comes.
func TestAStreamMayTakeItsTime(t *testing.T) {
	t.Parallel()
	got, err := read(t, func(w http.ResponseWriter, _ *http.Request) {
		for i := range 10 {
			_, _ = fmt.Fprintf(w, "%d\n", i)
			_ = http.NewResponseController(w).Flush()
		}
	}, web.Stream{Idle: time.Minute}, func(s *web.Settings) { s.Timeout = time.Nanosecond })
	if err != nil || len(got) != 10 {
		t.Errorf("%q %v", got, err)
	}
}

// TestWhoReadsMayStop: its error is what comes back.
func TestWhoReadsMayStop(t *testing.T) {
	t.Parallel()
	enough, n := errors.New("enough"), 0
	err := client(t, page("text/plain", strings.Repeat("x\n", 1000)), nil).Lines(t.Context(), web.Request{}, web.Stream{}, func([]byte) error {
		if n++; n == 3 {
			return enough
		}
		return nil
	})
	if err != enough || n != 3 { //nolint:errorlint // it is that error, unwrapped
		t.Errorf("%v after %d", err, n)
	}
}

// TestWhatABodySaysIsCleaned as what a refusal says is.
func TestWhatABodySaysIsCleaned(t *testing.T) {
	t.Parallel()
	c := client(t, nil, nil)
	got := c.Clean("bad "+key+" or\x1b[31m s3ssion\n"+strings.Repeat("x", 5000), web.Header{Value: web.NewSecret("s3ssion")})
	if leaks(got) || strings.ContainsAny(got, "\x1b\n") || !strings.HasPrefix(got, "bad REDACTED or [31m REDACTED x") || len(got) > 300 {
		t.Errorf("%q", got)
	}
}
