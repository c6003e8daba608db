package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// decoder fills structs from YAML. The structs' tags are the schema: yaml names a key, oneof its words, range its
// bounds, is what its text has to be, unless the key in whose place it is required; short marks the key whose value may stand for the block, single a list that may be one value.
type decoder struct{ file, dir string }

func (d *decoder) fault(line int, format string, args ...any) error {
	return &Error{File: d.file, Line: line, Msg: fmt.Sprintf(format, args...)}
}

// parse returns the one document of a file, nil when it is empty.
func parse(d *decoder, text []byte) (*yaml.Node, error) {
	var doc, second yaml.Node
	dec := yaml.NewDecoder(bytes.NewReader(text))
	err := dec.Decode(&doc)
	if errors.Is(err, io.EOF) {
		return nil, nil
	}
	if err != nil {
		return nil, d.fault(0, "%s", strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if err := dec.Decode(&second); !errors.Is(err, io.EOF) {
		return nil, d.fault(second.Line, "a second document: one file holds one configuration")
	}
	root := doc.Content[0]
	if root.ShortTag() == "!!null" {
		return nil, nil
	}
	if root.Kind != yaml.MappingNode {
		return nil, d.fault(root.Line, "keys were expected, as in `policy:`")
	}
	return root, nil
}

func (d *decoder) into(n *yaml.Node, target any) error {
	return d.value(n, reflect.ValueOf(target).Elem(), "", "")
}

// value fills v from n. path is the key's full name for messages, tag the field's.
func (d *decoder) value(n *yaml.Node, v reflect.Value, tag reflect.StructTag, path string) error {
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		return d.fault(n.Line, "%s: anchors and aliases are not used here", path)
	case n.ShortTag() == "!!null":
		return nil
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return d.value(n, v.Elem(), tag, path)
	case v.Type() == reflect.TypeFor[Duration]():
		return d.scalar(n, v, tag, path)
	}
	switch v.Kind() {
	case reflect.Struct:
		return d.structure(n, v, path)
	case reflect.Map:
		return d.table(n, v, tag, path)
	case reflect.Slice:
		return d.list(n, v, tag, path)
	default:
		return d.scalar(n, v, tag, path)
	}
}

func (d *decoder) structure(n *yaml.Node, v reflect.Value, path string) error {
	if at, ok := shortcut(v.Type()); ok && n.Kind == yaml.ScalarNode {
		if err := d.scalar(n, v.Field(at), v.Type().Field(at).Tag, path); err != nil {
			return err
		}
		return d.complete(n, v, path)
	}
	if n.Kind != yaml.MappingNode {
		return d.fault(n.Line, "%s: wants keys below it, not %s", path, kindOf(n))
	}
	names := keysOf(v.Type())
	seen := map[string]bool{}
	for i := 0; i < len(n.Content); i += 2 {
		key := n.Content[i]
		at, known := names[key.Value]
		if to, ok := keyringKey(key.Value, names); ok && !known {
			name := strings.TrimSuffix(key.Value, "_keyring") + "_env"
			if seen[name] {
				return d.fault(key.Line, "%s: its secret is named twice", join(path, key.Value))
			}
			if err := d.keyring(n.Content[i+1], v.Field(to), join(path, key.Value)); err != nil {
				return err
			}
			seen[name] = true
			continue
		}
		switch {
		case !known:
			return d.unknown(key, path, names)
		case seen[key.Value]:
			return d.fault(key.Line, "%s stands twice", join(path, key.Value))
		}
		seen[key.Value] = true
		if err := d.value(n.Content[i+1], v.Field(at), v.Type().Field(at).Tag, join(path, key.Value)); err != nil {
			return err
		}
	}
	if line := v.FieldByName("Line"); line.IsValid() {
		line.SetInt(int64(n.Line))
	}
	return d.complete(n, v, path)
}

// complete refuses a block that lacks a key it cannot do without.
func (d *decoder) complete(n *yaml.Node, v reflect.Value, path string) error {
	names := keysOf(v.Type())
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if at, ok := names[f.Tag.Get("unless")]; ok && !v.Field(at).IsZero() {
			continue
		}
		if is(f.Tag, "required") && v.Field(i).IsZero() {
			return d.fault(n.Line, "%s: key %s is missing", path, f.Tag.Get("yaml"))
		}
	}
	return nil
}

func (d *decoder) table(n *yaml.Node, v reflect.Value, tag reflect.StructTag, path string) error {
	if n.Kind != yaml.MappingNode {
		return d.fault(n.Line, "%s: wants names with values, not %s", path, kindOf(n))
	}
	v.Set(reflect.MakeMap(v.Type()))
	for i := 0; i < len(n.Content); i += 2 {
		key := n.Content[i]
		name := reflect.ValueOf(key.Value)
		switch {
		case key.Kind != yaml.ScalarNode || key.Value == "" || key.Anchor != "":
			return d.fault(key.Line, "%s: a name is expected", path)
		case v.MapIndex(name).IsValid():
			return d.fault(key.Line, "%s stands twice", join(path, key.Value))
		case isSecretHeader(path, key.Value):
			return d.secret(key.Line, join(path, key.Value))
		}
		one := reflect.New(v.Type().Elem()).Elem()
		if err := d.value(n.Content[i+1], one, tag, join(path, key.Value)); err != nil {
			return err
		}
		v.SetMapIndex(name, one)
	}
	return nil
}

func (d *decoder) list(n *yaml.Node, v reflect.Value, tag reflect.StructTag, path string) error {
	if n.Kind == yaml.ScalarNode && is(tag, "single") {
		n = &yaml.Node{Kind: yaml.SequenceNode, Line: n.Line, Content: []*yaml.Node{n}}
	}
	if n.Kind != yaml.SequenceNode {
		return d.fault(n.Line, "%s: wants a list, not %s", path, kindOf(n))
	}
	v.Set(reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content)))
	for i, item := range n.Content {
		if item.ShortTag() == "!!null" {
			return d.fault(item.Line, "%s: an empty entry", path)
		}
		if err := d.value(item, v.Index(i), tag, path+"["+strconv.Itoa(i)+"]"); err != nil {
			return err
		}
	}
	return nil
}

// unknown says what is wrong with a key and which one was probably meant.
func (d *decoder) unknown(key *yaml.Node, path string, names map[string]int) error {
	if base, ok := secretName(key.Value); ok {
		e := unwrap(d.secret(key.Line, join(path, key.Value)))
		if _, ok := names[base+"_env"]; ok {
			e.Hint = fmt.Sprintf("%s_env: NAME_OF_VARIABLE, or %s_file: PATH", base, base)
		}
		return e
	}
	if why, hint := retired(join(path, key.Value)); why != "" {
		return &Error{File: d.file, Line: key.Line, Msg: join(path, key.Value) + " is no key any more: " + why, Hint: hint}
	}
	msg := fmt.Sprintf("unknown key %q", key.Value)
	if path != "" {
		msg += " in " + path
	}
	list := make([]string, 0, len(names))
	for name := range names {
		list = append(list, name)
	}
	slices.Sort(list)
	if near := nearest(key.Value, list); near != "" {
		msg += " (nearest: " + near + ")"
	} else {
		msg += " (known here: " + strings.Join(list, ", ") + ")"
	}
	return d.fault(key.Line, "%s", msg)
}

// restrict refuses top-level keys that are not in only.
func (d *decoder) restrict(root *yaml.Node, only []string) error {
	for i := 0; only != nil && i < len(root.Content); i += 2 {
		if key := root.Content[i]; !slices.Contains(only, key.Value) {
			return &Error{
				File: d.file, Line: key.Line, Hint: "soc --config ./" + filepath.Base(d.file) + " ...",
				Msg: fmt.Sprintf("key %q is not read from the working directory, which may set %s only", key.Value, strings.Join(only, " and ")),
			}
		}
	}
	return nil
}

// keysOf maps the keys of a struct to its fields.
func keysOf(t reflect.Type) map[string]int {
	names := make(map[string]int, t.NumField())
	for i := range t.NumField() {
		if name := t.Field(i).Tag.Get("yaml"); name != "" && name != "-" {
			names[name] = i
		}
	}
	return names
}

// shortcut is the field that may stand for its whole block, as one value.
func shortcut(t reflect.Type) (field int, ok bool) {
	for i := range t.NumField() {
		if is(t.Field(i).Tag, "short") {
			return i, true
		}
	}
	return 0, false
}

func is(tag reflect.StructTag, word string) bool {
	return slices.Contains(strings.Split(tag.Get("is"), ","), word)
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func kindOf(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "keys"
	case yaml.SequenceNode:
		return "a list"
	case yaml.ScalarNode, yaml.DocumentNode, yaml.AliasNode:
	}
	return "one value"
}
