package house

import (
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
)

// Links finds relative links in Markdown that lead to no file.
func Links(t Tree) []Fault {
	link := regexp.MustCompile(`\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)|^\[[^\]]+\]:\s+(\S+)`)
	code := regexp.MustCompile("`[^`]*`")
	scheme := regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9+.-]*:`)
	fenced := map[string]bool{} // in the middle of a code block, by file
	return t.lines(func(name string) bool { return path.Ext(name) == ".md" && !inTestdata(name) }, func(name, line string) string {
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			fenced[name] = !fenced[name]
		}
		if fenced[name] {
			return ""
		}
		for _, m := range link.FindAllStringSubmatch(code.ReplaceAllString(line, ""), -1) {
			target, _, _ := strings.Cut(m[1]+m[2], "#")
			if target == "" || scheme.MatchString(target) {
				continue
			}
			if !t.names[path.Join(path.Dir(name), target)] {
				return "a link to " + target + ", which is not there"
			}
		}
		return ""
	})
}

// Paths finds absolute paths that exist on one machine only.
func Paths(t Tree) []Fault {
	machine := regexp.MustCompile(`(?:^|[^\w.~%$)}-])(/w[o]rk/|/r[o]ot/(?:go|work|src)/)`)
	return t.lines(func(string) bool { return true }, func(_, line string) string {
		if m := machine.FindStringSubmatch(line); m != nil {
			return "a path of one machine: " + m[1]
		}
		return ""
	})
}

// Leftovers finds notes about work to do that name no issue: nobody else will ever find them.
func Leftovers(t Tree) []Fault {
	left, issue := regexp.MustCompile(`\b(TO[D]O|FIX[M]E)\b`), regexp.MustCompile(`#[0-9]+`)
	return t.lines(func(name string) bool { return !inTestdata(name) && name != "go.sum" }, func(_, line string) string {
		if word := left.FindString(line); word != "" && !issue.MatchString(line) {
			return word + " without an issue number"
		}
		return ""
	})
}

// lines asks look about each line of the texts that of picks, from the first to the last, and makes its answers faults.
func (t Tree) lines(of func(name string) bool, look func(name, line string) string) []Fault {
	var faults []Fault
	for _, name := range slices.Sorted(maps.Keys(t.texts)) {
		if !of(name) {
			continue
		}
		n := 0
		for line := range strings.Lines(t.texts[name]) {
			n++
			if what := look(name, strings.TrimRight(line, "\r\n")); what != "" {
				faults = append(faults, Fault{fmt.Sprintf("%s:%d", name, n), what})
			}
		}
	}
	return faults
}
