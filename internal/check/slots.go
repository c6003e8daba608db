package check

import "github.com/seed-959697dd/soc/alert"

// Source: none of its own: which fields a check reads.

// slotTable says for each slot how a check reads its fields; 0 is not at all. An alert has some twenty-five fields and a check
// reads two of them: to pass the others by must cost next to nothing.
type slotTable [256]uint8

// tableOf asks once about every slot and the type of entity that it holds.
func tableOf(read func(s alert.Slot, t alert.EntityType) uint8) *slotTable {
	var table slotTable
	for i := range table {
		s := alert.Slot(i)
		_, t := s.Entity()
		table[i] = read(s, t)
	}
	return &table
}

// has tells whether the alert has an entity of the type; that it has none it knows at once.
func has(a *alert.Alert, t alert.EntityType) bool {
	for range a.Entities(t) {
		return true
	}
	return false
}

// slotsOf is the table of a check that tells some slots apart by their place in the list, from 1.
func slotsOf(slots ...alert.Slot) *slotTable {
	var table slotTable
	for i, s := range slots {
		table[s] = uint8(i + 1)
	}
	return &table
}
