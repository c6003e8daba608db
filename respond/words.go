package respond

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/alert"
)

// Words are a command as the configuration declares it. Placeholders stand for the order, whole or within a word.
type Words []string

// Placeholders are all there are.
func Placeholders() []string { return []string{"{target}", "{type}", "{action}", "{key}", "{until}"} }

// Check says what is wrong with a command: an unknown placeholder, or one in its first word, which nothing may choose.
func (w Words) Check(name string) error {
	for i, word := range w {
		rest := word
		for _, p := range Placeholders() {
			rest = strings.ReplaceAll(rest, p, "")
		}
		if strings.ContainsAny(rest, "{}") {
			return fmt.Errorf("%s: %q has an unknown placeholder; there are %s", name, word, strings.Join(Placeholders(), " "))
		}
		if i == 0 && rest != word {
			return fmt.Errorf("%s: its first word has a placeholder", name)
		}
	}
	return nil
}

// Fill returns the words with the order in place of the placeholders. What it fills in is not looked at again.
func (w Words) Fill(o Order) []string {
	until := ""
	if !o.Until.IsZero() {
		until = o.Until.UTC().Format(time.RFC3339)
	}
	fill := strings.NewReplacer("{target}", o.Target.Value, "{type}", string(o.Target.Type), "{action}", o.Action, "{key}", o.Key, "{until}", until)
	list := make([]string, len(w))
	for i, word := range w {
		list[i] = fill.Replace(word)
	}
	return list
}

// Reading says where the answer to a probe tells whether an action is in force.
type Reading struct {
	At  string   // an alert.Path in the answer, a JSON document
	Is  []string // what stands there, or in the list that stands there, while it is; placeholders allowed
	Not []string // what stands there while it is not; absent: nothing. A list without any of Is says so too
}

// Check says why a reading could not tell.
func (r *Reading) Check() error {
	if _, err := alert.ParsePath(r.At); err != nil {
		return fmt.Errorf("in_force: at: %w", err)
	}
	if len(r.Is) == 0 {
		return fmt.Errorf("in_force: is names no value that says yes")
	}
	return nil
}

// State reads an answer. One that says neither yes nor no is an error: the state is unknown then.
func (r *Reading) State(answer []byte, o Order) (State, error) {
	text, ok := alert.Path(r.At).In(answer)
	is := Words(r.Is).Fill(o)
	list := gjson.Parse(text)
	found := []string{text}
	if ok && list.IsArray() {
		found = found[:0]
		for _, e := range list.Array() {
			found = append(found, e.String())
		}
	}
	switch {
	case ok && slices.ContainsFunc(found, func(s string) bool { return slices.Contains(is, s) }):
		return State{Done: true, Detail: r.At + " says so", Image: "absent"}, nil
	case ok && list.IsArray(), !ok && slices.Contains(r.Not, "absent"), ok && slices.Contains(r.Not, text):
		return State{Detail: r.At + " says that it is not", Image: "absent"}, nil
	case !ok:
		return State{}, fmt.Errorf("the answer has nothing at %s", r.At)
	}
	const most = 80
	return State{}, fmt.Errorf("the answer says %q at %s, which is neither yes nor no", text[:min(len(text), most)], r.At)
}
