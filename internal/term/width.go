package term

import "github.com/mattn/go-runewidth"

const ellipsis = "..."

// Width is the number of columns that s, already clean, takes in a terminal. Characters of ambiguous width count one
// column whatever the locale: the same document is laid out the same way everywhere.
func Width(s string) int {
	if isASCII(s) {
		return len(s)
	}
	return columns().StringWidth(s)
}

// Truncate returns s, already clean, in at most w columns; what was cut ends in "..." as far as w has room for it.
func Truncate(s string, w int) string {
	switch {
	case w <= 0:
		return ""
	case Width(s) <= w:
		return s
	case w <= len(ellipsis):
		return ellipsis[:w]
	case isASCII(s):
		return s[:w-len(ellipsis)] + ellipsis
	default:
		return columns().Truncate(s, w, ellipsis)
	}
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// columns is our own condition because the package's default one reads the environment.
func columns() *runewidth.Condition {
	return &runewidth.Condition{StrictEmojiNeutral: true}
}
