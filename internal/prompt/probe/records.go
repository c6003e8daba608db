package probe

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/seed-959697dd/soc/internal/prompt"
)

// Record is what a measurement found out about one configured model.
type Record struct {
	Provider string        `json:"provider"`
	URL      string        `json:"url"`
	Model    string        `json:"model"`  // its name at the provider
	Prompt   string        `json:"prompt"` // digest of the prompt, see prompt.Composer.Digest
	At       string        `json:"at"`     // RFC 3339
	Fit      bool          `json:"fit"`
	Why      []string      `json:"why,omitempty"` // why it is not fit
	Ratios   prompt.Ratios `json:"ratios"`
}

// Of tells whether the record is about this model, asked in this way. Another prompt or another address is another model.
func (r *Record) Of(o Record) bool {
	return r.Provider == o.Provider && r.URL == o.URL && r.Model == o.Model && r.Prompt == o.Prompt
}

// Records are the measured models by the names that the configuration has for them.
type Records map[string]Record

const (
	kind    = "model-records"
	version = 1
	most    = 1 << 20 // bytes of a file
)

// ErrRecords means that a file holds no records.
var ErrRecords = errors.New("no records of measured models")

type document struct {
	Kind    string  `json:"kind"`
	Version int     `json:"version"`
	Models  Records `json:"models"`
}

// Read reads a file of records. One that is not there holds none. Errors: ErrRecords, and those of reading a file.
func Read(file string) (Records, error) {
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return Records{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("measured models: %w", err)
	}
	defer func() { _ = f.Close() }() // only read
	text, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, fmt.Errorf("measured models: %w", err)
	}
	var d document
	switch err := json.Unmarshal(text, &d); {
	case len(text) > most, err != nil, d.Kind != kind, d.Version != version:
		return nil, fmt.Errorf("%s: %w", file, ErrRecords)
	case d.Models == nil:
		return Records{}, nil
	}
	return d.Models, nil
}

// Write writes a file of records that only its owner may read, beside the old one and then in its place.
func (r Records) Write(file string) error {
	text, err := json.MarshalIndent(document{kind, version, r}, "", " ")
	if err != nil {
		return fmt.Errorf("keeping what was measured: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return fmt.Errorf("keeping what was measured: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(file), ".models-*") // mode 0600
	if err != nil {
		return fmt.Errorf("keeping what was measured: %w", err)
	}
	_, err = f.Write(append(text, '\n'))
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		_ = os.Remove(f.Name()) // what could not be written is no loss
		return fmt.Errorf("keeping what was measured: %w", err)
	}
	return nil
}
