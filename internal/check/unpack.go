package check

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"encoding/base64"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// baseRuns finds runs of Base64 and reads them as UTF-16LE, compressed text or text.
// Source: RFC 4648, 1951 and 1952; about_PowerShell.exe.
func baseRuns(text string, yield func(layer)) {
	for i := 0; i < len(text); {
		if !base64Byte(text[i]) {
			i++
			continue
		}
		start := i
		for i < len(text) && base64Byte(text[i]) {
			i++
		}
		if i-start < minRun {
			continue
		}
		run := text[start:i]
		if raw, err := base64.RawStdEncoding.DecodeString(run[:len(run)-bool2int(len(run)%4 == 1)]); err == nil {
			if s, how, ok := unpacked(raw); ok {
				yield(layer{s, run, how})
			}
		}
	}
}

func base64Byte(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || c == '+' || c == '/'
}

func bool2int(b bool) int {
	if b {
		return 1
	}
	return 0
}

// unpacked reads bytes as text, whatever they were wrapped in.
func unpacked(raw []byte) (text, how string, ok bool) {
	if s, ok := wide(raw); ok {
		return s, "encoded in Base64 as UTF-16", true
	}
	if s := string(raw); readable(s) {
		return s, "encoded in Base64", true
	}
	b := inflated(raw)
	if s, ok := wide(b); ok {
		return s, "compressed and encoded in Base64", true
	}
	return string(b), "compressed and encoded in Base64", len(b) > 8 && readable(string(b))
}

// inflated undoes gzip or deflate; nothing when it was neither. A stream that was cut is read as far as it goes.
func inflated(raw []byte) []byte {
	r := io.Reader(flate.NewReader(bytes.NewReader(raw)))
	if bytes.HasPrefix(raw, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(bytes.NewReader(raw))
		if err != nil {
			return nil
		}
		r = z
	}
	b, _ := io.ReadAll(io.LimitReader(r, maxText)) // what came before an error counts
	return b
}

// wide reads UTF-16LE, when most of it is ASCII.
func wide(b []byte) (string, bool) {
	if len(b) < 8 {
		return "", false
	}
	units, zeros := make([]uint16, 0, len(b)/2), 0
	for i := 0; i+1 < len(b); i += 2 {
		units = append(units, uint16(b[i])|uint16(b[i+1])<<8)
		zeros += bool2int(b[i+1] == 0 && b[i] != 0)
	}
	if zeros*10 < len(units)*8 {
		return "", false
	}
	s := string(utf16.Decode(units))
	return s, readable(s)
}

// readable tells text from bytes that happened to decode.
func readable(s string) bool {
	odd, n := 0, 0
	for _, r := range s {
		n++
		odd += bool2int(r < 0x20 && r != '\n' && r != '\r' && r != '\t' || r == utf8.RuneError || r >= 0x7f)
	}
	return n >= 4 && odd*20 <= n
}
