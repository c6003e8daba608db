package estate

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxName is the longest name that is looked for, in bytes. Distinguished names are the longest there are.
const maxName = 512

// room is the memory on the stack in which a name is folded.
type room [192]byte

// fold appends s with its letters' case taken away, in the way strings.EqualFold compares.
func fold(dst []byte, s string) []byte {
	for i := range len(s) {
		c := s[i]
		if c >= utf8.RuneSelf {
			for _, r := range s[i:] {
				dst = utf8.AppendRune(dst, unicode.ToLower(unicode.ToUpper(r)))
			}
			return dst
		}
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		dst = append(dst, c)
	}
	return dst
}

// spelling is a name taken apart, all of it folded. full is the whole, short what remains without a domain; either may be empty.
type spelling struct {
	full, short, domain []byte
	vague               bool // the domain is a NetBIOS name, which need not resemble the DNS name
}

// spellHost reads ws-1, ws-1.corp.example., CORP\WS-1$, WS-1$@CORP.EXAMPLE and CN=WS-1,OU=..,DC=corp,DC=example.
func spellHost(dst []byte, s string) spelling {
	b := spelled(dst, s)
	if sp, ok := distinguished(b); ok {
		return sp
	}
	var sp spelling
	if i := bytes.LastIndexByte(b, '\\'); i >= 0 {
		sp.domain, sp.vague, b = bytes.Trim(b[:i], `\`), true, b[i+1:]
	}
	b = bytes.TrimSuffix(b, []byte("."))
	if i := bytes.IndexByte(b, '@'); i >= 0 {
		sp.short, sp.domain = bytes.TrimSuffix(b[:i], []byte("$")), b[i+1:]
		return sp
	}
	b = bytes.TrimSuffix(b, []byte("$"))
	sp.full, sp.short = b, b
	if i := bytes.IndexByte(b, '.'); i > 0 {
		sp.short, sp.domain, sp.vague = b[:i], b[i+1:], false
	}
	return sp
}

// spellUser reads ann, CORP\ann, ann@corp.example, S-1-5-21-.., CN=Ann,OU=..,DC=.., arn:aws:iam::1:user/ann and ann(uid=0).
func spellUser(dst []byte, s string) spelling {
	b := spelled(dst, s)
	if sp, ok := distinguished(b); ok {
		return sp
	}
	switch {
	case bytes.HasPrefix(b, []byte("s-1-")):
		return spelling{full: b}
	case bytes.HasPrefix(b, []byte("arn:")):
		return spelling{full: b, short: principal(b)}
	case bytes.HasPrefix(b, []byte("smtp:")):
		b = b[len("smtp:"):]
	}
	if i := bytes.Index(b, []byte("(uid=")); i > 0 {
		b = b[:i]
	}
	sp := spelling{full: b, short: b}
	if i := bytes.LastIndexByte(b, '\\'); i >= 0 {
		sp.domain, sp.short = bytes.Trim(b[:i], `\`), b[i+1:]
		sp.vague = bytes.IndexByte(sp.domain, '.') < 0
	} else if i := bytes.LastIndexByte(b, '@'); i > 0 {
		sp.short, sp.domain = b[:i], bytes.TrimSuffix(b[i+1:], []byte("."))
		sp.full = b[:i+1+len(sp.domain)]
	}
	return sp
}

func spelled(dst []byte, s string) []byte {
	if s != "" && (around(s[0]) || around(s[len(s)-1])) {
		s = strings.Trim(s, " \t\"'")
	}
	if len(s) > maxName {
		return nil
	}
	return fold(dst, s)
}

// around tells what stands around a name and is no part of it.
func around(c byte) bool { return c == ' ' || c == '\t' || c == '"' || c == '\'' }

// principal is who an ARN is about: the user, or the role that was assumed, whose session anybody may name.
func principal(arn []byte) []byte {
	if _, role, ok := bytes.Cut(arn, []byte(":assumed-role/")); ok {
		role, _, _ = bytes.Cut(role, []byte("/"))
		return role
	}
	return tail(arn)
}

// tail is the last element of an ARN or of a cloud resource's path.
func tail(id []byte) []byte { return id[bytes.LastIndexAny(id, "/:")+1:] }

// distinguished takes a folded distinguished name apart: its first value is the name, its dc= are the domain.
func distinguished(b []byte) (spelling, bool) {
	if !bytes.HasPrefix(b, []byte("cn=")) && !bytes.HasPrefix(b, []byte("uid=")) {
		return spelling{}, false
	}
	sp := spelling{full: b, domain: b[len(b):]} // the domain is put together behind the name, in the same memory
	rest := b[bytes.IndexByte(b, '=')+1:]
	sp.short, rest = element(rest)
	for len(rest) > 0 {
		var e []byte
		e, rest = element(rest)
		if dc, ok := bytes.CutPrefix(e, []byte("dc=")); ok {
			if len(sp.domain) > 0 {
				sp.domain = append(sp.domain, '.')
			}
			sp.domain = append(sp.domain, dc...)
		}
	}
	return sp, true
}

// element cuts a distinguished name at its first comma that no backslash escapes.
func element(b []byte) (first, rest []byte) {
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case ',':
			return bytes.TrimSpace(b[:i]), bytes.TrimSpace(b[i+1:])
		}
	}
	return b, nil
}
