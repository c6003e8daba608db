package feed_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/internal/intel/feed"
)

func TestFetch(t *testing.T) {
	t.Parallel()
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "203.0.113.66\n") }))
	t.Cleanup(other.Close)
	release := make(chan struct{})
	mux := http.NewServeMux()
	mux.HandleFunc("/feed", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "# key "+r.Header.Get("Auth-Key")+" agent "+r.UserAgent()+"\n203.0.113.9\n")
	})
	mux.HandleFunc("/here", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/feed", http.StatusFound) })
	mux.HandleFunc("/there", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other.URL, http.StatusFound) })
	mux.HandleFunc("/portal", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, "<html>sign in</html>")
	})
	mux.HandleFunc("/half", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = io.WriteString(w, "203.0.113.9\n")
	})
	mux.HandleFunc("/slow", func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(release) })
	fetch := func(path string, o feed.Fetching) (string, error) {
		src, remove, err := feed.Fetch(t.Context(), server.URL+path, o)
		if err != nil {
			return "", err
		}
		defer remove()
		f, err := src.Open()
		if err != nil {
			return "", err
		}
		defer f.Close()
		b, err := io.ReadAll(f)
		return string(b), err
	}
	keyed := feed.Fetching{Header: http.Header{"auth-key": {"k1"}}, Agent: "soc/test"}
	for _, path := range []string{"/feed", "/here"} {
		if got, err := fetch(path+"?token=hush", keyed); err != nil || got != "# key k1 agent soc/test\n203.0.113.9\n" {
			t.Errorf("%s: %q, %v", path, got, err)
		}
	}
	for path, says := range map[string]string{
		"/there": "redirects to another host", "/portal": "answered HTML, not a feed", "/half": "unexpected EOF", "/none": "answered 404",
	} {
		if _, err := fetch(path+"?token=hush", keyed); err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: %v", path, err)
		}
	}
	if _, err := fetch("/there", keyed); !errors.Is(err, feed.ErrHost) {
		t.Error(err)
	}
	if _, err := fetch("/feed", feed.Fetching{Limit: 5}); err == nil || !strings.Contains(err.Error(), "more than") {
		t.Error(err)
	}
	if _, err := fetch("/slow", feed.Fetching{Timeout: 50 * time.Millisecond}); err == nil || strings.Contains(err.Error(), "hush") {
		t.Error(err)
	}
	for _, address := range []string{"ftp://example.com/a", "http://user:hush@example.com/", "http:///a", "::"} {
		if _, _, err := feed.Fetch(t.Context(), address, feed.Fetching{}); err == nil || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: %v", address, err)
		}
	}
}
