package report

import (
	"strings"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/investigate"
)

// maxNote bounds a note, in bytes: beyond it a platform's screen is no place to read a case.
const maxNote = 60_000

// Note is a case's document as a note in Markdown for another platform: what was found, what is recommended, what is open. As in a report no
// text of the case is anything but text, and indicators are defanged. What does not fit is named as left out.
func Note(doc []byte) string {
	d := gjson.ParseBytes(doc)
	var k investigate.Case
	for _, v := range d.Get("verdicts").Array() {
		for _, e := range v.Get("alert.entities").Array() {
			switch e.Get("type").Str {
			case "host":
				k.Hosts = append(k.Hosts, e.Get("value").Str)
			case "user":
				k.Users = append(k.Users, e.Get("value").Str)
			}
		}
	}
	m := &markdown{p: newProse(&k, nil)}
	var b strings.Builder
	b.WriteString("# Case " + m.quote(d.Get("id").Str) + ": " + m.quote(d.Get("title").Str) + "\n\n")
	b.WriteString("Severity " + m.quote(orUnknown(d.Get("severity").Str)) + ", " + m.quote(orUnknown(d.Get("route").Str)) + ", " + m.quote(spaced(orUnknown(d.Get("disposition").Str))) + "\n")
	left := 0
	part := func(title, list string, line func(gjson.Result) string) {
		begun := false
		for _, v := range d.Get(list).Array() {
			text := "* " + m.opened(line(v)) + m.cited(v) + "\n"
			if b.Len()+len(text) > maxNote {
				left++
				continue
			}
			if !begun {
				b.WriteString("\n## " + title + "\n\n")
			}
			begun = true
			b.WriteString(text)
		}
	}
	sentence := func(v gjson.Result) string { return v.Get("sentence").Str }
	part("Findings", "findings", sentence)
	part("Recommended", "recommended", func(v gjson.Result) string {
		return v.Get("action").Str + " " + disarmed(targetOf(v.Get("target"))) + ": " + v.Get("why").Str + ". Risk: " + v.Get("risk").Str
	})
	part("Indicators", "indicators", func(v gjson.Result) string {
		return v.Get("type").Str + " " + disarmed(targetOf(v)) + ", " + v.Get("verdict").Str
	})
	part("Open questions", "questions", func(v gjson.Result) string { return v.String() })
	part("What could not be found out", "gaps", func(v gjson.Result) string { return v.Get("reason").Str })
	if left > 0 {
		b.WriteString("\n" + plural(left, "line", "lines") + " left out: too much for a note.\n")
	}
	return b.String()
}

func (m *markdown) cited(v gjson.Result) string {
	var list []string
	for _, c := range v.Get("cites").Array() {
		list = append(list, m.quote(c.Str))
	}
	if len(list) == 0 {
		return ""
	}
	const most = 3
	more := ""
	if len(list) > most {
		list, more = list[:most], " and more"
	}
	return ` \[` + strings.Join(list, ", ") + more + `\]`
}

func targetOf(v gjson.Result) investigate.Target {
	return investigate.Target{Type: v.Get("type").Str, Value: v.Get("value").Str}
}
