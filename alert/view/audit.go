package view

import (
	"encoding/hex"
	"strconv"
	"strings"
	"unicode/utf8"
)

// audit reads a record of the Linux audit system. Its fields go to "kv", those of a nested msg='...' among them; what
// names the record, and the command line put together, to "audit".
func audit(o *object, s string) bool {
	node := ""
	if rest, ok := strings.CutPrefix(s, "node="); ok {
		node, s, _ = strings.Cut(rest, " ")
	}
	rest, ok := strings.CutPrefix(s, "type=")
	if !ok {
		return false
	}
	kind, after, ok := strings.Cut(rest, " msg=audit(")
	if !ok { // of the agent of Azure, which puts the records of one event into one
		kind, after, ok = strings.Cut(rest, " audit(")
	}
	if !ok || kind == "" || len(kind) > 64 {
		return false
	}
	id, rest, ok := strings.Cut(after, ")")
	when, serial, two := strings.Cut(id, ":")
	if !ok || !two || len(id) > 64 {
		return false
	}
	rest = strings.TrimLeft(strings.TrimPrefix(rest, ":"), " ")
	if before, inner, nested := strings.Cut(rest, "msg='"); nested {
		rest = before + strings.Replace(inner, "'", " ", 1)
	}
	o.open("audit")
	o.member("time", when)
	o.member("id", id)
	o.member("serial", serial)
	o.member("type", kind)
	o.known("node", node)
	o.known("command_line", commandLine(rest))
	o.known("proctitle", proctitle(rest))
	o.end()
	if kept, d := keptPairs(rest); len(kept) > 0 {
		writePairs(o, rest, kept, d)
	}
	return true
}

// commandLine joins the arguments a0, a1, ... of an EXECVE record in their order.
func commandLine(s string) string {
	if !strings.HasPrefix(s, "argc=") {
		return ""
	}
	var b strings.Builder
	next := 0
	for _, p := range scanPairs(s) {
		if s[p.key:p.value-1] != "a"+strconv.Itoa(next) {
			continue
		}
		if next++; next > 1 {
			b.WriteByte(' ')
		}
		b.WriteString(argument(s, p))
	}
	return b.String()
}

func proctitle(s string) string {
	if !strings.HasPrefix(s, "proctitle=") {
		return ""
	}
	if all := scanPairs(s); len(all) > 0 {
		return argument(s, all[0])
	}
	return ""
}

// argument returns a value: quoted text as it is, anything else undone from hex, where NUL stands between arguments.
// What does not decode to text stays hex.
func argument(s string, p pair) string {
	if p.quoted {
		return s[p.value+1 : p.end]
	}
	end := p.value
	for end < len(s) && !blank(s[end]) {
		end++
	}
	raw, err := hex.DecodeString(s[p.value:end])
	text := strings.ReplaceAll(strings.TrimRight(string(raw), "\x00"), "\x00", " ")
	if err != nil || !utf8.ValidString(text) {
		return s[p.value:end]
	}
	return text
}
