// Package files searches logs that lie in files: of any size, in any container that alert/stream reads, compressed or not.
//
// The bytes are searched first, for all values at once, and only records in which something was found are cut out and parsed. Files
// that are read line by line are cut into blocks that all cores share; of the others each is read by one core. What could not be read is a gap
// of the answer. Between two questions the source remembers where in large files which times stand.
//
// It reads nothing but what was named when it was opened, keeps no record, and judges nothing. It is no Source of standard input or pipes,
// which can be asked only once. Start with Open and Source.Search.
package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/alert/stream"
	"github.com/seed-959697dd/soc/internal/source/files/match"
	"github.com/seed-959697dd/soc/investigate"
)

// Options are what searching depends on beside the files. A zero field means its default.
type Options struct {
	Formats *alert.Set // parses the records; must be there
	Limits  stream.Limits
	Workers int // cores to use; all
	Block   int // bytes that one core searches at a time; 1 MiB
	// Indexed is the size in bytes from which parts of a file outside the window of a question are passed over, once the file was read;
	// 256 MiB. Smaller files are read again: that takes no time, and misses nothing.
	Indexed int64
}

// Source is files that can be searched, again and again. It is safe for concurrent use.
type Source struct {
	o      Options
	inputs []*input
	once   sync.Once
	sample match.Sample
}

var _ investigate.Source = (*Source)(nil)

// ErrOnce says why a pipe is refused.
var ErrOnce = errors.New("can be read only once, but is asked several times: write it to a file first")

// Open finds the files behind paths, patterns and directories. A path that does not exist is an error that is fs.ErrNotExist. Whatever may not
// be read is a gap of every answer.
func Open(paths []string, o Options) (*Source, error) {
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.Block <= 0 {
		o.Block = 1 << 20
	}
	if o.Indexed <= 0 {
		o.Indexed = 256 << 20
	}
	s := &Source{o: o}
	named := map[string]bool{}
	for _, path := range paths {
		found, err := find(path)
		if err != nil {
			return nil, err
		}
		for _, src := range found {
			key := src.Name
			if abs, err := filepath.Abs(key); err == nil {
				key = abs
			}
			if !named[key] { // a directory and a file in it
				named[key] = true
				s.inputs = append(s.inputs, &input{src: src})
			}
		}
	}
	return s, nil
}

func find(path string) ([]stream.Source, error) {
	if path == "-" {
		return nil, fmt.Errorf("searching -: standard input %w", ErrOnce)
	}
	found, err := stream.Expand([]string{path}, nil)
	if errors.Is(err, fs.ErrPermission) {
		return []stream.Source{{Name: path, Met: true, Open: func() (io.ReadCloser, error) { return nil, fs.ErrPermission }}}, nil
	}
	if err != nil {
		return nil, err
	}
	for _, src := range found {
		if st, err := os.Stat(src.Name); err == nil && st.Mode()&fs.ModeNamedPipe != 0 {
			return nil, fmt.Errorf("searching %s: a pipe %w", src.Name, ErrOnce)
		}
	}
	return found, nil
}

// Search implements investigate.Source. Records come in the order of the inputs and of their places there. Of a term that met as many as the
// query wants, further ones are counted by their bytes alone, whatever their time.
func (s *Source) Search(ctx context.Context, q investigate.Query, found func(*alert.Alert) error) (investigate.Answer, error) {
	s.once.Do(s.look)
	p := newPlan(q.Terms, &s.sample)
	c := collector{q: &q, found: found, answer: investigate.Answer{Counts: make([]int64, len(q.Terms)), Gaps: p.gaps}, kept: make([]int, len(q.Terms))}
	if len(q.Terms) == 0 {
		return c.answer, ctx.Err()
	}
	r := newRun(s, &q, p)
	err := r.do(ctx, &c)
	return c.answer, err
}

const (
	lookedAt  = 64       // inputs that the sample is taken of
	lookedPer = 64 << 10 // bytes of each
)

// look takes the sample of what is frequent.
func (s *Source) look() {
	buf := make([]byte, lookedPer)
	step := max(1, len(s.inputs)/lookedAt)
	for i := 0; i < len(s.inputs); i += step {
		f, err := s.inputs[i].src.Open()
		if err != nil {
			continue // a gap of the answer, when it is read
		}
		if file, ok := f.(*os.File); ok {
			if st, err := file.Stat(); err == nil && st.Mode().IsRegular() {
				n, _ := file.ReadAt(buf, max(0, st.Size()/2-lookedPer/2))
				s.sample.Add(buf[:n])
			}
		}
		_ = f.Close()
	}
}
