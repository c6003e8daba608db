package playbook

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/seed-959697dd/soc/respond"
)

// errNoOpenC2 means that a command is none that could be an action.
var errNoOpenC2 = errors.New("no command of OpenC2")

// action is a command as an action of the catalogue. The error says why it is a person's.
func (a *abroad) action(at *stop, c *otherCommand) (f fileStep, err error) {
	if c.Type != "openc2-http" && c.Type != "openc2" && c.Type != "openc2-json" {
		return f, errNoOpenC2
	}
	if len(a.before(at)) > 0 {
		return f, errors.New("whether it is done is for a person to decide")
	}
	doc, err := unpack(c.Type, first(c.ContentB64, c.B64))
	if err != nil {
		return f, err
	}
	doc = first(doc, string(c.Content), string(c.Command))
	filled, err := a.fill(at.step, doc)
	if err != nil {
		return f, err
	}
	action, t, err := respond.ReadOpenC2([]byte(filled))
	if err != nil {
		return f, err
	}
	for each, s := range selectors {
		if s.kind == t.Type {
			f = fileStep{Action: action, Each: each, Only: t.Value}
		}
	}
	if shown(f.Only) != f.Only {
		return fileStep{}, errors.New("its target has characters that nobody can see")
	}
	return f, nil
}

// fill puts the values of constants in place of their names. A variable that a step or a person sets is an error.
func (a *abroad) fill(s *otherStep, doc string) (filled string, err error) {
	filled = variable.ReplaceAllStringFunc(doc, func(name string) string {
		key := strings.TrimSuffix(name, ":value")
		v, ok := s.Variables[key]
		if !ok {
			v, ok = a.Variables[key]
		}
		if !ok || !v.Constant || v.External || v.Value == "" {
			err = fmt.Errorf("the value of %s is not known yet", key)
			return name
		}
		quoted, _ := json.Marshal(string(v.Value))
		return string(quoted[1 : len(quoted)-1])
	})
	return filled, err
}

// command is the text of a command for a person.
func (a *abroad) command(c *otherCommand) string {
	var parts []string
	put := func(text string) {
		if text = long(text); strings.TrimSpace(text) != "" {
			parts = append(parts, text)
		}
	}
	put(string(c.Command))
	for _, b64 := range []string{c.B64, c.ContentB64} {
		text, err := unpack(c.Type, b64)
		if err != nil {
			text = err.Error()
		}
		put(text)
	}
	put(string(c.Content))
	if len(c.Headers) > 0 {
		put("with the headers " + strings.Join(slices.Sorted(maps.Keys(c.Headers)), ", ") + " (their values stand in the document)")
	}
	if see := references(c.External); see != "" {
		put("see " + see)
	}
	text := strings.Join(parts, "\n")
	if text == "" {
		text = "(the command is empty)"
	}
	if c.Type == "manual" {
		return cut(strings.TrimPrefix(long(c.Description)+"\n"+text, "\n"), maxText)
	}
	head := strings.TrimSpace(short(c.Type) + " " + short(string(c.Version)))
	if c.Description != "" {
		head += ", to " + short(c.Description)
	}
	return cut(head+":\n"+text, maxText)
}

// unpack decodes a command in base64.
func unpack(kind, b64 string) (string, error) {
	b, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(b64), ""))
	if err != nil {
		return "", fmt.Errorf("(no base64: %w)", err)
	}
	if kind == "powershell" && len(b) > 1 && len(b)%2 == 0 && b[1] == 0 {
		units := make([]uint16, len(b)/2)
		for i := range units {
			units[i] = uint16(b[2*i]) | uint16(b[2*i+1])<<8
		}
		return string(utf16.Decode(units)), nil
	}
	if !utf8.Valid(b) {
		return "", fmt.Errorf("(%d bytes that are no text: they stand in the document)", len(b))
	}
	return string(b), nil
}
