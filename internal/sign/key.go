package sign

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
)

const (
	privatePrefix = "soc-ed25519-private:"
	publicPrefix  = "soc-ed25519:"
)

// ErrBadKey means that a text is no key of the expected kind. The error never contains the text: it may be a private key.
var ErrBadKey = errors.New("not a key")

// Key is a private key. However it is printed it shows only its public half.
type Key struct {
	private ed25519.PrivateKey
}

// Public is the public half of a key: what a configuration trusts and a document names. It compares with ==.
type Public struct {
	key [ed25519.PublicKeySize]byte
}

// Generate makes a key from random, which is crypto/rand.Reader outside tests.
func Generate(random io.Reader) (Key, error) {
	seed := make([]byte, ed25519.SeedSize)
	if _, err := io.ReadFull(random, seed); err != nil {
		return Key{}, fmt.Errorf("generating a key: %w", err)
	}
	return Key{private: ed25519.NewKeyFromSeed(seed)}, nil
}

// ParseKey reads the one line of a private key file.
func ParseKey(line string) (Key, error) {
	text, ok := strings.CutPrefix(strings.TrimSpace(line), privatePrefix)
	if !ok {
		return Key{}, fmt.Errorf("%w: a private key begins with %s", ErrBadKey, privatePrefix)
	}
	seed, err := decode(text, ed25519.SeedSize)
	if err != nil {
		return Key{}, fmt.Errorf("%w: %w", ErrBadKey, err)
	}
	return Key{private: ed25519.NewKeyFromSeed(seed)}, nil
}

// Public returns the public half, the zero Public for the zero Key.
func (k Key) Public() Public {
	var p Public
	if len(k.private) == ed25519.PrivateKeySize {
		copy(p.key[:], k.private[ed25519.SeedSize:])
	}
	return p
}

// Format keeps the private half out of every log and error, whatever the verb.
func (k Key) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "private key of "+k.Public().String())
}

// secret is the line that a private key file holds.
func (k Key) secret() string {
	return privatePrefix + base64.StdEncoding.EncodeToString(k.private.Seed())
}

// ParsePublic reads a public key and the name that may follow it: "soc-ed25519:BASE64 alice".
func ParsePublic(line string) (pub Public, name string, err error) {
	key, name, _ := strings.Cut(strings.TrimSpace(line), " ")
	text, ok := strings.CutPrefix(key, publicPrefix)
	if !ok {
		return Public{}, "", fmt.Errorf("%w: a public key begins with %s", ErrBadKey, publicPrefix)
	}
	raw, err := decode(text, ed25519.PublicKeySize)
	if err != nil {
		return Public{}, "", fmt.Errorf("%w: %w", ErrBadKey, err)
	}
	copy(pub.key[:], raw)
	if pub == (Public{}) {
		return Public{}, "", fmt.Errorf("%w: nothing but zeros", ErrBadKey)
	}
	return pub, strings.TrimSpace(name), nil
}

// String is the form that ParsePublic reads, without a name.
func (p Public) String() string {
	return publicPrefix + base64.StdEncoding.EncodeToString(p.key[:])
}

// MarshalText writes String, so that a document can hold a Public.
func (p Public) MarshalText() ([]byte, error) {
	return []byte(p.String()), nil
}

// UnmarshalText reads what MarshalText wrote; a name after the key is refused.
func (p *Public) UnmarshalText(text []byte) error {
	pub, name, err := ParsePublic(string(text))
	if err != nil {
		return err
	}
	if name != "" {
		return fmt.Errorf("%w: a name follows it", ErrBadKey)
	}
	*p = pub
	return nil
}
