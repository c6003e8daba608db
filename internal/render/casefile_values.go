package render

import (
	"slices"
	"strings"
)

func (f *CaseFile) entities(width int) Section {
	s := Section{Title: "ENTITIES"}
	met := map[string]bool{}
	for i := range f.Read().sheets {
		v := &f.sheets[i]
		for _, e := range v.members["alert"].Get("entities").Array() {
			kind, role, value := e.Get("type").Str, e.Get("role").Str, e.Get("value").Str
			if name := kind + role + value; met[name] || len(met) == 200 {
				continue
			} else {
				met[name] = true
			}
			behind := Behind{Verdict: v.text("id"), Path: e.Get("path").Str}
			if kind == "host" || kind == "user" {
				behind = Behind{Find: kind + ":" + quoted(value)}
			}
			behind.Kind, behind.Value = kind, value
			s.Count++
			s.Lines = append(s.Lines, labels(keep(role)+" "+entityWord(kind), 18, width, keep(value), Plain, behind)...)
			s.Lines = append(s.Lines, f.met(kind, value, width, behind)...)
		}
	}
	return s
}

// met is what is known of an entity, below it.
func (f *CaseFile) met(kind, value string, width int, behind Behind) (list []Line) {
	at := slices.IndexFunc(f.Met, func(m Met) bool { return m.Kind == kind && m.Value == value })
	if at < 0 {
		return nil
	}
	m := &f.Met[at]
	if m.Estate != "" {
		list = folded(Faint, 21, width, 3, keep(m.Estate))
	}
	if n := m.Open + m.Closed; n > 0 {
		text := "in " + Plural(int64(n), "other case", "other cases")
		if m.More {
			text = "in more than " + Plural(int64(n), "other case", "other cases")
		}
		list = append(list, folded(Faint, 21, width, 2, text+", "+Count(int64(m.Open))+" open: enter lists them")...)
	}
	for i := range list {
		list[i].Behind = behind
	}
	return list
}

// entityWord is the kind of an entity as people say it.
func entityWord(kind string) string {
	if kind == "process_command" {
		return "command"
	}
	return keep(spaced(kind))
}

// quoted is a value as a filter takes it.
func quoted(value string) string {
	if strings.ContainsAny(value, " \t") {
		return `"` + value + `"`
	}
	return value
}

func (f *CaseFile) indicators(width int) Section {
	s := Section{Title: "INDICATORS"}
	if f.Case == nil {
		return s
	}
	s.Count = len(f.Case.Indicators)
	verdicts := f.standFor()
	for i := range f.Case.Indicators {
		n := &f.Case.Indicators[i]
		tone := Plain
		if n.Verdict == "malicious" || n.Verdict == "suspicious" {
			tone = Raise
		}
		behind := Behind{Copy: keep(n.Defanged), Kind: n.Type, Value: n.Value}
		if len(n.Receipts) > 0 {
			behind.Verdict, behind.Path = verdicts[n.Receipts[0].Alert], n.Receipts[0].Path
		}
		s.Lines = append(s.Lines, labels(keep(n.Type), 7, width, keep(n.Defanged)+reputed(n.Verdict), tone, behind)...)
	}
	return s
}

// standFor are the verdicts by the alert that stands for each.
func (f *CaseFile) standFor() map[string]string {
	verdicts := map[string]string{}
	for i := range f.Read().sheets {
		verdicts[f.sheets[i].members["alert"].Get("id").Str] = f.sheets[i].text("id")
	}
	return verdicts
}

func (f *CaseFile) links(width int) Section {
	s := Section{Title: "LINKS"}
	if f.Case == nil {
		return s
	}
	s.Count = len(f.Case.Links)
	for i := range f.Case.Links[:min(s.Count, 50)] {
		s.Lines = append(s.Lines, folded(Plain, 2, width, 3, whyLinked(&f.Case.Links[i]))...)
	}
	return s
}
