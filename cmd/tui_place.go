package cmd

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/tui"
)

// placeFile is where the places are kept: in the user's state directory, for each casebook one.
const placeFile = "screen.json"

// placesOf names the file, empty where there is no state directory.
func (a *app) placesOf() string {
	at, err := casebook.Locate("", func(name string) string {
		if name == "SOC_BOOK" {
			return ""
		}
		return a.Env(name)
	})
	if err != nil {
		return ""
	}
	return filepath.Join(filepath.Dir(at), placeFile)
}

func (a *app) places() map[string]tui.Place {
	all := map[string]tui.Place{}
	text, err := os.ReadFile(a.placesOf())
	if err != nil || json.Unmarshal(text, &all) != nil {
		return map[string]tui.Place{} // it is only a convenience: a damaged one is written anew
	}
	return all
}

// lastPlace is where the queue of a casebook was left. A filter that no longer reads is forgotten.
func (a *app) lastPlace(book string) tui.Place {
	abs, err := filepath.Abs(book)
	if err != nil {
		return tui.Place{}
	}
	p := a.places()[abs]
	if _, err := tui.ParseFilter(p.View.Filter); err != nil {
		p.View.Filter = ""
	}
	return p
}

func (a *app) keepPlace(book string, p tui.Place) error {
	file := a.placesOf()
	abs, err := filepath.Abs(book)
	if file == "" || err != nil {
		return nil //nolint:nilerr // there is no place for it
	}
	all := a.places()
	all[abs] = p
	text, err := json.MarshalIndent(all, "", "  ")
	if err == nil {
		err = os.MkdirAll(filepath.Dir(file), 0o700)
	}
	if err == nil {
		err = writeBeside(file, func(w io.Writer) error { _, err := w.Write(append(text, '\n')); return err })
	}
	if err != nil {
		return fmt.Errorf("noting where the queue was left: %w", err)
	}
	return nil
}
