package stream

import (
	"bytes"
	"strconv"
)

// zeekMark begins every log that Zeek writes as columns.
const zeekMark = "#separator "

// zeekLog is what the header of a Zeek log says. A file may hold several, one after the other.
type zeekLog struct {
	separator, comma byte
	empty, unset     string
	path, types      []byte
	keys             [][]byte
}

// zeek reads the rows of a log as {"_path": ..., "ts": ..., "id.orig_h": ...}: names as the header has them, values as text,
// sets and vectors as lists, T and F of a bool as in JSON. What is unset is left out.
func (w *window) zeek() {
	w.headed(&zeekLog{separator: '\t', comma: ',', empty: "(empty)", unset: "-"})
}

func (z *zeekLog) fits(row []byte) bool {
	return bytes.Count(row, []byte{z.separator})+1 == len(z.keys)
}

// header takes one line of the header, without its mark. Lines that say nothing about the rows are passed over.
func (z *zeekLog) header(line []byte) {
	if s, ok := bytes.CutPrefix(line, []byte(zeekMark[1:])); ok {
		if s = unescapeZeek(nil, s); len(s) == 1 {
			z.separator = s[0]
		}
		return
	}
	name, value, _ := bytes.Cut(line, []byte{z.separator})
	switch string(name) {
	case "set_separator":
		if len(value) == 1 {
			z.comma = value[0]
		}
	case "empty_field":
		z.empty = string(value)
	case "unset_field":
		z.unset = string(value)
	case "path":
		z.path = bytes.Clone(value)
	case "types":
		z.types = bytes.Clone(value)
	case "fields":
		z.types, z.keys = nil, nil
		for name := range bytes.SplitSeq(value, []byte{z.separator}) {
			z.keys = append(z.keys, append(appendString(nil, name), ':'))
		}
	}
}

// view is the row as a JSON object.
func (z *zeekLog) view(dst, line []byte) []byte {
	dst = append(dst, '{')
	if len(z.path) > 0 {
		dst = appendString(append(dst, `"_path":`...), z.path)
	}
	types := z.types
	for _, key := range z.keys {
		var cell, kind []byte
		cell, line, _ = bytes.Cut(line, []byte{z.separator})
		kind, types, _ = bytes.Cut(types, []byte{z.separator})
		if string(cell) == z.unset {
			continue
		}
		if len(dst) > 1 {
			dst = append(dst, ',')
		}
		dst = z.value(append(dst, key...), cell, kind)
	}
	return append(dst, '}')
}

func (z *zeekLog) value(dst, cell, kind []byte) []byte {
	switch {
	case string(kind) == "bool" && string(cell) == "T":
		return append(dst, "true"...)
	case string(kind) == "bool" && string(cell) == "F":
		return append(dst, "false"...)
	case bytes.HasPrefix(kind, []byte("set[")), bytes.HasPrefix(kind, []byte("vector[")):
		dst = append(dst, '[')
		if string(cell) != z.empty {
			for i, part := range bytes.Split(cell, []byte{z.comma}) {
				if i > 0 {
					dst = append(dst, ',')
				}
				dst = appendString(dst, unescapeZeek(nil, part))
			}
		}
		return append(dst, ']')
	case string(cell) == z.empty:
		return append(dst, `""`...)
	}
	return appendString(dst, unescapeZeek(nil, cell))
}

// unescapeZeek undoes \x09 and the doubled backslash.
func unescapeZeek(dst, p []byte) []byte {
	if bytes.IndexByte(p, '\\') < 0 {
		return append(dst, p...)
	}
	for i := 0; i < len(p); i++ {
		if p[i] == '\\' && i+1 < len(p) {
			if p[i+1] == '\\' {
				i++
			} else if p[i+1] == 'x' && i+3 < len(p) {
				if n, err := strconv.ParseUint(string(p[i+2:i+4]), 16, 8); err == nil {
					dst = append(dst, byte(n))
					i += 3
					continue
				}
			}
		}
		dst = append(dst, p[i])
	}
	return dst
}
