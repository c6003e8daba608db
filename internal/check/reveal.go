package check

import "sync"

// Hidden is a text that was hidden in another one.
type Hidden struct {
	Text  string
	Piece string // of the original text that hid it
	How   string // encoded in Base64 as UTF-16
}

// Reveal returns every text that is hidden in a command line or a script, at most three layers deep, as the checks read it. It runs
// nothing. Safe for concurrent use.
func Reveal(text string) (list []Hidden) {
	revealer().layers(text, func(l layer) { list = append(list, Hidden{l.text, l.from, l.how}) })
	return list
}

var revealer = sync.OnceValue(newDecoder)
