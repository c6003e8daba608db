package config

import (
	"maps"
	"reflect"
	"slices"
)

// cascades refuses a cascade that is not a list of two models or more, each named once. A cascade in a cascade is refused, so that none
// leads back to itself.
func (d *decoder) cascades(models map[string]Model) error {
	for _, name := range slices.Sorted(maps.Keys(models)) {
		m := models[name]
		path := "models." + name + ".cascade"
		if len(m.Cascade) == 0 {
			continue
		}
		if alone := (Model{Cascade: m.Cascade, Line: m.Line}); !reflect.DeepEqual(m, alone) {
			return d.fault(m.Line, "%s: stands alone: the models that it names have keys of their own", path)
		}
		if len(m.Cascade) < 2 {
			return d.fault(m.Line, "%s: wants two models or more, the cheapest first", path)
		}
		for i, member := range m.Cascade {
			of, known := models[member]
			switch {
			case !known && member != "":
				near := nearest(member, slices.Sorted(maps.Keys(models)))
				if near != "" && near != name {
					return d.fault(m.Line, "%s: no model is called %q (nearest: %s)", path, member, near)
				}
				return d.fault(m.Line, "%s: no model is called %q", path, member)
			case !known:
				return d.fault(m.Line, "%s: an empty name", path)
			case member == name:
				return d.fault(m.Line, "%s: names itself", path)
			case len(of.Cascade) > 0:
				return d.fault(m.Line, "%s: %s is a cascade itself, which cannot be part of one", path, member)
			case slices.Contains(m.Cascade[:i], member):
				return d.fault(m.Line, "%s: names %s twice", path, member)
			}
		}
	}
	return nil
}
