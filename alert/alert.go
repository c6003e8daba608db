// Package alert reads what detection products send and gives it one shape, without judging it.
//
// An Alert keeps the bytes as received and, beside them, the values that were found in them: each Field knows what it
// means (Slot), where it stands (Path) and who could have chosen its text (Trust). How a product is recognised and
// which path fills which slot is data: one YAML file per product in formats/. Start with Parser.Parse, Alert and Path.
//
// The package does not fetch, group, enrich or score; it opens no connection and keeps no state between alerts.
package alert

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"
)

// Place is where a record stands in its input. Line counts from 1; Offset is the byte, from 0, of the record's start in
// the decompressed input. What a system handed over counts from 1 too, and has no offset.
type Place struct {
	Name   string `json:"name"`
	Line   int64  `json:"line"`
	Offset int64  `json:"offset"`
	Item   string `json:"item,omitempty"` // what a system calls it: Pulled.Item
}

// Digest is the SHA-256 of a record's bytes as received. It is taken once, when the record is parsed.
type Digest [sha256.Size]byte

// DigestOf is the digest of a record's bytes; what ends its line does not count.
func DigestOf(raw []byte) Digest { return sha256.Sum256(bytes.TrimRight(raw, " \t\r\n")) }

func (d Digest) String() string { return "sha256:" + hex.EncodeToString(d[:]) }

// Rule names the detection that fired.
type Rule struct {
	ID   string
	Name string
}

// Severity is the vendor's own rating.
type Severity struct {
	Score  int    // 0..100, -1 when the vendor gave none that is known
	Vendor string // the vendor's word or number as written
}

// Field is one value found in an alert. Value is cleaned for comparison (a doubled backslash is one, an address is in
// its canonical form); Ref.Holds knows how.
type Field struct {
	Slot  Slot
	Trust Trust
	Path  Path
	Value string
}

// GapClass says why something is missing.
type GapClass string

// The classes of a gap. Strict runs count the last two.
const (
	Unconfigured GapClass = "unconfigured"
	Failed       GapClass = "failed"
	Partial      GapClass = "partial"
)

// Gap is something that could not be found out. It is never an all-clear.
type Gap struct {
	Check  string   `json:"check,omitempty"`
	Source string   `json:"source,omitempty"`
	Class  GapClass `json:"class"`
	Reason string   `json:"reason"`
}

// Alert is one record of one product. Its strings are views into Raw and View: nobody may write to those.
// The zero value holds nothing and is not valid.
type Alert struct {
	ID         string // the vendor's own, else the digest
	Input      Place
	Format     string
	Vendor     string
	Product    string
	Digest     Digest
	Rule       Rule
	Title      string
	Time       time.Time // zero when the record has none
	Action     Action
	Severity   Severity
	Techniques []string // ATT&CK ids, in order of appearance
	Fields     []Field  // in order of appearance; at most MaxFields
	Ambiguous  []string // why two readers could see two alerts here
	Gaps       []Gap
	Principal  []Slot // the slots whose entities tell two alerts of one rule apart
	Raw        []byte // as received
	View       []byte // the JSON that paths resolve in; Raw itself for JSON

	slots   slotSet // of the first slotted fields
	slotted int
}

// lacks tells at once that no field is of the slots. It does not know when Fields were set from outside.
func (a *Alert) lacks(s *slotSet) bool {
	return a.slotted == len(a.Fields) && a.slots[0]&s[0]|a.slots[1]&s[1]|a.slots[2]&s[2]|a.slots[3]&s[3] == 0
}

func (a *Alert) lacksSlot(s Slot) bool { return a.slotted == len(a.Fields) && !a.slots.has(s) }

// Clone returns a copy that shares no list with a; its strings still are views into Raw and View, which nobody writes.
func (a *Alert) Clone() *Alert {
	c := *a
	c.Fields, c.Techniques = slices.Clone(a.Fields), slices.Clone(a.Techniques)
	c.Ambiguous, c.Gaps = slices.Clone(a.Ambiguous), slices.Clone(a.Gaps)
	return &c
}

// MaxFields bounds the fields of one alert; more is a gap of the alert.
const MaxFields = 256

// First returns the first field of the slot, nil when there is none. The field is the alert's: do not write to it.
func (a *Alert) First(s Slot) *Field {
	if a.lacksSlot(s) {
		return nil
	}
	for i := range a.Fields {
		if a.Fields[i].Slot == s {
			return &a.Fields[i]
		}
	}
	return nil
}

// Text returns the first value of the slot, or nothing.
func (a *Alert) Text(s Slot) string {
	if f := a.First(s); f != nil {
		return f.Value
	}
	return ""
}

// Each calls yield for every field of the slot until it returns false.
func (a *Alert) Each(s Slot) func(yield func(*Field) bool) {
	return func(yield func(*Field) bool) {
		if a.lacksSlot(s) {
			return
		}
		for i := range a.Fields {
			if a.Fields[i].Slot == s && !yield(&a.Fields[i]) {
				return
			}
		}
	}
}

// Entities calls yield for every field that is an entity of type t, or of any type when t is NoEntity.
func (a *Alert) Entities(t EntityType) func(yield func(*Field) bool) {
	return func(yield func(*Field) bool) {
		if a.lacks(&slotsOf[min(t, entityTypes)]) {
			return
		}
		for i := range a.Fields {
			if _, et := a.Fields[i].Slot.Entity(); et != NoEntity && (t == NoEntity || et == t) && !yield(&a.Fields[i]) {
				return
			}
		}
	}
}

// Lookup returns the text at a path of the alert's view.
func (a *Alert) Lookup(p Path) (string, bool) { return p.In(a.View) }
