package cmd

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"slices"
)

// spool keeps the documents of verdicts in a temporary file, so that memory holds what correlation compares and no more, and knows
// which inputs ended as they should. The zero value is empty.
type spool struct {
	file    *os.File
	out     *bufio.Writer
	size    int64
	at      map[string][]span // by verdict: its document, and its members documents
	inputs  []string
	ended   map[string]bool
	removed bool
}

type span struct {
	from int64
	n    int
}

// put keeps a document of a verdict.
func (s *spool) put(verdict string, doc []byte) error {
	if s.file == nil {
		f, err := os.CreateTemp("", "soc-spill-")
		if err != nil {
			return fmt.Errorf("making a temporary file: %w", err)
		}
		// Without a name nothing is left behind, whatever happens to the process. Windows keeps open files: close removes it there.
		s.removed = os.Remove(f.Name()) == nil
		s.file, s.out, s.at = f, bufio.NewWriterSize(f, 256<<10), map[string][]span{}
	}
	s.at[verdict] = append(s.at[verdict], span{s.size, len(doc)})
	n, err := s.out.Write(doc)
	s.size += int64(n)
	if err != nil {
		return fmt.Errorf("writing a temporary file: %w", err)
	}
	return nil
}

// get returns what was kept of a verdict, in the order in which it came.
func (s *spool) get(verdict string) ([]string, error) {
	if err := s.out.Flush(); err != nil {
		return nil, fmt.Errorf("writing a temporary file: %w", err)
	}
	docs := make([]string, 0, len(s.at[verdict]))
	for _, at := range s.at[verdict] {
		b := make([]byte, at.n)
		if _, err := s.file.ReadAt(b, at.from); err != nil {
			return nil, fmt.Errorf("reading a temporary file: %w", err)
		}
		docs = append(docs, view(b))
	}
	return docs, nil
}

func (s *spool) close() error {
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	if !s.removed {
		err = errors.Join(err, os.Remove(s.file.Name()))
	}
	return err
}

// heard notes that an input had documents, and whether one was its summary.
func (s *spool) heard(input string, any, summary bool) {
	if s.ended == nil {
		s.ended = map[string]bool{}
	}
	if any && !slices.Contains(s.inputs, input) {
		s.inputs = append(s.inputs, input)
	}
	s.ended[input] = s.ended[input] || summary
}

// unfinished are the inputs whose writer said nothing at its end.
func (s *spool) unfinished() []string {
	return slices.DeleteFunc(slices.Clone(s.inputs), func(name string) bool { return s.ended[name] })
}
