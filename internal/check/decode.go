package check

import (
	"encoding/hex"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// The bounds of decoding: how deep, how much text, how many pieces, and how short a piece is not worth a look.
const (
	maxLayers = 3
	maxText   = 64 << 10
	maxPieces = 12
	minRun    = 20
	minList   = 8
)

// layer is a text that was hidden in another one.
type layer struct {
	text string
	from string // the piece of the original text that hid it
	how  string
}

// decoder finds text that was hidden in a command line or a script; it never changes.
// Source: ATT&CK T1027 and T1140; about_PowerShell.exe (-EncodedCommand is UTF-16LE in Base64); RFC 4648, 1951, 1952; D. Bohannon,
// Invoke-Obfuscation and Invoke-DOSfuscation.
type decoder struct {
	signs                                                       func() *signFinder
	chars, array, pieces, format, octets, octal, escape, splits func() *regexp.Regexp
}

func newDecoder() *decoder {
	return &decoder{
		signs:  sync.OnceValue(newSigns),
		chars:  pattern(`(?i)(?:(?:\[char\]|chrw?)\s*\(?\s*(?:0x[0-9a-f]{2,4}|\d{1,5})\s*\)?\s*[+&.]?\s*){3,}`),
		array:  pattern(`(?i)(?:(?:0x[0-9a-f]{1,2}|\d{2,3})\s*[,\s]\s*){8,}(?:0x[0-9a-f]{1,2}|\d{2,3})`),
		pieces: pattern(`(?:'[^']{1,40}'\s*\+\s*)+'[^']{1,200}'|(?:"[^"]{1,40}"\s*\+\s*)+"[^"]{1,200}"`),
		format: pattern(`(?i)["']((?:\{\d{1,2}\}){2,})["']\s*-f\s*((?:["'][^"']*["']\s*,?\s*)+)`),
		octets: pattern(`(?i)(?:\\x[0-9a-f]{2}){4,}|\b[0-9a-f]{40,}\b`),
		octal:  pattern(`(?:\\[0-3][0-7]{2}){4,}`),
		escape: pattern(`(?i)0x[0-9a-f]{1,4}|\d{1,5}`),
		splits: pattern(`'[^']*'|"[^"]*"`),
	}
}

// pattern is a regular expression that is compiled when it is first needed.
func pattern(s string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(s) })
}

// layers calls yield for every text hidden in text, at most maxLayers deep.
func (d *decoder) layers(text string, yield func(layer)) {
	d.deeper(text, "", 0, maxPieces, yield)
}

func (d *decoder) deeper(text, from string, depth, left int, yield func(layer)) int {
	if depth == maxLayers || len(text) > maxText {
		return left
	}
	d.once(text, func(l layer) {
		if left == 0 || len(l.text) > maxText || l.text == text {
			return
		}
		left--
		if from != "" {
			l.from = from
		}
		yield(l)
		left = d.deeper(l.text, l.from, depth+1, left, yield)
	})
	return left
}

// once unwraps one layer. The cheap tests in front keep ordinary text from any further look.
func (d *decoder) once(text string, yield func(layer)) {
	baseRuns(text, yield)
	seen := d.signs().in(text)
	if seen&escapes != 0 {
		if s, ok := unquoted(text); ok {
			yield(layer{s, text, "written with escape characters between the letters"})
		}
	}
	if seen&joins != 0 {
		if s := d.pieces().ReplaceAllStringFunc(text, d.glue); s != text {
			yield(layer{s, d.pieces().FindString(text), "put together from pieces"})
		}
	}
	if seen&templates != 0 {
		if s := d.format().ReplaceAllStringFunc(text, d.formatted); s != text {
			yield(layer{s, d.format().FindString(text), "put together from a template"})
		}
	}
	if seen&characters != 0 {
		d.lists(d.chars(), text, yield)
	}
	if seen&characters != 0 || strings.Count(text, ",") >= minList {
		d.lists(d.array(), text, yield)
	}
	if seen&hexes != 0 {
		d.hexadecimal(text, yield)
	}
	if seen&octals != 0 {
		d.octalBytes(text, yield)
	}
	if seen&backwards != 0 {
		yield(layer{reversed(text), text, "written backwards"})
	}
}

func (d *decoder) lists(re *regexp.Regexp, text string, yield func(layer)) {
	for _, m := range re.FindAllString(text, 4) {
		if s, ok := d.codes(m); ok {
			yield(layer{s, m, "written as character codes"})
		}
	}
}

func (d *decoder) hexadecimal(text string, yield func(layer)) {
	if !mayBeHex(text) {
		return
	}
	m := d.octets().FindString(text)
	b, err := hex.DecodeString(strings.NewReplacer(`\x`, "", `\X`, "").Replace(m))
	if err == nil && readable(string(b)) {
		yield(layer{string(b), m, "written in hexadecimal"})
	}
}

// mayBeHex tells whether the pattern of octets may find something: forty digits, or four bytes written like \x41. Paths hold \x too.
func mayBeHex(text string) bool {
	digits, octets := 0, 0
	for i := 0; i < len(text); i++ {
		if isHex(text[i]) {
			digits++
		} else {
			digits = 0
		}
		if i+3 < len(text) && text[i] == '\\' && text[i+1]|0x20 == 'x' && isHex(text[i+2]) && isHex(text[i+3]) {
			octets++
		}
		if digits == 40 || octets == 4 {
			return true
		}
	}
	return false
}

func isHex(c byte) bool { return c-'0' <= 9 || c|0x20-'a' <= 5 }

func (d *decoder) octalBytes(text string, yield func(layer)) {
	m := d.octal().FindString(text)
	var b []byte
	for code := range strings.SplitSeq(strings.TrimPrefix(m, `\`), `\`) {
		n, _ := strconv.ParseUint(code, 8, 8) // three octal digits below 400, by the pattern
		b = append(b, byte(n))
	}
	if readable(string(b)) {
		yield(layer{string(b), m, "written in octal"})
	}
}

// codes reads a list of numbers as characters.
func (d *decoder) codes(list string) (string, bool) {
	var b strings.Builder
	for _, n := range d.escape().FindAllString(list, 8192) {
		v, err := strconv.ParseUint(strings.ToLower(n), 0, 16)
		if err != nil {
			if v, err = strconv.ParseUint(n, 10, 16); err != nil {
				return "", false
			}
		}
		b.WriteRune(rune(v))
	}
	return b.String(), readable(b.String())
}

// glue joins 'a'+'b' to 'ab'.
func (d *decoder) glue(expression string) string {
	var b strings.Builder
	b.WriteByte('\'')
	for _, s := range d.splits().FindAllString(expression, -1) {
		b.WriteString(s[1 : len(s)-1])
	}
	b.WriteByte('\'')
	return b.String()
}

// formatted fills "{1}{0}" -f 'b','a'.
func (d *decoder) formatted(expression string) string {
	m := d.format().FindStringSubmatch(expression)
	parts := d.splits().FindAllString(m[2], 100)
	var b strings.Builder
	b.WriteByte('\'')
	for n := range strings.FieldsFuncSeq(m[1], func(r rune) bool { return r == '{' || r == '}' }) {
		if i, err := strconv.Atoi(n); err == nil && i < len(parts) {
			b.WriteString(parts[i][1 : len(parts[i])-1])
		}
	}
	b.WriteByte('\'')
	return b.String()
}

// unquoted takes out the characters that cmd, PowerShell and the Unix shells ignore between letters: c^e^r^t, po`wer, c""md,
// w'h'o. One alone is ordinary escaping.
func unquoted(text string) (string, bool) {
	var b []byte
	cut := 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		if (c == '^' || c == '`' || c == '"' || c == '\'') && i > 0 && letter(text[i-1]) {
			width := 1 + bool2int(c == '"' || c == '\'')
			if i+width < len(text) && (width == 1 || text[i+1] == c) && letter(text[i+width]) {
				cut++
				i += width - 1
				continue
			}
		}
		b = append(b, c)
	}
	return string(b), cut >= 2
}

func letter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func reversed(s string) string {
	r := []rune(s)
	for i, j := 0, len(r)-1; i < j; i, j = i+1, j-1 {
		r[i], r[j] = r[j], r[i]
	}
	return string(r)
}

// Hidden is a text that was hidden in another one.
type Hidden struct {
	Text  string
	Piece string // of the original text that hid it
	How   string // encoded in Base64 as UTF-16
}

// Reveal returns every text that is hidden in a command line or a script, at most three layers deep, as the checks read it. It runs
// nothing. Safe for concurrent use.
func Reveal(text string) (list []Hidden) {
	revealer().layers(text, func(l layer) { list = append(list, Hidden{l.text, l.from, l.how}) })
	return list
}

var revealer = sync.OnceValue(newDecoder)
