package baseline

import (
	"bytes"
	"testing"
)

// FuzzDecode: what is read is written alike, whatever was in the file, and asking it harms nobody.
func FuzzDecode(f *testing.F) {
	l := NewLearner(Options{})
	for i := range 20 {
		at := firstDay + day(i)
		l.count(everyone, activity, "", "", at)
		l.count(user, network, "alice", "192.0.2.0/24", at)
		l.count(host, process, "ws-1", []string{"cmd.exe", "word.exe"}[i%2], at)
	}
	f.Add(l.Baseline(nil).payload())
	f.Add((&Baseline{}).payload())
	f.Add([]byte{1, 0, 1, 3, 12, 0, 0, 1, 2, 2, 0})
	f.Fuzz(func(t *testing.T, payload []byte) {
		b, ok := decode(payload)
		if !ok {
			return
		}
		written := b.payload()
		again, ok := decode(written)
		if !ok || !bytes.Equal(again.payload(), written) {
			t.Fatal("what was read cannot be read again")
		}
		for i := range b.series {
			s := &b.series[i]
			fact := fact{kind: s.kind(), dim: s.dimension(), subject: b.texts[s.subject()], value: "08"}
			if found, ok := b.judge(&fact, lastDay, lastDay-1); ok && (found.count > found.total || found.weight == 0) {
				t.Fatalf("%+v", found)
			}
		}
	})
}
