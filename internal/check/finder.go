package check

import (
	"math/bits"
	"strings"
	"unicode/utf8"
)

// finder finds literals in a text, without regard to ASCII case. Nearly every text holds none of them, so each place of
// the text costs one look at a bit, and a literal is compared only where four letters of it (or its two or three) may
// stand. It is cheap to build, so a table may be
// made ready when it is first needed.
// Source: the idea of skipping by pieces is that of S. Wu, U. Manber, A fast algorithm for multi-pattern searching, 1994.
type finder struct {
	words []literal
	long  grams // the four letters by which a word is noticed
	short grams // words of two letters, or of three inside others; they are noticed by three, of which the last may be any
	wide  grams // the same for words that are not ASCII: asked only about texts that are not
}

// literal is a word of lower-case letters; it may have to stand at the beginning or the end of a word.
type literal struct {
	word        string
	front, back bool
}

// grams are the pieces by which words are noticed: a bit for each, and behind the bits the words.
type grams struct {
	bits  []uint64
	shift uint8    // of a piece's product with spread, to a place in bits
	heads []uint16 // hash -> place in marks, from 1
	marks []mark
}

type mark struct {
	piece uint32
	word  uint16
	at    uint8 // letters of the word up to the piece's end
	next  uint16
}

// A piece is folded by setting one bit of each letter: that joins the cases, and some signs, which the comparison tells apart.
const (
	blanks = uint32(0x20202020)
	spread = 0x9e3779b1
)

// ordinary is what texts of every day are made of: pieces of it would be noticed all the time.
const ordinary = `c:\windows\system32\cmd.exe /c c:\program files (x86)\microsoft c:\users\public\appdata\local\temp\roaming\programdata\services windowspowershell\v1.0\powershell.exe http://www. https://.com/ .com .net .org .html .dll .exe" explorer.exe svchost.exe mozilla/5.0 (windows nt 10.0; win64; x64) applewebkit/537.36 chrome/120.0 safari/537.36 /usr/bin/ /usr/sbin/ /bin/sh -c /etc/ /var/log/ the user name account event process security example command admin server`

func newFinder(words []literal) *finder {
	f := &finder{words: words, long: newGrams(len(words), 32)}
	for id, l := range words {
		switch piece := fold(l.word); {
		case len(l.word) >= 4:
			at := rarest(l.word)
			f.long.add(fold(l.word[at:at+4]), id, at+4)
		case l.word[0] >= utf8.RuneSelf:
			f.wide.addShort(l, id)
		case len(l.word) == 3 && l.back:
			besides(false, func(c uint32) { f.long.add(piece|c<<24, id, 4) })
		case len(l.word) == 3 && l.front:
			besides(true, func(c uint32) { f.long.add(piece<<8|c, id, 3) })
		default:
			f.short.addShort(l, id)
		}
	}
	return f
}

// besides calls yield with each folded letter that may stand beside a word that has a boundary there.
func besides(front bool, yield func(c uint32)) {
	var done [256]bool
	for c := range 256 {
		if folded := c | 0x20; (c == ' ' || !inWord(byte(c), front)) && !done[folded] {
			done[folded] = true
			yield(uint32(folded))
		}
	}
}

func newGrams(words, room int) grams {
	n := 64
	for n < words {
		n *= 2
	}
	return grams{bits: make([]uint64, n*room/64), shift: uint8(32 - bits.TrailingZeros(uint(n*room))), heads: make([]uint16, n)}
}

// head is where the marks of a piece begin.
func (g *grams) head(piece uint32) *uint16 { return &g.heads[int(piece*spread>>g.shift)%len(g.heads)] }

func (g *grams) set(piece uint32) {
	p := piece * spread >> g.shift
	g.bits[p>>6] |= 1 << (p & 63)
}

// add notices a word by a piece and finds it under the same.
func (g *grams) add(piece uint32, id, at int) {
	g.set(piece)
	g.chain(piece, id, at)
}

// addShort notices a word of two or three letters.
func (g *grams) addShort(l literal, id int) {
	if g.bits == nil {
		*g = newGrams(64, 512)
	}
	piece := fold(l.word)
	if len(l.word) == 3 {
		g.add(piece, id, 3)
		return
	}
	g.chain(piece, id, 2)
	for c := range 256 {
		if !l.back || c == ' ' || !inWord(byte(c), false) {
			g.set(piece | uint32(c|0x20)<<16)
		}
	}
}

// chain finds a word under a key.
func (g *grams) chain(key uint32, id, at int) {
	head := g.head(key)
	g.marks = append(g.marks, mark{key, uint16(id), uint8(at), *head})
	*head = uint16(len(g.marks))
}

func (g *grams) may(piece uint32) bool {
	p := piece * spread >> g.shift
	return g.bits[p>>6]&(1<<(p&63)) != 0
}

func fold(s string) (piece uint32) {
	for i := range len(s) {
		piece |= uint32(s[i]|0x20) << (8 * i)
	}
	return piece
}

// rarest is where in a word four letters stand that ordinary texts do not hold, or its beginning.
func rarest(word string) int {
	for i := 0; i+4 <= min(len(word), 250); i++ {
		if !strings.Contains(ordinary, word[i:i+4]) {
			return i
		}
	}
	return 0
}

// each calls yield with every literal found and the index behind it, in no order that means anything.
func (f *finder) each(text string, yield func(id, end int)) {
	if f.short.bits != nil {
		f.eachToo(text, yield)
		return
	}
	w, all := blanks, byte(0)
	bits, shift := f.long.bits, f.long.shift&31
	for i := range len(text) {
		c := text[i]
		all |= c
		w = w>>8 | uint32(c|0x20)<<24
		if p := w * spread >> (shift & 31); bits[p>>6]>>(p&63)&1 != 0 { // may, spelled out: this is where the time goes
			f.compare(&f.long, w, text, i+1, yield)
		}
	}
	if w = w>>8 | ' '<<24; f.long.may(w) {
		f.compare(&f.long, w, text, len(text)+1, yield)
	}
	if f.wide.bits != nil && all >= utf8.RuneSelf {
		f.eachShort(&f.wide, text, yield)
	}
}

// eachToo is each for tables that have words of two or three letters: both kinds are looked for in one pass.
func (f *finder) eachToo(text string, yield func(id, end int)) {
	w, all := blanks, byte(0)
	long, short, shift, shift2 := f.long.bits, f.short.bits, f.long.shift&31, f.short.shift&31
	for i := range len(text) {
		c := text[i]
		all |= c
		w = w>>8 | uint32(c|0x20)<<24
		if p := w * spread >> (shift & 31); long[p>>6]>>(p&63)&1 != 0 {
			f.compare(&f.long, w, text, i+1, yield)
		}
		if p := w >> 8 * spread >> (shift2 & 31); short[p>>6]>>(p&63)&1 != 0 {
			f.compareShort(&f.short, w, text, i+1, yield)
		}
	}
	if w = w>>8 | ' '<<24; f.long.may(w) {
		f.compare(&f.long, w, text, len(text)+1, yield)
	}
	if f.short.may(w >> 8) {
		f.compareShort(&f.short, w, text, len(text)+1, yield)
	}
	if f.wide.bits != nil && all >= utf8.RuneSelf {
		f.eachShort(&f.wide, text, yield)
	}
}

func (f *finder) eachShort(g *grams, text string, yield func(id, end int)) {
	w := blanks
	for i := range len(text) + 1 {
		c := byte(' ')
		if i < len(text) {
			c = text[i]
		}
		if w = w>>8 | uint32(c|0x20)<<24; g.may(w >> 8) {
			f.compareShort(g, w, text, i+1, yield)
		}
	}
}

// compareShort looks for the words of three letters that end at end, and for those of two that end before it.
func (f *finder) compareShort(g *grams, w uint32, text string, end int, yield func(id, end int)) {
	f.compare(g, w>>8, text, end, yield)
	f.compare(g, w>>8&0xffff, text, end-1, yield)
}

// compare looks for the words of a piece that ends at end.
func (f *finder) compare(g *grams, piece uint32, text string, end int, yield func(id, end int)) {
	for m := *g.head(piece); m != 0; m = g.marks[m-1].next {
		k := &g.marks[m-1]
		if k.piece != piece {
			continue
		}
		l, from := &f.words[k.word], end-int(k.at)
		to := from + len(l.word)
		if from >= 0 && to <= len(text) && sameFolded(text[from:to], l.word) && stands(l, text, to) {
			yield(int(k.word), to)
		}
	}
}

// sameFolded compares a text with a word in lower case of its length.
func sameFolded(text, word string) bool {
	for i := range len(word) {
		if lowerASCII(text[i]) != word[i] {
			return false
		}
	}
	return true
}

// any tells whether one of the literals occurs.
func (f *finder) any(text string) (found bool) {
	f.each(text, func(int, int) { found = true })
	return found
}

// stands tells whether the literal that ends there keeps to its word boundaries.
func stands[T string | []byte](l *literal, text T, end int) bool {
	start := end - len(l.word)
	return (!l.front || start == 0 || !inWord(text[start-1], true)) && (!l.back || end == len(text) || !inWord(text[end], false))
}
