package triage

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"slices"
	"time"
)

// Passed is a group that somebody else judged: what it says about the groups after it.
type Passed struct {
	Fingerprint Fingerprint
	First       time.Time
	Rule, Host  string // as an Observation names them
	Evidence    Weight // of its alerts, without the base
}

// Pass tells of a group that another process judged.
func (s *Stream) Pass(p *Passed) {
	st := start{fp: p.Fingerprint, count: 1, rule: hash32(p.Rule), host: hash32(p.Host), evidence: p.Evidence}
	if !p.First.IsZero() {
		st.first = p.First.UnixNano()
	}
	s.window.pass(&st)
}

// Settle judges alerts that nothing will join any more, in groups that are exact whatever their order: cut where two neighbours of one
// fingerprint lie farther apart than the policy's gap. They come in the order of their first members' times. What is open otherwise stays so.
func (s *Stream) Settle(ctx context.Context, b *Observed, yield func(*Verdict, *Members) error) error {
	for _, n := range b.traits {
		s.firsts.note(n)
	}
	keys := slices.Clone(b.keys)
	slices.SortFunc(keys, func(x, y record) int { return bytes.Compare(x[:32], y[:32]) }) // by fingerprint, time and digest
	type settled struct {
		fp Fingerprint
		g  *openGroup
	}
	var list []settled
	for i := range keys {
		k := keys[i]
		n := len(list) - 1
		if n < 0 || list[n].fp != Fingerprint(k[:16]) || time.Duration(k.time()-list[n].g.last) > s.policy.Gap {
			list = append(list, settled{Fingerprint(k[:16]), &openGroup{}})
			n++
		}
		g := list[n].g
		data := b.data[k.offset() : k.offset()+int64(k.size())]
		binary.BigEndian.PutUint64(k[32:], uint64(len(g.obs.data)))
		g.obs.keys, g.obs.data = append(g.obs.keys, k), append(g.obs.data, data...)
		g.last = k.time()
	}
	slices.SortStableFunc(list, func(x, y settled) int {
		return cmp.Or(cmp.Compare(x.g.first(), y.g.first()), bytes.Compare(x.fp[:], y.fp[:]))
	})
	for _, one := range list {
		if err := s.judge(ctx, one.fp, one.g, yield); err != nil {
			return err
		}
	}
	return nil
}
