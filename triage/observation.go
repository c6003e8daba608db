package triage

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"unsafe"

	"github.com/seed-959697dd/soc/alert"
)

// Observation is what stays of an alert once its checks have run: what grouping, context and the verdict need.
type Observation struct {
	ID       string
	Subject  alert.Ref // the rule that fired: what signals about the group as a whole point at
	Signals  []Signal
	Rule     string // format and detection, the key of sightings
	Host     string // what the alert is about, lower-cased
	Severity alert.Severity
	Critical bool
	Allow    *Allowance
	Gaps     []alert.Gap
	Document []byte // the alert as a document
	Raw      []byte // as received, when someone will keep it
}

// defaultPrincipal tells two alerts of one rule apart when the format names nothing else.
var defaultPrincipal = [...]alert.Slot{
	alert.EntitySlot(alert.Target, alert.Host), alert.EntitySlot(alert.Actor, alert.User),
	alert.EntitySlot(alert.Source, alert.IP), alert.EntitySlot(alert.Target, alert.IP),
}

// Fingerprint is what the alerts of one group have in common: format, rule and principal entities, 128 bits of SHA-256.
type Fingerprint [16]byte

// FingerprintOf computes an alert's fingerprint. buf is scratch memory and is returned for the next call.
func FingerprintOf(a *alert.Alert, buf []byte) (Fingerprint, []byte) {
	buf = append(buf[:0], a.Format...)
	buf = append(append(buf, 0), ruleKey(a)...)
	slots := a.Principal
	if len(slots) == 0 {
		slots = defaultPrincipal[:]
	}
	for _, s := range slots {
		buf = append(buf, 0)
		for f := range a.Each(s) {
			buf = append(lower(buf, f.Value), 1)
			break
		}
	}
	sum := sha256.Sum256(buf)
	return Fingerprint(sum[:16]), buf
}

func lower(b []byte, s string) []byte {
	for i := range len(s) {
		c := s[i]
		if c-'A' <= 25 {
			c |= 0x20
		}
		b = append(b, c)
	}
	return b
}

// ruleKey names the detection: its id, else its name, else the title.
func ruleKey(a *alert.Alert) string {
	switch {
	case a.Rule.ID != "":
		return a.Rule.ID
	case a.Rule.Name != "":
		return a.Rule.Name
	}
	return a.Title
}

// hostKey names the thing an alert is about, for context: its host, else an address, else the user.
func hostKey(a *alert.Alert) string {
	for _, s := range [...]alert.Slot{
		alert.EntitySlot(alert.Target, alert.Host), alert.EntitySlot(alert.Source, alert.Host), alert.EntitySlot(alert.Related, alert.Host),
		alert.EntitySlot(alert.Target, alert.IP), alert.EntitySlot(alert.Source, alert.IP), alert.EntitySlot(alert.Actor, alert.User), alert.EntitySlot(alert.Target, alert.User),
	} {
		if f := a.First(s); f != nil {
			return f.Value
		}
	}
	return ""
}

// hash32 is FNV-1a folded to 32 bits: a key for context, where a collision costs a wrong hint at worst.
func hash32(s string) uint32 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return uint32(h>>32) ^ uint32(h)
}

func hash64(s string) uint64 {
	sum := sha256.Sum256(unsafe.Slice(unsafe.StringData(s), len(s)))
	return binary.BigEndian.Uint64(sum[:])
}

// entryOf is the record by which the grouper knows an observation: fingerprint, time, digest and place are its keys.
func entryOf(a *alert.Alert, o *Observation, fp Fingerprint, off int64, size int) (r record) {
	copy(r[:16], fp[:])
	var at int64
	if !a.Time.IsZero() {
		at = a.Time.UnixNano()
	}
	putTime(r[16:], at)
	copy(r[24:32], a.Digest[:8])
	binary.BigEndian.PutUint64(r[32:], uint64(off))
	binary.BigEndian.PutUint32(r[40:], uint32(size))
	binary.BigEndian.PutUint32(r[44:], hash32(o.Rule))
	binary.BigEndian.PutUint32(r[48:], hash32(o.Host))
	binary.BigEndian.PutUint32(r[52:], uint32(total(o.Signals)))
	return r
}

func putTime(b []byte, ns int64) { binary.BigEndian.PutUint64(b, uint64(ns)^1<<63) }
func getTime(b []byte) int64     { return int64(binary.BigEndian.Uint64(b) ^ 1<<63) }

func (r *record) time() int64      { return getTime(r[16:]) }
func (r *record) offset() int64    { return int64(binary.BigEndian.Uint64(r[32:])) }
func (r *record) size() int        { return int(binary.BigEndian.Uint32(r[40:])) }
func (r *record) rule() uint32     { return binary.BigEndian.Uint32(r[44:]) }
func (r *record) host() uint32     { return binary.BigEndian.Uint32(r[48:]) }
func (r *record) evidence() Weight { return Weight(binary.BigEndian.Uint32(r[52:])) }

// append encodes the observation for the spill file.
func (o *Observation) append(b []byte) []byte {
	b = appendText(appendText(appendText(b, o.ID), string(o.Subject.Path)), o.Subject.Value)
	b = appendText(appendText(b, o.Rule), o.Host)
	b = binary.AppendVarint(b, int64(o.Severity.Score))
	b = appendText(b, o.Severity.Vendor)
	flags := byte(0)
	if o.Critical {
		flags |= 1
	}
	if o.Allow != nil {
		flags |= 2
	}
	b = append(b, flags)
	if o.Allow != nil {
		signed := "no"
		if o.Allow.Signed {
			signed = "yes"
		}
		b = appendText(appendText(appendText(appendText(b, o.Allow.Rule), signed), o.Allow.By), o.Allow.Until)
	}
	b = binary.AppendUvarint(b, uint64(len(o.Gaps)))
	for _, g := range o.Gaps {
		b = appendText(appendText(appendText(b, g.Check), string(g.Class)), g.Reason)
	}
	b = binary.AppendUvarint(b, uint64(len(o.Signals)))
	for i := range o.Signals {
		b = o.Signals[i].append(b)
	}
	b = appendText(b, text(o.Document))
	return appendText(b, text(o.Raw))
}

func (s *Signal) append(b []byte) []byte {
	b = appendText(appendText(b, s.Check), string(s.Family))
	hard := byte(0)
	if s.Hard {
		hard = 1
	}
	b = append(b, byte(s.Trust), hard)
	b = binary.AppendVarint(b, int64(s.Weight))
	b = appendText(b, s.Sentence)
	b = binary.AppendUvarint(b, uint64(len(s.Receipts)))
	for _, r := range s.Receipts {
		b = appendText(appendText(b, string(r.Path)), r.Value)
	}
	return b
}

var errSpill = errors.New("the temporary file does not hold what was written to it")

// arena is memory for the lists of decoded observations, used again from job to job.
type arena struct {
	signals []Signal
	refs    []alert.Ref
}

func (a *arena) reset() { a.signals, a.refs = a.signals[:0], a.refs[:0] }

// take cuts n elements off an arena's list. When the list has to grow, what was cut off before stays where it is.
func take[T any](list *[]T, n int) []T {
	if cap(*list)-len(*list) < n {
		*list = make([]T, 0, max(2*cap(*list), n, 256))
	}
	at := len(*list)
	*list = (*list)[:at+n]
	return (*list)[at : at+n : at+n]
}

// decode reads an observation back. Its strings are views into b, its lists lie in the arena.
func (o *Observation) decode(b []byte, mem *arena) error {
	d := decoder{b: b, mem: mem}
	o.ID = d.text()
	o.Subject = alert.Ref{Path: alert.Path(d.text()), Value: d.text()}
	o.Rule, o.Host = d.text(), d.text()
	o.Severity = alert.Severity{Score: int(d.varint()), Vendor: d.text()}
	flags := d.byte()
	o.Critical = flags&1 != 0
	o.Allow = nil
	if flags&2 != 0 {
		o.Allow = &Allowance{Rule: d.text(), Signed: d.text() == "yes", By: d.text(), Until: d.text()}
	}
	o.Gaps = nil
	for range d.count() {
		o.Gaps = append(o.Gaps, alert.Gap{Check: d.text(), Class: alert.GapClass(d.text()), Reason: d.text()})
	}
	n := d.count()
	o.Signals = take(&mem.signals, int(n))
	for i := range o.Signals {
		o.Signals[i] = d.signal()
	}
	o.Document = d.bytes()
	o.Raw = d.bytes()
	if d.bad {
		return errSpill
	}
	return nil
}

type decoder struct {
	b   []byte
	i   int
	mem *arena
	bad bool
}

func (d *decoder) signal() Signal {
	s := Signal{Check: d.text(), Family: Family(d.text()), Trust: alert.Trust(d.byte()), Hard: d.byte() == 1, Weight: Weight(d.varint()), Sentence: d.text()}
	if n := d.count(); n > 0 {
		s.Receipts = take(&d.mem.refs, int(n))
		for i := range s.Receipts {
			s.Receipts[i] = alert.Ref{Path: alert.Path(d.text()), Value: d.text()}
		}
	}
	return s
}

func (d *decoder) byte() byte {
	if d.i >= len(d.b) {
		d.bad = true
		return 0
	}
	d.i++
	return d.b[d.i-1]
}

func (d *decoder) varint() int64 {
	v, n := binary.Varint(d.b[d.i:])
	if n <= 0 {
		d.bad = true
		return 0
	}
	d.i += n
	return v
}

func (d *decoder) count() uint64 {
	v, n := binary.Uvarint(d.b[d.i:])
	if n <= 0 || v > uint64(len(d.b)) {
		d.bad = true
		return 0
	}
	d.i += n
	return v
}

func (d *decoder) text() string { return text(d.bytes()) }

func (d *decoder) bytes() []byte {
	n := int(d.count())
	if n > len(d.b)-d.i {
		d.bad = true
		return nil
	}
	d.i += n
	return d.b[d.i-n : d.i]
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// text is b as a string without a copy; b is never written again.
func text(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
