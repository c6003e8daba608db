package splunk

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// quote makes one literal of a text, whatever it holds: within quotes neither pipes, brackets, comments nor macros mean anything. Only the
// asterisk keeps its meaning there, and cannot be escaped. Source: Search Manual, Backslashes; Use search macros in searches.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// least is how many letters a text has that is worth a search.
const least = 3

// run is the longest stretch of a value that every event writes alike and that holds whole words: it ends where Splunk ends a word, at what JSON and XML
// escape, and at the asterisk. What holds the value holds it too. Source: segmenters.conf, MAJOR.
func run(value string) string {
	best := ""
	for _, part := range strings.FieldsFunc(strings.ToValidUTF8(value, " "), breaks) {
		if part = strings.TrimSpace(part); len(part) > len(best) {
			best = part
		}
	}
	return best
}

func breaks(r rune) bool {
	return strings.ContainsRune("*\"'&<>", r) || unicode.IsControl(r) || r != ' ' && unicode.IsSpace(r)
}

// writing are the commands that change, send or start something, and those that run another search that may. Source: Commands that trigger
// SPL safeguards.
func writing() []string {
	return []string{
		"collect", "delete", "dump", "map", "mcollect", "meventcollect", "outputcsv", "outputlookup", "outputtext", "run", "runshellscript", "script", "sendalert",
		"sendemail", "stash", "summaryindex", "sumindex", "tscollect", "deletemodel", "fit",
	}
}

// replaces looks at a search that a person wrote: whether it stands for itself or narrows another down. One that would write, send or start
// something is refused; what hides in a macro is not seen, which is why the user should have no right to it either.
func replaces(query string) (whole bool, err error) {
	q := strings.TrimSpace(query)
	whole = strings.HasPrefix(q, "|") || strings.HasPrefix(q, "`") || len(q) > 6 && strings.EqualFold(q[:6], "search") && strings.ContainsAny(q[6:7], " \t\r\n`(\"")
	if !whole {
		q = "search " + q
	}
	commands, err := commandsOf(q)
	if err != nil {
		return false, err
	}
	for _, name := range commands {
		if slices.Contains(writing(), name) {
			return false, fmt.Errorf("query: a pull only reads, and %s does more: leave that command out", name)
		}
	}
	return whole, nil
}

// commandsOf are the names that stand where a command does: at the begin, behind a pipe, and at the begin of a subsearch.
func commandsOf(spl string) (names []string, err error) {
	due := true
	depth := 0
	for i := 0; i < len(spl); {
		c := spl[i]
		switch {
		case strings.HasPrefix(spl[i:], "```"):
			end := strings.Index(spl[i+3:], "```")
			if end < 0 {
				return nil, fmt.Errorf("query: a comment that begins at byte %d has no end", i)
			}
			i += end + 6
			continue
		case c == '"' || c == '`':
			end := closing(spl[i:])
			if end < 0 {
				return nil, fmt.Errorf("query: what %c begins at byte %d has no end", c, i)
			}
			i, due = i+end, false
			continue
		case c == '|' || c == '[':
			due = true
			if c == '[' {
				depth++
			}
		case c == ']':
			depth--
			due = false
		case due && (unicode.IsLetter(rune(c)) || c == '_'):
			n := i
			for n < len(spl) && (unicode.IsLetter(rune(spl[n])) || unicode.IsDigit(rune(spl[n])) || spl[n] == '_') {
				n++
			}
			names, due = append(names, strings.ToLower(spl[i:n])), false
			i = n
			continue
		case !unicode.IsSpace(rune(c)):
			due = false
		}
		i++
	}
	if depth != 0 {
		return nil, fmt.Errorf("query: its brackets do not match")
	}
	return names, nil
}

// closing is where a quoted text or a macro ends that begins s; -1 when it does not.
func closing(s string) int {
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && s[0] == '"':
			i++
		case s[i] == s[0]:
			return i + 1
		}
	}
	return -1
}
