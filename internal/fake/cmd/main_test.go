package main

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/seed-959697dd/soc/internal/config"
)

// printed hands over what was written, once a whole page is there.
type printed struct {
	once sync.Once
	page chan string
}

func (p *printed) Write(b []byte) (int, error) {
	p.once.Do(func() { p.page <- string(b) })
	return len(b), nil
}

var address = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

// Whatever a product prints, soc reads; it answers where it says; and every variable that it names, it gives.
func TestEveryProductIsServed(t *testing.T) {
	t.Parallel()
	for _, name := range names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, stop := context.WithCancel(t.Context())
			out := &printed{page: make(chan string, 1)}
			ended := make(chan error, 1)
			go func() { ended <- run(ctx, []string{"--product", name}, out) }()
			page := <-out.page
			file := filepath.Join(t.TempDir(), "soc.yaml")
			if err := os.WriteFile(file, []byte(page), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := config.Load(file); err != nil {
				t.Errorf("%v in\n%s", err, page)
			}
			for _, env := range regexp.MustCompile(`_env: ([A-Z_]+)`).FindAllStringSubmatch(page, -1) {
				if !strings.Contains(page, "# export "+env[1]+"=") {
					t.Errorf("%s is named and not given", env[1])
				}
			}
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, address.FindString(page), nil)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Error(err)
			} else {
				_ = resp.Body.Close()
			}
			stop()
			if err := <-ended; err != nil {
				t.Error(err)
			}
		})
	}
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"--product", "none"}, {"--product", "xsoar", "--listen", "256.0.0.1:1"}, {"--flag"}} {
		if err := run(t.Context(), args, &strings.Builder{}); err == nil {
			t.Errorf("%q is no error", args)
		}
	}
	var list strings.Builder
	if err := run(t.Context(), nil, &list); err != nil || !strings.Contains(list.String(), "splunksoar\n") {
		t.Errorf("the list is %q, %v", list.String(), err)
	}
}

// What the documentation tells people to serve is there.
func TestTheDocumentedProductsAreServed(t *testing.T) {
	t.Parallel()
	pages, _ := filepath.Glob("../../../docs/guide/*.md")
	n := 0
	for _, page := range append(pages, "../../../README.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`internal/fake/cmd --product ([a-z]+)`).FindAllStringSubmatch(string(text), -1) {
			n++
			if _, ok := products()[m[1]]; !ok {
				t.Errorf("%s names %s", page, m[1])
			}
		}
	}
	if n == 0 {
		t.Error("no page names one: the test tells nothing")
	}
}
