package render

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/term"
)

// RawAlert is an alert as it was received, to be looked at.
type RawAlert struct {
	ID, Input string
	Received  []byte // nil when the bytes are not kept
	View      []byte // the JSON in which paths resolve, nil when it could not be made again
}

// RawLine is one line of an alert: of its JSON, written out, or of its text.
type RawLine struct {
	Path string // of the value that stands or begins here, empty in a text
	Text string // clean
	Last int    // the last line of the value that begins here
}

// maxLines bounds the lines of one alert. A line behind them says that there are more.
const maxLines = 20_000

func cutLine(at int) RawLine {
	return RawLine{Text: "the alert goes on: only its first " + strconv.Itoa(maxLines) + " lines are shown", Last: at}
}

// Lines writes the alert out. asReceived leaves the bytes in the order they came; else it is the JSON in which paths resolve.
func (r *RawAlert) Lines(asReceived bool) []RawLine {
	switch {
	case asReceived || r.View == nil && !gjson.ValidBytes(r.Received):
		return textLines(r.Received)
	case r.View != nil:
		return jsonLines(r.View)
	}
	return jsonLines(r.Received)
}

func textLines(text []byte) (list []RawLine) {
	if text == nil {
		return []RawLine{{Text: "the casebook does not keep the bytes of this alert"}}
	}
	for line := range bytes.Lines(text) {
		if len(list) == maxLines {
			return append(list, cutLine(len(list)))
		}
		list = append(list, RawLine{Text: term.Clean(strings.TrimRight(string(line), "\r\n")), Last: len(list)})
	}
	return list
}

func jsonLines(doc []byte) []RawLine {
	w := writer{}
	w.value(gjson.ParseBytes(doc), "", "", 0, "")
	if w.cut {
		return append(w.list, cutLine(len(w.list)))
	}
	return w.list
}

type writer struct {
	list []RawLine
	cut  bool // something found no room
}

func (w *writer) line(path, text string) int {
	w.list = append(w.list, RawLine{Path: path, Text: text, Last: len(w.list)})
	return len(w.list) - 1
}

// value writes a value behind its key, and a comma behind it where one belongs.
func (w *writer) value(v gjson.Result, path, key string, depth int, comma string) {
	if len(w.list) >= maxLines {
		w.cut = true
		return
	}
	indent := strings.Repeat("  ", depth) + key
	if !v.IsObject() && !v.IsArray() {
		w.line(path, indent+term.Clean(v.Raw)+comma)
		return
	}
	open, shut := "{", "}"
	if v.IsArray() {
		open, shut = "[", "]"
	}
	at := w.line(path, indent+open)
	n, count := 0, 0
	v.ForEach(func(gjson.Result, gjson.Result) bool { count++; return true })
	v.ForEach(func(k, one gjson.Result) bool {
		name, label := strconv.Itoa(n), ""
		if v.IsObject() {
			name, label = k.String(), term.Clean(k.Raw)+": "
		}
		n++
		after := ","
		if n == count {
			after = ""
		}
		w.value(one, under(path, name), label, depth+1, after)
		return !w.cut
	})
	w.line(path, strings.Repeat("  ", depth)+shut+comma)
	w.list[at].Last = len(w.list) - 1
}

func under(path, name string) string {
	p := string(alert.NewPath(name))
	if path == "" {
		return p
	}
	return path + "." + p
}

// Find is the line on which the value at a path begins, or the closest value around it: a path may lead on into a text. It is -1
// when there is nothing of it.
func Find(list []RawLine, path string) int {
	best, length := -1, 0
	for i := range list {
		p := list[i].Path
		if p == "" || len(p) <= length {
			continue
		}
		if p == path || strings.HasPrefix(path, p+".") {
			best, length = i, len(p)
		}
	}
	return best
}

// RawHead is the line over an alert: what is lit in it, and where it came from.
func RawHead(r *RawAlert, path string, asReceived, found bool) Line {
	form := "as JSON, in which paths resolve"
	if asReceived {
		form = "as received"
	}
	l := Line{Pieces: []Piece{{Strong, "alert " + keep(r.ID)}}}
	switch {
	case path == "":
	case found && !asReceived:
		l.Pieces = append(l.Pieces, Piece{Plain, "  lit: " + keep(path)})
	default:
		l.Pieces = append(l.Pieces, Piece{Warn, "  not here: " + keep(path)})
	}
	l.Pieces = append(l.Pieces, Piece{Faint, "  " + form + ", " + keep(r.Input)})
	return l
}
