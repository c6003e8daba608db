package triage

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestSorter: any number of records comes back in order, whether some were written to a file or not, and does so again.
func TestSorter(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 2, 99, 100, 101, 700, 5000, 12_345} {
		s := sorter{dir: t.TempDir(), limit: 100}
		want := make([]record, n)
		for i := range want {
			want[i][7], want[i][8], want[i][recordSize-1] = byte(rng.IntN(8)), byte(rng.IntN(4)), byte(rng.IntN(256)) // many begin alike, some are equal
			if err := s.add(&want[i]); err != nil {
				t.Fatal(err)
			}
		}
		slices.SortFunc(want, func(a, b record) int { return bytes.Compare(a[:], b[:]) })
		for range 2 {
			var got []record
			if err := s.each(func(r *record) error { got = append(got, *r); return nil }); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%d records come back as %d, or in another order", n, len(got))
			}
		}
		s.close()
	}
}
