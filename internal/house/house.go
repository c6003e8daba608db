// Package house keeps the shape of this module: who may import whom, where the program may touch its surroundings, and
// what every package says about itself. Its test reads the sources as they lie there and fails when a rule is broken.
//
// It is not a linter for style (.golangci.yml has those) and no part of the program: nothing imports it. Start with
// Load, Rules and the table in rooms.go.
package house

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

// Rule is one thing that must not bend.
type Rule struct {
	Name string
	Find func(Tree) []Fault
}

// Rules returns every rule, in the order in which they are best read.
func Rules() []Rule {
	return []Rule{
		{"imports point one way", Arrows},
		{"a third party has one room", Guests},
		{"the rungs speak in our own types", Exposed},
		{"one way out", Exits},
		{"surroundings come in through cmd", Surroundings},
		{"no init functions", Inits},
		{"every package says what it is for", Comments},
		{"names say something", Names},
		{"every key of soc.yaml is read", Settings},
		{"knowledge names its source", Sources},
		{"links lead somewhere", Links},
		{"no path of one machine", Paths},
		{"what is left over has a number", Leftovers},
	}
}

// Fault is one place where a rule is broken.
type Fault struct {
	Where string // path, with a line where there is one
	What  string
}

func (f Fault) String() string { return f.Where + ": " + f.What }

// File is one Go file outside testdata.
type File struct {
	Path   string // from the module's root, with slashes
	Test   bool
	Syntax *ast.File

	imports map[string]string // local name to import path
	fset    *token.FileSet
}

// Dir is the directory of the file, "." for the module's root.
func (f File) Dir() string { return path.Dir(f.Path) }

func (f File) fault(n ast.Node, format string, args ...any) Fault {
	return Fault{Where: f.Path + ":" + strconv.Itoa(f.fset.Position(n.Pos()).Line), What: fmt.Sprintf(format, args...)}
}

// Tree is the module as it lies on the disk.
type Tree struct {
	Module string
	Files  []File

	texts map[string]string // every text file by path
	names map[string]bool   // every file and directory
	fset  *token.FileSet    // of all files
}

// Load reads the module at the root of fsys, leaving out what is built, cached or belongs to git.
func Load(fsys fs.FS) (Tree, error) {
	t := Tree{texts: map[string]string{}, names: map[string]bool{}, fset: token.NewFileSet()}
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && foreign(name):
			return fs.SkipDir
		case d.IsDir():
			t.names[name] = true
			return nil
		case !d.Type().IsRegular() || name == ".git": // a file in a linked work tree
			return nil
		default:
			return t.add(fsys, name)
		}
	})
	if err != nil {
		return Tree{}, fmt.Errorf("reading the module: %w", err)
	}
	line, _, _ := strings.Cut(t.texts["go.mod"], "\n")
	t.Module = strings.TrimSpace(strings.TrimPrefix(line, "module "))
	if t.Module == "" {
		return Tree{}, fmt.Errorf("reading the module: no module line in go.mod")
	}
	return t, nil
}

// foreign reports whether a directory holds nothing that is committed; it follows .gitignore.
func foreign(dir string) bool {
	switch dir {
	case ".", ".ci", ".github":
		return false
	case "dist", "completions", "man":
		return true
	default:
		return strings.HasPrefix(path.Base(dir), ".")
	}
}

func (t *Tree) add(fsys fs.FS, name string) error {
	t.names[name] = true
	content, err := fs.ReadFile(fsys, name)
	if err != nil {
		return err
	}
	if strings.IndexByte(string(content[:min(len(content), 512)]), 0) >= 0 {
		return nil // not text
	}
	t.texts[name] = string(content)
	if path.Ext(name) != ".go" || inTestdata(name) {
		return nil
	}
	syntax, err := parser.ParseFile(t.fset, name, content, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	t.Files = append(t.Files, File{
		Path: name, Test: strings.HasSuffix(name, "_test.go"), Syntax: syntax, imports: localNames(syntax), fset: t.fset,
	})
	return nil
}

func inTestdata(name string) bool { return strings.Contains("/"+name, "/testdata/") }
