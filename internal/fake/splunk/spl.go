package splunk

import (
	"strings"
	"unicode"
)

// token is a word, a quoted text, or a sign.
type token struct {
	text   string
	quoted bool
	sign   bool
}

// trouble is what splunkd says of a search that it does not run.
type trouble string

func (t trouble) Error() string { return string(t) }

// macro is one of the two that Enterprise Security brings and programs use; nothing for others.
func macro(name string) string {
	return map[string]string{"notable": "index=notable | soc_notable", "incident_review": "soc_incident_review"}[name]
}

// expand puts macros in and takes comments out, but not within quotes. Source: Use search macros in searches; Add comments to searches.
func expand(spl string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(spl); {
		switch {
		case spl[i] == '"':
			n := quotedLen(spl[i:])
			if n == 0 {
				return "", trouble("Unbalanced quotes.")
			}
			b.WriteString(spl[i : i+n])
			i += n
		case strings.HasPrefix(spl[i:], "```"):
			end := strings.Index(spl[i+3:], "```")
			if end < 0 {
				return "", trouble("Unbalanced comment.")
			}
			b.WriteByte(' ')
			i += end + 6
		case spl[i] == '`':
			end := strings.IndexByte(spl[i+1:], '`')
			if end < 0 || macro(spl[i+1:i+1+end]) == "" {
				return "", trouble("The search specifies a macro that cannot be found.")
			}
			b.WriteString(macro(spl[i+1 : i+1+end]))
			i += end + 2
		default:
			b.WriteByte(spl[i])
			i++
		}
	}
	return b.String(), nil
}

// quotedLen is how long the quoted text at the begin of s is, with its quotes; 0 when it has no end.
func quotedLen(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return 0
}

// tokens cuts a search without macros and comments.
func tokens(spl string) (list []token, err error) {
	for i := 0; i < len(spl); {
		c := spl[i]
		switch {
		case unicode.IsSpace(rune(c)):
			i++
		case c == '"':
			n := quotedLen(spl[i:])
			if n == 0 {
				return nil, trouble("Unbalanced quotes.")
			}
			list = append(list, token{text: unquote(spl[i+1 : i+n-1]), quoted: true})
			i += n
		case strings.IndexByte("|()[],", c) >= 0:
			list = append(list, token{text: string(c), sign: true})
			i++
		case strings.IndexByte("=<>!", c) >= 0:
			n := 1
			if i+1 < len(spl) && spl[i+1] == '=' {
				n = 2
			}
			list = append(list, token{text: spl[i : i+n], sign: true})
			i += n
		default:
			n := strings.IndexFunc(spl[i:], func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("\"|()[],=<>!", r) })
			if n < 0 {
				n = len(spl) - i
			}
			list = append(list, token{text: spl[i : i+n]})
			i += n
		}
	}
	return list, nil
}

func unquote(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\') {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// pipeline cuts a search into its commands.
func pipeline(spl string) ([][]token, error) {
	plain, err := expand(spl)
	if err != nil {
		return nil, err
	}
	list, err := tokens(plain)
	if err != nil {
		return nil, err
	}
	var all [][]token
	var one []token
	for i, t := range list {
		switch {
		case t.sign && (t.text == "[" || t.text == "]"):
			return nil, trouble("Subsearches are not served here.")
		case t.sign && t.text == "|" && i == 0:
		case t.sign && t.text == "|":
			all, one = append(all, one), nil
		default:
			one = append(one, t)
		}
	}
	return append(all, one), nil
}
