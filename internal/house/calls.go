package house

import (
	"go/ast"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const (
	mainFile = "cmd/soc/main.go"
	trial    = "internal/fake/cmd" // a program of its own, to try soc with
)

// Exits finds every way out of the process but the one in cmd/soc/main.go: what ends elsewhere skips the journal, the
// summary and the exit status that was promised.
func Exits(t Tree) []Fault {
	var faults []Fault
	for _, f := range t.Files {
		if f.Test || f.Dir() == trial {
			continue
		}
		exits := f.uses("os", "Exit")
		if f.Path == mainFile {
			if len(exits) != 1 {
				faults = append(faults, f.fault(f.Syntax.Name, "%d times os.Exit where one belongs", len(exits)))
			}
			exits = nil
		}
		exits = append(exits, f.uses("log", "Fatal", "Fatalf", "Fatalln")...)
		for _, n := range append(exits, f.uses("syscall", "Exit")...) {
			faults = append(faults, f.fault(n, "leaves the process; only %s may", mainFile))
		}
	}
	return faults
}

// Surroundings finds code outside cmd that asks the process, its streams, its environment or the clock. They come in as
// values, or the same input would not give the same output.
func Surroundings(t Tree) []Fault {
	var faults []Fault
	for _, f := range t.Files {
		if f.Test || within(f.Dir(), "cmd") || f.Dir() == trial {
			continue
		}
		found := f.uses("os", "Stdin", "Stdout", "Stderr", "Args", "Getenv", "LookupEnv", "Environ", "ExpandEnv")
		for _, n := range append(found, f.uses("time", "Now", "Since", "Until")...) {
			faults = append(faults, f.fault(n, "%s.%s belongs to cmd, which hands it in", n.X, n.Sel))
		}
	}
	return faults
}

// Inits finds init functions: they run before anyone asked.
func Inits(t Tree) []Fault {
	var faults []Fault
	for _, f := range t.Files {
		for _, d := range f.Syntax.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				faults = append(faults, f.fault(fn, "an init function"))
			}
		}
	}
	return faults
}

// uses returns the places where the file names one of names from the package imported from importPath.
func (f File) uses(importPath string, names ...string) []*ast.SelectorExpr {
	var found []*ast.SelectorExpr
	ast.Inspect(f.Syntax, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if ok && f.origin(sel) == importPath && slices.Contains(names, sel.Sel.Name) {
			found = append(found, sel)
		}
		return true
	})
	return found
}

// origin is the import path behind a qualified name, "" for a field or a method.
func (f File) origin(sel *ast.SelectorExpr) string {
	if x, ok := sel.X.(*ast.Ident); ok {
		return f.imports[x.Name]
	}
	return ""
}

func importPath(spec *ast.ImportSpec) string {
	p, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		return "" // the parser lets no such file through
	}
	return p
}

// localNames maps the name by which a file calls a package to its path. Without a build the name of a package is a
// guess: the last element of its path that is no version, without a "go-" before it.
func localNames(syntax *ast.File) map[string]string {
	version := regexp.MustCompile(`(/|\.)v[0-9]+$`)
	names := map[string]string{}
	for _, spec := range syntax.Imports {
		p := importPath(spec)
		name := strings.TrimPrefix(path.Base(version.ReplaceAllString(p, "")), "go-")
		if spec.Name != nil {
			name = spec.Name.Name
		}
		names[name] = p
	}
	return names
}
