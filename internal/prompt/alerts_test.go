package prompt_test

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/alert/stream"
	"github.com/seed-959697dd/soc/internal/prompt"
)

var testKey = []byte("a key of thirty-two bytes, or so")

func composer(t testing.TB, s prompt.Settings) *prompt.Composer {
	t.Helper()
	if s.Key == nil {
		s.Key = testKey
	}
	c, err := prompt.New(s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var formats = sync.OnceValues(func() (*alert.Set, error) { return alert.NewSet(alert.Options{}) })

// parse reads one record as soc would.
func parse(t testing.TB, raw string) *alert.Alert {
	t.Helper()
	set, err := formats()
	if err != nil {
		t.Fatal(err)
	}
	var a alert.Alert
	if _, err := set.NewParser().Parse(&a, []byte(raw), nil); err != nil {
		t.Fatalf("%v: %.200s", err, raw)
	}
	return &a
}

// samples are the alerts of every product that the project has samples of.
func samples(t testing.TB, files ...string) []*alert.Alert {
	t.Helper()
	set, err := formats()
	if err != nil {
		t.Fatal(err)
	}
	p := set.NewParser()
	var all []*alert.Alert
	for _, f := range files {
		if strings.HasSuffix(f, ".golden") {
			continue
		}
		sources, err := stream.Expand([]string{f}, nil)
		if err != nil {
			t.Fatal(err)
		}
		err = stream.Read(context.Background(), sources[0], stream.Limits{}, func(b stream.Batch) error {
			for _, r := range b.Records {
				a := new(alert.Alert)
				if _, err := p.Parse(a, bytes.Clone(r.Raw), bytes.Clone(r.View)); err == nil {
					all = append(all, a)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func everySample(t testing.TB) []*alert.Alert {
	t.Helper()
	files, err := filepath.Glob("../../testdata/alert/*/*")
	if err != nil || len(files) < 50 {
		t.Fatalf("%d files of samples, %v", len(files), err)
	}
	return samples(t, files...)
}
