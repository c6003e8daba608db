// Package redact replaces, in text that is to leave for a model elsewhere, what identifies the estate and what opens its doors: names
// of hosts, users and internal domains, mail addresses, internal addresses, secrets. The replacements are keyed, so that nobody
// without the key can try names; equal for equal values, so that a reader still sees that two values are one; of the same kind, so that
// an address stays an address of its subnet; and reversible, so that an answer can be read back.
//
// It is not an anonymiser: what an alert says about an attack stays, and who knows the estate may recognise it. Of encoded text it
// looks into base64, not into hexadecimal, archives or scripts that put their words together. What it missed and is known to be the estate's own is found by Session.Residue, which asks
// the fields again and not what was replaced.
//
// Start with New, Redactor.Begin and Session.Text.
package redact

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/netip"
	"strings"

	"github.com/seed-959697dd/soc/alert"
)

// Settings say what belongs to the estate besides what an alert tells by itself.
type Settings struct {
	Key      []byte         // at least 16 bytes, which never leave the machine
	Networks []netip.Prefix // the estate's public ones; private ones are known
	Domains  []string       // the estate's own domains
	Names    []string       // hosts and users to replace wherever they stand; at least two bytes each
	Slots    []alert.Slot   // values of these slots are replaced like secrets, and from six bytes on wherever they stand
}

// Redactor is immutable and safe for concurrent use.
type Redactor struct {
	key      []byte
	networks []netip.Prefix
	domains  []string
	names    trie
	secrets  []secret
	shapes   shapes
	slots    []alert.Slot
}

// minKey is the shortest key that is taken, in bytes.
const minKey = 16

// New returns a redactor. It fails when the key is too short.
func New(s Settings) (*Redactor, error) {
	if len(s.Key) < minKey {
		return nil, errors.New("redaction: the key has less than 16 bytes")
	}
	r := &Redactor{key: s.Key, networks: s.Networks, secrets: secrets(), shapes: newShapes(), slots: s.Slots}
	for _, d := range s.Domains {
		if d = strings.ToLower(strings.Trim(d, ". ")); d != "" {
			r.domains = append(r.domains, d)
			r.names.add(d, "domain")
			if label, _, _ := strings.Cut(d, "."); len(label) >= 4 && !generic(label) {
				r.names.add(label, "org")
			}
		}
	}
	for _, n := range s.Names {
		if len(n) >= 2 && !generic(n) {
			r.names.add(n, "name")
		}
	}
	return r, nil
}

// Fingerprint names the key without telling it, and the slots: answers about text redacted under one key mean nothing under another.
func (r *Redactor) Fingerprint() string {
	var slots strings.Builder
	for _, s := range r.slots {
		slots.WriteString(s.String() + " ")
	}
	return hex.EncodeToString(r.mac("fingerprint", slots.String())[:8])
}

// mac is the keyed hash of a value for one purpose.
func (r *Redactor) mac(purpose, value string) []byte {
	h := hmac.New(sha256.New, r.key)
	h.Write([]byte(purpose))
	h.Write([]byte{0})
	h.Write([]byte(value))
	return h.Sum(nil)
}

// tag is a short keyed hash. A value that is not in lower case has the tag of the one that is, and an addition of its own: WS-12 and
// ws-12 are seen to be one, and each is restored as it was.
func (r *Redactor) tag(purpose, value string) string {
	low := strings.ToLower(value)
	t := hex.EncodeToString(r.mac(purpose, low)[:4])
	if low != value {
		t += "x" + hex.EncodeToString(r.mac(purpose+" spelling", value)[:2])
	}
	return t
}
