package llm

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// filler fills a schema.
type filler struct {
	soothing, alarmed bool   // what to choose among the values of an enumeration
	words             string // for any text
	path, value       string // what to cite; nothing is cited without a path
	things            []thing
}

// thing is a row "thing N" of a question.
type thing struct {
	number int
	kind   string
}

// thingsIn reads the rows of hosts and accounts that have a number to pick.
func thingsIn(rows [][]string) (list []thing) {
	for _, r := range rows {
		number, ok := strings.CutPrefix(r[0], "thing ")
		n, err := strconv.Atoi(number)
		if !ok || err != nil || len(r) != 3 {
			continue
		}
		switch r[1] {
		case "user":
			list = append(list, thing{n, "account"})
		case "host":
			list = append(list, thing{n, "host"})
		}
	}
	return list
}

// answer is a value of the schema, as JSON; without a schema it has the members that most schemas of triage have.
func (f filler) answer(schema json.RawMessage) string {
	var s map[string]any
	if json.Unmarshal(schema, &s) != nil || len(s) == 0 {
		s = map[string]any{"type": "object", "properties": map[string]any{
			"verdict": map[string]any{"enum": []any{"malicious", "suspicious", "benign", "unsure"}}, "text": map[string]any{"type": "string"},
		}}
	}
	b, err := json.Marshal(f.fill("", s, 0))
	if err != nil { // what Unmarshal made can be marshalled
		return ""
	}
	return string(b)
}

// fill makes a value for the member called name.
func (f filler) fill(name string, s map[string]any, depth int) any {
	if depth > 16 {
		return nil
	}
	if c, ok := s["const"]; ok {
		return c
	}
	if e, ok := s["enum"].([]any); ok && len(e) > 0 {
		return f.choose(e)
	}
	switch s["type"] {
	case "object":
		out := map[string]any{}
		members, _ := s["properties"].(map[string]any)
		for _, k := range sorted(members) {
			m, _ := members[k].(map[string]any)
			out[k] = f.fill(k, m, depth+1)
		}
		return out
	case "array":
		item, _ := s["items"].(map[string]any)
		if name == "cites" && item["type"] == "string" && f.path != "" {
			return []any{f.path}
		}
		if picks := f.picks(item); picks != nil {
			return picks
		}
		if members, _ := item["properties"].(map[string]any); members["path"] == nil && members["cites"] == nil || f.path == "" {
			return []any{}
		}
		return []any{f.fill("", item, depth+1)}
	case "boolean":
		return f.alarmed
	case "integer", "number":
		return 90
	}
	switch name {
	case "path":
		return f.path
	case "value":
		return f.value
	}
	return f.words
}

// picks is the first question that a catalogue has about each thing of a kind that its names begin with, or where no things were read every
// question about the first; nil where nothing is to be picked.
func (f filler) picks(item map[string]any) (list []any) {
	members, _ := item["properties"].(map[string]any)
	pivot, _ := members["pivot"].(map[string]any)
	names, _ := pivot["enum"].([]any)
	for _, t := range f.things {
		at := slices.IndexFunc(names, func(name any) bool { return strings.HasPrefix(fmt.Sprint(name), t.kind+"-") })
		if at >= 0 && len(list) < 4 {
			list = append(list, map[string]any{"pivot": names[at], "thing": t.number})
		}
	}
	if f.things == nil {
		for _, name := range names {
			list = append(list, map[string]any{"pivot": name, "thing": 1})
		}
	}
	return list
}

func (f filler) choose(values []any) any {
	wanted := []any{"unsure", "undetermined", "none"}
	if f.alarmed {
		wanted = []any{"malicious", "true_positive", "high"}
	}
	if f.soothing {
		wanted = []any{"benign", "false_positive", "informational", "low", "close", "none"}
	}
	for _, w := range wanted {
		if slices.Contains(values, w) {
			return w
		}
	}
	return values[len(values)-1]
}

func sorted(m map[string]any) []string { return slices.Sorted(maps.Keys(m)) }

func decimal(i int) string { return strconv.Itoa(i) }
