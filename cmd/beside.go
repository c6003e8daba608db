package cmd

import (
	"bufio"
	"errors"
	"io"
	"os"
	"path/filepath"
)

// beside is a file that is written beside the one whose place it takes when it is whole. It is for its owner's eyes only.
type beside struct {
	name string
	f    *os.File // nil once it was moved or dropped
	w    *bufio.Writer
}

func newBeside(name string) (*beside, error) {
	f, err := os.CreateTemp(filepath.Dir(name), ".soc-*")
	if err != nil {
		return nil, err
	}
	return &beside{name, f, bufio.NewWriter(f)}, nil
}

// Write implements io.Writer.
func (b *beside) Write(p []byte) (int, error) { return b.w.Write(p) }

// commit puts the file in its place.
func (b *beside) commit() error {
	err := errors.Join(b.w.Flush(), b.f.Sync(), b.f.Close())
	if err == nil {
		err = os.Rename(b.f.Name(), b.name)
	}
	if err != nil {
		return errors.Join(err, b.drop())
	}
	b.f = nil
	return nil
}

// drop removes what was not put in its place.
func (b *beside) drop() error {
	if b.f == nil {
		return nil
	}
	_ = b.f.Close() // it may be closed already
	err := os.Remove(b.f.Name())
	b.f = nil
	return err
}

// writeBeside writes a file whole or not at all: beside its place, synced, then renamed.
func writeBeside(name string, write func(io.Writer) error) error {
	b, err := newBeside(name)
	if err != nil {
		return err
	}
	if err := write(b); err != nil {
		return errors.Join(err, b.drop())
	}
	return b.commit()
}
