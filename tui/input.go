package tui

import (
	"strings"
	"unicode"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/seed-959697dd/soc/internal/term"
)

// input is one line of text that is being typed.
type input struct {
	text []rune
	at   int // the cursor
}

// longestInput bounds what can be typed or pasted, in characters.
const longestInput = 2000

func typed(text string) input {
	r := []rune(text)
	return input{r, len(r)}
}

func (in *input) String() string { return strings.TrimSpace(string(in.text)) }

// key obeys a key and tells whether it was one of typing.
func (in *input) key(k tea.KeyMsg) bool {
	switch k.Type {
	case tea.KeyRunes, tea.KeySpace:
		in.insert(k.Runes)
	case tea.KeyBackspace:
		in.cut(in.at-1, in.at)
	case tea.KeyDelete:
		in.cut(in.at, in.at+1)
	case tea.KeyCtrlU:
		in.cut(0, in.at)
	case tea.KeyCtrlW:
		start := in.at
		for start > 0 && unicode.IsSpace(in.text[start-1]) {
			start--
		}
		for start > 0 && !unicode.IsSpace(in.text[start-1]) {
			start--
		}
		in.cut(start, in.at)
	case tea.KeyLeft:
		in.at = max(0, in.at-1)
	case tea.KeyRight:
		in.at = min(len(in.text), in.at+1)
	case tea.KeyHome, tea.KeyCtrlA:
		in.at = 0
	case tea.KeyEnd, tea.KeyCtrlE:
		in.at = len(in.text)
	default:
		return false
	}
	return true
}

// insert puts text in at the cursor; line breaks of a paste become blanks, what cannot be seen is left out.
func (in *input) insert(list []rune) {
	text := append([]rune(nil), in.text[:in.at]...)
	for _, r := range list {
		if unicode.IsSpace(r) {
			r = ' '
		}
		if len(text) < longestInput && (unicode.IsGraphic(r) || r == ' ') {
			text = append(text, r)
		}
	}
	at := len(text)
	in.text, in.at = append(text, in.text[in.at:]...), at
}

func (in *input) cut(from, to int) {
	from, to = max(from, 0), min(to, len(in.text))
	if from >= to {
		return
	}
	in.text = append(append([]rune(nil), in.text[:from]...), in.text[to:]...)
	in.at = from
}

// show is the text with a cursor, its end in at most w columns.
func (in *input) show(w int) string {
	before, behind := term.Clean(string(in.text[:in.at])), term.Clean(string(in.text[in.at:]))
	for term.Width(before) > w-2 && before != "" {
		before = before[len(string([]rune(before)[:1])):]
	}
	return before + "_" + term.Truncate(behind, max(0, w-1-term.Width(before)))
}
