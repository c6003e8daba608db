package triage

import (
	"encoding/binary"
	"fmt"
	"os"
	"time"

	"github.com/seed-959697dd/soc/alert"
)

// Groups collects the alerts of a finite input and cuts them into groups: alerts of one fingerprint in which no two neighbours
// in time are farther apart than the policy's gap. The grouping is exact whatever the order of the input, and memory
// is bounded: beyond it, alerts and keys lie in unnamed temporary files.
//
// Add is called from one goroutine; Each only after the last Add.
type Groups struct {
	gap     time.Duration
	dir     string
	keys    sorter // by fingerprint, time, digest, place
	starts  sorter // the groups, by first time
	memory  []byte // observations, until they outgrow maxMemory
	file    *os.File
	written int64
	pending []byte
	members *os.File // the sorted keys, when they were merged from files
	rules   spreads
	hours   int // fingerprints times hours in which they fired
	past    memory
	firsts  *firsts
	sealed  bool
	count   int64
}

// Remember tells what the estate saw in earlier runs. Call it before Each.
func (g *Groups) Remember(s Sighting) {
	if s.Kind == OfRule {
		g.past.add(s)
	} else {
		g.firsts.remember(&s)
	}
}

// Bounds of what stays in memory.
const (
	maxMemory = 4 << 20
	maxKeys   = 64 << 10 // 3.5 MiB of keys
)

// NewGroups returns an empty collection. Temporary files go to dir, or to the system's directory when dir is empty.
func NewGroups(gap time.Duration, dir string) *Groups {
	return &Groups{
		gap: gap, dir: dir, firsts: &firsts{},
		keys: sorter{dir: dir, limit: maxKeys}, starts: sorter{dir: dir, limit: maxKeys},
	}
}

// Close removes the temporary files.
func (g *Groups) Close() {
	g.keys.close()
	g.starts.close()
	for _, f := range []*os.File{g.file, g.members} {
		if f != nil {
			_ = f.Close()
		}
	}
}

// Observed is a batch of observations, encoded, ready to be added. Make it in the goroutine that ran the checks.
type Observed struct {
	keys   []record
	data   []byte
	traits []noted
	buf    []byte
}

// Reset empties the batch for reuse.
func (b *Observed) Reset() { b.keys, b.data, b.traits = b.keys[:0], b.data[:0], b.traits[:0] }

// Len is the number of observations in the batch.
func (b *Observed) Len() int { return len(b.keys) }

// Append encodes one alert's observation.
func (b *Observed) Append(a *alert.Alert, o *Observation) {
	var fp Fingerprint
	fp, b.buf = FingerprintOf(a, b.buf)
	start := len(b.data)
	b.data = o.append(b.data)
	r := entryOf(a, o, fp, int64(start), len(b.data)-start)
	b.keys = append(b.keys, r)
	for i := range o.Traits {
		value, subject := o.Traits[i].keys()
		b.traits = append(b.traits, noted{value, subject, r.time()})
	}
}

// Add takes a batch over; the caller may reset and reuse it.
func (g *Groups) Add(b *Observed) error {
	base := g.written + int64(len(g.memory)) + int64(len(g.pending))
	for i := range b.keys {
		k := b.keys[i]
		binary.BigEndian.PutUint64(k[32:], uint64(base+k.offset()))
		if err := g.keys.add(&k); err != nil {
			return err
		}
	}
	for _, n := range b.traits {
		g.firsts.note(n)
	}
	g.count += int64(len(b.keys))
	if g.file == nil {
		if len(g.memory)+len(b.data) <= maxMemory {
			g.memory = append(g.memory, b.data...)
			return nil
		}
		f, err := temporary(g.dir)
		if err != nil {
			return err
		}
		g.file, g.pending, g.memory = f, g.memory, nil
	}
	if len(g.pending) > 0 {
		if err := g.flush(); err != nil {
			return err
		}
	}
	g.pending = b.data
	err := g.flush()
	g.pending = nil
	return err
}

func (g *Groups) flush() error {
	n, err := g.file.Write(g.pending)
	g.written += int64(n)
	g.pending = nil
	if err != nil {
		return fmt.Errorf("spilling alerts: %w", err)
	}
	return nil
}

// Group is one unit of decision, by its keys; the observations of its members are read when it is judged.
type Group struct {
	Fingerprint Fingerprint
	First       time.Time
	Count       int // members, copies included
	Context     Context
	start       start
}

// seal cuts the sorted keys into groups and counts the rules.
func (g *Groups) seal() error {
	if g.sealed {
		return nil
	}
	g.sealed = true
	if g.file != nil {
		if err := g.flush(); err != nil {
			return err
		}
	}
	g.pending = nil
	c := &cutter{g: g}
	if g.keys.file != nil {
		f, err := temporary(g.dir)
		if err != nil {
			return err
		}
		g.members, c.out = f, make([]byte, 0, 1<<16)
		if g.starts.buf, err = g.keys.settle(); err != nil {
			return err
		}
	}
	if err := g.keys.each(c.next); err != nil {
		return err
	}
	return c.end()
}

// cutter walks the keys in order and notes where each group starts.
type cutter struct {
	g     *Groups
	out   []byte
	start record // of the group under way: see putGroup
	last  record
	n     uint32
	ev    Weight
	i     uint64
	hour  int64
	fp    Fingerprint
}

func (c *cutter) next(k *record) error {
	if c.n > 0 && ([16]byte(k[:16]) != [16]byte(c.last[:16]) || time.Duration(k.time()-c.last.time()) > c.g.gap) {
		if err := c.emit(); err != nil {
			return err
		}
	}
	if c.n == 0 {
		c.start, c.ev = *k, k.evidence()
	}
	c.ev = max(c.ev, k.evidence())
	c.last = *k
	c.n++
	c.i++
	if c.g.members == nil {
		return nil
	}
	c.out = append(c.out, k[:]...)
	if len(c.out) >= 1<<16-recordSize {
		return c.write()
	}
	return nil
}

func (c *cutter) write() error {
	_, err := c.g.members.Write(c.out)
	c.out = c.out[:0]
	if err != nil {
		return fmt.Errorf("spilling groups: %w", err)
	}
	return nil
}

// emit stores the group under way for the second sort: see start.
func (c *cutter) emit() error {
	s := start{
		first: c.start.time(), digest: [8]byte(c.start[24:32]), fp: Fingerprint(c.start[:16]), place: int64(c.i) - int64(c.n), count: int(c.n),
		rule: c.start.rule(), host: c.start.host(), evidence: c.ev,
	}
	if c.n == 1 {
		s.place, s.size = c.start.offset(), c.start.size()
	}
	if hour := s.first / int64(time.Hour); hour != c.hour || s.fp != c.fp {
		c.hour, c.fp = hour, s.fp
		c.g.tally(&c.start)
	}
	c.n = 0
	r := s.record()
	return c.g.starts.add(&r)
}

// tally counts an hour in which a rule fired on a host.
func (g *Groups) tally(r *record) {
	g.hours++
	if s := g.rules.at(r.rule()); s != nil {
		s.count(r.host())
	}
}

func (c *cutter) end() error {
	if c.n > 0 {
		if err := c.emit(); err != nil {
			return err
		}
	}
	if c.g.members != nil {
		return c.write()
	}
	return nil
}

// Each hands over the groups in order of their first time, each with its context. It calls yield from one goroutine; the group is
// valid until yield returns. It may be called again, with the same result.
func (g *Groups) Each(yield func(*Group) error) error {
	if err := g.seal(); err != nil {
		return err
	}
	w := newWindow(&g.rules, g.hours)
	g.past.recall(w)
	var group Group
	return w.slide(&g.starts, func(s *start, ctx Context) error {
		group = Group{Fingerprint: s.fp, First: instant(s.first), Count: s.count, Context: ctx, start: *s}
		return yield(&group)
	})
}

func instant(ns int64) time.Time {
	if ns == 0 {
		return time.Time{}
	}
	return time.Unix(0, ns).UTC()
}

// keysOf returns n keys from an index on.
func (g *Groups) keysOf(index int64, n int) ([]record, error) {
	if g.members == nil {
		return g.keys.buf[index : index+int64(n)], nil
	}
	raw := make([]byte, n*recordSize)
	if _, err := g.members.ReadAt(raw, index*recordSize); err != nil {
		return nil, fmt.Errorf("reading spilled groups: %w", err)
	}
	keys := make([]record, n)
	for i := range keys {
		keys[i] = record(raw[i*recordSize:])
	}
	return keys, nil
}

// reader reads observations back. One per goroutine.
type reader struct {
	g      *Groups
	blocks [][]byte // read since the last reuse; what was decoded from them is still in use
	at     int64    // place of the last block
	used   int
	single bool // keep no block but the last: whoever reads copies what it keeps
	arena  arena
}

// readAhead is how much is read at once when members lie one behind the other.
const readAhead = 32 << 10

// reuse tells that nothing of what was read before is in use any more.
func (r *reader) reuse() {
	r.arena.reset()
	if r.used > 1 {
		last := r.used - 1
		r.blocks[0], r.blocks[last] = r.blocks[last], r.blocks[0]
		r.used = 1
	}
	if len(r.blocks) > 32 {
		r.blocks = r.blocks[:32]
	}
}

// observation reads the member that lies at off and is n bytes long. What it gives is valid until the next reuse.
func (r *reader) observation(off int64, n int, o *Observation) error {
	if r.g.file == nil {
		return o.decode(r.g.memory[off:off+int64(n)], &r.arena)
	}
	var block []byte
	if r.used > 0 {
		block = r.blocks[r.used-1]
	}
	if off < r.at || off+int64(n) > r.at+int64(len(block)) {
		size := int64(max(n, readAhead))
		if off < r.at || off > r.at+4*size {
			size = int64(n) // a jump: read what is needed
		}
		block = r.next(int(min(size, r.g.written-off)))
		r.at = off
		if _, err := r.g.file.ReadAt(block, off); err != nil {
			return fmt.Errorf("reading spilled alerts: %w", err)
		}
	}
	return o.decode(block[off-r.at:off-r.at+int64(n)], &r.arena)
}

// next returns memory for a block.
func (r *reader) next(size int) []byte {
	if r.single && r.used > 0 {
		r.used--
	}
	if r.used == len(r.blocks) {
		r.blocks = append(r.blocks, nil)
	}
	b := r.blocks[r.used]
	if cap(b) < size {
		b = make([]byte, size)
	}
	r.blocks[r.used] = b[:size]
	r.used++
	return b[:size]
}
