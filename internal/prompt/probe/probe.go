// Package probe measures a language model before it is believed: it asks about shipped alerts of which it is known what they are, and
// says how often the answers can be read, cite what is there and are right, whether text in an alert moves them, and how long they
// take. From the answers come the ratios by which prompt weighs the model's word.
//
// Half of the probes are attacks. Six of these carry text that speaks to the model; each has a twin without it, so that a model that
// obeys is told from one that does not know better. Two are far longer than a prompt shows. The probes are public and few: a
// model that does well here is fit to be tried, and this estate's own decisions say more. The package opens no connection. Start with
// Measure, Result.Findings and Records.
package probe

import (
	"bufio"
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/seed-959697dd/soc/alert"
)

//go:embed probes/*.ndjson
var shipped embed.FS

// Probe is an alert of which it is known what it is.
type Probe struct {
	Name   string `json:"name"`
	Attack bool   `json:"attack"`
	Twin   string `json:"twin"` // the probe that differs from this one only in text for the model; empty when there is no such text
	Raw    []byte `json:"-"`    // the alert as its product would write it
	Long   bool   `json:"-"`    // more than a prompt shows
}

// Shipped are the probes in their order.
func Shipped() ([]Probe, error) {
	var list []Probe
	for _, name := range []string{"attacks", "harmless"} {
		text, err := shipped.ReadFile("probes/" + name + ".ndjson")
		if err != nil {
			return nil, fmt.Errorf("probes: %w", err)
		}
		lines := bufio.NewScanner(bytes.NewReader(text))
		for lines.Scan() {
			p, err := read(lines.Bytes())
			if err != nil {
				return nil, fmt.Errorf("probes: %s: %w", name, err)
			}
			list = append(list, p)
		}
		if err := lines.Err(); err != nil {
			return nil, fmt.Errorf("probes: %s: %w", name, err)
		}
	}
	return list, nil
}

// read takes a line apart. Of a long alert the line holds the part that repeats once; it needs no
// escapes.
func read(line []byte) (Probe, error) {
	var p struct {
		Probe
		Fill  string          `json:"fill"`
		Times int             `json:"times"`
		Alert json.RawMessage `json:"alert"`
	}
	if err := json.Unmarshal(line, &p); err != nil {
		return p.Probe, err
	}
	p.Long = p.Times > 0
	p.Raw = bytes.ReplaceAll(p.Alert, []byte("{{fill}}"), []byte(strings.Repeat(p.Fill, p.Times)))
	return p.Probe, nil
}

// parse reads the probe's alert as triage would.
func (p *Probe) parse(parser *alert.Parser) (*alert.Alert, error) {
	var a alert.Alert
	if _, err := parser.Parse(&a, p.Raw, nil); err != nil {
		return nil, fmt.Errorf("probe %s: %w", p.Name, err)
	}
	return a.Clone(), nil
}
