package sigma

import "strings"

// scope is the names of a place below every home around it, hashed.
type scope struct {
	names [maxHomes]uint64
	n     int
	depth int
	open  bool // the children are homes
}

// enter goes one key down. A key with dots is several.
func (s *scope) enter(set *Set, key string, container bool) {
	for key != "" {
		part, rest, more := strings.Cut(key, ".")
		key = rest
		if strings.HasPrefix(part, "#") || part == "$" || part == "@attributes" {
			if strings.Contains(transparent, " "+part+" ") {
				continue
			}
		}
		home := s.open || part == envelope
		s.open = strings.EqualFold(part, open)
		for i := range s.n {
			s.names[i] = extend(s.names[i], part)
			home = home || set.homes[s.names[i]]
		}
		if home && (container || more) && s.n < maxHomes {
			s.names[s.n] = fnvBasis
			s.n++
		}
	}
}

// Ranks of names, best first: the name itself below the innermost home, below outer homes, then the aliases; then a whole
// object's text, then the alert's slots.
const (
	aliasRank     = maxHomes
	containerRank = 128
	slotRank      = 250
)

func (e *event) known(s *scope) bool {
	for _, h := range s.names[:s.n] {
		if h != fnvBasis && e.set.names[h] != nil {
			return true
		}
	}
	return false
}
