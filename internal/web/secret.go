package web

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/url"
	"strings"
)

const redacted = "REDACTED"

// Secret is a key, token or password. However it is printed, it says REDACTED, alone or deep inside another value: the text lies
// behind a function, where no reflection reaches it. The zero value is no secret.
type Secret struct{ text func() string }

// NewSecret keeps a text. White space around it is dropped: files that hold keys end in a newline.
func NewSecret(text string) Secret {
	if text = strings.TrimSpace(text); text == "" {
		return Secret{}
	}
	return Secret{func() string { return text }}
}

// Reveal returns the text, for the one place that sends it.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return s.text()
}

func (Secret) String() string { return redacted }

// Format answers every verb of package fmt.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// MarshalText answers the encoders of JSON, YAML and XML.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// Header is one that carries a secret: Name: Prefix Secret. The prefix brings its own space: "Bearer ".
type Header struct {
	Name   string
	Prefix string
	Value  Secret
}

// scrub removes the secrets from a text, also as a URL or as base64 spells them.
func scrub(text string, secrets ...[]Header) string {
	for _, list := range secrets {
		for _, h := range list {
			plain := h.Value.Reveal()
			if plain == "" {
				continue
			}
			for _, spelt := range []string{plain, url.QueryEscape(plain), url.PathEscape(plain), base64.StdEncoding.EncodeToString([]byte(plain))} {
				text = strings.ReplaceAll(text, spelt, redacted)
			}
		}
	}
	return text
}
