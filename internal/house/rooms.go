package house

import (
	"path"
	"regexp"
	"strings"
)

// room is a package, or every package below a "/*", and what of ours it may import apart from its own subpackages.
type room struct {
	path string
	may  []string
}

const anything = "*"

// rooms is the plan of the house. Naming a package allows its subpackages too. Anyone may import internal/wire; tests
// may import what they like. Of two rooms that fit, the longer path counts.
func rooms() []room {
	nouns := []string{"alert", "triage", "investigate", "respond"}
	return []room{
		{"alert/indicator", nil},
		{"alert/stream", nil},
		{"alert/view", nil},
		{"alert", []string{"alert/stream", "alert/view"}},
		{"triage", nouns[:1]},
		{"investigate", nouns[:2]},
		{"respond", nouns[:3]},
		{"internal/render", append(nouns[:4:4], "internal/term")},
		{"tui", append(nouns[:4:4], "internal/render", "internal/term", "internal/query")},
		{"cmd", []string{anything}},
		{"cmd/soc", []string{"cmd", "internal/term"}},

		{"internal/check", nouns[:2]},
		{"internal/rules", append(nouns[:2:2], "internal/sign")},
		{"internal/query", []string{"internal/rules"}},
		{"internal/sigma", nouns[:2]},
		{"internal/prompt", nouns[:2]},
		{"internal/estate", nouns[:2]},
		{"internal/playbook", append(nouns[:4:4], "internal/term")},
		{"internal/learn", []string{"triage", "alert", "internal/sign"}},
		{"internal/casebook", append(nouns[:4:4], "internal/sign", "internal/query")},

		// Adapters: never each other, never the configuration. Those that speak HTTP do so through internal/web.
		{"internal/intel/*", []string{"triage", "alert", "internal/web"}},
		{"internal/model/*", []string{"internal/prompt", "triage", "alert", "internal/web"}},
		{"internal/source/*", append(nouns[:4:4], "internal/web", "internal/entra", "internal/kql")},
		{"internal/drive/*", append(nouns[:4:4], "internal/web", "internal/sign", "internal/lock")},

		{"internal/evidence", nil},
		{"internal/term", nil},
		{"internal/wire", nil},
		{"internal/config", nil},
		{"internal/work", nil},
		{"internal/web", nil},
		{"internal/entra", []string{"internal/web"}},                 // the login, pages and throttling of Azure and Graph
		{"internal/kql", []string{"investigate", "triage", "alert"}}, // the query language of Log Analytics and advanced hunting
		{"internal/sign", nil},
		{"internal/lock", nil},
		{"internal/notify", []string{"internal/web", "internal/lock"}},
		{"internal/fake/cmd", []string{"internal/fake"}}, // before its neighbours: the first of two as long counts
		{"internal/fake/*", []string{"internal/fake/fault", "internal/fake/entra", "internal/fake/kusto"}},
		{"internal/real/*", nil},
		{"internal/house", nil},
	}
}

// find returns the room of dir: what it may import, and the directory under which it is at home.
func find(dir string) (may []string, home string, ok bool) {
	for _, r := range rooms() {
		base, open := strings.CutSuffix(r.path, "/*")
		at := base
		if open {
			rest, below := strings.CutPrefix(dir, base+"/")
			if !below {
				continue
			}
			first, _, _ := strings.Cut(rest, "/")
			at = base + "/" + first
		}
		if within(dir, at) && len(at) > len(home) {
			may, home, ok = r.may, at, true
		}
	}
	return may, home, ok
}

// within reports whether dir is at or below top.
func within(dir, top string) bool {
	return dir == top || strings.HasPrefix(dir, top+"/")
}

// Arrows finds imports that point up or sideways, and packages that have no room in the plan.
func Arrows(t Tree) []Fault {
	var faults []Fault
	for _, f := range t.Files {
		if f.Test {
			continue
		}
		may, home, ok := find(f.Dir())
		if !ok {
			faults = append(faults, f.fault(f.Syntax.Name, "package %s has no room in internal/house/rooms.go", f.Dir()))
			continue
		}
		for _, spec := range f.Syntax.Imports {
			target, ours := strings.CutPrefix(importPath(spec), t.Module+"/")
			if ours && !within(target, home) && !allowed(target, may) {
				faults = append(faults, f.fault(spec, "%s may not import %s", home, target))
			}
		}
	}
	return faults
}

func allowed(target string, may []string) bool {
	if within(target, "internal/wire") {
		return true
	}
	for _, m := range may {
		if m == anything || within(target, m) {
			return true
		}
	}
	return false
}

// Guests finds third-party packages outside the one room that may know them.
func Guests(t Tree) []Fault {
	guests := map[string]string{
		"github.com/ollama/ollama": "internal/model/ollama", // it brings ssh, yaml and more along
	}
	var faults []Fault
	for _, f := range t.Files {
		for _, spec := range f.Syntax.Imports {
			for guest, home := range guests {
				if within(importPath(spec), guest) && !within(f.Dir(), home) {
					faults = append(faults, f.fault(spec, "%s is for %s only", guest, home))
				}
			}
		}
	}
	return faults
}

// Names finds packages named for nothing in particular.
func Names(t Tree) []Fault {
	empty := regexp.MustCompile(`^(utils?|commons?|helpers?|shared|types|base|misc)(_test)?$`)
	var faults []Fault
	for _, f := range t.Files {
		for _, name := range []string{f.Syntax.Name.Name, path.Base(f.Dir())} {
			if empty.MatchString(name) {
				faults = append(faults, f.fault(f.Syntax.Name, "%q does not say what is in there", name))
				break
			}
		}
	}
	return faults
}
