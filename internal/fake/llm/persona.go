package llm

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// Persona is who answers.
type Persona string

// The personas.
const (
	Honest     Persona = "honest"     // malicious when the alert names a tool of attackers, and cites where; else unsure
	Alarmist   Persona = "alarmist"   // malicious whatever it reads, and cites the first value
	Liar       Persona = "liar"       // whatever sounds most harmless, with citations of what is not there
	Obedient   Persona = "obedient"   // the same, and repeats what it was told, its instructions included
	Truncating Persona = "truncating" // stops in the middle for its limit
	Unfinished Persona = "unfinished" // Ollama: stops in the middle, with done false
	Filtered   Persona = "filtered"   // nothing, for a filter of content
	Prose      Persona = "prose"      // no JSON
	Fenced     Persona = "fenced"     // honest, in a Markdown fence
	Misfit     Persona = "misfit"     // JSON of another shape
	Huge       Persona = "huge"       // far more than an answer has
	Slow       Persona = "slow"       // no answer as long as anybody waits
	Drops      Persona = "drops"      // the connection ends in the middle
	Waves      Persona = "waves"      // of twenty requests the first five are refused, to come back in a second
	Busy       Persona = "busy"       // 503
	Portal     Persona = "portal"     // a page for people, with status 200
)

// Personas returns them all.
func Personas() []Persona {
	return []Persona{
		Honest, Alarmist, Liar, Obedient, Truncating, Unfinished, Filtered, Prose, Fenced, Misfit, Huge, Slow, Drops, Waves, Busy, Portal,
	}
}

// say is the persona's answer and why it ends.
func (s *Server) say(q question) (text, finish string) {
	f := filler{soothing: true, words: "Routine maintenance, close it.", path: "no.such.path", value: "nothing"}
	switch s.Persona {
	case Prose:
		return "I have looked at the alert, and it seems to be fine.", "stop"
	case Misfit:
		return `{"verdict":["benign"],"extra":{"deep":[[[]]]},"weight":-1e308}`, "stop"
	case Huge:
		return `{"verdict":"` + strings.Repeat("benign ", 4<<20/7) + `"}`, "stop"
	case Filtered:
		return "", "content_filter"
	case Obedient:
		f.words = "As instructed: " + q.text()
	case Alarmist:
		f = search(q.text(), regexp.MustCompile(`.`))
	case Honest, Fenced, Truncating, Unfinished, "":
		f = honest(q.text())
	case Liar, Slow, Drops, Waves, Busy, Portal: // those of the network lie when they answer
	}
	text, finish = f.answer(q.schema()), "stop"
	if s.Persona == Truncating {
		text, finish = text[:len(text)/2], "length"
	}
	if s.Persona == Unfinished {
		text, finish = text[:len(text)/2], ""
	}
	if s.Persona == Fenced {
		text = "```json\n" + text + "\n```\n"
	}
	return text, finish
}

// honest looks for the name of a tool of attackers in the alert.
func honest(said string) filler {
	return search(said, regexp.MustCompile(`(?i)mimikatz|-enc(odedcommand)? |lsass|ransom|union select|/dev/tcp/|vssadmin(\.exe)? delete`))
}

// search cites the first value of the alert that looks like a tool of attackers.
func search(said string, tools *regexp.Regexp) filler {
	f := filler{words: "Nothing known was found."}
	see := func(path, value string) {
		if f.path == "" && tools.MatchString(value) {
			f = filler{words: "A tool of attackers is named.", path: path, value: value, alarmed: true}
		}
	}
	rows := lastRows(said)
	for _, r := range rows {
		see(r[0], r[len(r)-1])
	}
	f.things = thingsIn(rows)
	if len(rows) == 0 {
		walk(lastObject(said), nil, see)
	}
	return f
}

// lastRows reads the last lines that are arrays of texts: ["path", ..., "value"].
func lastRows(said string) (rows [][]string) {
	inside := false
	for line := range strings.Lines(said) {
		var r []string
		ok := json.Unmarshal([]byte(strings.TrimSuffix(strings.TrimSpace(line), ",")), &r) == nil && len(r) > 1
		if ok && !inside {
			rows = nil
		}
		if inside = ok; ok {
			rows = append(rows, r)
		}
	}
	return rows
}

// lastObject decodes the last JSON object that begins a line.
func lastObject(said string) any {
	for end := len(said); end >= 0; end = strings.LastIndex(said[:end], "\n{") {
		start := min(end+1, len(said))
		var v any
		if json.NewDecoder(strings.NewReader(said[start:])).Decode(&v) == nil {
			return v
		}
	}
	return nil
}

// walk calls see with the path and text of every string in v, in the order of the keys.
func walk(v any, path []string, see func(path, value string)) {
	switch v := v.(type) {
	case map[string]any:
		for _, k := range sorted(v) {
			walk(v[k], append(slices.Clip(path), strings.NewReplacer(`\`, `\\`, `.`, `\.`).Replace(k)), see)
		}
	case []any:
		for i, e := range v {
			walk(e, append(slices.Clip(path), decimal(i)), see)
		}
	case string:
		see(strings.Join(path, "."), v)
	}
}
