package indicator

import (
	"bytes"
	"slices"
)

// How text is written so that nothing in it works, and back.
//
// A dot, an at sign or a colon of an indicator goes into square brackets, the t's of http and ftp become x's. What already
// looks that way in the text gets one bracket or one x more, so that Refang, which takes one of each away, gives back every text
// as it was: "[.]" becomes "[[.]]", "hxxp:" becomes "hxxxp:".

// Defang appends text to dst with every link, domain and address in it written so that it does not work, and returns the
// extended slice. Refang gives the text back, byte for byte.
func (s *Scanner) Defang(dst, text []byte) []byte {
	s.live = s.live[:0]
	s.Scan(text, func(f Found) bool {
		s.liven(text[f.Offset:f.Offset+f.Len], f)
		return true
	})
	s.livenWWW(text)
	return s.disarm(dst, text)
}

// livenWWW notes the dots of every name that begins with www., which programs that show text make a link of, whatever it ends in.
func (s *Scanner) livenWWW(text []byte) {
	named := func(i int) bool { return at(text, i) >= 0x80 || kinds[at(text, i)] != 0 } // in letters of any script
	before := len(s.live)
	for i := 0; i+4 < len(text); i++ {
		if text[i]|0x20 != 'w' || !hasFold(text, i, "www.") || named(i-1) && text[i-1] != '_' && text[i-1] != '-' || !named(i+4) {
			continue
		}
		for i += 3; named(i) || at(text, i) == '.' && named(i+1); i++ {
			if text[i] == '.' {
				s.live = append(s.live, i)
			}
		}
	}
	if len(s.live) > before {
		slices.Sort(s.live)
		s.live = slices.Compact(s.live)
	}
}

// Disarm appends a value of a type as Defang writes it where it stands alone.
func (s *Scanner) Disarm(dst []byte, t Type, value []byte) []byte {
	s.live = s.live[:0]
	s.liven(value, Found{Type: t, Value: value})
	return s.disarm(dst, value)
}

// disarm puts what is live into brackets, and raises what is in brackets already by a level.
func (s *Scanner) disarm(dst, text []byte) []byte {
	done := 0
	for _, next := range s.live {
		if next >= done {
			dst, done = rearm(dst, text, done, next, true)
		}
		if next >= done {
			dst = append(dst, '[', text[next], ']')
			done = next + 1
		}
	}
	dst, _ = rearm(dst, text, done, len(text), true)
	return dst
}

// Refang appends text to dst with what Defang or a person disarmed as it was, and returns the extended slice: [.] (.) {.} [dot]
// [@] [at] [:] [://] [/] and hxxp, fxp in front of a colon.
func Refang(dst, text []byte) []byte {
	dst, _ = rearm(dst, text, 0, len(text), false)
	return dst
}

// rearm writes what begins in from..to with one level more or less, and returns where it ended.
func rearm(dst, text []byte, from, to int, add bool) ([]byte, int) {
	done, i := from, from
	for i < to {
		c := text[i]
		if c != '[' && c|0x20 != 'h' && c|0x20 != 'f' && c != '(' && c != '{' {
			i++
			continue
		}
		w := armAt(text, i, add)
		if w.letters != "" || w.outer > 0 {
			dst = append(dst, text[done:i]...)
			dst = w.appendTo(dst, text[i:])
			done = i + w.size
		}
		i += w.size
	}
	if done < to {
		dst = append(dst, text[done:to]...)
	}
	return dst, max(i, done, from)
}

// liven notes the bytes in the text of an indicator that make it work.
func (s *Scanner) liven(text []byte, f Found) {
	from, to := 0, len(text)
	mark := byte('.')
	switch f.Type {
	case Domain:
	case IP:
		if bytes.IndexByte(f.Value, ':') >= 0 {
			mark = ':'
		}
	case URL:
		from, to = hostIn(text)
		if i := bytes.IndexByte(text, ':'); i > 0 && i < from && schemeArm(text, 0, true).letters == "" && !inBrackets(text, i) { // ldap://
			s.live = append(s.live, f.Offset+i)
		}
	case Mail:
		for from < to && text[from] != '@' {
			from++
		}
	case MD5, SHA1, SHA256, SHA512, ImpHash, JA3, CVE, Technique, ASN, MAC, Registry, Bitcoin, Ethereum:
		return
	}
	for i := from; i < to; i++ {
		c := text[i]
		at := f.Offset + i
		if c != mark && c != '@' && (c != '.' || mark != ':') || inBrackets(text, i) {
			continue
		}
		if n := len(s.live); n == 0 || s.live[n-1] < at {
			s.live = append(s.live, at)
		}
	}
}

// hostIn is where the host stands in the text of a link.
func hostIn(text []byte) (from, to int) {
	from = labelAt(text, 0).to
	if hasFold(text, from, "%3a%2f%2f") {
		from += 9
	} else {
		from += separatorAt(text, from).size
	}
	to = from
	for to < len(text) && text[to] != '/' && text[to] != '?' && text[to] != '#' && text[to] != '%' && text[to] != '\\' {
		to++
	}
	return from, to
}

// inBrackets tells a sign that is disarmed already.
func inBrackets(text []byte, i int) bool {
	b := at(text, i-1)
	return b != 0 && at(text, i+1) == closing(b)
}
