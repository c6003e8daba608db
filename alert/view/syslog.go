package view

import (
	"strconv"
	"strings"
)

// header is a syslog header: RFC 5424, RFC 3164 and what devices send instead. Absent fields are empty.
type header struct {
	priority, severity                string
	time, host, app, pid, msgid, data string
}

func (h header) write(o *object) bool {
	if h == (header{}) {
		return false
	}
	o.open("syslog")
	o.known("priority", h.priority)
	severity := h.severity
	if n, err := strconv.Atoi(h.priority); err == nil {
		o.member("facility", strconv.Itoa(n/8))
		severity = strconv.Itoa(n % 8)
	}
	o.known("severity", severity)
	o.known("time", h.time)
	o.known("host", h.host)
	o.known("app", h.app)
	o.known("pid", h.pid)
	o.known("msgid", h.msgid)
	if h.data != "" {
		o.open("data")
		structuredData(o, h.data)
		o.end()
	}
	o.end()
	return true
}

// splitHeader cuts a syslog header off s. The header is empty when s has none.
func splitHeader(s string) (header, string) {
	var h header
	rest := strings.TrimLeft(s, " \n")
	if n := priority(rest); n > 0 {
		h.priority, rest = rest[1:n-1], rest[n:]
	}
	if modern, r, ok := splitRFC5424(rest); ok {
		modern.priority = h.priority
		return modern, r
	}
	if n := digits(rest); n > 0 && n <= 2 && strings.HasPrefix(rest[n:], " ") && stamp(rest[n+1:]) > 0 {
		rest = rest[n+1:] // a version number before an older header
	}
	rest = h.clock(strings.TrimLeft(rest, " "))
	switch {
	case h.time != "":
		return h, h.origin(rest)
	case h.priority != "":
		if app, pid, r, ok := tag(rest); ok {
			h.app, h.pid, rest = app, pid, r
		}
		return h, rest
	}
	if app, pid, r, ok := tag(rest); ok && pid != "" {
		h.app, h.pid = app, pid
		return h, r
	}
	return header{}, s
}

// priority returns the length of <0> to <191> at the begin of s.
func priority(s string) int {
	if len(s) < 3 || s[0] != '<' {
		return 0
	}
	n := digits(s[1:])
	if n < 1 || n > 3 || len(s) < n+2 || s[n+1] != '>' {
		return 0
	}
	if v, err := strconv.Atoi(s[1 : n+1]); err != nil || v > 191 {
		return 0
	}
	return n + 2
}

// clock takes the time, and before it what Cisco writes there: a sequence number, the host and a mark that says the
// clock is not set ("123: core1: *Mar  1 18:46:11: ").
func (h *header) clock(s string) string {
	r := s
	if n := digits(r); n > 0 && strings.HasPrefix(r[n:], ": ") {
		r = r[n+2:]
	}
	host := ""
	if n := stamp(strings.TrimLeft(r, "*.")); n == 0 {
		if name, _, ok := strings.Cut(r[:min(len(r), 256)], ": "); ok && hostname(name) {
			host, r = name, r[len(name)+2:]
		}
	}
	r = strings.TrimLeft(r, "*. ")
	n := stamp(r)
	if n == 0 {
		return s
	}
	h.time, h.host = r[:n], host
	return strings.TrimLeft(strings.TrimPrefix(r[n:], ":"), " ")
}

// origin takes host, tag and process id after a time. A word is a host only when it cannot be the message's first.
func (h *header) origin(s string) string {
	if app, pid, r, ok := tag(s); ok {
		if h.host == "" && strings.HasPrefix(r, "%") {
			h.host = app
		} else {
			h.app, h.pid = app, pid
		}
		return r
	}
	name, r, _ := strings.Cut(s, " ")
	if level(name) != "" {
		if app, pid, m, ok := tag(r); ok {
			h.severity, h.app, h.pid = level(name), app, pid
			return m
		}
		return s
	}
	if h.host != "" || !hostname(name) {
		return s
	}
	r = strings.TrimLeft(strings.TrimPrefix(strings.TrimLeft(r, " "), ": "), " ")
	if word, after, ok := strings.Cut(r, " "); ok && level(word) != "" {
		if app, pid, m, ok := tag(after); ok {
			h.host, h.severity, h.app, h.pid = name, level(word), app, pid
			return m
		}
	}
	if app, pid, m, ok := tag(r); ok {
		h.host, h.app, h.pid = name, app, pid
		return m
	}
	if m, ok := h.bare(r); ok {
		h.host = name
		return m
	}
	if len(h.time) > 10 && h.time[4] == '-' && h.time[10] == ' ' || strings.Contains(h.time, "/") {
		return s // a log file's own clock: no host follows it
	}
	h.host = name
	return r
}

// tag reads "app: ", "app[12]: " and "app[12] ". CEF:, LEEF: and @cee: belong to the message.
func tag(s string) (app, pid, rest string, ok bool) {
	n := 0
	for n < len(s) && n < 64 && (keyByte(s[n]) && s[n] != '[' && s[n] != ']' || strings.IndexByte("/()*+", s[n]) >= 0) {
		n++
	}
	if n == 0 || n == len(s) {
		return "", "", "", false
	}
	app, rest = s[:n], s[n:]
	switch {
	case app == "CEF" || app == "LEEF" || app == "@cee":
		return "", "", "", false
	case rest[0] == '[':
		end := strings.IndexByte(rest[:min(len(rest), 24)], ']')
		if end < 2 || digits(rest[1:end]) != end-1 || end+1 < len(rest) && rest[end+1] != ':' && rest[end+1] != ' ' {
			return "", "", "", false
		}
		pid, rest = rest[1:end], strings.TrimPrefix(rest[end+1:], ":")
	case rest[0] == ':' && (len(rest) == 1 || rest[1] == ' '):
		rest = rest[1:]
	default:
		return "", "", "", false
	}
	return app, pid, strings.TrimLeft(rest, " "), true
}

// bare takes "app pid msgid data" as of RFC 5424 whose version number was cut off.
func (h *header) bare(s string) (rest string, ok bool) {
	app, rest, _ := strings.Cut(s, " ")
	pid, rest, _ := strings.Cut(rest, " ")
	msgid, rest, _ := strings.Cut(rest, " ")
	if !hostname(app) || !hostname(msgid) || pid != "-" && (pid == "" || digits(pid) != len(pid)) {
		return "", false
	}
	n := structuredData(&object{b: []byte{'{'}}, rest)
	if n == 0 && !strings.HasPrefix(rest, "- ") {
		return "", false
	}
	h.app, h.pid, h.msgid, h.data = dash(app), dash(pid), dash(msgid), rest[:n]
	return strings.TrimLeft(strings.TrimPrefix(rest[n:], "- "), " "), true
}

func hostname(s string) bool {
	if s == "" || len(s) > 253 {
		return false
	}
	for i := 0; i < len(s); i++ {
		if c := s[i]; !keyByte(c) && c != ':' || c == '[' || c == ']' {
			return false
		}
	}
	return true
}

// level returns the number of a severity word, as F5 puts one after the host; empty for any other word.
func level(word string) string {
	switch strings.ToLower(word[:min(len(word), 8)]) {
	case "emerg", "panic":
		return "0"
	case "alert":
		return "1"
	case "crit":
		return "2"
	case "err", "error":
		return "3"
	case "warning", "warn":
		return "4"
	case "notice":
		return "5"
	case "info":
		return "6"
	case "debug":
		return "7"
	}
	return ""
}
