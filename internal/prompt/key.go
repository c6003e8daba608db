package prompt

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// Key names a question: the SHA-256 over all that a model is told, before redaction and without the marks, which differ between
// machines. Two requests with one key ask the same. The zero value names nothing.
type Key [sha256.Size]byte

func (k Key) String() string { return hex.EncodeToString(k[:]) }

// Digest names the prompt without an alert: the instructions, the catalogue and the schema.
func (c *Composer) Digest() string {
	sum := sha256.Sum256([]byte(systemText + shared(c.schema, About{}, func(s string) string { return s })))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// key names what is asked. Answers to redacted questions speak in pseudonyms, so the key that made them is part of the name:
// under another one the answer is missed, not misread.
func (c *Composer) key(about About, evidence [sha256.Size]byte, remote bool) Key {
	h := sha256.New()
	under := ""
	if remote {
		under = c.red.Fingerprint()
	}
	parts, err := json.Marshal([]any{
		systemText, shared(c.schema, about, func(s string) string { return s }), evidence[:], c.s.MaxTokens, c.s.Seed, under,
	})
	if err != nil { // strings and numbers always marshal
		return Key{}
	}
	h.Write(parts)
	return Key(h.Sum(nil))
}
