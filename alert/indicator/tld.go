package indicator

import (
	_ "embed" // the list below
	"strings"
	"sync"
)

// tlds lists the top-level domains, those of other scripts in both spellings. Source: the ICANN part of publicsuffix.org, as
// golang.org/x/net/publicsuffix v0.62.0 has it; the test compares the two.
//
//go:embed tlds.txt
var tlds string

// own are names below which nobody registers, but which stand at the end of names all the same: hidden services, names kept in
// block chains, and what estates use at home.
const own = "onion i2p bit local lan corp internal localdomain intranet"

const slots = 1 << 13 // a fifth of them in use

// names is a table of words in lower case, with open addressing.
type names struct {
	words []string
	slot  [slots]uint16 // of word+1
}

var tldTable = sync.OnceValue(func() *names {
	t := &names{words: strings.Fields(tlds + " " + own)}
	for i, w := range t.words {
		at := hash([]byte(w))
		for t.slot[at] != 0 {
			at = (at + 1) % slots
		}
		t.slot[at] = uint16(i + 1)
	}
	return t
})

// hash ignores the case of ASCII letters.
func hash(b []byte) uint32 {
	h := uint32(2166136261)
	for _, c := range b {
		h = (h ^ uint32(toLower(c))) * 16777619
	}
	return (h ^ h>>15) % slots
}

// has tells whether b is in the table, whatever the case of its ASCII letters.
func (t *names) has(b []byte) bool {
	if len(b) < 2 || len(b) > 40 {
		return false
	}
	for at := hash(b); t.slot[at] != 0; at = (at + 1) % slots {
		if w := t.words[t.slot[at]-1]; len(w) == len(b) && hasFold(b, 0, w) {
			return true
		}
	}
	return false
}

func isTLD(b []byte) bool { return tldTable().has(b) }

// TopLevel returns the top-level domains of the list, those of other scripts in both spellings.
func TopLevel() []string { return strings.Fields(tlds) }
