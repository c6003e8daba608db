package rules

import (
	"net/netip"
	"strings"
	"unicode/utf8"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// The functions that an expression has besides CEL's own.
const (
	inCIDR = "inCIDR"
	glob   = "glob"
	lower  = "lower"
)

// Functions are those that an expression has besides CEL's own: inCIDR, glob and lower.
func Functions() []cel.EnvOption {
	two := []*cel.Type{cel.StringType, cel.StringType}
	return []cel.EnvOption{
		cel.Function(inCIDR, cel.Overload("in_cidr", two, cel.BoolType, cel.BinaryBinding(withinCIDR))),
		cel.Function(glob, cel.Overload("glob", two, cel.BoolType, cel.BinaryBinding(func(value, pattern ref.Val) ref.Val {
			v, p := text(value), text(pattern)
			return types.Bool(matches(v, p))
		}))),
		cel.Function(lower, cel.Overload("lower", two[:1], cel.StringType, cel.UnaryBinding(func(value ref.Val) ref.Val {
			return types.String(strings.ToLower(text(value)))
		}))),
	}
}

func text(v ref.Val) string {
	s, _ := v.(types.String) // the checker lets nothing else through
	return string(s)
}

// withinCIDR is an error for a value that is no address: neither "inside" nor "outside" would be true of a host name.
func withinCIDR(value, network ref.Val) ref.Val {
	addr, err := netip.ParseAddr(text(value))
	if err != nil {
		return types.NewErr("%s: not an address", inCIDR)
	}
	prefix, err := netip.ParsePrefix(text(network))
	if err != nil {
		return types.NewErr("%s: not a range", inCIDR)
	}
	return types.Bool(prefix.Contains(addr.Unmap().WithZone("")))
}

// matches reports whether the pattern covers the whole value: * is any text, slashes and backslashes included, ? one
// character. Case counts. The time is linear in the value for a pattern without ?.
func matches(value, pattern string) bool {
	parts := strings.Split(pattern, "*")
	first, last := parts[0], parts[len(parts)-1]
	n, ok := prefixed(value, first)
	if !ok {
		return false
	}
	if value = value[n:]; len(parts) == 1 {
		return value == ""
	}
	for _, part := range parts[1 : len(parts)-1] {
		end := find(value, part)
		if end < 0 {
			return false
		}
		value = value[end:]
	}
	return suffixed(value, last)
}

// prefixed tells whether value begins with part, and how many bytes of it that takes.
func prefixed(value, part string) (int, bool) {
	at := 0
	for _, want := range part {
		got, size := utf8.DecodeRuneInString(value[at:])
		if size == 0 || want != '?' && got != want {
			return 0, false
		}
		at += size
	}
	return at, true
}

// find returns the end of the first place where part stands in value, -1 when there is none.
func find(value, part string) int {
	if !strings.Contains(part, "?") {
		if i := strings.Index(value, part); i >= 0 {
			return i + len(part)
		}
		return -1
	}
	for i := range value {
		if n, ok := prefixed(value[i:], part); ok {
			return i + n
		}
	}
	return -1
}

// suffixed tells whether value ends with part.
func suffixed(value, part string) bool {
	at := len(value)
	for range utf8.RuneCountInString(part) {
		_, size := utf8.DecodeLastRuneInString(value[:at])
		at -= size
	}
	n, ok := prefixed(value[at:], part)
	return ok && at+n == len(value)
}
