package view

import (
	"net/netip"
	"strings"
)

// access reads the common and the combined log of web servers:
// client ident user [time] "request" status bytes "referrer" "agent".
func access(o *object, s string) bool {
	front, rest, found := strings.Cut(s, " [")
	when, rest, closed := strings.Cut(rest, `] "`)
	when, _, _ = strings.Cut(when, "]")
	if !found || !closed || len(when) > 40 || len(front) > headerWindow || strings.HasPrefix(front, "[") {
		return false
	}
	request, rest, ok := cutQuoted(rest)
	if !ok {
		return false
	}
	tail := strings.TrimLeft(rest, " ")
	status, tail, _ := strings.Cut(tail, " ")
	if len(status) != 3 || digits(status) != 3 && status != "\"-\"" {
		return false
	}
	bytes, tail, _ := strings.Cut(tail, " ")
	client, user := clientAndUser(front)
	o.open("access")
	o.known("client_ip", client)
	o.known("user", user)
	o.member("time", when)
	requestLine(o, request)
	o.known("status", status)
	o.known("bytes", dash(bytes))
	if after, ok := strings.CutPrefix(tail, `"`); ok {
		referrer, tail, _ := cutQuoted(after)
		o.known("referrer", dash(referrer))
		if after, ok := strings.CutPrefix(tail, ` "`); ok {
			agent, _, _ := cutQuoted(after)
			o.known("user_agent", dash(agent))
		}
	}
	o.end()
	return true
}

// clientAndUser reads `[vhost] client ident user`. A user name may hold blanks.
func clientAndUser(s string) (client, user string) {
	words := strings.Fields(s)
	at := 0
	for at < len(words) && words[at] == "-" { // what stands before the client in a longer format
		at++
	}
	if at+1 < len(words) && isAddress(words[at+1]) {
		at++
	}
	if at+2 < len(words) {
		user = dash(strings.Join(words[at+2:], " "))
	}
	if at < len(words) {
		client = words[at]
	}
	return client, user
}

func isAddress(s string) bool {
	_, err := netip.ParseAddr(s)
	return err == nil
}

// squid reads the native access log of Squid: time elapsed client result/status bytes method URL user peer type.
func squid(o *object, s string) bool {
	words := strings.Fields(s[:min(len(s), 1<<16)])
	if len(words) < 8 || len(words) > 16 || digits(words[0]) < 9 || digits(words[1]) != len(words[1]) {
		return false
	}
	_, status, ok := strings.Cut(words[3], "/")
	if !ok || digits(status) != 3 || !isAddress(words[2]) {
		return false
	}
	o.open("access")
	o.member("client_ip", words[2])
	o.known("user", dash(words[7]))
	o.member("time", words[0])
	o.member("method", words[5])
	o.member("uri", words[6])
	o.member("status", status)
	o.member("bytes", words[4])
	o.end()
	return true
}

// requestLine writes the members of "GET /path HTTP/1.1". Without them, as of a client that speaks no HTTP, the whole
// is the URI: it is what was asked for.
func requestLine(o *object, s string) {
	method, rest, found := strings.Cut(s, " ")
	i := strings.LastIndex(rest, " HTTP/")
	if !found || method == "" {
		o.known("uri", dash(s))
		return
	}
	o.member("method", method)
	if i < 0 {
		o.known("uri", rest)
		return
	}
	o.known("uri", rest[:i])
	o.known("protocol", rest[i+1:])
}

// cutQuoted returns the text before the first quote that no backslash escapes, with \" undone, and what follows it.
func cutQuoted(s string) (text, rest string, ok bool) {
	end := closing(s, 0, '"')
	if end < 0 {
		return unquote(s), "", false
	}
	return unquote(s[:end]), s[end+1:], true
}

// dash turns the "-" of logs, which says nothing, into nothing.
func dash(s string) string {
	if s == "-" {
		return ""
	}
	return s
}
