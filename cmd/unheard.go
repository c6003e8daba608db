package cmd

import (
	"errors"
	"io"
	"syscall"
)

// unheard writes until its reader goes away, and to nowhere from then on: soc triage ... | head has seen enough, but the
// casebook is to hold the whole run.
type unheard struct {
	w    io.Writer
	gone bool
}

func (u *unheard) Write(p []byte) (int, error) {
	if u.gone {
		return len(p), nil
	}
	n, err := u.w.Write(p)
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, io.ErrClosedPipe) {
		u.gone = true
		return len(p), nil
	}
	return n, err
}
