package stream

import (
	"bytes"
	"slices"
)

// headerReach bounds how far into a line the marker of a CEF record is looked for: behind a syslog header, not in a text.
const headerReach = 512

// wrapped returns the length of the record that begins with the line at pos, n bytes long, and how many line breaks it holds.
//
// Some senders break a long CEF record where a blank stands between two of its pairs. What gives such a break away is the
// blank that stays at the end of the line, so that only these lines wait for the next one, which a pipe may hold back. The
// next line belongs to the record when it goes on with pairs and cannot begin a record; in doubt it is one of its own.
func (w *window) wrapped(n int) (length, breaks int) {
	if !goesOn(w.rest()[:n]) || !startsCEF(w.rest()[:n]) {
		return n, 0
	}
	for last := 0; goesOn(w.rest()[last:n]) && w.has(n+1); {
		end, fits := w.eol(n + 1)
		whole := w.pos+end < len(w.buf) || !w.cut()
		if !fits || !whole || !continues(w.rest()[n+1:end]) {
			break
		}
		last, n, breaks = n+1, end, breaks+1
	}
	return n, breaks
}

// goesOn reports whether a line ends in a blank.
func goesOn(line []byte) bool {
	line = bytes.TrimSuffix(line, []byte("\r"))
	n := len(line)
	return n > 0 && (line[n-1] == ' ' || line[n-1] == '\t')
}

// startsCEF reports whether a line holds the header of a CEF record, with its seven pipes less the one that some leave out.
func startsCEF(line []byte) bool {
	bare := bytes.HasPrefix(line, []byte("0|")) || bytes.HasPrefix(line, []byte("1|"))
	marked := line[0] != '{' && bytes.Contains(line[:min(len(line), headerReach)], []byte("CEF:"))
	return (bare || marked) && bytes.Count(line, []byte("|")) >= 6
}

// continues reports whether a line is the rest of a CEF extension: pairs, behind a piece of a value only when the line is
// indented, and nothing by which another record would begin or tell its time.
func continues(line []byte) bool {
	text := bytes.TrimLeft(line, " \t")
	if len(text) == 0 || len(text) < len(line) && !beginsValue(text[0]) {
		return false
	}
	reach := text[:min(len(text), headerReach)]
	if bytes.Contains(reach, []byte("CEF:")) || bytes.Contains(reach, []byte("LEEF:")) || startsStamp(text) || startsTag(text) {
		return false
	}
	first, found := "", false
	for key, at := range keysOf(text) {
		if !found {
			first, found = key, true
			if at > 0 && len(text) == len(line) {
				return false
			}
		}
		if slices.Contains(clocks[:], key) {
			return false
		}
	}
	return found && !slices.Contains(openers[:], first)
}

// beginsValue reports whether a byte may begin the rest of a value: none of those by which JSON, XML, a priority, a quoted
// row or a time begins.
func beginsValue(c byte) bool {
	return c == '(' || c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z' || c >= 0x80
}

// clocks are the keys under which records of key=value tell their time. CEF has other names for it.
var clocks = [...]string{"date", "time", "timestamp", "datetime", "eventtime", "log_time", "logtime", "ts", "_time"}

// openers are the keys by which records of key=value begin that need not tell their time.
var openers = [...]string{"type", "id", "device", "device_name", "devname", "devid", "logver", "level", "logid", "node"}

// startsStamp reports whether a text begins like a syslog time: the name of a month or a day, a blank, and a digit or
// another name.
func startsStamp(text []byte) bool {
	if len(text) < 6 || text[3] != ' ' {
		return false
	}
	switch string(text[:3]) {
	case "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun":
		return true
	}
	return false
}

// startsTag reports whether the first word is the name of a program, as in "sshd[12]: " or "kernel: ".
func startsTag(text []byte) bool {
	word, _, _ := bytes.Cut(text, []byte(" "))
	return bytes.HasSuffix(word, []byte(":")) || bytes.HasSuffix(word, []byte("]")) && bytes.IndexByte(word, '[') > 0 && bytes.IndexByte(word, '=') < 0
}

// keysOf yields the words before equals signs, with where they begin: those at the begin of the text and behind blanks.
func keysOf(text []byte) func(yield func(string, int) bool) {
	return func(yield func(string, int) bool) {
		for from := 0; ; {
			n := bytes.IndexByte(text[from:], '=')
			if n < 0 {
				return
			}
			e := from + n
			k := e
			for k > from && isKey(text[k-1]) {
				k--
			}
			from = e + 1
			if k < e && (k == 0 || text[k-1] == ' ' || text[k-1] == '\t') && !yield(string(text[k:e]), k) {
				return
			}
		}
	}
}

func isKey(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '_' || c == '.' || c == '-'
}
