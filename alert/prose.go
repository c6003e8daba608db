package alert

import (
	"net/netip"
	"strings"
)

// maxProse bounds how much of a record's message is searched, in bytes.
const maxProse = 4096

// prose finds the values in the message of a record in which nothing else was found but hosts: a sentence of a log. What a
// value is for is guessed from the word in front of it, and nobody vouches for it.
func (w walker) prose() {
	if !w.p.filled.has(SlotTime) && len(w.p.texts) > 0 {
		w.when(w.p.texts[0])
	}
	for i := range w.a.Fields {
		if _, typ := w.a.Fields[i].Slot.Entity(); typ != NoEntity && typ != Host && typ != Port {
			return
		}
	}
	for i, s := range w.p.texts {
		if i > 0 && s.path == w.p.texts[i-1].path && s.text == w.p.texts[i-1].text { // title and message are often one
			continue
		}
		r := reader{walker: w, path: s.path}
		r.read(s.text[:min(len(s.text), maxProse)])
	}
}

// when reads the time that a text begins with, of up to five words, or else one in ISO 8601 among its first words.
func (w walker) when(s span) {
	text := s.text[:min(len(s.text), 256)]
	end := 0
	for range 5 {
		i := strings.IndexByte(text[end:], ' ')
		if i < 0 {
			break
		}
		end += i
		if prefix := strings.TrimRight(text[:end], ":"); len(prefix) > 9 && digit(prefix[len(prefix)-1]) && w.field(SlotTime, Attacker, s.path, prefix) {
			return
		}
		end++
	}
	for word := range strings.FieldsSeq(text) {
		if word = strings.Trim(word, "[](),"); len(word) >= 19 && word[4] == '-' && word[10] == 'T' && w.field(SlotTime, Attacker, s.path, word) {
			return
		}
	}
}

func digit(c byte) bool { return c-'0' <= 9 }

// reader goes through a text word by word.
type reader struct {
	walker
	path   Path
	before string // the word in front, in lower case
	role   Role   // of an address among the next words
	left   int    // for how many words it holds
	name   string // follows "for": a user when "from" comes next
}

// read cuts the text into words. Quotes, brackets, commas and equals signs separate as blanks do.
func (r *reader) read(text string) {
	for word := range strings.FieldsFuncSeq(text, func(c rune) bool { return c <= ' ' || strings.ContainsRune(`"'<>[](){},;=|`, c) }) {
		if key, value, ok := strings.Cut(word, ":"); ok && value != "" && isLabel(strings.ToLower(key)) { // user:bob, ip:192.0.2.7
			r.word(key)
			word = value
		}
		r.word(word)
	}
}

// word takes one word as a value, or else as what the next word may be about.
func (r *reader) word(word string) {
	bare := strings.TrimRight(word, ".,:!?")
	lower := strings.ToLower(bare)
	user := ""
	switch {
	case lower == "from" && r.name != "":
		user = r.name
	case isUserWord(r.before) && isName(bare, lower):
		user, bare, lower = bare, "", ""
	}
	if user != "" {
		if at := strings.LastIndexByte(user, '@'); at > 0 && isIP(user[at+1:]) { // root@192.0.2.7
			r.field(EntitySlot(Source, IP), Attacker, r.path, user[at+1:])
			user = user[:at]
		}
		r.field(EntitySlot(Actor, User), Attacker, r.path, user)
	}
	if r.name = ""; r.before == "for" && isName(bare, lower) {
		r.name = bare
	}
	if slot, value := r.valueOf(bare); slot != NoSlot {
		r.field(slot, Attacker, r.path, value)
	}
	if role, ok := roleWords[lower]; ok {
		r.role, r.left = role, 4
	} else if r.left--; r.left <= 0 {
		r.role = Related
	}
	r.before = lower
}

// roleWords say what the address behind them is for.
var roleWords = map[string]Role{
	"from": Source, "src": Source, "source": Source, "client": Source, "rhost": Source, "by": Source, "peer": Source, "saddr": Source, "remote": Source,
	"to": Target, "dst": Target, "dest": Target, "destination": Target, "target": Target, "server": Target, "daddr": Target, "->": Target,
	"via": Related, "relay": Related, "on": Related,
}

func isLabel(s string) bool {
	_, ok := roleWords[s]
	return ok || isUserWord(s) || s == "ip"
}

// isUserWord tells the words behind which a user's name stands.
func isUserWord(s string) bool { return s == "user" || s == "username" || s == "utilisateur" }

// isName accepts what a user may be called, and none of the words that follow "user" in a sentence.
func isName(s, lower string) bool {
	switch lower {
	case "a", "an", "and", "the", "or", "in", "is", "was", "has", "not", "of", "to", "from", "with", "for", "on", "by", "via", "user", "users", "username", "name", "id",
		"invalid", "illegal", "unknown", "client", "host", "server", "account", "password", "group", "agent", "session", "login", "logon", "logged", "logout", "logoff",
		"access", "authentication", "authenticated", "authorization", "failed", "failure", "success", "rejected", "denied", "added", "removed", "created", "deleted", "changed",
		"disabled", "locked", "connected", "disconnected", "request", "mode", "space", "input", "data", "type", "did", "does", "can", "cannot", "could", "may", "must", "will":
		return false
	}
	return len(s) > 1 && len(s) <= 128 && isWord(s[0]) && hasLetter(s) && !strings.ContainsAny(s, "/*?:") && addressIn(s) == ""
}

// valueOf tells an address, URL, mail address, hash or path by its looks.
func (r *reader) valueOf(word string) (Slot, string) {
	if ip := addressIn(word); ip != "" {
		slot := EntitySlot(r.role, IP)
		r.role, r.left = Related, 0
		return slot, ip
	}
	if out := shapeOf([]byte(word)); out != nil {
		return out.slot, word
	}
	if isFilePath(word) {
		return EntitySlot(Target, File), word
	}
	return NoSlot, ""
}

// addressIn returns the address in 192.0.2.1, 192.0.2.1:443, 192.0.2.1#53, 192.0.2.1/443 and outside:192.0.2.1/443.
func addressIn(word string) string {
	if len(word) < 3 || len(word) > 64 {
		return ""
	}
	if isIP(word) {
		return word
	}
	if i := strings.IndexAny(word, "#/%"); i > 0 {
		word = word[:i]
	}
	if isIP(word) {
		return word
	}
	if i := strings.LastIndexByte(word, ':'); i > 0 && strings.Count(word, ":") == 1 {
		switch {
		case isIP(word[:i]):
			return word[:i]
		case isIP(word[i+1:]):
			return word[i+1:]
		}
	}
	return ""
}

func isIP(s string) bool {
	if s == "" || strings.IndexByte(s, '.') < 0 && strings.IndexByte(s, ':') < 0 {
		return false
	}
	_, err := netip.ParseAddr(s)
	return err == nil
}

// isFilePath tells a Windows path, or a Unix path of at least two parts whose first is a directory that systems have.
func isFilePath(s string) bool {
	if len(s) > 3 && s[1] == ':' && s[2] == '\\' && s[0]|0x20-'a' <= 25 {
		return true
	}
	if len(s) < 5 || s[0] != '/' {
		return false
	}
	switch top, rest, _ := strings.Cut(s[1:], "/"); top {
	case "bin", "boot", "dev", "etc", "home", "lib", "mnt", "opt", "proc", "root", "run", "sbin", "srv", "tmp", "usr", "var", "Users", "Library", "Applications", "System", "private":
		return rest != ""
	}
	return false
}
