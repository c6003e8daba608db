package triage

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"unsafe"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/wire"
)

// Observation is what stays of an alert once its checks have run: what grouping, context and the verdict need.
type Observation struct {
	ID       string
	Subject  alert.Ref // the rule that fired: what signals about the group as a whole point at
	Signals  []Signal
	Set      []Suppressed // signals that something set aside
	Traits   []Trait      // what may be the first of its kind
	Rule     string       // format and detection, the key of sightings
	Host     string       // what the alert is about, lower-cased
	Severity alert.Severity
	Times    int         // how many events the product had counted together, at least 1
	Named    alert.Trust // of the field that names the detection
	Account  string      // cloud account or tenant, where the product itself names it
	Critical bool
	Allow    *Allowance
	Gaps     []alert.Gap
	Packed   []byte // the alert, packed: see Alert
	Raw      []byte // as received, when someone will keep it
	View     []byte // the JSON that paths resolve in, when someone will read it
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

// hostKey names the thing an alert is about, for context: its host, else the address of this estate in it, else any address, else the user.
func hostKey(a *alert.Alert) string {
	for _, s := range [...]alert.Slot{
		alert.EntitySlot(alert.Target, alert.Host), alert.EntitySlot(alert.Source, alert.Host), alert.EntitySlot(alert.Related, alert.Host),
	} {
		if f := a.First(s); f != nil {
			return f.Value
		}
	}
	from, to := a.First(alert.EntitySlot(alert.Source, alert.IP)), a.First(alert.EntitySlot(alert.Target, alert.IP))
	switch {
	case to != nil && (from == nil || private(to.Value) || !private(from.Value)):
		return to.Value
	case from != nil:
		return from.Value
	}
	for _, s := range [...]alert.Slot{alert.EntitySlot(alert.Actor, alert.User), alert.EntitySlot(alert.Target, alert.User)} {
		if f := a.First(s); f != nil {
			return f.Value
		}
	}
	return ""
}

// private tells an address that belongs to somebody's own network.
func private(v string) bool {
	a, err := netip.ParseAddr(v)
	return err == nil && (a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast())
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
	b = slices.Grow(b, len(o.Subject.Value)+len(o.Rule)+len(o.Packed)+len(o.Raw)+len(o.View)+512) // at once: each may be megabytes long
	b = wire.AppendText(wire.AppendText(wire.AppendText(b, o.ID), string(o.Subject.Path)), o.Subject.Value)
	b = wire.AppendText(wire.AppendText(wire.AppendText(b, o.Rule), o.Host), o.Account)
	b = binary.AppendVarint(b, int64(o.Severity.Score))
	b = wire.AppendText(b, o.Severity.Vendor)
	b = append(binary.AppendVarint(b, int64(max(o.Times, 1))), byte(o.Named))
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
		b = wire.AppendText(wire.AppendText(wire.AppendText(wire.AppendText(b, o.Allow.Rule), signed), o.Allow.By), o.Allow.Until)
	}
	b = binary.AppendUvarint(b, uint64(len(o.Gaps)))
	for _, g := range o.Gaps {
		b = wire.AppendText(wire.AppendText(wire.AppendText(b, g.Check), string(g.Class)), g.Reason)
	}
	b = binary.AppendUvarint(b, uint64(len(o.Signals)))
	for i := range o.Signals {
		b = o.Signals[i].append(b)
	}
	b = binary.AppendUvarint(b, uint64(len(o.Set)))
	for _, s := range o.Set {
		b = wire.AppendText(wire.AppendText(wire.AppendText(b, s.Check), s.Sentence), s.By)
	}
	b = append(b, byte(len(o.Traits)))
	for i := range o.Traits {
		t := &o.Traits[i]
		b = wire.AppendText(wire.AppendText(wire.AppendText(append(b, byte(t.Trust)), string(t.Kind)), t.Subject), t.Value)
		b = wire.AppendText(wire.AppendText(b, string(t.Ref.Path)), t.Ref.Value)
	}
	b = wire.AppendText(b, text(o.Packed))
	return wire.AppendText(wire.AppendText(b, text(o.Raw)), text(o.View))
}

func (s *Signal) append(b []byte) []byte {
	b = wire.AppendText(wire.AppendText(b, s.Check), string(s.Family))
	flags := byte(0)
	if s.Hard {
		flags |= 1
	}
	if slices.ContainsFunc(s.Receipts, func(r alert.Ref) bool { return r.Source != "" }) {
		flags |= 2
	}
	b = append(b, byte(s.Trust), flags)
	b = binary.AppendVarint(b, int64(s.Weight))
	b = wire.AppendText(b, s.Sentence)
	b = binary.AppendUvarint(b, uint64(len(s.Receipts)))
	for _, r := range s.Receipts {
		b = wire.AppendText(wire.AppendText(b, string(r.Path)), r.Value)
		if flags&2 != 0 {
			b = wire.AppendText(b, r.Source)
		}
	}
	return b
}

var errSpill = errors.New("the temporary file does not hold what was written to it")

// arena is memory for the lists of decoded observations, used again from job to job.
type arena struct {
	signals []Signal
	refs    []alert.Ref
	traits  []Trait
}

func (a *arena) reset() { a.signals, a.refs, a.traits = a.signals[:0], a.refs[:0], a.traits[:0] }

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
	d := decoder{wire.NewReader(b), mem}
	o.ID = d.Text()
	o.Subject = alert.Ref{Path: alert.Path(d.Text()), Value: d.Text()}
	o.Rule, o.Host, o.Account = d.Text(), d.Text(), d.Text()
	o.Severity = alert.Severity{Score: int(d.Varint()), Vendor: d.Text()}
	o.Times, o.Named = int(d.Varint()), alert.Trust(d.Byte())
	flags := d.Byte()
	o.Critical = flags&1 != 0
	o.Allow = nil
	if flags&2 != 0 {
		o.Allow = &Allowance{Rule: d.Text(), Signed: d.Text() == "yes", By: d.Text(), Until: d.Text()}
	}
	o.Gaps = nil
	for range d.Count() {
		o.Gaps = append(o.Gaps, alert.Gap{Check: d.Text(), Class: alert.GapClass(d.Text()), Reason: d.Text()})
	}
	n := d.Count()
	o.Signals = take(&mem.signals, n)
	for i := range o.Signals {
		o.Signals[i] = d.signal()
	}
	o.Set = nil
	for range d.Count() {
		o.Set = append(o.Set, Suppressed{Check: d.Text(), Sentence: d.Text(), By: d.Text()})
	}
	o.Traits = take(&mem.traits, min(int(d.Byte()), maxTraits))
	for i := range o.Traits {
		o.Traits[i] = Trait{Trust: alert.Trust(d.Byte()), Kind: Kind(d.Text()), Subject: d.Text(), Value: d.Text(), Ref: alert.Ref{Path: alert.Path(d.Text()), Value: d.Text()}}
	}
	o.Packed = d.Bytes()
	o.Raw = d.Bytes()
	o.View = d.Bytes()
	if d.Bad {
		return errSpill
	}
	return nil
}

// decoder reads what append wrote.
type decoder struct {
	wire.Reader
	mem *arena
}

func (d *decoder) signal() Signal {
	s := Signal{Check: d.Text(), Family: Family(d.Text()), Trust: alert.Trust(d.Byte())}
	flags := d.Byte()
	s.Hard, s.Weight, s.Sentence = flags&1 != 0, Weight(d.Varint()), d.Text()
	if n := d.Count(); n > 0 {
		s.Receipts = take(&d.mem.refs, n)
		for i := range s.Receipts {
			s.Receipts[i] = alert.Ref{Path: alert.Path(d.Text()), Value: d.Text()}
			if flags&2 != 0 {
				s.Receipts[i].Source = d.Text()
			}
		}
	}
	return s
}

// Alert reads the alert back, without its raw bytes and its view. It uses the memory of a's lists.
func (o *Observation) Alert(a *alert.Alert) error {
	if err := a.Unpack(o.Packed); err != nil {
		return fmt.Errorf("reading alert %s: %w", o.ID, err)
	}
	return nil
}

// text is b as a string without a copy; b is never written again.
func text(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
