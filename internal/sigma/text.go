package sigma

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"
)

// texts compiles a string and what the modifiers make of it.
func (c *compiler) texts(it item, text string) (expr, error) {
	list, err := c.expand(it, text)
	if err != nil {
		return expr{}, err
	}
	var kids []expr
	for _, runes := range list {
		encoded, err := encode(it.modifiers, runes)
		if err != nil {
			return expr{}, err
		}
		for _, runes := range encoded {
			if it.modifiers["windash"] {
				runes = withDashes(runes)
			}
			kids = append(kids, c.value(it, newPattern(it.widened(runes), it.modifiers["cased"])))
		}
	}
	return join(opOr, kids), nil
}

// widened adds the wildcards of contains, startswith and endswith. A keyword is searched anywhere.
func (it item) widened(runes []rune) []rune {
	anywhere := it.modifiers["contains"] || it.field == ""
	if anywhere || it.modifiers["endswith"] {
		runes = append([]rune{anyText}, runes...)
	}
	if anywhere || it.modifiers["startswith"] {
		runes = append(runes, anyText)
	}
	return runes
}

// encode applies the encodings: UTF-16 first, then Base64, whatever their order in the rule, for no other makes sense.
func encode(m map[string]bool, runes []rune) ([][]rune, error) {
	wide := m["wide"] || m["utf16le"] || m["utf16be"] || m["utf16"]
	if !wide && !m["base64"] && !m["base64offset"] {
		return [][]rune{runes}, nil
	}
	if slices.ContainsFunc(runes, func(r rune) bool { return r < 0 }) {
		return nil, errors.New("encoding of a text with wildcards")
	}
	text := string(runes)
	if wide {
		text = toUTF16(text, m["utf16be"], m["utf16"])
	}
	switch {
	case m["base64offset"]:
		var list [][]rune
		for _, s := range base64Offsets(text) {
			list = append(list, []rune(s))
		}
		if list == nil {
			return nil, errors.New("base64offset: text too short")
		}
		return list, nil
	case m["base64"]:
		text = base64.StdEncoding.EncodeToString([]byte(text))
	case !utf8.ValidString(text):
		return nil, fmt.Errorf("UTF-16 without Base64: %w", errUnsupported)
	}
	return [][]rune{[]rune(text)}, nil
}
