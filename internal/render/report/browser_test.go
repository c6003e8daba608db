package report_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	gm "github.com/yuin/goldmark/renderer/html"
)

// browser finds a Chromium; without one the test is skipped, unless real components are asked for.
func browser(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("SOC_REQUIRE_REAL") != "" {
		t.Fatal("chromium is not installed: apt-get install chromium")
	}
	t.Skip("chromium is not installed")
	return ""
}

// beacon counts who asks for anything.
type beacon struct {
	mu    sync.Mutex
	asked []string
}

func (b *beacon) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked = append(b.asked, r.URL.Path)
	w.Header().Set("Access-Control-Allow-Origin", "*")
}

func (b *beacon) take() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := b.asked
	b.asked = nil
	return list
}

// load opens a page in a browser and returns the document as it then is.
func load(t *testing.T, chromium, page string) string {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "page.html")
	if err := os.WriteFile(file, []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(
		ctx, chromium, "--headless", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
		"--disable-sync", "--user-data-dir="+filepath.Join(dir, "profile"), "--virtual-time-budget=3000", "--dump-dom", "file://"+file,
	)
	cmd.Env = append(os.Environ(), "HOME="+dir)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %.2000s", err, errs.String())
	}
	return out.String()
}

// In a real browser a hostile case asks nobody for anything and runs nothing. That the browser would is tried first.
func TestPageIsInertInABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser three times")
	}
	chromium := browser(t)
	b := &beacon{}
	server := httptest.NewServer(b)
	t.Cleanup(server.Close)
	host := strings.TrimPrefix(server.URL, "http://")

	control := strings.ReplaceAll("<title>before</title><p>"+strings.Join(attacks[:3], "")+"<script>document.title='after'</script>", "HOST", host)
	if dom := load(t, chromium, control); !strings.Contains(dom, "<title>after") || len(b.take()) == 0 {
		t.Fatalf("this browser runs no script or asks for nothing: it proves nothing. %.300s", dom)
	}

	page := written(t, "html", hostileCase(t, host), night(t))
	dom := load(t, chromium, page)
	if asked := b.take(); len(asked) > 0 {
		t.Errorf("the page asked for %q", asked)
	}
	pageIsInert(t, dom)

	var rendered bytes.Buffer
	md := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(gm.WithUnsafe())) // as the most careless viewer would
	if err := md.Convert([]byte(written(t, "md", hostileCase(t, host))), &rendered); err != nil {
		t.Fatal(err)
	}
	dom = load(t, chromium, "<!DOCTYPE html><title>before</title>"+rendered.String())
	if asked := b.take(); len(asked) > 0 || strings.Contains(dom, "<script") || strings.Contains(dom, "<a ") {
		t.Errorf("the Markdown asked for %q", asked)
	}
}
