package redact

import (
	"net/netip"
	"regexp"
	"strings"
)

// shapes are what identifies somebody by its form alone, wherever it stands.
type shapes struct {
	mail, v4, v6, sid, dashed, dotted *regexp.Regexp
	account                           *regexp.Regexp   // DOMAIN\user
	named                             []*regexp.Regexp // the first group names a user
}

func newShapes() shapes {
	return shapes{
		mail:    regexp.MustCompile(`[A-Za-z0-9._+-]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?`),
		v4:      regexp.MustCompile(`[0-9]{1,3}(?:\.[0-9]{1,3}){3}`),
		v6:      regexp.MustCompile(`[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}`),
		sid:     regexp.MustCompile(`\b[Ss]-1-5-21-[0-9]+-[0-9]+-[0-9]+`),
		dashed:  regexp.MustCompile(`(?i)\bip-[0-9]{1,3}(?:-[0-9]{1,3}){3}\b`), // the host names of EC2
		dotted:  regexp.MustCompile(`[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?)+`),
		account: regexp.MustCompile(`([A-Za-z0-9][A-Za-z0-9_.-]{1,63})\\+([A-Za-z0-9._$-]{2,64})`),
		named: []*regexp.Regexp{
			regexp.MustCompile(`(?:^|\s)(?:-u|-U|--user(?:name)?|/ru)[ =]+\\?["']?(?:[^\s"'\\/]+[\\/]+)?([^\s"'\\/:%;,=]{2,64})`),
			regexp.MustCompile(`://([^\s/:@"'<>]{2,64}):[^\s/"'<>]+@`),
			regexp.MustCompile(`[A-Za-z0-9._-]+/([A-Za-z0-9._$-]{2,64}):[^\s:@/\\"']{3,}@`),
			regexp.MustCompile(`(?i)[\\/]+(?:Users|home|Documents and Settings)[\\/]+([^\\/:*?"<>|\s',;&()]+)`),
			regexp.MustCompile(`(?i)\\+(?:Users|Documents and Settings)\\+([^\\/:*?"<>|\r\n]{1,64})\\`),
			regexp.MustCompile(`(?i)\b(?:user(?:[ _-]?name)?|account(?:[ _-]?name)?|acct|login|logname|suser|duser|ruser|usr)\\?["']?\s*[:=]\s*\\?["']?(?:[^\s"'\\,;:=/]{1,64}\\+)?([^\s"'\\,;:=()\[\]{}<>&|]{2,64})`),
			regexp.MustCompile(`\b(?:for|[Uu]ser|by)\s+(?:invalid\s+user\s+|user\s+)?([^\s"'\\,;:=()\[\]{}<>&|]{2,64})\s+(?:from|by|on)\s`),
			regexp.MustCompile(`(?i)/u(?:ser)?:\\?["']?(?:[^\s"'\\/]+\\+)?([^\s"'\\/,;]{2,64})`),
			regexp.MustCompile(`(?i)\bnet1?(?:\.exe)?\s+user\s+\\?["']?([^\s"'\\/]{2,64})`),
		},
	}
}

// span is a part of a text that is to be replaced, and why.
type span struct {
	from, to int
	kind     string
}

// addresses finds internal addresses.
func (r *Redactor) addresses(text string, list []span) []span {
	for _, m := range r.shapes.v4.FindAllStringIndex(text, -1) {
		if lengthens(text, m[0], m[1]) {
			continue
		}
		if a, err := netip.ParseAddr(text[m[0]:m[1]]); err == nil && r.internal(a) {
			list = append(list, span{m[0], m[1], "ip"})
		}
	}
	if strings.Count(text, ":") < 2 {
		return list
	}
	for _, m := range r.shapes.v6.FindAllStringIndex(text, -1) {
		to := m[0] + len(strings.TrimSuffix(text[m[0]:m[1]], ":")) // "from fe80::1: denied"
		if strings.HasSuffix(text[:to], ":") {
			to = m[1] // fd00::
		}
		a, err := netip.ParseAddr(text[m[0]:to])
		if err == nil && !a.Is4In6() && r.internal(a) {
			list = append(list, span{m[0], to, "ip"})
		}
	}
	return list
}

// lengthens tells that a dotted quad is part of a longer number: an object identifier, a version.
func lengthens(text string, from, to int) bool {
	digit := func(i int) bool { return i >= 0 && i < len(text) && text[i]-'0' <= 9 }
	return digit(from-1) || digit(to) || from > 0 && text[from-1] == '.' && digit(from-2) || to < len(text) && text[to] == '.' && digit(to+1)
}

// inner are the last labels of names that no public DNS answers. Source: RFC 6761, 6762, 8375, ICANN's name collision reports.
var inner = [...]string{".local", ".localdomain", ".lan", ".internal", ".intranet", ".corp", ".home", ".private"}

// shared are domains under which everybody has names: they identify nobody, and a provider's own name is evidence.
var shared = [...]string{
	"amazonaws.com", "azure.com", "azurewebsites.net", "windows.net", "windows.com", "microsoft.com", "microsoftonline.com", "office.com",
	"office365.com", "onmicrosoft.com", "outlook.com", "hotmail.com", "live.com", "google.com", "googleapis.com", "gmail.com", "googlemail.com",
	"yahoo.com", "icloud.com", "proton.me", "protonmail.com", "gmx.de", "web.de", "github.com", "cloudflare.com", "okta.com",
}

// under is the domain of a list that a name, in lower case, is or lies under.
func under(name string, domains []string) (domain string, ok bool) {
	for _, d := range domains {
		if name == d || len(name) > len(d) && name[len(name)-len(d)-1] == '.' && strings.HasSuffix(name, d) {
			if len(d) > len(domain) {
				domain = d
			}
		}
	}
	return domain, domain != ""
}

// boundary tells that a word may begin or end between i-1 and i. An escape (%2F, \n, \u003c) is none of the word behind it.
func boundary(text string, i int) bool {
	return i <= 0 || i >= len(text) || !wordy(text[i-1]) || !wordy(text[i]) || escaped(text[:i])
}

func wordy(c byte) bool { return c-'0' <= 9 || c|0x20-'a' <= 25 || c >= 0x80 }

// escaped tells that a text ends with an escape.
func escaped(s string) bool {
	n := len(s)
	switch {
	case n >= 2 && s[n-2] == '\\' && strings.IndexByte("nrtbf", s[n-1]) >= 0:
		return true
	case n >= 3 && s[n-3] == '%':
		return hexadecimal(s[n-2:])
	case n >= 6 && s[n-6] == '\\' && s[n-5] == 'u':
		return hexadecimal(s[n-4:])
	}
	return false
}

func hexadecimal(s string) bool { return strings.Trim(s, "0123456789abcdefABCDEF") == "" }
