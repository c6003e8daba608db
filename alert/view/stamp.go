package view

import "strings"

// stamps are the shapes of times at the begin of a line, the longer before those they begin with: 9 is a digit, _ a
// digit or a blank, Mmm a month, Www three letters; all else is itself.
var stamps = [...]string{
	"9999-99-99T99:99:99",
	"9999-99-99 99:99:99",
	"9999/99/99 99:99:99",
	"9999/99/99:99:99:99",
	"9999 Mmm _9 99:99:99",
	"99/99/9999:99:99:99",
	"Mmm _9 9999 99:99:99",
	"Mmm 9 9999 99:99:99",
	"Mmm _9 99:99:99",
	"Mmm 9 99:99:99",
	"Www Mmm _9 99:99:99 9999",
}

// zones are the words that may follow a time. Only these: the next word is often a host in upper case.
var zones = [...]string{
	"UTC", "GMT", "CET", "CEST", "EET", "EEST", "WET", "WEST", "BST", "MSK", "EST", "EDT", "CST", "CDT",
	"MST", "MDT", "PST", "PDT", "JST", "IST", "SGT", "AEST", "AEDT",
}

// stamp returns the length of the time at the begin of s, with its fraction and zone; 0 when there is none. Ranges are
// not checked: a line with an impossible time is still a line with a header.
func stamp(s string) int {
	n := 0
	for _, shape := range stamps {
		if fits(s, shape) {
			n = len(shape)
			break
		}
	}
	if n == 0 {
		return 0
	}
	n += fraction(s[n:])
	n += zone(s[n:])
	if n < len(s) && s[n] != ' ' && s[n] != ':' {
		return 0
	}
	return n
}

func fits(s, shape string) bool {
	if len(s) < len(shape) {
		return false
	}
	for i := 0; i < len(shape); i++ {
		switch c := s[i]; shape[i] {
		case '9':
			if !digit(c) {
				return false
			}
		case '_':
			if !digit(c) && c != ' ' {
				return false
			}
		case 'M':
			if at := strings.Index("JanFebMarAprMayJunJulAugSepOctNovDec", s[i:i+3]); at < 0 || at%3 != 0 {
				return false
			}
			i += 2
		case 'W':
			if !strings.Contains("Mon Tue Wed Thu Fri Sat Sun", s[i:i+3]) {
				return false
			}
			i += 2
		default:
			if c != shape[i] {
				return false
			}
		}
	}
	return true
}

func fraction(s string) int {
	if len(s) < 2 || s[0] != '.' && s[0] != ',' || !digit(s[1]) {
		return 0
	}
	n := 1
	for n < len(s) && digit(s[n]) {
		n++
	}
	return n
}

func zone(s string) int {
	blank := 0
	if strings.HasPrefix(s, " ") {
		blank = 1
	}
	z := s[blank:]
	if blank == 0 && strings.HasPrefix(z, "Z") {
		return 1
	}
	if len(z) > 0 && (z[0] == '+' || z[0] == '-') {
		for _, shape := range [...]string{"99:99", "9999", "99"} {
			if fits(z[1:], shape) {
				return blank + 1 + len(shape)
			}
		}
		return 0
	}
	for _, name := range zones {
		if strings.HasPrefix(z, name) && (len(z) == len(name) || z[len(name)] == ' ' || z[len(name)] == ':') {
			return blank + len(name)
		}
	}
	return 0
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

// digits returns how many digits begin s.
func digits(s string) int {
	n := 0
	for n < len(s) && digit(s[n]) {
		n++
	}
	return n
}
