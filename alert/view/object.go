package view

const hexDigits = "0123456789abcdef"

// object builds JSON by appending. Whether a comma is due is seen from the last byte written: a value never ends in an
// opening bracket.
type object struct{ b []byte }

func (o *object) comma() {
	if last := o.b[len(o.b)-1]; last != '{' && last != '[' {
		o.b = append(o.b, ',')
	}
}

func (o *object) name(key string) {
	o.comma()
	o.b = appendString(o.b, key)
	o.b = append(o.b, ':')
}

// member writes a member, also an empty one: a field that the record leaves empty is still a field of the record.
func (o *object) member(key, value string) {
	o.name(key)
	o.b = appendString(o.b, value)
}

// known writes a member unless the value is empty: the names of fixed fields are ours, so an empty one says nothing.
func (o *object) known(key, value string) {
	if value != "" {
		o.member(key, value)
	}
}

func (o *object) element(value string) {
	o.comma()
	o.b = appendString(o.b, value)
}

func (o *object) open(key string) {
	o.name(key)
	o.b = append(o.b, '{')
}

func (o *object) list(key string) {
	o.name(key)
	o.b = append(o.b, '[')
}

func (o *object) end()     { o.b = append(o.b, '}') }
func (o *object) endList() { o.b = append(o.b, ']') }

// appendString appends s, which must be UTF-8, as a JSON string.
func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, s[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return append(append(dst, s[start:]...), '"')
}
