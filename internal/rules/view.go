package rules

import (
	"fmt"
	"strings"

	"cel.dev/cel-go/common/types"

	"github.com/seed-959697dd/soc/alert"
)

// view is an alert as an expression sees it: without the values whose trust is below floor. It is the value behind both
// variables; alert sees everything, sensor what the product observed or the estate knows.
type view struct {
	a     *alert.Alert
	floor alert.Trust
}

// fields yields the fields of the slot that the view shows.
func (v *view) fields(s alert.Slot) func(yield func(*alert.Field) bool) {
	return func(yield func(*alert.Field) bool) {
		for f := range v.a.Each(s) {
			if f.Trust >= v.floor && !yield(f) {
				return
			}
		}
	}
}

func (v *view) first(s alert.Slot) *alert.Field {
	for f := range v.fields(s) {
		return f
	}
	return nil
}

// member is one name behind `sensor.` or `alert.`. get returns nil when the alert has no such value.
type member struct {
	typ    *types.Type
	slots  []alert.Slot // what it is read off: the receipts of a rule that reads it
	get    func(*view) any
	always bool // has() holds even where get finds nothing
}

// members are the names behind `sensor.` and `alert.`.
func members() map[string]member {
	m := map[string]member{}
	for _, s := range slots() {
		m[nameOf(s)] = textOf(s)
	}
	m["format"] = member{typ: types.StringType, always: true, get: func(v *view) any { return v.a.Format }}
	m["ambiguous"] = member{typ: types.BoolType, always: true, get: func(v *view) any { return len(v.a.Ambiguous) > 0 }}
	m["vendor"] = named(alert.SlotVendor, func(a *alert.Alert) string { return a.Vendor })
	m["product"] = named(alert.SlotProduct, func(a *alert.Alert) string { return a.Product })
	m["title"] = member{typ: types.StringType, slots: []alert.Slot{alert.SlotTitle, alert.SlotRuleName}, get: title}
	m["action"] = member{typ: types.StringType, slots: []alert.Slot{alert.SlotAction}, get: action}
	m["severity"] = member{typ: types.IntType, slots: []alert.Slot{alert.SlotSeverity}, get: severity}
	m["techniques"] = member{typ: types.NewListType(types.StringType), slots: []alert.Slot{alert.SlotTechnique}, get: techniques}
	return m
}

// lists are the names behind `sensor.all.` and `alert.all.`: every value of a slot.
func lists() map[string]member {
	m := map[string]member{}
	for _, s := range slots() {
		m[nameOf(s)] = member{typ: types.NewListType(types.StringType), slots: []alert.Slot{s}, get: func(v *view) any {
			var values []string
			for f := range v.fields(s) {
				values = append(values, f.Value)
			}
			if values == nil {
				return nil // an empty list would let all() hold of nothing
			}
			return values
		}}
	}
	return m
}

// slots is the whole vocabulary.
func slots() []alert.Slot {
	var list []alert.Slot
	for s := alert.NoSlot + 1; s < alert.EntitySlot(alert.Related, alert.Host); s++ {
		list = append(list, s)
	}
	for r := alert.Related; r <= alert.Observer; r++ {
		for t := alert.Host; t <= alert.Registry; t++ {
			list = append(list, alert.EntitySlot(r, t))
		}
	}
	return list
}

func nameOf(s alert.Slot) string { return strings.ReplaceAll(s.String(), ".", "_") }

func textOf(s alert.Slot) member {
	return member{typ: types.StringType, slots: []alert.Slot{s}, get: func(v *view) any {
		if f := v.first(s); f != nil {
			return f.Value
		}
		return nil
	}}
}

// named is a member that comes from the record where the format maps it, else from the format file itself. Text in the record
// can hide the constant, so has() does not depend on it: an attacker could make !has() hold.
func named(s alert.Slot, constant func(*alert.Alert) string) member {
	return member{typ: types.StringType, always: true, slots: []alert.Slot{s}, get: func(v *view) any {
		if f := v.first(s); f != nil {
			return f.Value
		}
		if c := constant(v.a); c != "" && v.a.First(s) == nil {
			return c
		}
		return nil
	}}
}

func title(v *view) any {
	for _, s := range [...]alert.Slot{alert.SlotTitle, alert.SlotRuleName} {
		if f := v.first(s); f != nil {
			return f.Value
		}
	}
	return nil
}

// action and severity are what the alert's own format made of the one field their slot can have.
func action(v *view) any {
	if v.a.Action == alert.NoAction || v.first(alert.SlotAction) == nil {
		return nil
	}
	return v.a.Action.String()
}

func severity(v *view) any {
	if v.a.Severity.Score < 0 || v.first(alert.SlotSeverity) == nil {
		return nil
	}
	return int64(v.a.Severity.Score)
}

func techniques(v *view) any {
	var ids []string
	for f := range v.fields(alert.SlotTechnique) {
		alert.Techniques(f.Value, func(id string) { ids = append(ids, strings.Clone(id)) })
	}
	if ids == nil {
		return nil
	}
	return ids
}

// missing is the error of a value that the alert lacks. A rule whose condition ends in it does not match.
type missing string

func (m missing) Error() string { return fmt.Sprintf("no such key: %s", string(m)) }
