package web_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/internal/web"
)

// client speaks to a server that answers as told, with a key, and without waiting.
func client(t *testing.T, answer http.HandlerFunc, change func(*web.Settings)) *web.Client {
	t.Helper()
	srv := httptest.NewServer(answer)
	t.Cleanup(srv.Close)
	s := web.Settings{
		BaseURL: srv.URL + "/api", Secrets: []web.Header{{Name: "Key", Value: web.NewSecret(key)}},
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	}
	if change != nil {
		change(&s)
	}
	c, err := web.New(s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestARequestAsItArrives: the path is built from escaped segments, the key is a header, the body is bytes.
func TestARequestAsItArrives(t *testing.T) {
	t.Parallel()
	var got *http.Request
	c := client(t, func(_ http.ResponseWriter, r *http.Request) { got = r }, nil)
	_, err := c.Do(t.Context(), web.Request{
		Path: []string{"search", "a/b?c#d%"}, Query: url.Values{"q": {"x&y=z 1+1"}}, Header: map[string]string{"Accept": "text/csv"},
		Secrets: []web.Header{{Name: "Authorization", Prefix: "Bearer ", Value: web.NewSecret("t0ken")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got.RequestURI != "/api/search/a%2Fb%3Fc%23d%25?q=x%26y%3Dz%201%2B1" || got.Method != http.MethodGet {
		t.Errorf("%s %s", got.Method, got.RequestURI)
	}
	for name, want := range map[string]string{"Key": key, "Authorization": "Bearer t0ken", "Accept": "text/csv", "User-Agent": "soc"} {
		if got.Header.Get(name) != want {
			t.Errorf("%s: %q", name, got.Header.Get(name))
		}
	}
	for _, path := range [][]string{{".."}, {"a", "."}, {""}} {
		if _, err := c.Do(t.Context(), web.Request{Path: path}); err == nil {
			t.Errorf("the path %q was accepted", path)
		}
	}
}

// TestTheKeyStandsInNoError, whatever the service does with it.
func TestTheKeyStandsInNoError(t *testing.T) {
	t.Parallel()
	short := func(s *web.Settings) { s.Timeout = 50 * time.Millisecond }
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		change func(*web.Settings)
		want   string
		is     error
	}{
		"it echoes it": {func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			_, _ = w.Write([]byte("bad key " + r.Header.Get("Key") + " or " + url.QueryEscape(key) + "\x1b[31m\n\u202e" + strings.Repeat("x", 5000)))
		}, nil, "answered 403 Forbidden: bad key REDACTED or REDACTED [31m xx", nil},
		"it redirects elsewhere": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://elsewhere.example/?key="+url.QueryEscape(key), http.StatusFound)
		}, nil, "refused to be redirected to https://elsewhere.example", web.ErrRedirect},
		"it redirects to what is no host": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "https://"+key+".elsewhere.example/%zz")
			w.WriteHeader(http.StatusFound)
		}, nil, "", nil},
		"it cuts the answer": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = w.Write([]byte(key))
		}, nil, "the answer was cut off after 18 bytes", web.ErrCut},
		"it hangs up":       {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, nil, "EOF", nil},
		"it takes its time": {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, short, "no whole answer in time (50ms)", web.ErrTimeout},
		"it never ends":     {drip, short, "no whole answer in time (50ms)", web.ErrTimeout},
		"it says too much":  {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 5000)) }, func(s *web.Settings) { s.MaxBody = 4999 }, "the answer is too large: more than 4999 bytes", web.ErrTooLarge},
		"it inflates":       {inflate, func(s *web.Settings) { s.MaxBody = 1 << 20 }, "the answer is too large: more than 1048576 bytes", web.ErrTooLarge},
		"it answers HTML":   {page("text/html; charset=utf-8", "<p>Welcome"), nil, web.ErrHTML.Error(), web.ErrHTML},
		"it hides HTML": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Content-Type"] = nil
			_, _ = w.Write([]byte("\n<!DOCTYPE HTML>"))
		}, nil, web.ErrHTML.Error(), web.ErrHTML},
		"it answers text":      {page("text/plain", "ok"), nil, "answered another content type: text/plain", web.ErrType},
		"it answers half JSON": {page("application/json", `{"a":`), nil, "answered JSON that does not fit: unexpected end", nil},
		"it is not there":      {nil, func(s *web.Settings) { s.BaseURL = "http://" + closed(t) }, "refused", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var into struct{ A int }
			cl := client(t, c.answer, c.change)
			_, err := cl.JSON(t.Context(), web.Request{Path: []string{"check"}, Query: url.Values{"q": {"203.0.113.9"}, "key": {key}}}, &into)
			var fault *web.Error
			if !errors.As(err, &fault) || c.is != nil && !errors.Is(err, c.is) {
				t.Fatalf("%T %v", err, err)
			}
			if !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "127.0.0.1:") || strings.ContainsAny(err.Error(), "\n\x1b\u202e") || len(err.Error()) > 400 {
				t.Errorf("said %q", err)
			}
			for e := err; e != nil; e = errors.Unwrap(e) {
				if leaks(e.Error()) || strings.Contains(e.Error(), "203.0.113.9") {
					t.Errorf("%T shows too much: %v", e, e)
				}
			}
		})
	}
}

func page(kind, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		_, _ = w.Write([]byte(text))
	}
}

// drip sends a byte at a time for as long as someone listens.
func drip(w http.ResponseWriter, r *http.Request) {
	for r.Context().Err() == nil {
		_, _ = w.Write([]byte("x"))
		_ = http.NewResponseController(w).Flush()
		time.Sleep(5 * time.Millisecond)
	}
}

// inflate sends 20 KiB that become 20 MiB.
func inflate(w http.ResponseWriter, _ *http.Request) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(make([]byte, 20<<20))
	_ = z.Close()
	w.Header().Set("Content-Encoding", "gzip")
	_, _ = w.Write(b.Bytes())
}

// closed is an address where nobody listens.
func closed(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// TestARedirectOnTheSameHost is followed, unless it turns one request into another.
func TestARedirectOnTheSameHost(t *testing.T) {
	t.Parallel()
	c := client(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/new" {
			_, _ = w.Write([]byte(r.Method + r.Header.Get("Key")))
			return
		}
		http.Redirect(w, r, "/api/new", http.StatusFound)
	}, nil)
	resp, err := c.Do(t.Context(), web.Request{Path: []string{"old"}})
	if err != nil || string(resp.Body) != "GET"+key {
		t.Errorf("%v %v", resp, err)
	}
	if _, err = c.Do(t.Context(), web.Request{Method: http.MethodPost, Path: []string{"old"}}); !errors.Is(err, web.ErrRedirect) {
		t.Errorf("a POST became a GET: %v", err)
	}
}

// TestALinkIsFollowedVerbatim, and to no other host: the key would go there.
func TestALinkIsFollowedVerbatim(t *testing.T) {
	t.Parallel()
	var got, base string
	c := client(t, func(_ http.ResponseWriter, r *http.Request) { got = r.RequestURI }, func(s *web.Settings) { base = s.BaseURL })
	link := base + "/list?$skipToken=a%2Fb+c&$filter=x%20eq%20'y'"
	if _, err := c.Do(t.Context(), web.Request{Link: link, Path: []string{"not", "this"}}); err != nil || base+strings.TrimPrefix(got, "/api") != link {
		t.Errorf("asked for %s, %v", got, err)
	}
	port := base[strings.LastIndex(base, ":"):]
	for _, away := range []string{"https://elsewhere.example/api", "https" + strings.TrimPrefix(base, "http"), "http://u:p@127.0.0.1" + port, "/api/list", "://", base + "#x", "http://127.0.0.1:1/api"} {
		got = ""
		if _, err := c.Do(t.Context(), web.Request{Link: away}); !errors.Is(err, web.ErrLink) || got != "" {
			t.Errorf("%s: %v, %s", away, err, got)
		}
	}
}

// TestConnectionsAreUsedAgain, also after answers that are errors.
func TestConnectionsAreUsedAgain(t *testing.T) {
	t.Parallel()
	var opened atomic.Int32
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write(make([]byte, 100_000))
	}))
	srv.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			opened.Add(1)
		}
	}
	srv.Start()
	t.Cleanup(srv.Close)
	c, err := web.New(web.Settings{BaseURL: srv.URL})
	if err != nil {
		t.Fatal(err)
	}
	for range 10 {
		if resp, err := c.Do(t.Context(), web.Request{}); err == nil || resp.Status != http.StatusNotFound {
			t.Fatalf("%v %v", resp, err)
		}
	}
	if opened.Load() != 1 {
		t.Errorf("%d connections for 10 requests", opened.Load())
	}
}

// TestALinkMayNameThePortThatGoesWithoutSaying, as those of Azure's resource manager do.
func TestALinkMayNameThePortThatGoesWithoutSaying(t *testing.T) {
	t.Parallel()
	c, err := web.New(web.Settings{BaseURL: "https://management.invalid", Retries: -1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Do(t.Context(), web.Request{Link: "https://management.invalid:443/x"}); err == nil || errors.Is(err, web.ErrLink) {
		t.Errorf("refused: %v", err) // no such host, but asked for
	}
	if _, err := c.Do(t.Context(), web.Request{Link: "https://management.invalid:444/x"}); !errors.Is(err, web.ErrLink) {
		t.Errorf("another port: %v", err)
	}
}
