package triage

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/seed-959697dd/soc/alert/indicator"
)

// held tells whether all that a sentence names stands in what its citations stand for.
func (g *Grounds) held(s *Sentence) bool {
	if g.Says == nil {
		return true
	}
	var b strings.Builder
	for _, c := range s.Cites {
		b.WriteString(strings.ToLower(g.Says(c)) + "\n")
	}
	said := b.String()
	for _, v := range spoken(s.Text) {
		if !stands(said, v) {
			return false
		}
	}
	low := strings.ToLower(s.Text)
	return !slices.ContainsFunc(g.Names, func(name string) bool { return len(name) > 2 && stands(low, name) && !stands(said, name) })
}

// spoken are the values that a sentence names, in small letters: indicators, refanged, and of the rest the words that are no ordinary
// ones. These have a digit or a sign within, or a capital where no sentence begins. What is missed is a name that looks like a word of the
// language; Grounds.Names has those that are known.
func spoken(text string) (list []string) {
	rest := []byte(text)
	indicator.Scan([]byte(text), func(f indicator.Found) bool {
		list = append(list, strings.ToLower(string(f.Value)))
		for i := f.Offset; i < f.Offset+f.Len; i++ {
			rest[i] = ' '
		}
		return true
	})
	first := true
	for word := range strings.FieldsFuncSeq(string(rest), func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune("\"'`()[]{},;!?<>|\u2018\u2019\u201c\u201d\u2013\u2014=", r)
	}) {
		bare := strings.Trim(word, ".:*-/&")
		if bare != "" && peculiar(bare, first) && !slices.Contains(ordinary, bare) {
			list = append(list, strings.ToLower(bare))
		}
		first = strings.HasSuffix(word, ".") || strings.HasSuffix(word, ":")
	}
	return list
}

// peculiar tells a word that is more than a word of the language.
func peculiar(word string, first bool) bool {
	for i, r := range word {
		switch {
		case unicode.IsDigit(r), strings.ContainsRune(`\/@_:.$%#+*~^`, r):
			return true
		case unicode.IsUpper(r) && (i > 0 || !first):
			return true
		case unicode.Is(unicode.Cf, r), unicode.IsControl(r):
			return true
		}
	}
	return false
}

// ordinary are the words with a capital or a digit that name no value: techniques of computers, not things of an estate.
var ordinary = []string{
	"A", "I", "UTC", "Windows", "Linux", "Unix", "macOS", "Microsoft", "Office", "Word", "Excel", "Outlook", "PowerShell", "Sysmon", "Defender", "Kerberos", "NTLM", "LSASS", "LSA",
	"WMI", "WinRM", "SMB", "RDP", "SSH", "DNS", "HTTP", "HTTPS", "TLS", "FTP", "LDAP", "TCP", "UDP", "ICMP", "VPN", "MFA", "URL", "URLs", "IP", "ID", "PID", "API", "DLL", "JSON", "Base64", "C2",
	"AWS", "Azure", "IAM", "Active", "Directory", "Internet", "ATT&CK", "MITRE", "EDR", "SIEM", "SOC", "OS", "PC", "CPU", "USB", "UAC",
}

// stands tells whether a text has a value that nothing goes on: no letter, no digit, and at a digit's side none behind a dot, unless the value
// is a time, which may have a fraction. Both are in small letters.
func stands(text, value string) bool {
	numbered := !strings.Contains(value, ":")
	for at := 0; ; {
		i := strings.Index(text[at:], value)
		if i < 0 || value == "" {
			return false
		}
		i += at
		before, after := text[:i], text[i+len(value):]
		more := numbered && (digit(value[0]) && dotted(before, true) || digit(value[len(value)-1]) && dotted(after, false))
		if !more && !goesOn(before, after) {
			return true
		}
		_, size := utf8.DecodeRuneInString(text[i:])
		at = i + size
	}
}

func goesOn(before, after string) bool {
	last, _ := utf8.DecodeLastRuneInString(before)
	next, _ := utf8.DecodeRuneInString(after)
	return before != "" && inName(last) || after != "" && inName(next)
}

func inName(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// dotted tells whether a text ends, or begins, with a dot on whose other side a digit stands.
func dotted(s string, end bool) bool {
	if end {
		return len(s) > 1 && s[len(s)-1] == '.' && digit(s[len(s)-2])
	}
	return len(s) > 1 && s[0] == '.' && digit(s[1])
}

func digit(c byte) bool { return c-'0' <= 9 }
