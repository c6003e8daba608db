package llm

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
)

// filler fills a schema.
type filler struct {
	soothing, alarmed bool   // what to choose among the values of an enumeration
	words             string // for any text
	path, value       string // what to cite; nothing is cited without a path
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
