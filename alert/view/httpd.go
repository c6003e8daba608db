package view

import (
	"net/netip"
	"strings"
)

// httpd reads the error log of Apache httpd: [time] [module:level] [pid N:tid N] [client ADDRESS:PORT] text.
func httpd(o *object, s string) bool {
	when, rest, ok := inBrackets(s)
	if !ok || stamp(when) == 0 && !fits(when, "Www Mmm _9 99:99:99") {
		return false
	}
	kind, rest, ok := inBrackets(rest)
	if !ok || strings.ContainsAny(kind, " =\"") {
		return false
	}
	module, name, found := strings.Cut(kind, ":")
	if !found {
		module, name = "", kind
	}
	o.open("access")
	o.member("time", when)
	o.known("module", module)
	o.known("level", name)
	for {
		field, after, more := inBrackets(rest)
		key, value, pair := strings.Cut(field, " ")
		if !more || !pair || key != "pid" && key != "client" && key != "remote" && key != "tid" {
			break
		}
		if key == "client" || key == "remote" {
			client(o, value)
		}
		rest = after
	}
	o.known("text", rest)
	o.end()
	return true
}

// inBrackets cuts a short text in square brackets off the front of s.
func inBrackets(s string) (text, rest string, ok bool) {
	if !strings.HasPrefix(s, "[") {
		return "", s, false
	}
	end := strings.IndexByte(s[:min(len(s), 128)], ']')
	if end < 0 {
		return "", s, false
	}
	return s[1:end], strings.TrimLeft(s[end+1:], " "), true
}

// client writes an address with or without a port.
func client(o *object, s string) {
	if ap, err := netip.ParseAddrPort(s); err == nil {
		i := strings.LastIndexByte(s, ':')
		o.member("client_ip", ap.Addr().String())
		o.member("client_port", s[i+1:])
		return
	}
	o.known("client_ip", s)
}

// haproxy reads HAProxy's own lines: client:port [time] frontend backend/server timers status bytes ... "request", and the
// shorter ones for TCP and for connections that failed.
func haproxy(o *object, s string) bool {
	peer, rest, ok := strings.Cut(s, " ")
	ap, err := netip.ParseAddrPort(peer)
	if !ok || err != nil {
		return false
	}
	when, rest, ok := inBrackets(rest)
	if !ok || !fits(when, "99/Mmm/9999:99:99:99") {
		return false
	}
	o.open("access")
	o.member("client_ip", ap.Addr().String())
	o.member("client_port", peer[strings.LastIndexByte(peer, ':')+1:])
	o.member("time", when)
	frontend, rest, _ := strings.Cut(rest, " ")
	o.known("frontend", strings.TrimRight(frontend, "~:"))
	words := strings.SplitN(rest, " ", 5)
	if len(words) < 4 || !strings.Contains(words[0], "/") || !strings.Contains(words[1], "/") {
		o.known("text", rest)
		o.end()
		return true
	}
	o.member("backend", words[0])
	if len(words[2]) == 3 && strings.Count(words[1], "/") == 4 {
		o.member("status", words[2])
		o.member("bytes", words[3])
	} else {
		o.member("bytes", words[2])
	}
	if _, request, quoted := strings.Cut(rest, `"`); quoted {
		request, _, _ = cutQuoted(request)
		requestLine(o, request)
	}
	o.end()
	return true
}
