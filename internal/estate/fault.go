package estate

import (
	"fmt"
	"slices"
	"strings"
)

// Error is a mistake in an inventory or in an entry written by hand. Line counts from 1, 0 when no line is to blame.
type Error struct {
	File   string
	Line   int
	Column string // empty when none is to blame
	Msg    string
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d", e.Line)
	}
	b.WriteString(": ")
	if e.Column != "" {
		fmt.Fprintf(&b, "column %q: ", brief(e.Column))
	}
	b.WriteString(e.Msg)
	return b.String()
}

// Errors are everything that could not be read, in order; each alone is an *Error or the file system's. The text is one line.
type Errors []error

func (list Errors) Error() string {
	texts := make([]string, len(list))
	for i, err := range list {
		texts[i] = err.Error()
	}
	return strings.Join(texts, "; ")
}

// Unwrap lets errors.Is and errors.As look at each.
func (list Errors) Unwrap() []error { return list }

// joined are the errors that are some, nil when none is.
func joined(errs []error) error {
	errs = slices.DeleteFunc(errs, func(err error) bool { return err == nil })
	if len(errs) == 0 {
		return nil
	}
	return Errors(errs)
}

// brief cuts what a file says to what an error may show.
func brief(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "..."
	}
	return s
}

// suggest names the known word that takes the fewest edits to get to, or the known ones when none is near.
func suggest(word string, known []string) string {
	best, least := "", max(2, len(word)/3)+1
	for _, k := range known {
		if n := edits(word, k); n < least {
			best, least = k, n
		}
	}
	if best != "" {
		return fmt.Sprintf(" (nearest: %s)", best)
	}
	return listed(known)
}

// listed shows the known words, or as many of them as a line can hold.
func listed(known []string) string {
	known = slices.Sorted(slices.Values(known))
	if len(known) > 12 {
		known = append(known[:12:12], "...")
	}
	for i, k := range known {
		known[i] = brief(k)
	}
	return " (known here: " + strings.Join(known, ", ") + ")"
}

// edits is the Levenshtein distance in bytes.
func edits(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return max(len(a), len(b))
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := diagonal
			if a[i-1] != b[j-1] {
				cost++
			}
			diagonal = row[j]
			row[j] = min(row[j]+1, row[j-1]+1, cost)
		}
	}
	return row[len(b)]
}
