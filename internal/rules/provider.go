package rules

import (
	"maps"
	"slices"

	"cel.dev/cel-go/common/types"
)

// The names of the variables' types within CEL. No expression can spell a value of them.
const (
	viewType = "soc.alert"
	allType  = "soc.alert.all"
)

// provider teaches CEL the members of an alert, so that a misspelled one is found when the rule is read and a lookup
// at run time is one call.
type provider struct {
	types.Provider
	fields map[string]map[string]*types.FieldType
}

func newProvider() (provider, error) {
	registry, err := types.NewRegistry()
	if err != nil {
		return provider{}, err
	}
	view, all := fieldTypes(members()), fieldTypes(lists())
	view["all"] = &types.FieldType{
		Type:    types.NewObjectType(allType),
		IsSet:   func(any) bool { return true },
		GetFrom: func(target any) (any, error) { return target, nil }, // the same alert, other members
	}
	return provider{registry, map[string]map[string]*types.FieldType{viewType: view, allType: all}}, nil
}

func fieldTypes(list map[string]member) map[string]*types.FieldType {
	out := make(map[string]*types.FieldType, len(list)+1)
	for name, m := range list {
		lacking := missing(name)
		out[name] = &types.FieldType{
			Type: m.typ,
			IsSet: func(target any) bool {
				v, ok := target.(*view)
				return ok && (m.always || m.get(v) != nil)
			},
			GetFrom: func(target any) (any, error) {
				if v, ok := target.(*view); ok {
					if got := m.get(v); got != nil {
						return got, nil
					}
				}
				return nil, lacking
			},
		}
	}
	return out
}

// FindStructType knows the types of the two variables besides CEL's own.
func (p provider) FindStructType(name string) (*types.Type, bool) {
	if _, ok := p.fields[name]; ok {
		return types.NewTypeTypeWithParam(types.NewObjectType(name)), true
	}
	return p.Provider.FindStructType(name)
}

// FindStructFieldNames lists the members in order of their names.
func (p provider) FindStructFieldNames(name string) ([]string, bool) {
	if f, ok := p.fields[name]; ok {
		return slices.Sorted(maps.Keys(f)), true
	}
	return p.Provider.FindStructFieldNames(name)
}

// FindStructFieldType returns one member.
func (p provider) FindStructFieldType(name, field string) (*types.FieldType, bool) {
	if f, ok := p.fields[name]; ok {
		t, ok := f[field]
		return t, ok
	}
	return p.Provider.FindStructFieldType(name, field)
}
