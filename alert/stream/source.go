package stream

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Source is one input. Open is called once by Read, which closes what it returns.
type Source struct {
	Name string // the path as given, the joined path inside a directory, "-" for standard input
	Open func() (io.ReadCloser, error)
	// Met says that nobody named this input: it was met in a directory. If it does not open that is a gap, not the end of the run.
	Met bool
	// Wanted chooses the records that are handed on, in the order of the input; nil: all. The others cost no view. A record is the first n bytes
	// of text, which goes on with what of the input is in memory behind it, and at is its offset; negative where there is nothing but the record.
	Wanted func(at int64, text []byte, n int) bool
	// Stored looks at a chunk of a Windows event log as it lies on disk, and at where its records begin, and returns how many of them are to be
	// decoded, from the first on; nil: all. The others are neither told nor shown to Wanted. Only a chunk that its checksum calls whole is shown.
	Stored func(chunk []byte, records []int) int
	// Records, when not nil, stands in the place of reading: a system hands over records of its own accord. It keeps Read's promises.
	Records func(ctx context.Context, lim Limits, emit func(Batch) error) error
}

// Expand turns arguments into sources, in the order given: a path, a pattern, a directory (walked in sorted order, hidden
// files included), "-" or no argument at all for stdin. Links and FIFOs are read when named, not when met in a directory;
// devices never. A path that does not exist is an error that names it and is fs.ErrNotExist.
func Expand(args []string, stdin io.Reader) ([]Source, error) {
	if len(args) == 0 {
		args = []string{"-"}
	}
	var all []Source
	stdins := 0
	for _, arg := range args {
		if arg == "-" {
			if stdins++; stdins > 1 {
				return nil, errors.New("reading -: standard input can be read only once")
			}
			all = append(all, Source{Name: "-", Open: func() (io.ReadCloser, error) { return keepOpen{stdin}, nil }})
			continue
		}
		found, err := expand(arg)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

func expand(arg string) ([]Source, error) {
	_, err := os.Lstat(arg)
	if err == nil || !errors.Is(err, fs.ErrNotExist) || !strings.ContainsAny(arg, "*?[") {
		return named(arg)
	}
	paths, bad := filepath.Glob(arg)
	if bad != nil {
		return nil, fmt.Errorf("reading %s: no such file, and no pattern either: %w", arg, fs.ErrNotExist)
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("reading %s: nothing matches: %w", arg, fs.ErrNotExist)
	}
	var all []Source
	for _, path := range paths {
		found, err := named(path)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

// named is the sources behind a path that the user wrote, or a pattern of the user's met.
func named(path string) ([]Source, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, bare(err))
	}
	if st.IsDir() {
		return walk(path)
	}
	if err := readable(st.Mode()); err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	return []Source{file(path)}, nil
}

func walk(dir string) ([]Source, error) {
	root := dir
	if st, err := os.Lstat(dir); err == nil && st.Mode()&fs.ModeSymlink != 0 {
		root += string(filepath.Separator) // a link that was named is walked
	}
	var all []Source
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			if path == root {
				return fmt.Errorf("reading %s: %w", path, bare(err))
			}
			all = append(all, unread(path, bare(err)))
			if d != nil && d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		switch {
		case d.Type().IsRegular():
			src := file(path)
			src.Met = true
			all = append(all, src)
		case d.Type()&fs.ModeSymlink != 0:
			all = append(all, unread(path, errLink))
		}
		return nil
	})
	return all, err
}

var errLink = errors.New("a link inside a directory is not followed: name it")

// unread is what was met on the way and is a gap, not the end of the walk.
func unread(path string, why error) Source {
	return Source{Name: path, Met: true, Open: func() (io.ReadCloser, error) { return nil, why }}
}

func file(path string) Source {
	return Source{Name: path, Open: func() (io.ReadCloser, error) {
		f, err := os.Open(path)
		if err != nil {
			return nil, bare(err)
		}
		st, err := f.Stat()
		if err == nil {
			err = readable(st.Mode())
		}
		if err != nil {
			return nil, errors.Join(bare(err), f.Close())
		}
		return f, nil
	}}
}

// ErrDevice says why a device is not read: it may have no end.
var ErrDevice = errors.New("is a device or socket, not a file or pipe")

func readable(m fs.FileMode) error {
	if m&(fs.ModeDevice|fs.ModeCharDevice|fs.ModeSocket|fs.ModeIrregular) != 0 {
		return ErrDevice
	}
	return nil
}

// bare takes the path off an error whose message will name it.
func bare(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err
	}
	return err
}

// keepOpen is standard input, which is not ours to close.
type keepOpen struct{ io.Reader }

func (keepOpen) Close() error { return nil }
