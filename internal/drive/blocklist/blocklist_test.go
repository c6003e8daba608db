package blocklist_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/seed-959697dd/soc/internal/drive/blocklist"
	"github.com/seed-959697dd/soc/respond"
)

func TestAValueComesOnTheListAndGoes(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "block.txt")
	if err := os.WriteFile(path, []byte("# by hand\n198.51.100.1\n"), 0o640); err != nil {
		t.Fatal(err)
	}
	l, err := blocklist.New(blocklist.Settings{Path: path, Actions: []string{"block-ip"}})
	if err != nil {
		t.Fatal(err)
	}
	target := respond.Target{Type: respond.IP, Value: "203.0.113.9"}
	order := respond.Order{Target: target}
	before, err := l.Probe(t.Context(), "block-ip", target)
	if err != nil || before.Done {
		t.Fatal(before, err)
	}
	for range 2 { // twice is harmless
		if err := l.Do(t.Context(), order); err != nil {
			t.Fatal(err)
		}
	}
	text, _ := os.ReadFile(path)
	if string(text) != "# by hand\n198.51.100.1\n203.0.113.9\n" {
		t.Errorf("%q", text)
	}
	if s, err := l.Probe(t.Context(), "block-ip", target); err != nil || !s.Done {
		t.Error(s, err)
	}
	for range 2 {
		if err := l.Undo(t.Context(), order); err != nil {
			t.Fatal(err)
		}
	}
	if after, err := l.Probe(t.Context(), "block-ip", target); err != nil || after.Digest() != before.Digest() {
		t.Error(after, err)
	}
	if text, _ := os.ReadFile(path); string(text) != "# by hand\n198.51.100.1\n" {
		t.Errorf("%q", text)
	}
	if st, _ := os.Stat(path); st.Mode().Perm() != 0o640 {
		t.Error(st.Mode())
	}
}

func TestManyWritersLoseNothing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "block.txt")
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			l, err := blocklist.New(blocklist.Settings{Path: path, Actions: []string{"block-ip"}})
			if err == nil {
				err = l.Do(t.Context(), respond.Order{Target: respond.Target{Type: respond.IP, Value: "203.0.113." + string(rune('1'+i))}})
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if text, _ := os.ReadFile(path); len(text) != 8*len("203.0.113.1\n") {
		t.Errorf("%q", text)
	}
}

// A process that was killed leaves its lock file, which holds nobody up.
func TestALockFileAloneHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "block.txt")
	if err := os.WriteFile(path+".lock", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := blocklist.New(blocklist.Settings{Path: path, Actions: []string{"block-ip"}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // who has to wait gives up
	if err := l.Do(ctx, respond.Order{Action: "block-ip", Target: respond.Target{Type: respond.IP, Value: "203.0.113.9"}}); err != nil {
		t.Error(err)
	}
}

func TestAListDoesNotIsolate(t *testing.T) {
	t.Parallel()
	if _, err := blocklist.New(blocklist.Settings{Path: "x", Actions: []string{"isolate-host"}}); err == nil {
		t.Error("it would")
	}
}

// A line that is longer than any value ends nothing: what stands behind it stays.
func TestALongLineCutsNothingOff(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "block.txt")
	kept := "198.51.100.1\n# " + strings.Repeat("x", 1<<20) + "\n198.51.100.2 \r\n"
	if err := os.WriteFile(path, []byte(kept), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := blocklist.New(blocklist.Settings{Path: path, Actions: []string{"block-ip"}})
	if err != nil {
		t.Fatal(err)
	}
	if s, err := l.Probe(t.Context(), "block-ip", respond.Target{Type: respond.IP, Value: "198.51.100.2"}); err != nil || !s.Done {
		t.Error("what whoever fetches the list reads is on it", s, err)
	}
	o := respond.Order{Target: respond.Target{Type: respond.IP, Value: "203.0.113.9"}}
	if err := l.Do(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if err := l.Undo(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil || strings.ReplaceAll(string(text), "\r", "") != strings.ReplaceAll(kept, "\r", "") {
		t.Errorf("%d bytes of %d: %v", len(text), len(kept), err)
	}
}

// Where the path is a link, what is behind it is written: whoever serves the list serves that.
func TestAListBehindALink(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	served, path := filepath.Join(dir, "served.txt"), filepath.Join(dir, "block.txt")
	if err := os.WriteFile(served, []byte("198.51.100.1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(served, path); err != nil {
		t.Skip(err)
	}
	l, err := blocklist.New(blocklist.Settings{Path: path, Actions: []string{"block-ip"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Do(t.Context(), respond.Order{Target: respond.Target{Type: respond.IP, Value: "203.0.113.9"}}); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(served); err != nil || string(text) != "198.51.100.1\n203.0.113.9\n" {
		t.Errorf("%q %v", text, err)
	}
}
