package store

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/internal/intel/feed/ioc"
)

// Writer makes the file of a feed beside the one that is in use. Nothing is replaced before Commit; who gives up calls Abort. A
// writer belongs to one goroutine.
type Writer struct {
	dir  string
	file *os.File
	buf  *bufio.Writer
	room []byte
	at   uint64 // where the next record begins
	keys []entry
	head header
	n    int64 // entries added
	meta Meta
}

// entry is a row of the table.
type entry struct{ hash, at uint64 }

// buffer is how much is read and written at once.
const buffer = 1 << 20

// Create begins a feed's file in a directory, which is made when it is not there. What a killed import left more than a day
// before now is taken away.
func Create(dir string, now time.Time) (*Writer, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the directory of feeds: %w", err)
	}
	sweep(dir, now)
	f, err := os.CreateTemp(dir, ".feed-*.tmp")
	if err != nil {
		return nil, fmt.Errorf("writing a feed: %w", err)
	}
	w := &Writer{dir: dir, file: f, buf: bufio.NewWriterSize(f, buffer)}
	w.write(make([]byte, headerSize))
	return w, nil
}

// CheckName keeps the names of feeds usable as the names of files and, unquoted, on a command line.
func CheckName(name string) error {
	if name == "" || len(name) > 64 || name[0] == '.' || name[0] == '-' {
		return fmt.Errorf("feed %q: a name is 1 to 64 characters and begins with a letter or digit", name)
	}
	if i := strings.IndexFunc(name, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_' && r != '.'
	}); i >= 0 {
		return fmt.Errorf("feed %q: a name has letters, digits, dot, dash and underscore only", name)
	}
	return nil
}

// sweep is a courtesy: what it cannot remove stays.
func sweep(dir string, now time.Time) {
	left, _ := filepath.Glob(filepath.Join(dir, ".*.tmp"))
	for _, path := range left {
		if st, err := os.Lstat(path); err == nil && now.Sub(st.ModTime()) > 24*time.Hour {
			_ = os.Remove(path)
		}
	}
}

// write appends to the file. bufio keeps the first error for Flush.
func (w *Writer) write(b []byte) {
	n, _ := w.buf.Write(b)
	w.at += uint64(n)
}

// Add appends an entry, which has its normal spelling.
func (w *Writer) Add(in *ioc.Indicator) error {
	if w.n >= MaxEntries {
		return ErrFull
	}
	w.n++
	if w.room = appendRecord(w.room[:0], in); len(w.room) > maxRecord {
		return fmt.Errorf("an entry of %d bytes", len(w.room))
	}
	at := w.at
	w.write(w.room)
	w.keys = append(w.keys, entry{KeyOf(in.Type, in.Value).Hash, at})
	if in.Type == ioc.URL {
		if _, host := ioc.HostOf(in.Value); host != "" {
			w.keys = append(w.keys, entry{HostKey(host).Hash, at | hostBit})
		}
	}
	return nil
}

// Abort gives the file up. After Commit it does nothing.
func (w *Writer) Abort() {
	if w.file != nil {
		_ = w.file.Close() // it is thrown away
		_ = os.Remove(w.file.Name())
		w.file = nil
	}
}

// Commit finishes the file and puts it in the place of the last good copy of the feed m.Name. It returns m with the counts filled
// in. When it fails the last good copy stays.
func (w *Writer) Commit(m Meta) (Meta, error) {
	if err := CheckName(m.Name); err != nil {
		w.Abort()
		return m, err
	}
	w.meta = m
	err := w.finish()
	if err == nil {
		err = w.file.Sync()
	}
	if err == nil {
		err = w.file.Chmod(0o600)
	}
	if cerr := w.file.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(w.file.Name(), filepath.Join(w.dir, m.Name+Suffix))
	}
	if err != nil {
		w.Abort()
		return w.meta, fmt.Errorf("writing feed %s: %w", m.Name, err)
	}
	w.file = nil
	return w.meta, syncDir(w.dir)
}

// syncDir makes a rename last. Not every system can.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("opening the directory of feeds: %w", err)
	}
	if err := d.Sync(); err != nil && !errors.Is(err, os.ErrInvalid) && !errors.Is(err, os.ErrPermission) {
		return errors.Join(fmt.Errorf("syncing the directory of feeds: %w", err), d.Close())
	}
	return d.Close()
}
