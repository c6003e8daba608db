package check

import (
	"math/bits"
	"strings"
)

// Source: that of names.go, ATT&CK T1583.001.

// imitates tells a famous name with a letter exchanged, or dressed with the words of a sign-in page.
func (t *nameTables) imitates(label string) bool {
	if label == "" {
		return false
	}
	var room [64]byte
	plain, dressed := undisguised(label, room[:0])
	near := t.near[min(len(label), len(t.near)-1)] | t.near[min(len(plain), len(t.near)-1)]
	if dressed {
		near = 1<<len(t.brands) - 1
	}
	// Whoever is mistaken for a brand begins or ends like it.
	near &= t.first[label[0]&31] | t.last[label[len(label)-1]&31] | t.first[plain[0]&31] | t.last[plain[len(plain)-1]&31]
	for ; near != 0; near &= near - 1 {
		b := &t.brands[bits.TrailingZeros64(near)]
		switch {
		case label == b.name:
			return false
		case string(plain) == b.plain && b.name != "office365", len(b.name) >= 7 && exchanged(label, b.name), dressed && baited(string(plain), b.name):
			return true
		}
	}
	return false
}

// undisguised is a label with its digits and pairs taken for the letters they look like, behind b; and whether it has a hyphen.
func undisguised(label string, b []byte) (plain []byte, hyphen bool) {
	for i := 0; i < len(label); i++ {
		c := label[i]
		switch c {
		case '0':
			c = 'o'
		case '1':
			c = 'l'
		case '3':
			c = 'e'
		case '5':
			c = 's'
		case 'r', 'v':
			if i+1 < len(label) && (c == 'r' && label[i+1] == 'n' || c == 'v' && label[i+1] == 'v') {
				c = "mw"[bool2int(c == 'v')]
				i++
			}
		case '-':
			hyphen = true
		}
		b = append(b, c)
	}
	return b, hyphen
}

func isVowel(c byte) bool {
	switch c {
	case 'a', 'e', 'i', 'o', 'u', 'y':
		return true
	}
	return false
}

// baited tells a brand with bait in front of it or behind.
func baited(plain, brand string) bool {
	if rest, ok := strings.CutPrefix(plain, brand+"-"); ok && isBait(rest) {
		return true
	}
	rest, ok := strings.CutSuffix(plain, "-"+brand)
	return ok && isBait(rest)
}

// exchanged tells whether two neighbours changed places, or one letter is missing, doubled or another.
func exchanged(s, brand string) bool {
	if len(s) > len(brand) {
		s, brand = brand, s
	}
	i := 0
	for i < len(s) && s[i] == brand[i] {
		i++
	}
	switch len(brand) - len(s) {
	case 0:
		return s[i+1:] == brand[i+1:] || i+2 <= len(s) && s[i] == brand[i+1] && s[i+1] == brand[i] && s[i+2:] == brand[i+2:]
	case 1:
		return s[i:] == brand[i+1:]
	}
	return false
}

func isBait(words string) bool {
	for w := range strings.SplitSeq(words, "-") {
		switch w {
		case "login", "signin", "secure", "security", "verify", "verification", "account", "accounts", "support", "update", "auth", "billing", "password", "alert", "recovery", "wallet", "helpdesk":
			return true
		}
	}
	return false
}
