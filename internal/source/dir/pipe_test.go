//go:build unix

package dir

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/seed-959697dd/soc/alert/stream"
)

// Between the look at a file and its reading somebody can put a pipe in its place: a feed that waits for a writer waits for ever.
func TestAPipeInAFilesPlaceIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	at := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(at, "alerts.json"), 0o600); err != nil {
		t.Skip("no pipes here:", err)
	}
	root, err := os.OpenRoot(at)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = root.Close() }()
	if _, err := open(root, "alerts.json"); !errors.Is(err, stream.ErrDevice) {
		t.Errorf("opening it says %v", err)
	}
}
