package kusto

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// token is a piece of a query. kind is one of: name, string, number, op, end.
type token struct {
	kind, text string
}

// lex cuts a query into tokens, as the documentation of the language has it: comments, string literals of each kind, numbers with or without
// a unit of time, names, operators.
func lex(q string) ([]token, error) {
	var list []token
	for i := 0; i < len(q); {
		c := q[i]
		switch {
		case strings.IndexByte(" \t\r\n", c) >= 0:
			i++
		case strings.HasPrefix(q[i:], "//"):
			for i < len(q) && q[i] != '\n' {
				i++
			}
		case c == '"' || c == '\'' || c == '@' || (c == 'h' || c == 'H') && i+1 < len(q) && strings.IndexByte("\"'@", q[i+1]) >= 0 || strings.HasPrefix(q[i:], "```"):
			text, n, err := literal(q[i:])
			if err != nil {
				return nil, err
			}
			if last := len(list) - 1; last >= 0 && list[last].kind == "string" { // two in a row are one
				list[last].text += text
			} else {
				list = append(list, token{"string", text})
			}
			i += n
		case c >= '0' && c <= '9':
			j := i
			for j < len(q) && (q[j] >= '0' && q[j] <= '9' || q[j] == '.' && !strings.HasPrefix(q[j:], "..") || unicode.IsLetter(rune(q[j]))) {
				j++
			}
			list = append(list, token{"number", q[i:j]})
			i = j
		case c == '_' || unicode.IsLetter(rune(c)):
			j := i
			for j < len(q) && (q[j] == '_' || unicode.IsLetter(rune(q[j])) || unicode.IsDigit(rune(q[j]))) {
				j++
			}
			word := q[i:j]
			if (word == "in" || word == "has" || word == "contains" || word == "startswith") && j < len(q) && q[j] == '~' {
				word += "~"
				j++
			}
			if word == "datetime" && j < len(q) && q[j] == '(' {
				end := strings.IndexByte(q[j:], ')')
				if end < 0 {
					return nil, fmt.Errorf("a datetime that does not end")
				}
				list = append(list, token{"datetime", q[j+1 : j+end]})
				i = j + end + 1
				continue
			}
			list = append(list, token{"name", word})
			i = j
		default:
			op := string(c)
			for _, two := range []string{"==", "=~", "!=", "!~", "<=", ">=", ".."} {
				if strings.HasPrefix(q[i:], two) {
					op = two
				}
			}
			if strings.IndexByte("|(),=<>.[]-+*/!;:", c) < 0 {
				return nil, fmt.Errorf("a character %q that means nothing", c)
			}
			list = append(list, token{"op", op})
			i += len(op)
		}
	}
	return append(list, token{kind: "end"}), nil
}

// literal reads one string literal and how long it is.
func literal(q string) (string, int, error) {
	i := 0
	if q[0] == 'h' || q[0] == 'H' {
		i++
	}
	if strings.HasPrefix(q[i:], "```") {
		end := strings.Index(q[i+3:], "```")
		if end < 0 {
			return "", 0, fmt.Errorf("a literal that does not end")
		}
		return q[i+3 : i+3+end], i + end + 6, nil
	}
	verbatim := q[i] == '@'
	if verbatim {
		i++
	}
	if i >= len(q) {
		return "", 0, fmt.Errorf("an @ without a literal")
	}
	quote := q[i]
	var units []uint16
	for i++; i < len(q); {
		switch c := q[i]; {
		case c == quote && verbatim && i+1 < len(q) && q[i+1] == quote:
			units = append(units, uint16(quote))
			i += 2
		case c == quote:
			return string(utf16.Decode(units)), i + 1, nil
		case (c == '\n' || c == '\r') && !verbatim:
			return "", 0, fmt.Errorf("a literal that ends with its line")
		case c == '\\' && !verbatim:
			unit, n, err := escaped(q[i:])
			if err != nil {
				return "", 0, err
			}
			units = append(units, unit)
			i += n
		default:
			r, n := utf8.DecodeRuneInString(q[i:])
			units = utf16.AppendRune(units, r)
			i += n
		}
	}
	return "", 0, fmt.Errorf("a literal that does not end")
}

func escaped(q string) (uint16, int, error) {
	if len(q) < 2 {
		return 0, 0, fmt.Errorf("a literal that does not end")
	}
	if at := strings.IndexByte(`"'\ntr0`, q[1]); at >= 0 {
		return uint16("\"'\\\n\t\r\x00"[at]), 2, nil
	}
	if q[1] == 'u' && len(q) >= 6 {
		n, err := strconv.ParseUint(q[2:6], 16, 16)
		return uint16(n), 6, err
	}
	return 0, 0, fmt.Errorf("an escape \\%c that there is not", q[1])
}
