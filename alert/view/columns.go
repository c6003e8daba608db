package view

import "strings"

// leastDelimiters is how often a delimiter must occur before a line counts as a row of columns.
const leastDelimiters = 5

// columns reads a row of a table as the last resort: its cells have numbers, no names.
func columns(o *object, s string) bool {
	d := columnDelimiter(s)
	if d == 0 {
		return false
	}
	mark := len(o.b)
	o.list("columns")
	for at := 0; at <= len(s); {
		cell, next, ok := nextCell(s, at, d)
		if !ok {
			o.b = o.b[:mark]
			return false
		}
		o.element(cell)
		at = next
	}
	o.endList()
	return true
}

// columnDelimiter returns the delimiter that comes first among those that occur often enough. The first columns are
// the sender's own; later ones may hold a stranger's text, full of other delimiters. Commas with blanks after them are
// a sentence, unless the cells are quoted; blanks alone separate quoted cells only.
func columnDelimiter(s string) byte {
	quoted := strings.HasPrefix(s, `"`)
	best, first := byte(0), len(s)
	for _, d := range [...]string{"\t", "|", ","} {
		at := strings.Index(s, d)
		if at < 0 || at > first || strings.Count(s, d) < leastDelimiters {
			continue
		}
		if d == "," && !quoted && 2*strings.Count(s, ", ") >= strings.Count(s, ",") {
			continue
		}
		best, first = d[0], at
	}
	if at := strings.Index(s, `" "`); quoted && at >= 0 && at < first && strings.Count(s, `" "`) >= leastDelimiters {
		return ' '
	}
	return best
}

// nextCell returns the cell at at and where the next one begins. A quote that is not closed before a delimiter is part
// of the text, so that one stray quote does not hide the row; but text like "name": is a piece of broken JSON.
func nextCell(s string, at int, d byte) (cell string, next int, ok bool) {
	i := at
	for d == ',' && i < len(s) && s[i] == ' ' {
		i++
	}
	end := strings.IndexByte(s[at:], d)
	if end < 0 {
		end = len(s) - at
	}
	end += at
	if i == len(s) || s[i] != '"' {
		return s[at:end], end + 1, true
	}
	for q := i + 1; q < len(s); q++ {
		if s[q] != '"' {
			continue
		}
		if q+1 < len(s) && s[q+1] == '"' {
			q++
			continue
		}
		if q+1 == len(s) || s[q+1] == d {
			return strings.ReplaceAll(s[i+1:q], `""`, `"`), q + 2, true
		}
		return s[at:end], end + 1, s[q+1] != ':'
	}
	return s[at:end], end + 1, true
}
