package config

import (
	"reflect"
	"strconv"
	"testing"
)

// TestTheSchemaCanBeRead holds the tags to what the decoder understands: a bound that cannot be read would bound nothing.
func TestTheSchemaCanBeRead(t *testing.T) {
	t.Parallel()
	keys := 0
	var walk func(reflect.Type, string)
	walk = func(at reflect.Type, path string) {
		for at.Kind() == reflect.Pointer || at.Kind() == reflect.Slice || at.Kind() == reflect.Map {
			at = at.Elem()
		}
		if at.Kind() != reflect.Struct || at == reflect.TypeFor[Duration]() {
			return
		}
		for i := range at.NumField() {
			f := at.Field(i)
			name := join(path, f.Tag.Get("yaml"))
			if f.Tag.Get("yaml") == "" {
				t.Errorf("%s.%s has no key", path, f.Name)
			}
			keys++
			checkRange(t, name, f)
			walk(f.Type, name)
		}
	}
	walk(reflect.TypeFor[Config](), "")
	if keys < 150 {
		t.Errorf("only %d keys were seen", keys)
	}
}

func checkRange(t *testing.T, name string, f reflect.StructField) {
	t.Helper()
	lo, hi := bounds(f.Tag)
	if lo == "" {
		return
	}
	at := f.Type
	for at.Kind() == reflect.Pointer || at.Kind() == reflect.Map {
		at = at.Elem()
	}
	if at == reflect.TypeFor[Duration]() {
		low, err1 := ParseDuration(lo)
		if high, err2 := ParseDuration(hi); err1 != nil || err2 != nil || low >= high {
			t.Errorf("%s: range %s..%s", name, lo, hi)
		}
		return
	}
	low, err1 := strconv.ParseFloat(lo, 64)
	if high, err2 := strconv.ParseFloat(hi, 64); err1 != nil || err2 != nil || low >= high {
		t.Errorf("%s: range %s..%s", name, lo, hi)
	}
}
