package term

import "strings"

// formulaStarts are the characters with which a spreadsheet begins a formula, the full-width forms that some of them
// accept included, and the two that make others skip to what follows.
const formulaStarts = "=+-@\t\r＝＋－＠"

// CSVCell returns s cleaned and, where a spreadsheet would take it for a formula, behind an apostrophe, which makes it
// text. Quoting is encoding/csv's work. A column of numbers does not come through here: its minus signs are meant.
func CSVCell(s string) string {
	if text := strings.TrimLeft(s, " \n"); text != "" && strings.IndexAny(text, formulaStarts) == 0 {
		return "'" + Clean(s)
	}
	return Clean(s)
}
