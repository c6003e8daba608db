package stream

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/Velocidex/ordereddict"
)

// ValueType is the type of a value in a Windows event as it lies on disk, by the numbers of [MS-EVEN6] 2.2.12.
type ValueType uint16

// The types that events have.
const (
	ValueNull    ValueType = 0x00
	ValueString  ValueType = 0x01 // UTF-16
	ValueUint8   ValueType = 0x04
	ValueUint16  ValueType = 0x06
	ValueInt32   ValueType = 0x07
	ValueUint32  ValueType = 0x08
	ValueInt64   ValueType = 0x09
	ValueUint64  ValueType = 0x0a
	ValueFloat   ValueType = 0x0b
	ValueDouble  ValueType = 0x0c
	ValueBool    ValueType = 0x0d
	ValueBinary  ValueType = 0x0e
	ValueGUID    ValueType = 0x0f
	ValueTime    ValueType = 0x11
	ValueSysTime ValueType = 0x12
	ValueSID     ValueType = 0x13
	ValueHex32   ValueType = 0x14
	ValueHex64   ValueType = 0x15
	valueXML     ValueType = 0x21
	ValueStrings ValueType = 0x81
	ValueUint16s ValueType = 0x86
	ValueUint64s ValueType = 0x8a
	ValueHex64s  ValueType = 0x95
)

const (
	mostNested = 8       // an event holds data of one or two levels
	mostValues = 1 << 10 // of one template
)

var fragment = []byte{0x0f, 1, 1, 0}

// EventValues shows the values of the record that begins at a place in its chunk, in their order, until visit returns false. What an event holds in
// an event of its own is shown in its place. It returns whether all were shown; a record may have another shape.
func EventValues(chunk []byte, record int, visit func(t ValueType, value []byte) bool) bool {
	if record < 0 || record+evtxHead > len(chunk) {
		return false
	}
	end := record + int(binary.LittleEndian.Uint32(chunk[record+4:])) - 4
	if end < record+evtxHead || end > len(chunk) {
		return false
	}
	return (&storedEvent{chunk: chunk[:end], at: record + evtxHead}).show(visit, 0)
}

const evtxHead = 24 // bytes of a record before its event

// storedEvent reads on through a chunk. Beyond its end everything is nothing, and bad.
type storedEvent struct {
	chunk []byte
	at    int
	bad   bool
}

func (e *storedEvent) take(n int) []byte {
	if e.bad || n < 0 || n > len(e.chunk)-e.at {
		e.bad = true
		return nil
	}
	e.at += n
	return e.chunk[e.at-n : e.at]
}

func (e *storedEvent) uint(n int) (x uint64) {
	for i, b := range e.take(n) {
		x |= uint64(b) << (8 * i)
	}
	return x
}

// show reads an instance of a template: where the template stands, and the values that fill it.
func (e *storedEvent) show(visit func(ValueType, []byte) bool, depth int) bool {
	if depth > mostNested || e.at > len(e.chunk) {
		return false
	}
	if bytes.HasPrefix(e.chunk[e.at:], fragment) {
		e.take(len(fragment))
	}
	if e.uint(2) != 0x010c {
		return false
	}
	e.take(4)
	if defined := e.uint(4); int(defined) == e.at { // here, and nowhere before
		e.take(4 + 16)
		e.take(int(e.uint(4)))
	}
	n := int(e.uint(4))
	if n > mostValues {
		return false
	}
	list := e.take(4 * n)
	for ; len(list) >= 4; list = list[4:] {
		size, t := int(binary.LittleEndian.Uint16(list)), ValueType(binary.LittleEndian.Uint16(list[2:]))
		at := e.at
		value := e.take(size)
		switch {
		case e.bad:
			return false
		case t != valueXML:
			if !visit(t, value) {
				return false
			}
		case size > 0 && !(&storedEvent{chunk: e.chunk[:at+size], at: at}).show(visit, depth+1):
			return false
		}
	}
	return !e.bad
}

// hexadecimal writes numbers as Windows does where the record calls them hexadecimal: logon sessions, statuses, masks. The
// library makes all of them decimal. A number that stands in the record both ways stays as it is.
func hexadecimal(event any, chunk []byte, record int) {
	var hex32, plain32 []uint32
	var hex64, plain64 []uint64
	EventValues(chunk, record, func(t ValueType, b []byte) bool {
		switch {
		case t == ValueHex32 && len(b) == 4:
			hex32 = append(hex32, binary.LittleEndian.Uint32(b))
		case t == ValueUint32 && len(b) == 4:
			plain32 = append(plain32, binary.LittleEndian.Uint32(b))
		case t == ValueHex64 && len(b) == 8:
			hex64 = append(hex64, binary.LittleEndian.Uint64(b))
		case t == ValueUint64 && len(b) == 8:
			plain64 = append(plain64, binary.LittleEndian.Uint64(b))
		}
		return true
	})
	if len(hex32)+len(hex64) == 0 {
		return
	}
	var walk func(v any) any
	walk = func(v any) any {
		switch v := v.(type) {
		case *ordereddict.Dict:
			for _, k := range v.Keys() {
				if was, ok := v.Get(k); ok {
					switch was.(type) {
					case uint32, uint64, []any:
						v.Update(k, walk(was))
					case *ordereddict.Dict:
						walk(was)
					}
				}
			}
		case []any:
			for i := range v {
				v[i] = walk(v[i])
			}
		case uint32:
			if slices.Contains(hex32, v) && !slices.Contains(plain32, v) {
				return fmt.Sprintf("0x%x", v)
			}
		case uint64:
			if slices.Contains(hex64, v) && !slices.Contains(plain64, v) {
				return fmt.Sprintf("0x%x", v)
			}
		}
		return v
	}
	walk(event)
}
