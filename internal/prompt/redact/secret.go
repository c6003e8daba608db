package redact

import (
	"math"
	"regexp"
	"slices"
	"strings"
)

// secret is one kind of secret: where it stands in a text. Its first group is what is replaced, all of it when there is no group.
// A text in which none of the hints occurs, in lower case, is not searched.
type secret struct {
	kind  string
	hints []string
	re    *regexp.Regexp
	keep  func(text string) bool // a match that is no secret after all
}

// value is what may stand for a secret behind a key word or a flag: quoted, quoted once more for JSON, or a word.
const value = `("[^"\r\n]*"|'[^'\r\n]*'|\\"[^"\r\n]*?\\"|[^\s"'\\][^\s"']*)`

// loose is the same, ended also by what separates the members of a list.
const loose = `("[^"\r\n]*"|'[^'\r\n]*'|\\"[^"\r\n]*?\\"|[^\s"'\\;,&<>{}][^\s"';,&<>{}]*)`

// secrets are the kinds, the certain ones first.
//
// Sources: the token formats as their makers document them (AWS IAM identifiers, GitHub and GitLab token prefixes, Slack token types,
// Stripe keys, Google API and OAuth clients, Azure storage and Entra client secrets, npm, PyPI, SendGrid, Twilio, Vault, ...), RFC 7519,
// RFC 7468, RFC 3986 (userinfo), RFC 7617, RFC 6750, crypt(5), and the manuals of the programs whose flags are named.
func secrets() []secret {
	var list []secret
	add := func(kind, hints, re string, keep ...func(string) bool) {
		s := secret{kind: kind, hints: strings.Fields(hints), re: regexp.MustCompile(re)}
		if len(keep) > 0 {
			s.keep = keep[0]
		}
		list = append(list, s)
	}
	add("private-key", "private-key private", `-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|$)`)
	add("putty-key", "putty-user-key-file", `PuTTY-User-Key-File-[\s\S]*`)
	add("jwt", "eyj", `eyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]*)*`)
	add("aws-key-id", "akia asia abia acca a3t", `\b(?:AKIA|ASIA|ABIA|ACCA|A3T[A-Z0-9])[A-Z0-9]{16}\b`)
	add("aws-secret", "aws secretaccesskey", `(?i)(?:aws_?(?:secret|session)[a-z_]*|secret_?access_?key)\\?["']?\s*[:=]\s*\\?["']?([A-Za-z0-9/+=]{30,})`)
	add("google-key", "aiza", `AIza[0-9A-Za-z_-]{30,}`)
	add("google-oauth", "ya29. gocspx 1//0", `(?:ya29\.|GOCSPX-|1//0)[0-9A-Za-z_-]{16,}`)
	add("azure-key", "accountkey sharedaccesskey", `(?i)(?:AccountKey|SharedAccessKey)\s*=\s*([A-Za-z0-9+/%]{20,}={0,2})`)
	add("azure-sas", "sig=", `(?i)[?&;]sig=([A-Za-z0-9%+/=_-]{16,})`)
	add("azure-client", "q~", `[A-Za-z0-9_~.-]{3}\dQ~[A-Za-z0-9_~.-]{28,}`)
	add("github", "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_", `\b(?:gh[opusr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})`)
	add("gitlab", "glpat- gl", `\bgl(?:pat|ptt|dt|rt|cbt|ft|soat|agent|imt|oas)-[A-Za-z0-9_.-]{16,}`)
	add("slack", "xox xapp-", `\b(?:xox[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]{10,}|xapp-[A-Za-z0-9-]{10,})`)
	add("webhook", "hooks.slack.com webhook", `(?i)(?:hooks\.slack\.com/[a-z]+|discord(?:app)?\.com/api/webhooks|webhook\.office\.com/webhookb2)/([A-Za-z0-9/_@.-]{8,})`)
	add("stripe", "k_live_ k_test_ whsec_", `\b(?:[sr]k_(?:live|test)_|whsec_)[A-Za-z0-9]{10,}`)
	add("openai", "sk-", `\bsk-[A-Za-z0-9_-]{20,}`)
	add("package-token", "npm_ pypi- hf_ rubygems_ dckr_pat_", `\b(?:npm_|pypi-|hf_|rubygems_|dckr_pat_)[A-Za-z0-9_-]{20,}`)
	add("sendgrid", "sg.", `\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}`)
	add("cloud-token", "do dapi shp hvs. hvb. atatt", `\b(?:do[opr]_v1_[a-f0-9]{32,}|dapi[a-f0-9]{32}|shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}|hv[sb]\.[A-Za-z0-9_-]{20,}|ATATT[A-Za-z0-9_=-]{20,})`)
	add("twilio", "sk", `\bSK[0-9a-f]{32}\b`)
	add("telegram", ":aa", `\b[0-9]{8,10}:AA[A-Za-z0-9_-]{32,}`)
	add("crypt-hash", "$", `\$(?:1|2[abxy]?|5|6|7|y|gy|argon2(?:id?|d))\$[^\s:"'$]+(?:\$[^\s:"']+)+`)
	add("password-hash", "hash ntlm rc4 aes", `(?i)(?:--?hash(?:es)?|/ntlm|/rc4|/aes(?:128|256)|/krbkey)[:=\s]+([0-9a-f:]{32,})`)
	add("password-hash", ":", `\b[0-9a-fA-F]{32}:[0-9a-fA-F]{32}\b`) // LM:NT
	add("password-hash", "-h", `(?:^|\s)-H\s+([0-9a-fA-F]{32})\b`)
	add("url-password", "://", `(?i)[a-z][a-z0-9+.-]*://[^\s/:@"'<>]*:([^\s/"'<>]+)@`)
	add("basic-auth", "basic", `(?i)\bbasic\s+([A-Za-z0-9+/_-]{8,}={0,2})`, word)
	add("bearer", "bearer", `(?i)\bbearer\s+([A-Za-z0-9._~+/=-]{12,})`)
	add("cookie", "cookie", `(?i)\b(?:set-)?cookie\\?["']?\s*[:=]\s*([^\r\n"]+)`)
	add("password", "net", `(?i)\bnet1?(?:\.exe)?\\?["']?\s+user\s+(?:"[^"]+"|[^\s"/]\S*)\s+`+value, flag)
	add("password", "net", `(?i)\bnet1?(?:\.exe)?\\?["']?\s+use\s[^\r\n]*?/u(?:ser)?:(?:"[^"]+"|\S+)\s+`+value, flag)
	add("password", "net", `(?i)\bnet1?(?:\.exe)?\\?["']?\s+use\s+(?:\S:\s+)?\\\\\S+\s+`+value, flag)
	add("password", "securestring", `(?i)ConvertTo-SecureString\s+(?:-(?:AsPlainText|Force)\s+)*(?:-String\s+)?`+value, flag)
	add("password", "pass pwd token secret key credential /rp", `(?i)(?:^|[\s"'])(?:--?|/)(?:pass|rp|[a-z0-9_-]*(?:password|passwd|passphrase|passcode|pwd|token|secret|api[-_]?key|access[-_]?key|credentials?))(?:\\?["'])?(?:[=:]\s*|\s+)`+value, flag)
	add("password", "-p -pw -w -a", `(?:^|[\s"'])-(?:p|pw|P)\s+`+value, port)
	add("password", "mysql maria 7z rar", `(?i)\b(?:mysql[a-z]*|mariadb[a-z-]*|7z[a-z]?|rar)(?:\.exe)?\\?["']?\s(?:[^\r\n|;&]*?\s)?-h?p`+value)
	add("password", "sshpass plink pscp putty ldap redis xfreerdp wmic psexec", `(?i)\b(?:sshpass|plink|pscp|psftp|putty|ldap[a-z]+|redis-cli|xfreerdp|wmic|psexec[0-9]*)(?:\.exe)?\\?["']?\s(?:[^\r\n|;&]*?\s)?(?:-pw|-p|-w|-a|/p:|/password:)\s*`+value, flag)
	add("password", "htpasswd", `\bhtpasswd\s+-[a-zA-Z]*b[a-zA-Z]*\s+(?:-\S+\s+)*\S+\s+\S+\s+`+value)
	add("password", "-u --user", `(?:^|[\s"'])(?:-u|-U|--user|--proxy-user)(?:\s+|=)\\?["']?[^\s:%"'/\\]+[:%]([^\s"']+)`)
	add("password", "@", `(?:^|[\s"'])[A-Za-z0-9._$-]+(?:/[A-Za-z0-9._$-]+)?:([^\s:@/\\"']{3,})@[A-Za-z0-9.-]+`)
	add("password", "pass pwd secret token key credential", `(?i)(?:\b|_)(?:password|passwd|passphrase|passcode|pass|pwd|userpassword|cleartext_?password|secret|client_?secret|secret_?key|api_?key|apikey|x-api-key|access_?key|access_?token|auth_?token|refresh_?token|id_?token|private_?token|session_?token|session_?key|token|credentials?)(?:\\?["'])?\s*(?:=>|:=|[:=])\s*`+loose, workdir)
	add("key-value", "key token secret signature auth session", `(?i)(?:key|token|secret|signature|auth|session)[a-z0-9_-]{0,20}\\?["']?\s*(?:=>|[:=])\s*\\?["']?([A-Za-z0-9+/_.=-]{20,})`, plain)
	return list
}

// find returns where secrets of the kind stand in the text; low is the text in lower case, as far as ASCII goes.
func (s *secret) find(text, low string) []span {
	if !slices.ContainsFunc(s.hints, func(h string) bool { return strings.Contains(low, h) }) {
		return nil
	}
	var list []span
	for _, m := range s.re.FindAllStringSubmatchIndex(text, -1) {
		from, to := m[0], m[1]
		if len(m) > 2 && m[2] >= 0 {
			from, to = unquote(text, m[2], m[3])
		}
		if from < to && !masked(text[from:to]) && (s.keep == nil || !s.keep(text[from:to])) {
			list = append(list, span{from, to, "secret-" + s.kind})
		}
	}
	return list
}

// unquote leaves the quotes of a quoted secret where they are.
func unquote(text string, from, to int) (int, int) {
	for to-from >= 2 && (text[from] == '"' || text[from] == '\'') && text[to-1] == text[from] {
		from, to = from+1, to-1
	}
	if to-from >= 4 && strings.HasPrefix(text[from:to], `\"`) && strings.HasSuffix(text[from:to], `\"`) {
		from, to = from+2, to-2
	}
	return from, to
}

// masked tells what hides a secret already, or never was one.
func masked(s string) bool { return strings.Trim(s, `*xX.<>[]()\"';,`) == "" }

// flag tells that the next word of a command line is a switch, a variable or an expression, and no value.
func flag(s string) bool {
	return s[0] == '/' || len(s) > 1 && (s[0] == '-' || s[0] == '(') && s[1] >= 'A' || s[0] == '$' && letters(s) == strings.ToLower(s[1:])
}

// port tells the values that -p has where it is no password: ports, directories.
func port(s string) bool {
	return len(s) < 3 || flag(s) || strings.Trim(s, "0123456789:,-./tcpud") == "" || s[0] == '.' && strings.Contains(s, "/")
}

// word tells an ordinary word: basic authentication, basic constraints.
func word(s string) bool { return strings.Trim(s, "abcdefghijklmnopqrstuvwxyz") == "" }

// workdir tells the working directory, which sudo and shells call PWD.
func workdir(s string) bool {
	return s[0] == '/' && len(s) < 256 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz/-_.*") == ""
}

// plain tells text that is no random string: fewer than 3.5 bits a character, or letters of one case only.
func plain(s string) bool {
	var n [256]int
	digits, letters := false, false
	for i := range len(s) {
		n[s[i]]++
		digits = digits || s[i]-'0' <= 9
		letters = letters || s[i]|0x20-'a' <= 25
	}
	bits := 0.0
	for _, k := range n {
		if k > 0 {
			bits -= float64(k) / float64(len(s)) * math.Log2(float64(k)/float64(len(s)))
		}
	}
	return !digits || !letters || bits < 3.5
}

// opens tells, by the key under which a value stands, that the whole value is a secret.
func opens(key string) bool {
	switch letters(key) {
	case "password", "passwd", "passphrase", "pwd", "userpassword", "newpassword", "oldpassword", "secret", "clientsecret", "secretkey",
		"secretaccesskey", "apikey", "accesstoken", "authtoken", "refreshtoken", "idtoken", "sessiontoken", "privatekey", "authorization",
		"cookie", "setcookie", "token", "bearertoken", "xapikey", "connectionstring", "credential", "credentials", "sharedsecret":
		return true
	}
	return false
}

// letters are the ASCII letters of a key, in lower case.
func letters(key string) string {
	b := make([]byte, 0, len(key))
	for i := range len(key) {
		if c := key[i] | 0x20; c-'a' <= 25 {
			b = append(b, c)
		}
	}
	return string(b)
}
