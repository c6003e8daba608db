// Package config reads soc.yaml: one strict schema for everything an estate may choose. What it cannot read it refuses,
// with file, line and key; it never guesses and never goes on without a key it does not know.
//
// It holds no secret, only the names of environment variables and files that do. It imports no noun: it does not know what
// a policy means or whether a source answers, that is for cmd, which hands each part a plain struct. Start with Find, Load and
// Config.
package config

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"go.yaml.in/yaml/v3"
)

// Config is a whole soc.yaml. The zero value is a run without configuration; a nil or zero member was not written.
type Config struct {
	Policy  *Policy  `yaml:"policy"`
	Formats []string `yaml:"formats" is:"path"` // further format files, asked before the shipped ones
	// Found are format files that a soc.yaml in the working directory names. That may be a folder of evidence: what they read is
	// never trusted.
	Found      []string          `yaml:"-"`
	Assets     Assets            `yaml:"assets"`
	Identities Identities        `yaml:"identities"`
	Baseline   Baseline          `yaml:"baseline"`
	Intel      map[string]Feed   `yaml:"intel"`
	Precedent  Precedent         `yaml:"precedent"`
	Models     map[string]Model  `yaml:"models"`
	Triage     Triage            `yaml:"triage"`
	Sources    map[string]Source `yaml:"sources"`
	SOAR       map[string]SOAR   `yaml:"soar"`
	Drivers    map[string]Driver `yaml:"drivers"`
	Approvers  []Approver        `yaml:"approvers"`
	Notify     map[string]Notify `yaml:"notify"`
	Respond    Respond           `yaml:"respond"`
	Casebook   Casebook          `yaml:"casebook"`
	Display    Display           `yaml:"display"`
}

// Approver is a person whose signature this estate accepts.
type Approver struct {
	Name string `yaml:"name" is:"required"`
	Key  string `yaml:"key" is:"required"` // public, as `soc respond keygen` prints it
	Line int    `yaml:"-" json:"-"`
}

// Error is a mistake in a file. Line counts from 1, 0 when no line is to blame.
type Error struct {
	File string
	Line int
	Msg  string
	Hint string // a command or text to paste, may be empty
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Msg
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Msg)
}

// maxFile bounds a configuration file, in bytes.
const maxFile = 1 << 20

// Load reads a configuration file. A mistake in it is an *Error; a file that is not there is fs.ErrNotExist.
func Load(path string) (*Config, error) {
	return load(path, nil)
}

// load reads a file that may set the named top-level keys only, or all of them when only is nil.
func load(path string, only []string) (*Config, error) {
	d, root, err := open(path)
	if err != nil {
		return nil, err
	}
	c := &Config{}
	if root == nil {
		return c, nil
	}
	if err := d.restrict(root, only); err != nil {
		return nil, err
	}
	if err := d.into(root, c); err != nil {
		return nil, err
	}
	return c, d.cascades(c.Models)
}

// LoadPolicy reads a policy from a file that holds the policy block's content, or from a whole soc.yaml with a policy.
func LoadPolicy(path string) (*Policy, error) {
	d, root, err := open(path)
	if err != nil {
		return nil, err
	}
	p := &Policy{}
	if root == nil {
		return p, nil
	}
	if root.Kind == yaml.MappingNode {
		for i := 0; i < len(root.Content); i += 2 {
			if root.Content[i].Value == "policy" {
				c := &Config{}
				if err := d.into(root, c); err != nil || c.Policy == nil {
					return p, err
				}
				return c.Policy, nil
			}
		}
	}
	return p, d.into(root, p)
}

// open parses a file. root is nil when it holds nothing.
func open(path string) (d *decoder, root *yaml.Node, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("reading configuration: %w", err)
	}
	defer func() { _ = f.Close() }() // only read
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, nil, fmt.Errorf("reading configuration: %w", err)
	}
	d = &decoder{file: path, dir: filepath.Dir(path)}
	if len(text) > maxFile {
		return nil, nil, d.fault(0, "more than %d bytes", maxFile)
	}
	root, err = parse(d, text)
	return d, root, err
}

// unwrap returns the *Error behind err, or nil.
func unwrap(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}
