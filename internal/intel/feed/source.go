package feed

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/seed-959697dd/soc/internal/intel/feed/read"
)

// maxFiles bounds the files of one directory.
const maxFiles = 100_000

// Files are the sources behind a path: the file itself, or the files of a directory, of which none is a link, hidden or a device. In a
// MISP feed, which has a manifest.json, they are the events that it names. apart says that each file is a feed of its own: a directory
// of warning lists.
func Files(path string) (list []read.Source, apart bool, err error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, false, fmt.Errorf("reading %s: %w", path, bare(err))
	}
	if !st.IsDir() {
		if !st.Mode().IsRegular() {
			return nil, false, fmt.Errorf("reading %s: it is no file: soc intel import - reads a pipe", path)
		}
		return []read.Source{file(path, "")}, false, nil
	}
	if list, err = manifest(path); err != nil || len(list) > 0 {
		return list, false, err
	}
	err = filepath.WalkDir(path, func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return fmt.Errorf("reading %s: %w", name, bare(err))
		case strings.HasPrefix(e.Name(), ".") && name != path && e.IsDir():
			return fs.SkipDir
		case !e.Type().IsRegular() || strings.HasPrefix(e.Name(), "."):
			return nil
		case len(list) >= maxFiles:
			return fmt.Errorf("reading %s: more than %d files", path, maxFiles)
		}
		rel, err := filepath.Rel(path, name)
		list = append(list, file(name, filepath.ToSlash(rel)))
		return err
	})
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("reading %s: there is no file in it", path)
	}
	return list, len(list) > 0 && read.Warning(list[0]), err
}

func file(path, rel string) read.Source {
	return read.Source{Name: path, File: rel, Open: func() (io.ReadCloser, error) {
		f, err := os.Open(path)
		if err != nil {
			return nil, bare(err)
		}
		return f, nil
	}}
}

// maxManifest bounds a manifest in bytes: some two hundred for each event.
const maxManifest = 64 << 20

// manifest returns the events of a MISP feed, nothing when the directory is none. Their names are identifiers, so that none leads
// outside.
func manifest(dir string) ([]read.Source, error) {
	f, err := os.Open(filepath.Join(dir, "manifest.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", dir, err)
	}
	defer func() { _ = f.Close() }() // only read
	var events map[string]json.RawMessage
	if err := json.NewDecoder(io.LimitReader(f, maxManifest)).Decode(&events); err != nil {
		return nil, fmt.Errorf("reading %s: its manifest.json: %w", dir, err)
	}
	id := regexp.MustCompile(`^[0-9a-fA-F-]{36}$`)
	var list []read.Source
	for uuid := range events {
		if !id.MatchString(uuid) {
			return nil, fmt.Errorf("reading %s: its manifest.json names %q, which is no event", dir, uuid)
		}
		list = append(list, file(filepath.Join(dir, uuid+".json"), uuid+".json"))
	}
	slices.SortFunc(list, func(a, b read.Source) int { return strings.Compare(a.File, b.File) })
	return list, nil
}

// Spool copies what can be read only once, at most max bytes, into a file without a name that others could open. remove takes it away.
func Spool(r io.Reader, name string, limit int64) (src read.Source, remove func(), err error) {
	f, err := os.CreateTemp("", "soc-intel-*")
	if err != nil {
		return src, nil, fmt.Errorf("making room for %s: %w", name, err)
	}
	path := f.Name()
	remove = func() { _ = os.Remove(path) }
	n, err := io.Copy(f, io.LimitReader(r, limit+1))
	if err == nil && n > limit {
		err = fmt.Errorf("it has more than %d MiB", limit>>20)
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		remove()
		return src, nil, fmt.Errorf("reading %s: %w", name, err)
	}
	src = file(path, "")
	src.Name = name
	return src, remove, nil
}

// bare takes the path off an error whose message will name it.
func bare(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err
	}
	return err
}
