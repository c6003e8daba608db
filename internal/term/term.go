// Package term knows the three streams of the program, what terminal they are, and how text from a stranger may reach
// one. Clean is the choke point of the promise that what an alert says never reaches a terminal raw: whoever prints a
// word of an alert passes it through Clean (or CSVCell, for spreadsheets) and through nothing else.
//
// It is not for laying out text (internal/render does that), not for HTML, whose dangers are its own, and it reads no
// environment and opens no stream: cmd/soc hands both in. Start with IO, New and Clean.
package term

import (
	"io"
	"os"

	"golang.org/x/term"
)

// DefaultWidth is the number of columns assumed where no terminal says otherwise.
const DefaultWidth = 80

// IO is the three streams and what is known of them. A test fills it with buffers; the zero TTY fields are right then.
type IO struct {
	In       io.Reader
	Out, Err io.Writer

	InTTY, OutTTY, ErrTTY bool // whether a person sits at that stream

	Width int  // columns of Out, else of Err, else DefaultWidth; never less than 1
	Color bool // whether Out understands colour and nobody asked for none
}

// New describes the given streams. It obeys NO_COLOR and TERM=dumb as env answers them. On Windows it switches the
// console of out and errw to escape sequences, which is what the colour there depends on.
func New(in, out, errw *os.File, env func(string) string) IO {
	s := IO{
		In: in, Out: out, Err: errw,
		InTTY: isTTY(in), OutTTY: isTTY(out), ErrTTY: isTTY(errw),
	}
	s.Width = width(out, errw)
	ansi := s.OutTTY && speaksANSI(out)
	if s.ErrTTY {
		speaksANSI(errw) // colour follows Out alone, yet the screen may draw on this one
	}
	s.Color = ansi && wantsColor(env)
	return s
}

// wantsColor reports whether the environment allows colour (no-color.org: any value but the empty one says no).
func wantsColor(env func(string) string) bool {
	return env("NO_COLOR") == "" && env("TERM") != "dumb"
}

func isTTY(f *os.File) bool {
	return f != nil && term.IsTerminal(int(f.Fd()))
}

func width(files ...*os.File) int {
	for _, f := range files {
		if f == nil {
			continue
		}
		if w, _, err := term.GetSize(int(f.Fd())); err == nil && w > 0 {
			return w
		}
	}
	return DefaultWidth
}
