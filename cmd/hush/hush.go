// Package hush keeps a library from asking the terminal anything while the program starts. Bubble Tea v1 asks for the background's colour
// in an init function: every command would write that question to the screen, and wait five seconds for terminals that do not answer. Its
// answer is used by nobody, the screen's theme is chosen by name. Bubble Tea v2 no longer asks; this package goes with v1.
//
// It is not for settings of our own. Whoever imports Bubble Tea imports it too, and calls Over in a variable of the package.
package hush

import "os"

// former is $TERM as the program got it. For what calls itself dumb nothing is asked (termenv, termStatusReport). Packages are
// initialised by path as soon as what they import is (Go specification, Program initialization): this one imports os alone, Bubble Tea
// among others os/exec, whose path comes behind ours and which has to wait for os, too.
var former, had = dumb()

func dumb() (term string, had bool) {
	term, had = os.LookupEnv("TERM")
	_ = os.Setenv("TERM", "dumb") // the name is no empty one
	return term, had
}

// Over brings $TERM back, as the program got it. It may be called again.
func Over() bool {
	if had {
		return os.Setenv("TERM", former) == nil
	}
	return os.Unsetenv("TERM") == nil
}
