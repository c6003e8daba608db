package alert

import "fmt"

// The words, numbers and blanks of JSON.

func literal(b []byte, i int) (kind, int, error) {
	switch c := b[i]; {
	case c == 't' && len(b)-i >= 4 && string(b[i:i+4]) == "true":
		return kindTrue, i + 4, nil
	case c == 'f' && len(b)-i >= 5 && string(b[i:i+5]) == "false":
		return kindFalse, i + 5, nil
	case c == 'n' && len(b)-i >= 4 && string(b[i:i+4]) == "null":
		return kindNull, i + 4, nil
	}
	end := number(b, i)
	if end == i {
		return 0, 0, fmt.Errorf("unexpected %s at byte %d", show(b[i]), i)
	}
	return kindNumber, end, nil
}

// number returns the end of the JSON number at i, or i.
func number(b []byte, i int) int {
	digits := func(j int) int {
		for j < len(b) && b[j]-'0' <= 9 {
			j++
		}
		return j
	}
	j := i
	if j < len(b) && b[j] == '-' {
		j++
	}
	switch {
	case j < len(b) && b[j] == '0':
		j++
	default:
		k := digits(j)
		if k == j {
			return i
		}
		j = k
	}
	if j < len(b) && b[j] == '.' {
		k := digits(j + 1)
		if k == j+1 {
			return i
		}
		j = k
	}
	if j < len(b) && (b[j] == 'e' || b[j] == 'E') {
		j++
		if j < len(b) && (b[j] == '+' || b[j] == '-') {
			j++
		}
		k := digits(j)
		if k == j {
			return i
		}
		j = k
	}
	return j
}

func blanks(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\r' || b[i] == '\t') {
		i++
	}
	return i
}

func show(c byte) string {
	if c < 0x20 || c >= 0x7f {
		return fmt.Sprintf("byte 0x%02x", c)
	}
	return fmt.Sprintf("%q", rune(c))
}
