package view

import "strings"

// transaction is what ModSecurity tells about one request.
type transaction struct {
	id, time, clientIP, clientPort, serverIP, serverPort string
	request, uri, host, agent, status                    string
	messages                                             []string
}

func (t *transaction) write(o *object) bool {
	o.open("modsec")
	o.known("id", t.id)
	o.known("time", t.time)
	o.known("client_ip", t.clientIP)
	o.known("client_port", t.clientPort)
	o.known("server_ip", t.serverIP)
	o.known("server_port", t.serverPort)
	method, rest, _ := strings.Cut(t.request, " ")
	o.known("request_line", t.request)
	o.known("method", method)
	if i := strings.LastIndex(rest, " HTTP/"); i >= 0 {
		rest = rest[:i]
	}
	if t.uri == "" {
		t.uri = rest
	}
	o.known("uri", t.uri)
	o.known("host", t.host)
	o.known("user_agent", t.agent)
	o.known("status", t.status)
	if len(t.messages) > 0 {
		o.list("messages")
		for _, m := range t.messages {
			writeMessage(o, m)
		}
		o.endList()
	}
	o.end()
	return true
}

// modsec reads the serial audit log, and the line that ModSecurity leaves in the error log of Apache and nginx.
func modsec(o *object, s string) bool {
	if boundary, letter := section(s); letter == 'A' {
		t := serial(s, boundary)
		return t.write(o)
	}
	return modsecLine(o, s)
}

// section reads "--BOUNDARY-X--" at the begin of a line.
func section(line string) (boundary string, letter byte) {
	line, _, _ = strings.Cut(line[:min(len(line), 80)], "\n")
	line = strings.TrimRight(line, "\r")
	n := len(line)
	if n < 9 || n > 72 || line[:2] != "--" || line[n-2:] != "--" || line[n-4] != '-' {
		return "", 0
	}
	return line[2 : n-4], line[n-3]
}

// serial reads the sections of one transaction. A boundary that is not this record's is text of the request.
func serial(s, boundary string) transaction {
	var t transaction
	in, first := byte(0), false
	for line := range strings.Lines(s) {
		line = strings.TrimRight(line, "\r\n")
		if b, letter := section(line); letter != 0 && b == boundary {
			in, first = letter, true
			continue
		}
		switch in {
		case 'A':
			if first {
				t.start(line)
			}
		case 'B':
			if first {
				t.request = line
			} else {
				t.requestHeader(line)
			}
		case 'F':
			if first {
				_, status, _ := strings.Cut(line, " ")
				t.status, _, _ = strings.Cut(status, " ")
			}
		case 'H':
			if m, ok := strings.CutPrefix(line, "Message: "); ok {
				t.messages = append(t.messages, m)
			}
		}
		first = false
	}
	return t
}

// start reads "[time] id client port server port".
func (t *transaction) start(line string) {
	when, rest, ok := strings.Cut(strings.TrimPrefix(line, "["), "] ")
	if !ok {
		return
	}
	t.time = when
	for i, word := range strings.Fields(rest[:min(len(rest), headerWindow)]) {
		switch i {
		case 0:
			t.id = word
		case 1:
			t.clientIP = word
		case 2:
			t.clientPort = word
		case 3:
			t.serverIP = word
		case 4:
			t.serverPort = word
		}
	}
}

func (t *transaction) requestHeader(line string) {
	name, value, ok := strings.Cut(line, ":")
	if !ok {
		return
	}
	value = strings.TrimSpace(value)
	switch {
	case strings.EqualFold(name, "Host") && t.host == "":
		t.host = value
	case strings.EqualFold(name, "User-Agent") && t.agent == "":
		t.agent = value
	}
}

// modsecLine reads "[time] ... [client ADDRESS:PORT] ModSecurity: text [id "..."] [msg "..."] ...".
func modsecLine(o *object, s string) bool {
	front, _, found := strings.Cut(s[:min(len(s), headerWindow)], "ModSecurity: ")
	if !found || strings.Contains(front, `"`) {
		return false
	}
	message := s[len(front)+len("ModSecurity: "):]
	if !strings.Contains(message, ` [id "`) {
		return false
	}
	t := transaction{messages: []string{message}}
	client := between(front, "[client ", "]")
	if i := strings.LastIndexByte(client, ':'); i > 0 && (strings.Count(client, ":") == 1 || client[i-1] == ']') {
		client, t.clientPort = client[:i], client[i+1:]
	}
	t.clientIP = strings.Trim(client, "[]")
	if when := between(front, "[", "]"); strings.HasPrefix(front, "[") && strings.ContainsAny(when, "0123456789") && !strings.HasPrefix(when, "client ") {
		t.time = when
	}
	tags(message, func(key, value string) {
		switch key {
		case "unique_id":
			t.id = value
		case "hostname":
			t.host = value
		case "uri":
			t.uri = value
		}
	})
	t.request = between(message[strings.LastIndex(message, `"]`)+1:], `, request: "`, `"`) // nginx
	return t.write(o)
}

// writeMessage writes one message: its text, and each [key "value"] as a member, the tags as one list.
func writeMessage(o *object, s string) {
	o.comma()
	o.b = append(o.b, '{')
	text, _, _ := strings.Cut(s, ` [`)
	o.known("text", text)
	var marks []string
	tags(s, func(key, value string) {
		if key == "tag" {
			marks = append(marks, value)
			return
		}
		o.member(key, value)
	})
	if len(marks) > 0 {
		o.list("tags")
		for _, m := range marks {
			o.element(m)
		}
		o.endList()
	}
	o.end()
}

// tags calls pair for each [key "value"]. A quote inside a value is escaped.
func tags(s string, pair func(key, value string)) {
	for {
		_, rest, ok := strings.Cut(s, " [")
		if !ok {
			return
		}
		s = rest
		n := 0
		for n < len(s) && n < 64 && (s[n] == '_' || s[n] >= 'a' && s[n] <= 'z') {
			n++
		}
		if n == 0 || !strings.HasPrefix(s[n:], ` "`) {
			continue
		}
		end := closing(s, n+2, '"')
		if end < 0 {
			return
		}
		if strings.HasPrefix(s[end+1:], "]") {
			pair(s[:n], unquote(s[n+2:end]))
		}
		s = s[end+1:]
	}
}
