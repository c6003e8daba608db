package view

import "strings"

// auth reads what sshd, PAM and sudo say about a login. The user's name is the stranger's text: the address is looked
// for behind it, from the end.
func auth(o *object, s string) bool {
	for _, decode := range [...]func(*object, string) bool{sshd, sshdInvalid, pam, sudo} {
		if decode(o, s) {
			return true
		}
	}
	return false
}

type login struct{ result, method, user, target, ip, port, command string }

func (l login) write(o *object) bool {
	if l.user == "" {
		l.user, l.target = l.target, ""
	}
	o.open("auth")
	o.member("result", l.result)
	o.known("method", l.method)
	o.known("user", l.user)
	o.known("target_user", l.target)
	o.known("src_ip", l.ip)
	o.known("src_port", l.port)
	o.known("command", l.command)
	o.end()
	return true
}

// sshd reads "Failed METHOD for [invalid user] NAME from ADDRESS port N ssh2" and "Accepted ...".
func sshd(o *object, s string) bool {
	l := login{result: "success"}
	rest, ok := strings.CutPrefix(s, "Accepted ")
	if !ok {
		l.result = "failure"
		if rest, ok = strings.CutPrefix(s, "Failed "); !ok {
			return false
		}
	}
	if l.method, rest, ok = strings.Cut(rest, " for "); !ok {
		return false
	}
	for _, prefix := range [...]string{"invalid user ", "illegal user "} {
		rest = strings.TrimPrefix(rest, prefix)
	}
	return l.from(rest) && l.write(o)
}

func sshdInvalid(o *object, s string) bool {
	for _, prefix := range [...]string{"Invalid user ", "Illegal user "} {
		if rest, ok := strings.CutPrefix(s, prefix); ok {
			l := login{result: "failure"}
			return l.from(rest) && l.write(o)
		}
	}
	return false
}

// from reads "NAME from ADDRESS[ port N ...]".
func (l *login) from(s string) bool {
	i := strings.LastIndex(s, "from ")
	if i < 0 || i > 0 && s[i-1] != ' ' {
		return false
	}
	l.user = strings.TrimSpace(s[:i])
	l.ip, s, _ = strings.Cut(s[i+len("from "):], " ")
	if port, ok := strings.CutPrefix(s, "port "); ok {
		l.port = port[:digits(port)]
	}
	return isAddress(l.ip) || l.port != ""
}

// pam reads "authentication failure; ... ruser=A rhost=ADDRESS  user=B".
func pam(o *object, s string) bool {
	i := strings.Index(s[:min(len(s), headerWindow)], "authentication failure; ")
	if i < 0 || strings.ContainsAny(strings.TrimSpace(s[:i]), " =\"") {
		return false
	}
	l := login{result: "failure", method: "pam"}
	s = s[i:]
	for _, p := range scanPairs(s) {
		value := s[p.value:]
		if n := strings.IndexAny(value, " \t\n"); n >= 0 {
			value = value[:n]
		}
		switch s[p.key : p.value-1] {
		case "ruser":
			l.user = value
		case "rhost":
			l.ip = value
		case "user": // the last field; what follows is part of the name
			l.target = strings.TrimSpace(s[p.value:])
			return l.write(o)
		}
	}
	return l.write(o)
}

// sudo reads "NAME : [complaint ;] TTY=... ; PWD=... ; USER=... ; COMMAND=...". With a complaint nothing was run.
func sudo(o *object, s string) bool {
	s = strings.TrimLeft(strings.TrimPrefix(s, "sudo: "), " ")
	user, rest, ok := strings.Cut(s, " : ")
	if !ok || strings.ContainsAny(user, " =") {
		return false
	}
	fields, command, ok := strings.Cut(rest, "COMMAND=")
	if !ok || !strings.Contains(fields, "USER=") {
		return false
	}
	l := login{result: "success", method: "sudo", user: user, command: command}
	if !strings.HasPrefix(fields, "TTY=") && !strings.HasPrefix(fields, "PWD=") && !strings.HasPrefix(fields, "USER=") {
		l.result = "failure"
	}
	_, target, _ := strings.Cut(fields, "USER=")
	target, _, _ = strings.Cut(target, ";")
	l.target = strings.TrimSpace(target)
	return l.write(o)
}
