package indicator

// maxURL is how long a link may be, in bytes; what is longer is cut there.
const maxURL = 8 << 10

// schemes are those whose links count whatever the host is called: a host of the estate has no top-level domain.
var schemes = words(`http https ftp ftps sftp tftp ws wss tcp udp tls ssl ldap ldaps rmi dns smb cifs ssh telnet rdp vnc nfs irc ircs
	gopher mqtt mqtts socks4 socks5 rtsp rtmp git svn amqp redis mongodb mysql postgres postgresql jdbc webdav dav davs iiop corba nds`)

// scheme is the scheme at the end of a label, as it works, and where it begins; from is -1 when there is none.
func scheme(b []byte, l label) (name string, from int, known bool) {
	n := l.len()
	for _, s := range [...]struct{ written, name string }{
		{"https", "https"},
		{"http", "http"},
		{"hxxps", "https"},
		{"hxxp", "http"},
		{"h00ps", "https"},
		{"h00p", "http"},
		{"hxtps", "https"},
		{"hxtp", "http"},
		{"htxps", "https"},
		{"htxp", "http"},
		{"hxxxs", "https"},
		{"hxxx", "http"},
		{"meows", "https"},
		{"meow", "http"},
		{"sftp", "sftp"},
		{"ftps", "ftps"},
		{"tftp", "tftp"},
		{"fxps", "ftps"},
		{"fxp", "ftp"},
		{"ftx", "ftp"},
		{"ftp", "ftp"},
	} {
		if n >= len(s.written) && hasFold(b, l.to-len(s.written), s.written) {
			return s.name, l.to - len(s.written), true
		}
	}
	if n < 2 || n > 16 || l.some&(dash|above) != 0 || !isLetter(b[l.from]) {
		return "", -1, false
	}
	low := string(appendLower(nil, b[l.from:l.to]))
	return low, l.from, schemes[low]
}

// link reports the link whose scheme is at the end of a label and whose host begins at i, and returns where to go on. In an
// encoded one percent signs encode everything.
func (s *Scanner) link(l label, i int, percent bool) int {
	name, from, known := scheme(s.b, l)
	if from < 0 {
		return l.to
	}
	s.value = append(append(s.value[:0], name...), "://"...)
	w := writing{b: s.b, i: i, out: s.value, limit: min(len(s.b), from+maxURL), percent: percent, quote: at(s.b, from-1)}
	if !s.host(&w, known) {
		s.value = w.out
		return i
	}
	hostEnd := w.i
	w.soft = !percent && softly(s.b, from)
	w.rest()
	s.value = w.out
	s.found(URL, w.out[:w.goodOut], from, w.good)
	for w.i < len(s.b) && w.i >= w.limit && urlBytes[s.b[w.i]] != stop { // the rest of one that is too long
		w.i++
	}
	s.inside(hostEnd, w.i)
	return w.i
}

// host writes the part of a link between :// and its path, and tells whether it is one.
func (s *Scanner) host(w *writing, known bool) bool {
	if at(w.b, w.i) == ' ' { // https:// example.com
		w.i++
		known = false
	}
	w.user()
	if at(w.b, w.i) == '[' && w.bracketed() {
		return w.port(true)
	}
	if n := openers(w.b, w.i); n > 0 { // http://[example.com
		w.i += n
	}
	l := labelAt(w.b, w.i)
	if l.len() == 0 {
		return false
	}
	if l.len() <= 4 && l.hex() && at(w.b, l.to) == ':' {
		if end, ip := colonRun(w.b, l.from); ip.IsValid() {
			w.out = ip.AppendTo(w.out)
			w.i = end
			return w.port(true)
		}
	}
	c := &s.chain
	c.read(w.b, l)
	if c.to-l.from > 2*maxName {
		return false
	}
	to, trusted := c.to, c.ipv4(w.b) > 0
	if end := c.domainEnd(w.b); !trusted && end > 0 {
		to, trusted = end, true
	}
	w.out = c.value(w.out, w.b)
	w.out = w.out[:len(w.out)-(c.to-to)]
	w.i = to
	if trusted {
		return w.port(true)
	}
	return known && w.port(c.n > 1 && c.last().some&beyondHex != 0)
}

// user copies user:password@ in front of a host.
func (w *writing) user() {
	for j := w.i; j < w.i+128 && j < w.limit; j++ {
		c := w.b[j]
		if c == '@' || c == '[' && separatorAt(w.b, j).sign == atSign {
			w.out = append(append(w.out, w.b[w.i:j]...), '@')
			w.i = j + separatorAt(w.b, j).size
			return
		}
		if urlBytes[c] == stop || c == '/' || c == '?' || c == '#' || c == '\'' || c == ',' {
			return
		}
	}
}

// bracketed copies an IPv6 address in brackets.
func (w *writing) bracketed() bool {
	end, ip := colonRun(w.b, w.i+1)
	if !ip.IsValid() || at(w.b, end) != ']' {
		return false
	}
	w.out = append(ip.AppendTo(append(w.out, '[')), ']')
	w.i = end + 1
	return true
}

// port copies a port and marks what is there as good. A host that nothing vouches for needs a port or a path.
func (w *writing) port(vouched bool) bool {
	if s := separatorAt(w.b, w.i); s.sign == colon {
		j := w.i + s.size
		n := 0
		for n < 5 && isDigit(at(w.b, j+n)) {
			n++
		}
		if n > 0 && !isAlnum(at(w.b, j+n)) {
			w.out = append(append(w.out, ':'), w.b[j:j+n]...)
			w.i = j + n
			vouched = true
		}
	}
	w.mark()
	c := at(w.b, w.i)
	return vouched || c == '/' || c == '\\' && slashAhead(w.b, w.i)
}

func slashAhead(b []byte, i int) bool {
	for at(b, i) == '\\' {
		i++
	}
	return at(b, i) == '/'
}

// maxInner is how many links inside one link are looked for.
const maxInner = 2

// inside reports what a link from..to is about: the links to which it forwards, and a SHA-256.
func (s *Scanner) inside(from, to int) {
	if s.depth > 0 {
		return
	}
	s.depth++
	defer func() { s.depth-- }()
	links := 0
	for i := from; i < to && !s.ended; {
		l := labelAt(s.b, i)
		if l.len() == 0 {
			i++
			continue
		}
		l = s.unescape(l)
		switch {
		case links == maxInner:
		case hasFold(s.b, l.to, "%3a%2f%2f"):
			links++
			s.link(l, l.to+9, true)
		case hasFold(s.b, l.to, "://"):
			links++
			s.link(l, l.to+3, false)
		}
		if l.len() == 64 && l.hex() {
			s.hash(l)
		}
		i = max(l.to, i+1)
	}
}
