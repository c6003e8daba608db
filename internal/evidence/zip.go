package evidence

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Zip writes a folder as one archive at file, beside and then renamed, for its owner's eyes only. The same folder gives the same bytes:
// every entry carries the time at, to the second.
func Zip(dir, file string, at time.Time) (err error) {
	if _, err := os.Lstat(file); err == nil {
		return fmt.Errorf("%s: it is there already", file)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()                                               //nolint:errcheck // only read
	out, err := os.CreateTemp(filepath.Dir(file), ".soc-evidence-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, out.Close(), os.Remove(out.Name()))
		}
	}()
	w := zip.NewWriter(out)
	list, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return err
	}
	for _, e := range list {
		if err := pack(w, root, e, at); err != nil {
			return fmt.Errorf("packing %s: %w", e.Name(), err)
		}
	}
	if err := errors.Join(w.Close(), out.Sync()); err != nil {
		return err
	}
	if err := out.Close(); err != nil {
		return err
	}
	return os.Rename(out.Name(), file)
}

func pack(w *zip.Writer, root *os.Root, e fs.DirEntry, at time.Time) error {
	if !e.Type().IsRegular() {
		return ErrKind
	}
	h := &zip.FileHeader{Name: filepath.Base(root.Name()) + "/" + e.Name(), Method: zip.Deflate, Modified: at.UTC().Truncate(time.Second)}
	h.SetMode(0o600)
	to, err := w.CreateHeader(h)
	if err != nil {
		return err
	}
	r, err := root.Open(e.Name())
	if err != nil {
		return err
	}
	_, err = io.Copy(to, r)
	return errors.Join(err, r.Close())
}
