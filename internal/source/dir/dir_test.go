package dir_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/source/dir"
)

// memory remembers within a test, as a casebook does across processes.
type memory struct {
	mu   sync.Mutex
	kept map[string]string
}

func (m *memory) Known(_ context.Context, file, edition string) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.kept[file] == edition, nil
}

func (m *memory) Keep(_ context.Context, file, edition string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.kept[file] = edition
	return nil
}

// rig is a directory, and what came out of it.
type rig struct {
	t    *testing.T
	path string
	mem  *memory
}

func newRig(t *testing.T) *rig {
	t.Helper()
	return &rig{t, t.TempDir(), &memory{kept: map[string]string{}}}
}

func (r *rig) write(name, text string) {
	r.t.Helper()
	path := filepath.Join(r.path, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		r.t.Fatal(err)
	}
}

// feed reads until n were handed over, each kept as kept says, and returns what they were.
func (r *rig) feed(n int, kept error, on func(i int)) (all []alert.Fed) {
	r.t.Helper()
	d, err := dir.New(dir.Settings{Path: r.path, Every: time.Millisecond, Memory: r.mem})
	if err != nil {
		r.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(r.t.Context())
	defer cancel()
	err = d.Feed(ctx, func(f alert.Fed) error {
		all = append(all, f)
		if f.Kept != nil {
			f.Kept(kept)
		}
		if on != nil {
			on(len(all))
		}
		if len(all) == n {
			cancel()
		}
		return nil
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return all
}

func items(all []alert.Fed) (list []string) {
	for i := range all {
		list = append(list, all[i].Item)
	}
	return list
}

func (r *rig) want(all []alert.Fed, want ...string) {
	r.t.Helper()
	if got := items(all); !slices.Equal(got, want) {
		r.t.Errorf("got %q, want %q", got, want)
	}
}

func TestFilesAreReadOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.write("b/one.ndjson", "{\"id\":\"1\"}\n{\"id\":\"2\"}\n")
	r.write(".hidden.json", `{"id":"no"}`)
	r.write("export.json.part", `{"id":"no"}`)
	r.want(r.feed(2, nil, nil), "b/one.ndjson:1", "b/one.ndjson:2")
	r.write("a.csv", "id,title,severity\n3,three,high\n4,four,low\n")
	got := r.feed(2, nil, nil) // another process: it remembers
	r.want(got, "a.csv:2", "a.csv:3")
	if string(got[0].View) != `{"id":"3","title":"three","severity":"high"}` {
		t.Errorf("the row is %s", got[0].View)
	}
	if err := os.Rename(filepath.Join(r.path, "export.json.part"), filepath.Join(r.path, "export.json")); err != nil {
		t.Fatal(err)
	}
	r.want(r.feed(1, nil, nil), "export.json:1")
}

func TestWhatWasNotKeptComesAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.write("one.json", `{"id":"1"}`)
	first := r.feed(1, errors.New("no space left"), nil)
	again := r.feed(1, nil, nil)
	if first[0].Item != again[0].Item || first[0].Edition != again[0].Edition {
		t.Errorf("%s %s came again as %s %s", first[0].Item, first[0].Edition, again[0].Item, again[0].Edition)
	}
}

func TestAFileThatGrowsIsReadAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.write("one.ndjson", "{\"id\":\"1\"}\n")
	got := r.feed(3, nil, func(i int) {
		if i == 1 {
			r.write("one.ndjson", "{\"id\":\"1\"}\n{\"id\":\"2\"}\n")
		}
	})
	r.want(got, "one.ndjson:1", "one.ndjson:1", "one.ndjson:2")
	if got[0].Edition != got[1].Edition {
		t.Error("the record that was there before has another edition")
	}
}

func TestTroubleIsSaid(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write([]byte("{\"id\":\"1\"}\n")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r.write("cut.gz", packed.String()[:packed.Len()-6])
	if err := os.Symlink("/etc/passwd", filepath.Join(r.path, "link.json")); err != nil {
		t.Skip(err)
	}
	got := r.feed(3, nil, nil)
	var reasons []string
	for i := range got {
		for _, g := range got[i].Gaps {
			reasons = append(reasons, g.Source)
		}
	}
	slices.Sort(reasons)
	if !slices.Equal(reasons, []string{"cut.gz", "link.json"}) {
		t.Errorf("gaps of %q: %+v", reasons, got)
	}
	if _, ok := r.mem.kept["cut.gz"]; ok {
		t.Error("half a file is remembered as read")
	}
}

func TestExamine(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.write("one.json", `{}`)
	for path, want := range map[string]bool{r.path: true, filepath.Join(r.path, "none"): false, filepath.Join(r.path, "one.json"): false} {
		d, err := dir.New(dir.Settings{Path: path})
		if err != nil {
			t.Fatal(err)
		}
		if f := d.Examine(t.Context()); len(f) != 1 || f[0].OK != want || !want && f[0].Hint == "" {
			t.Errorf("%s: %+v", path, f)
		}
	}
}
