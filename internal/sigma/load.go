package sigma

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"

	parser "github.com/Velocidex/sigma-go"
)

// Options say how rules are read.
type Options struct {
	// Placeholders are the values of %name% in rules with the modifier expand. A rule that needs others is skipped.
	Placeholders map[string][]string
}

// Tree is a place with rules.
type Tree struct {
	Name string // as messages and receipts call it
	FS   fs.FS
	Only string // the one file to read; empty: every .yml and .yaml below
}

// At is the tree of a file or directory. A link is followed when it is named, not below.
func At(name string) Tree {
	if info, err := os.Stat(name); err == nil && !info.IsDir() {
		return Tree{Name: filepath.Dir(name), FS: os.DirFS(filepath.Dir(name)), Only: filepath.Base(name)}
	}
	return Tree{Name: name, FS: os.DirFS(name)}
}

// Skipped is a rule or file that is not in the set.
type Skipped struct {
	File   string
	Line   int // 0 when unknown
	Reason string
}

func (s Skipped) String() string {
	if s.Line == 0 {
		return s.File + ": " + s.Reason
	}
	return fmt.Sprintf("%s:%d: %s", s.File, s.Line, s.Reason)
}

// Set is rules, compiled. It is immutable and safe for concurrent use.
type Set struct {
	rules   []rule
	atoms   []atom
	fields  int
	names   map[uint64][]target
	homes   map[uint64]bool
	slots   slotTable
	sources []source
	always  [][]int32 // per source: rules without a guard
	words   []bool    // per source: rules with keywords
	finder  finder
	digest  string
	scratch sync.Pool
}

// Digest names the text of the set's rules, in their order: sha256:...
func (s *Set) Digest() string { return s.digest }

// Len is the number of rules.
func (s *Set) Len() int { return len(s.rules) }

// maxFile bounds a file of rules, in bytes.
const maxFile = 4 << 20

// Load reads the rules of all trees. What cannot be read or is not supported is skipped and told; the error is of a tree that
// cannot be read at all. The order of the rules is that of the trees and of the file names.
func Load(o Options, trees ...Tree) (*Set, []Skipped, error) {
	l := &loader{compiler: newCompiler(o), set: &Set{}, digest: sha256.New()}
	for _, t := range trees {
		found := len(l.set.rules) + len(l.skipped)
		if err := l.tree(t); err != nil {
			return nil, l.skipped, fmt.Errorf("sigma rules in %s: %w", t.Name, err)
		}
		if len(l.set.rules)+len(l.skipped) == found {
			l.skip(path.Join(filepath.ToSlash(t.Name), t.Only), 0, errors.New("no rules there"))
		}
	}
	s := l.set
	s.digest = fmt.Sprintf("sha256:%x", l.digest.Sum(nil))
	l.tables(s)
	s.index()
	s.scratch.New = func() any {
		return &event{
			set: s, values: make([][]int32, s.fields), rank: make([]uint8, s.fields), answers: make([]uint32, len(s.atoms)),
			woken: make([]uint32, len(s.rules)), wanted: make([]int8, len(s.sources)),
		}
	}
	return s, l.skipped, nil
}

type loader struct {
	*compiler
	set     *Set
	skipped []Skipped
	digest  hash.Hash
}

func (l *loader) skip(file string, line int, err error) {
	l.skipped = append(l.skipped, Skipped{file, line, strings.ReplaceAll(err.Error(), "\n", " ")})
}

func (l *loader) tree(t Tree) error {
	if t.Only != "" {
		return l.file(t, t.Only)
	}
	return fs.WalkDir(t.FS, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil && name == ".":
			return err
		case err != nil:
			l.skip(path.Join(t.Name, name), 0, err)
		case d.IsDir() && name != "." && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		case d.Type().IsRegular() && (path.Ext(name) == ".yml" || path.Ext(name) == ".yaml"):
			if err := l.file(t, name); err != nil {
				l.skip(path.Join(t.Name, name), 0, err)
			}
		}
		return nil
	})
}

// file reads the documents of one file; of those that are no rules at all nothing is said.
func (l *loader) file(t Tree, name string) error {
	f, err := t.FS.Open(name)
	if err != nil {
		return err
	}
	text, err := readBounded(f)
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	for _, d := range documents(text) {
		l.document(path.Join(filepath.ToSlash(t.Name), name), d)
	}
	return nil
}

func (l *loader) document(file string, d document) {
	if !d.rule() {
		return
	}
	if d.tooDeep() {
		l.skip(file, d.line, fmt.Errorf("more than %d parentheses and negations", maxNesting))
		return
	}
	p, err := parser.ParseRule(d.text)
	if err != nil {
		line, err := d.blame(err)
		l.skip(file, line, err)
		return
	}
	r, line, err := l.compile(&p)
	if err != nil {
		if line > 0 {
			line--
		}
		l.skip(file, d.line+line, err)
		return
	}
	r.Source = fmt.Sprintf("%s:%d", file, d.line)
	l.set.rules = append(l.set.rules, r)
	fmt.Fprintf(l.digest, "%d\n%s", len(d.text), d.text)
}

// Rules lists what the set's rules say of themselves, in the order in which they were loaded.
func (s *Set) Rules() []Rule {
	list := make([]Rule, len(s.rules))
	for i := range s.rules {
		list[i] = s.rules[i].Rule
	}
	return list
}
