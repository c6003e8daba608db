package read

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// recognise finds out what a file is from how it begins.
func (r *reader) recognise() (string, error) {
	f, err := r.open()
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }() // only read
	in := bufio.NewReaderSize(f, 4096)
	head, err := in.Peek(4096)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	start := bytes.TrimSpace(bytes.TrimPrefix(head, []byte("\ufeff")))
	switch {
	case len(start) == 0:
		return "", fmt.Errorf("%w: it is empty", ErrNotFeed)
	case start[0] == '<':
		return "", markup(start)
	case bytes.IndexByte(head, 0) >= 0:
		return "", fmt.Errorf("%w: it is binary", ErrNotFeed)
	case start[0] == '{', start[0] == '[' && bytes.HasPrefix(bytes.TrimSpace(start[1:]), []byte("{")):
		return document(in)
	case r.o.Columns != nil:
		return "csv", nil
	}
	return "list", nil // or CSV: a header on the way tells
}

// markup tells the page of a captive portal or of an error from other angle brackets.
func markup(start []byte) error {
	low := bytes.ToLower(start)
	for _, tag := range []string{"<!doctype html", "<html", "<head", "<body", "<script", "<title"} {
		if bytes.Contains(low, []byte(tag)) {
			return ErrHTML
		}
	}
	return fmt.Errorf("%w: it is XML", ErrNotFeed)
}

// document tells the JSON forms by the first key that only one of them has.
func document(in io.Reader) (string, error) {
	kind := ""
	g := &guard{r: in}
	g.reset()
	w := &walker{dec: json.NewDecoder(skipMark(g)), guard: g}
	w.want = func(path string) step {
		switch path {
		case "", "[]":
			return descend
		case ".objects", ".spec_version", "[].spec_version":
			kind = "stix"
		case ".Event", "[].Event", ".response", ".Attribute", "[].Attribute":
			kind = "misp"
		case ".list", ".matching_attributes":
			kind = "warninglist"
		case ".type":
			return take
		}
		if kind != "" {
			return stop
		}
		return pass
	}
	w.got = func(_ string, raw json.RawMessage, _ int64) error {
		if string(raw) == `"bundle"` {
			kind = "stix"
			return errStop
		}
		return nil
	}
	err := w.all()
	switch {
	case kind != "":
		return kind, nil
	case err != nil:
		return "", err
	}
	return "", fmt.Errorf("%w: JSON that is neither STIX nor MISP", ErrNotFeed)
}

// Warning tells whether a file is a warning list.
func Warning(src Source) bool {
	r := &reader{src: src}
	kind, err := r.recognise()
	return err == nil && kind == "warninglist"
}
