package house

import (
	"go/ast"
	"strings"
)

// Exposed finds what the exported face of the four rungs must not show: a third party's type, which would make its next
// version ours to bear, and a field of type any, which says nothing.
func Exposed(t Tree) []Fault {
	var faults []Fault
	for _, f := range t.Files {
		rung, _, _ := strings.Cut(f.Path, "/")
		switch rung {
		case "alert", "triage", "investigate", "respond":
		default:
			continue
		}
		if f.Test {
			continue
		}
		for _, d := range f.Syntax.Decls {
			for _, e := range face(d) {
				faults = append(faults, f.strangers(t.Module, e)...)
			}
		}
	}
	return faults
}

// face returns the type expressions that a declaration shows to other packages.
func face(d ast.Decl) []ast.Expr {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() && (d.Recv == nil || exportedReceiver(d.Recv)) {
			return []ast.Expr{d.Type}
		}
	case *ast.GenDecl:
		var out []ast.Expr
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				if s.Name.IsExported() {
					out = append(out, s.Type)
				}
			case *ast.ValueSpec:
				if s.Type != nil && s.Names[0].IsExported() {
					out = append(out, s.Type)
				}
			}
		}
		return out
	}
	return nil
}

func exportedReceiver(recv *ast.FieldList) bool {
	exported := false
	ast.Inspect(recv.List[0].Type, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			exported = id.IsExported()
			return false
		}
		return !exported
	})
	return exported
}

func (f File) strangers(module string, e ast.Expr) []Fault {
	var faults []Fault
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			from := f.origin(n)
			if first, _, _ := strings.Cut(from, "/"); strings.Contains(first, ".") && !within(from, module) {
				faults = append(faults, f.fault(n, "shows %s.%s of %s", n.X, n.Sel, from))
			}
			return false
		case *ast.StructType:
			faults = append(faults, f.fields(module, n)...)
			return false
		}
		return true
	})
	return faults
}

func (f File) fields(module string, s *ast.StructType) []Fault {
	var faults []Fault
	for _, field := range s.Fields.List {
		if len(field.Names) > 0 && !field.Names[0].IsExported() {
			continue
		}
		faults = append(faults, f.strangers(module, field.Type)...)
		ast.Inspect(field.Type, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && id.Name == "any" {
				faults = append(faults, f.fault(field, "an exported field of type any"))
			}
			_, fn := n.(*ast.FuncType) // what a callback takes is its own affair
			return !fn
		})
	}
	return faults
}
