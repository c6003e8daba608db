package house

import (
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"reflect"
	"strings"
)

// Settings finds keys of soc.yaml that nothing reads: whoever sets one believes in something that does not happen. It checks the types of
// internal/config and cmd alone, with everything else unknown, which is enough to tell what a field belongs to. A field that is only ever
// set is not read. A block that cmd converts to a type of another package, as in estate.Host(h), is read whole: the compiler sees to it that the
// two have the same fields.
func Settings(t Tree) []Fault {
	conf := t.check("internal/config", nil)
	if conf.pkg == nil {
		return nil
	}
	users := []checked{conf, t.check("cmd", map[string]*types.Package{t.Module + "/internal/config": conf.pkg})}
	read := map[token.Pos]bool{}
	for _, u := range users {
		for sel, s := range u.info.Selections {
			if s.Kind() == types.FieldVal && !u.set[sel] {
				read[s.Obj().Pos()] = true
			}
		}
		u.converted(func(f *types.Var) { read[f.Pos()] = true })
	}
	var faults []Fault
	for _, f := range conf.files {
		ast.Inspect(f.Syntax, func(n ast.Node) bool {
			field, ok := n.(*ast.Field)
			if !ok || field.Tag == nil {
				return true
			}
			key := reflect.StructTag(strings.Trim(field.Tag.Value, "`")).Get("yaml")
			for _, name := range field.Names {
				if key != "" && key != "-" && !read[name.Pos()] {
					faults = append(faults, f.fault(name, "nothing reads %s (%s)", key, name.Name))
				}
			}
			return true
		})
	}
	return faults
}

// checked is a package with what its names stand for, as far as that can be told.
type checked struct {
	pkg   *types.Package
	files []File
	info  types.Info
	set   map[ast.Expr]bool // what stands left of an assignment
}

// converted yields the fields of blocks that are converted whole.
func (c *checked) converted(yield func(*types.Var)) {
	for _, f := range c.files {
		ast.Inspect(f.Syntax, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) != 1 {
				return true
			}
			if to, ok := call.Fun.(*ast.SelectorExpr); !ok || f.origin(to) == "" {
				return true
			}
			if at := c.info.TypeOf(call.Args[0]); at != nil {
				if block, ok := at.Underlying().(*types.Struct); ok {
					for field := range block.Fields() {
						yield(field)
					}
				}
			}
			return true
		})
	}
}

// known imports the packages that were checked; every other one is empty.
type known map[string]*types.Package

func (k known) Import(name string) (*types.Package, error) {
	if p := k[name]; p != nil {
		return p, nil
	}
	p := types.NewPackage(name, path.Base(name))
	p.MarkComplete()
	return p, nil
}

// check finds out the types of a package, without its tests.
func (t Tree) check(dir string, others map[string]*types.Package) checked {
	c := checked{info: types.Info{Selections: map[*ast.SelectorExpr]*types.Selection{}, Types: map[ast.Expr]types.TypeAndValue{}}, set: map[ast.Expr]bool{}}
	var syntax []*ast.File
	for _, f := range t.Files {
		if f.Test || f.Dir() != dir {
			continue
		}
		c.files, syntax = append(c.files, f), append(syntax, f.Syntax)
		ast.Inspect(f.Syntax, func(n ast.Node) bool {
			if a, ok := n.(*ast.AssignStmt); ok {
				for _, to := range a.Lhs {
					c.set[to] = true
				}
			}
			return true
		})
	}
	if len(syntax) == 0 {
		return c
	}
	conf := types.Config{Importer: known(others), Error: func(error) {}} // what the other packages have is unknown here
	c.pkg, _ = conf.Check(t.Module+"/"+dir, t.fset, syntax, &c.info)
	return c
}
