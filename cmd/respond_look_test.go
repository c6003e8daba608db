package cmd

import (
	"errors"
	"maps"
	"slices"
	"testing"

	"github.com/seed-959697dd/soc/internal/casebook"
)

// A case at which deciding failed is looked at again, and so is what nobody came to; a failure keeps no other case waiting.
func TestWhatFailedIsLookedAtAgain(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	var list []looked
	for _, id := range []string{"a", "b", "c", "d"} {
		list = append(list, looked{casebook.Case{ID: id}, "like " + id})
	}
	seen := map[string]string{}
	err := lookAt(list, seen, func(c *casebook.Case) (bool, error) {
		switch c.ID {
		case "b":
			return true, broken
		case "d":
			return false, nil
		}
		return true, nil
	})
	if got := slices.Sorted(maps.Keys(seen)); !errors.Is(err, broken) || !slices.Equal(got, []string{"a", "c"}) || seen["c"] != "like c" {
		t.Errorf("%v %v", seen, err)
	}
}
