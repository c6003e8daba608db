// Package term knows the three streams of the program, what terminal they are, and how text from a stranger may reach
// one. Clean is the choke point of the promise that what an alert says never reaches a terminal raw: whoever prints a
// word of an alert passes it through Clean (or CSVCell, for spreadsheets) and through nothing else.
//
// It is not for laying out text (internal/render does that), not for HTML, whose dangers are its own, and it reads no
// environment and opens no stream: cmd/soc hands both in. Start with IO, New and Clean.
package term

import (
	"cmp"
	"io"
	"os"
	"strconv"

	"golang.org/x/term"
)

// DefaultWidth is the number of columns assumed where no terminal says otherwise.
const DefaultWidth = 80

// IO is the three streams and what is known of them. A test fills it with buffers; the zero TTY fields are right then.
type IO struct {
	In       io.Reader
	Out, Err io.Writer

	InTTY, OutTTY, ErrTTY bool // whether a person sits at that stream

	Width int  // columns of Out, else as $COLUMNS says, else of Err, else DefaultWidth; never less than 1
	Color bool // whether Out understands colour and nobody asked for none
}

// New describes the given streams. It obeys NO_COLOR, TERM=dumb and COLUMNS as env answers them. On Windows it switches the
// console of out and errw to escape sequences, which is what the colour there depends on.
func New(in, out, errw *os.File, env func(string) string) IO {
	s := IO{
		In: in, Out: out, Err: errw,
		InTTY: isTTY(in), OutTTY: isTTY(out), ErrTTY: isTTY(errw),
	}
	s.Width = cmp.Or(across(out), wanted(env("COLUMNS")), across(errw), DefaultWidth)
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

// across is how wide the terminal behind f is; 0: there is none, or it does not say.
func across(f *os.File) int {
	if f == nil {
		return 0
	}
	w, _, err := term.GetSize(int(f.Fd()))
	if err != nil || w < 0 {
		return 0
	}
	return w
}

// What $COLUMNS may ask for; anything else is taken for a mistake. It is how people in pipes say how wide a line may be (POSIX.1,
// Environment Variables).
const minWanted, maxWanted = 40, 1000

// wanted is the width that $COLUMNS asks for; 0: none.
func wanted(columns string) int {
	n, err := strconv.Atoi(columns)
	if err != nil || n < minWanted || n > maxWanted {
		return 0
	}
	return n
}
