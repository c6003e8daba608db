package redact

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/seed-959697dd/soc/alert"
)

// ErrResidue is that a text which was to leave still holds what must not. Its message names the kind and the field, never the value.
var ErrResidue = errors.New("not sent: something of the estate remains after redaction")

// gone is what takes the place of replacements before a text is searched.
const gone = "***"

// Residue looks once more, with other means, for what must not leave: the names that the alert's own fields hold, internal addresses and
// domains, mail addresses, secrets. texts are the strings in what will be sent, without the escapes of JSON.
func (s *Session) Residue(texts []string) error {
	if s.err != nil {
		return s.err
	}
	clear := s.replacer(gone)
	var all []string
	for _, t := range texts {
		t = clear.Replace(t)
		all = append(all, t)
		within(t, 0, func(inner string) { all = append(all, inner) })
	}
	for _, t := range all {
		low := strings.ToLower(t)
		if err := cmp.Or(s.residualIdentity(low), s.residualAddress(low), s.residualSecret(t, low), s.residualName(low)); err != nil {
			return err
		}
	}
	return nil
}

func (s *Session) residualIdentity(low string) error {
	for i := range s.fields {
		for _, name := range identities(&s.fields[i]) {
			if standsIn(low, name) {
				return fmt.Errorf("%w: a name that %s holds", ErrResidue, s.fields[i].Slot)
			}
		}
	}
	return nil
}

// identities are the names in a field, in lower case.
func identities(f *alert.Field) []string {
	_, typ := f.Slot.Entity()
	if typ != alert.Host && typ != alert.User && typ != alert.Mail {
		return nil
	}
	v := strings.ToLower(f.Value)
	if typ == alert.Host {
		if _, err := netip.ParseAddr(v); err == nil {
			return nil
		}
		if _, ok := under(v, shared[:]); ok {
			return nil
		}
	}
	if before, _, ok := strings.Cut(v, "("); ok {
		v = before
	}
	if typ != alert.Host {
		v, _, _ = strings.Cut(v, "@")
	}
	list := strings.FieldsFunc(v, func(r rune) bool { return strings.ContainsRune(`\,`, r) })
	list = slices.DeleteFunc(list, func(n string) bool {
		return len(n) < 3 || strings.HasPrefix(n, "dc=") || strings.HasPrefix(n, "ou=") || generic(n) || strings.Trim(n, "0123456789-.:$") == "" || strings.HasPrefix(n, "s-1-")
	})
	if name, rest, _ := strings.Cut(v, "."); typ == alert.Host && strings.Contains(rest, ".") && len(name) > 2 && !generic(name) {
		list = append(list, name)
	}
	for i := range list {
		list[i] = strings.Trim(strings.TrimPrefix(list[i], "cn="), " \t\"'.,;:$")
	}
	return list
}

// standsIn reports whether a name stands in a text as a word, or anywhere when it is long.
func standsIn(low, name string) bool {
	if name == "" || generic(name) {
		return false
	}
	for at := 0; ; {
		i := strings.Index(low[at:], name)
		if i < 0 {
			return false
		}
		i += at
		if len(name) >= free || boundary(low, i) && boundary(low, i+len(name)) {
			return true
		}
		at = i + 1
	}
}

func (s *Session) residualAddress(low string) error {
	left := fmt.Errorf("%w: an internal address", ErrResidue)
	for word := range strings.FieldsFuncSeq(low, func(r rune) bool { return !strings.ContainsRune("0123456789abcdef:.", r) }) {
		for part := range strings.FieldsFuncSeq(word, func(r rune) bool { return !strings.ContainsRune("0123456789.", r) }) {
			if a, err := netip.ParseAddr(strings.Trim(part, ".")); err == nil && s.r.internal(a) {
				return left
			}
		}
		if a, err := netip.ParseAddr(strings.TrimRight(word, ":.")); err == nil && s.r.internal(a) {
			return left
		}
	}
	return nil
}

func (s *Session) residualSecret(t, low string) error {
	for _, known := range s.secrets {
		if standsIn(low, known) {
			return fmt.Errorf("%w: a secret of another field", ErrResidue)
		}
	}
	for i := range s.r.secrets {
		if k := &s.r.secrets[i]; len(k.find(t, low)) > 0 {
			return fmt.Errorf("%w: what looks like a secret (%s)", ErrResidue, k.kind)
		}
	}
	return nil
}

var (
	mailLeft = regexp.MustCompile(`[a-z0-9][a-z0-9._+-]*@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}`)
	nameLeft = regexp.MustCompile(`[a-z0-9_-]+(?:\.[a-z0-9_-]+)+`)
)

func (s *Session) residualName(low string) error {
	if mailLeft.MatchString(low) {
		return fmt.Errorf("%w: a mail address", ErrResidue)
	}
	for _, m := range nameLeft.FindAllString(low, -1) {
		if _, ours := under(m, s.own.domains); ours || isInner(m) {
			return fmt.Errorf("%w: a name under a domain of the estate", ErrResidue)
		}
	}
	return nil
}
