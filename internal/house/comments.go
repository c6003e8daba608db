package house

import (
	"maps"
	"slices"
	"strings"
)

// substance is the number of characters below which a package comment only repeats the name.
const substance = 80

// Comments finds packages without exactly one package comment that says something.
func Comments(t Tree) []Fault {
	comments := map[string][]File{}
	for _, f := range t.Files {
		if f.Test {
			continue
		}
		said := comments[f.Dir()]
		if f.Syntax.Doc != nil {
			said = append(said, f)
		}
		comments[f.Dir()] = said
	}
	var faults []Fault
	for _, dir := range slices.Sorted(maps.Keys(comments)) {
		if said := comments[dir]; len(said) == 0 {
			faults = append(faults, Fault{dir, "no package comment"})
		} else if len(said) > 1 {
			faults = append(faults, said[1].fault(said[1].Syntax, "a second package comment, the first is in %s", said[0].Path))
		} else {
			faults = append(faults, empty(said[0])...)
		}
	}
	return faults
}

func empty(f File) []Fault {
	text, name := f.Syntax.Doc.Text(), f.Syntax.Name.Name
	if name != "main" && !strings.HasPrefix(text, "Package "+name+" ") {
		return []Fault{f.fault(f.Syntax, "the package comment does not begin with \"Package %s\"", name)}
	}
	if len(text) < substance {
		return []Fault{f.fault(f.Syntax, "the package comment does not say what it is for and not for")}
	}
	return nil
}

// Sources finds files of internal/check that do not say where their knowledge comes from. A check is an opinion: who
// doubts it must be able to read on. The file doc.go has no opinions.
func Sources(t Tree) []Fault {
	var faults []Fault
	for _, f := range t.Files {
		if f.Test || !within(f.Dir(), "internal/check") || strings.HasSuffix(f.Path, "/doc.go") || citesSource(f) {
			continue
		}
		faults = append(faults, f.fault(f.Syntax.Name, `no comment line "Source: ..." says where this knowledge comes from`))
	}
	return faults
}

func citesSource(f File) bool {
	for _, group := range f.Syntax.Comments {
		for line := range strings.Lines(group.Text()) {
			if from, ok := strings.CutPrefix(strings.TrimSpace(line), "Source:"); ok && strings.TrimSpace(from) != "" {
				return true
			}
		}
	}
	return false
}
