package report

import (
	"net/netip"
	"strings"

	"github.com/seed-959697dd/soc/investigate"
)

// share is what a case gives to machines: which values it recommends to block, and how many it keeps back, by reason.
type share struct {
	block map[string]bool // by type and value
	kept  []kept
}

type kept struct {
	why string
	n   int
}

// sharing sorts the indicators of a case. Only what the case recommends to block may be taken for a thing to block: a hash may be that
// of a program everybody has.
func sharing(k *investigate.Case) share {
	s := share{block: map[string]bool{}}
	for i := range k.Recommended {
		if a := &k.Recommended[i]; strings.HasPrefix(a.Action, "block-") {
			s.block[a.Target.Type+" "+a.Target.Value] = true
		}
	}
	for i := range k.Indicators {
		if why := s.why(&k.Indicators[i]); why != "" {
			s.kept = keep(s.kept, why, 1)
		}
	}
	return s
}

// blocks tells whether an indicator is one to block.
func (s *share) blocks(n *investigate.Indicator) bool { return s.why(n) == "" }

// why is the reason for which an indicator is none to block; empty for those that are.
func (s *share) why(n *investigate.Indicator) string {
	switch {
	case n.Standing != "":
		return string(n.Standing)
	case !s.block[n.Type+" "+n.Value] && (len(n.Value) < 32 || !s.block["hash "+n.Value]):
		return "not recommended"
	case !listable(n.Type, n.Value):
		return "not fit for a list"
	}
	return ""
}

func keep(list []kept, why string, n int) []kept {
	for i := range list {
		if list[i].why == why {
			list[i].n += n
			return list
		}
	}
	return append(list, kept{why, n})
}

// listable tells a value that a machine reads as one line and as what it says it is.
func listable(kind, value string) bool {
	for i := range len(value) {
		if c := value[i]; c <= ' ' || c >= 0x7f || strings.IndexByte("\"'`<>\\^{|}", c) >= 0 {
			return false
		}
	}
	switch kind {
	case "ip":
		a, err := netip.ParseAddr(value)
		return err == nil && a.Zone() == ""
	case "domain":
		return strings.Trim(strings.ToLower(value), "abcdefghijklmnopqrstuvwxyz0123456789-._") == "" && strings.Contains(value, ".") && !strings.HasPrefix(value, "-")
	case "url":
		return strings.HasPrefix(value, "http://") || strings.HasPrefix(value, "https://") || strings.HasPrefix(value, "ftp://")
	case "md5", "sha1", "sha256", "sha512":
		return len(value) == map[string]int{"md5": 32, "sha1": 40, "sha256": 64, "sha512": 128}[kind] && strings.Trim(strings.ToLower(value), "0123456789abcdef") == ""
	}
	return false
}
