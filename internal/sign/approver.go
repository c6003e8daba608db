package sign

import (
	"errors"
	"fmt"
	"strings"
)

// ErrUntrusted means that no approver has that name or key.
var ErrUntrusted = errors.New("not a trusted approver")

// Approver is a person whose signature this estate accepts.
type Approver struct {
	Name string
	Key  string // as ParsePublic reads it
}

// Approvers are the people whose signatures count. Nobody is trusted by the zero value.
type Approvers []Approver

// Check returns what is wrong with the list. Names and keys must be there, readable and each used once: one key under
// two names would let one person stand for two.
func (a Approvers) Check() error {
	names, keys := map[string]bool{}, map[Public]string{}
	for _, one := range a {
		pub, _, err := ParsePublic(one.Key)
		if err != nil {
			return fmt.Errorf("approver %q: %w", one.Name, err)
		}
		switch other, twice := keys[pub]; {
		case strings.TrimSpace(one.Name) == "":
			return fmt.Errorf("approver with key %s has no name", pub)
		case strings.HasPrefix(one.Name, publicPrefix):
			return fmt.Errorf("approver %q: a key stands where the name belongs", one.Name)
		case names[one.Name]:
			return fmt.Errorf("approver %q is named twice", one.Name)
		case twice:
			return fmt.Errorf("approvers %q and %q have one key", other, one.Name)
		}
		names[one.Name], keys[pub] = true, one.Name
	}
	return nil
}

// Find returns the approver with that name or key, spelled exactly, or ErrUntrusted. A name that two entries share
// finds neither.
func (a Approvers) Find(who string) (Approver, error) {
	wanted, _, keyErr := ParsePublic(who)
	var found []Approver
	for _, one := range a {
		pub, _, err := ParsePublic(one.Key)
		if err != nil {
			continue // Check reports it; here it is a key that nobody holds
		}
		if one.Name == who || keyErr == nil && pub == wanted {
			found = append(found, one)
		}
	}
	if len(found) != 1 || who == "" {
		return Approver{}, fmt.Errorf("%w: %q", ErrUntrusted, who)
	}
	return found[0], nil
}

// Verify returns the approver, found by name or key, whose signature this is. The error is ErrUntrusted or
// ErrBadSignature.
func (a Approvers) Verify(who, context string, payload []byte, signature string) (Approver, error) {
	one, err := a.Find(who)
	if err != nil {
		return Approver{}, err
	}
	pub, _, err := ParsePublic(one.Key)
	if err != nil {
		return Approver{}, fmt.Errorf("approver %q: %w", one.Name, err)
	}
	if err := Verify(pub, context, payload, signature); err != nil {
		return Approver{}, fmt.Errorf("approver %q: %w", one.Name, err)
	}
	return one, nil
}
