package prompt

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/wire"
)

// An alert is shown as its values, each with its path and what it means. Whole values are left out, the least telling first, until
// the rest fits; a value that is too long itself is shown by its beginning and end, each a string of its own.

// row is one value of an alert.
type row struct {
	field alert.Field // of the slot that knows the path, or of none
	rank  int
}

// Left says what of an alert a model was not shown. The zero value is that it saw all.
type Left struct {
	Values int `json:"values,omitempty"` // left out
	Bytes  int `json:"bytes,omitempty"`  // cut from the middle of long ones
}

// Sentence says it for people; nothing when nothing was left out.
func (l Left) Sentence() string {
	switch {
	case l.Values > 0 && l.Bytes > 0:
		return fmt.Sprintf("the model was not shown %d values of the alert nor %d bytes of its long ones", l.Values, l.Bytes)
	case l.Values > 0:
		return fmt.Sprintf("the model was not shown %d values of the alert", l.Values)
	case l.Bytes > 0:
		return fmt.Sprintf("the model was not shown %d bytes of the alert's long values", l.Bytes)
	}
	return ""
}

// Bounds of what is shown of one value, and of what is read to redact it, in bytes.
const (
	maxValue  = 1 << 10
	maxScript = 3 << 10 // of command lines and scripts
	maxRead   = 64 << 10
	edge      = 1 << 10 // where a longer value was cut before it was redacted, so much is not shown
)

// rows are the values of an alert that fit into so many bytes, the most telling first.
func rows(a *alert.Alert, budget int) ([]row, Left) {
	w := walker{slots: map[alert.Path]*alert.Field{}, met: map[alert.Path]bool{}, room: 4 * budget}
	for i := range a.Fields {
		f := &a.Fields[i]
		if w.slots[f.Path] == nil {
			w.slots[f.Path] = f
		}
	}
	w.walk("", gjson.ParseBytes(a.View))
	for i := range a.Fields { // what stands in a document within a string
		if f := &a.Fields[i]; w.slots[f.Path] == f {
			w.add(*f)
		}
	}
	slices.SortStableFunc(w.rows, func(x, y row) int { return cmp.Compare(x.rank, y.rank) })
	kept := w.rows[:0]
	left := Left{Values: w.dropped}
	for _, r := range w.rows {
		shown := min(len(r.field.Value), limit(r.field.Slot))
		cost := shown + len(r.field.Path) + 24
		if cost > budget {
			left.Values++
			continue
		}
		budget -= cost
		left.Bytes += len(r.field.Value) - shown
		kept = append(kept, r)
	}
	return kept, left
}

// walker collects the values of a view in order of appearance.
type walker struct {
	rows    []row
	slots   map[alert.Path]*alert.Field // not met yet
	met     map[alert.Path]bool         // of two values at one path the first counts, as it does for Path.In
	room    int                         // for values that no slot knows
	dropped int
}

func (w *walker) walk(at string, v gjson.Result) {
	if !v.IsObject() && !v.IsArray() {
		w.leaf(alert.Path(at), v)
		return
	}
	i := 0
	v.ForEach(func(k, child gjson.Result) bool {
		step := k.Str
		if v.IsArray() {
			step = fmt.Sprint(i)
			i++
		}
		path := string(alert.NewPath(step))
		if at != "" {
			path = at + "." + path
		}
		if step != "" {
			w.walk(path, child)
		}
		return true
	})
}

func (w *walker) leaf(p alert.Path, v gjson.Result) {
	if w.met[p] {
		return
	}
	f := alert.Field{Path: p, Value: v.String()}
	if v.Type == gjson.Number {
		f.Value = v.Raw
	}
	if known := w.slots[p]; known != nil {
		f.Slot, f.Trust = known.Slot, known.Trust
		delete(w.slots, p)
		w.add(f)
		return
	}
	if v.Type == gjson.Null || strings.Trim(f.Value, " -") == "" {
		return
	}
	if w.room -= min(len(f.Value), maxValue) + len(p); w.room < 0 {
		w.dropped++
		return
	}
	w.add(f)
}

func (w *walker) add(f alert.Field) {
	w.met[f.Path] = true
	w.rows = append(w.rows, row{f, rank(f.Slot)})
}

// rank orders values by what they tell, lowest first: what happened, who and where, how it ended, what it is called, the rest.
func rank(s alert.Slot) int {
	switch _, typ := s.Entity(); typ {
	case alert.Command:
		return 1
	case alert.Process, alert.File, alert.Registry:
		return 2
	case alert.User, alert.Host, alert.IP, alert.Domain, alert.URL, alert.Mail:
		return 3
	case alert.Hash, alert.Cloud, alert.Port:
		return 5
	case alert.NoEntity:
	}
	switch s {
	case alert.SlotRuleName, alert.SlotTitle, alert.SlotThreat:
		return 0
	case alert.SlotScript:
		return 1
	case alert.SlotDetails, alert.SlotOperation, alert.SlotSubject, alert.SlotMessage:
		return 2
	case alert.SlotAction, alert.SlotResult, alert.SlotTechnique, alert.SlotSeverity, alert.SlotUserAgent, alert.SlotMethod, alert.SlotLogonType:
		return 4
	case alert.NoSlot:
		return 7
	}
	return 6
}

func limit(s alert.Slot) int {
	if rank(s) == 1 {
		return maxScript
	}
	return maxValue
}

// appendRow spells a row: path, meaning, value; a long value as beginning, what is left out, end.
func appendRow(b []byte, path, means, v string, limit int, redact func(string) string) []byte {
	b = wire.String(append(b, '['), path)
	b = wire.String(append(b, ','), means)
	b = append(b, ',')
	head, tail, cut := ends(v, limit, redact)
	b = wire.String(b, head)
	if cut > 0 {
		b = fmt.Appendf(b, `,{"left_out":%d},`, cut)
		b = wire.String(b, tail)
	}
	return append(b, ']')
}

// ends redacts a value and returns it, or its beginning and its end and how many bytes lie between. It is redacted before it is cut: half
// a secret looks like none.
func ends(v string, limit int, redact func(string) string) (head, tail string, cut int) {
	if len(v) <= maxRead {
		if head = redact(v); len(v) <= limit {
			return head, "", 0
		}
		tail = head
	} else {
		head, tail = redact(v[:whole(v, maxRead/2)]), redact(v[begin(v, len(v)-maxRead/2):])
		head = head[:whole(head, max(0, len(head)-edge))]
		tail = tail[begin(tail, min(len(tail), edge)):]
	}
	if len(v) <= maxRead && len(head) <= limit { // what was redacted made it short
		return head, "", 0
	}
	head = head[:wordEnd(head, min(len(head), 3*limit/4))]
	tail = tail[wordStart(tail, max(0, len(tail)-limit/4)):]
	return head, tail, max(1, len(v)-len(head)-len(tail))
}

// wordEnd and wordStart cut between words where there is an end of one nearby: half a name is none.
func wordEnd(s string, i int) int {
	for j := i; j < len(s) && j > 0 && j > i-maxWord; j-- {
		if !inWord(s[j-1]) {
			return j
		}
	}
	return whole(s, i)
}

func wordStart(s string, i int) int {
	for j := i; j > 0 && j < len(s) && j < i+maxWord; j++ {
		if !inWord(s[j-1]) {
			return j
		}
	}
	return begin(s, i)
}

const maxWord = 128

func inWord(c byte) bool {
	return c-'0' <= 9 || c|0x20-'a' <= 25 || c >= 0x80 || c == '.' || c == '-' || c == '_' || c == '@'
}

// whole moves an end back, begin a start forward, so that no character is cut.
func whole(s string, i int) int {
	for i > 0 && i < len(s) && !utf8.RuneStart(s[i]) {
		i--
	}
	return i
}

func begin(s string, i int) int {
	for i < len(s) && !utf8.RuneStart(s[i]) {
		i++
	}
	return i
}
