package alert_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/alert/stream"
)

var samples = filepath.Join("..", "testdata", "alert")

// TestFormats reads every sample under testdata/alert/FORMAT/ and compares the alerts with the golden file beside it. Write or
// renew the golden files with UPDATE=1, then read them.
func TestFormats(t *testing.T) {
	set, err := alert.NewSet(alert.Options{Now: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	formats, err := alert.Formats()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range formats {
		t.Run(f.Name, func(t *testing.T) {
			files, _ := filepath.Glob(filepath.Join(samples, f.Name, "*"))
			n := 0
			for _, file := range files {
				if strings.HasSuffix(file, ".golden") {
					continue
				}
				n++
				golden(t, set, f.Name, file)
			}
			if n == 0 {
				t.Errorf("format %s has no sample in testdata/alert/%s", f.Name, f.Name)
			}
		})
	}
}

func golden(t *testing.T, set *alert.Set, format, file string) {
	t.Helper()
	var got bytes.Buffer
	p := set.NewParser()
	sources, err := stream.Expand([]string{file}, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = stream.Read(context.Background(), sources[0], stream.Limits{}, func(b stream.Batch) error {
		for _, r := range b.Rejects {
			t.Errorf("%s:%d: rejected: %s", file, r.Line, r.Reason)
		}
		for _, r := range b.Records {
			var a alert.Alert
			if _, err := p.Parse(&a, r.Raw, r.View); err != nil {
				t.Errorf("%s:%d: %v", file, r.Line, err)
				continue
			}
			a.Input = alert.Place{Name: filepath.Base(file), Line: r.Line, Offset: r.Offset}
			if a.Format != format {
				t.Errorf("%s:%d: read as %s", file, r.Line, a.Format)
			}
			checkReceipts(t, &a)
			got.Write(a.AppendJSON(nil, false))
			got.WriteByte('\n')
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	name := file + ".golden"
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(name, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("%s changed:\n got %s\nwant %s", name, got.Bytes(), want)
	}
}

// checkReceipts holds every field to its path: what is cited must stand there.
func checkReceipts(t *testing.T, a *alert.Alert) {
	t.Helper()
	for i := range a.Fields {
		f := &a.Fields[i]
		if !alert.Cite(f, "").Holds(a.View) {
			t.Errorf("%s at %s does not hold %q", f.Slot, f.Path, f.Value)
		}
	}
}

func TestHeadersAgreeWithYAML(t *testing.T) {
	formats, err := alert.Formats()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range formats {
		if err := f.HeaderAgrees(); err != nil {
			t.Error(err)
		}
	}
}
