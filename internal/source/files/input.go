package files

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"

	"github.com/seed-959697dd/soc/alert/stream"
)

// input is one file, and what is remembered of it.
type input struct {
	src stream.Source

	mu    sync.Mutex
	notes *notes // of the last reading
}

// recall returns the notes of a file that is as it was when they were made, else new ones.
func (in *input) recall(st fs.FileInfo) *notes {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.notes == nil || !same(in.notes.file, st) {
		in.notes = &notes{file: st}
	}
	return in.notes
}

func same(a, b fs.FileInfo) bool {
	return a != nil && b != nil && os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}

// changed says what became of a file while it was read, from what it was when it was opened; "" for nothing.
func (in *input) changed(was fs.FileInfo) string {
	now, err := os.Stat(in.src.Name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "was removed or renamed while it was read: what was written after that is not searched"
	case err != nil:
		return "cannot be looked at after it was read: " + err.Error()
	case !os.SameFile(was, now):
		return "was replaced while it was read: the new file is not searched"
	case now.Size() > was.Size():
		return fmt.Sprintf("grew by %d bytes while it was read: they may not be searched", now.Size()-was.Size())
	case now.Size() < was.Size():
		return fmt.Sprintf("shrank by %d bytes while it was read", was.Size()-now.Size())
	case !now.ModTime().Equal(was.ModTime()):
		return "was written to while it was read"
	}
	return ""
}
