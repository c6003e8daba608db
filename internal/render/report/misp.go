package report

import (
	"strconv"
	"time"

	"github.com/seed-959697dd/soc/internal/wire"
	"github.com/seed-959697dd/soc/investigate"
	"github.com/seed-959697dd/soc/triage"
)

// misp writes a case as a MISP event, several as what a MISP answers with. Only what the case recommends to block is marked for
// detection (to_ids). Source: MISP core format, draft-dulaunoy-misp-core-format.
type misp struct {
	cases int
	held  []byte // the first event: whether it stands alone is known at the end
}

// Begin implements Writer.
func (w *misp) Begin(b []byte) []byte { return b }

// Case implements Writer.
func (w *misp) Case(b []byte, k *investigate.Case) []byte {
	w.cases++
	if w.cases == 1 {
		w.held = appendEvent(nil, k)
		return b
	}
	if w.cases == 2 {
		b = append(append(b, `{"response":[`...), w.held...)
	}
	return appendEvent(append(b, ','), k)
}

// End implements Writer.
func (w *misp) End(b []byte) []byte {
	switch w.cases {
	case 0:
		return append(b, `{"response":[]}`+"\n"...)
	case 1:
		return append(append(b, w.held...), '\n')
	}
	return append(b, "]}\n"...)
}

func appendEvent(b []byte, k *investigate.Case) []byte {
	at := k.Last
	if at.IsZero() {
		at = time.Unix(0, 0)
	}
	b = append(b, `{"Event":{`...)
	b = wire.Word(b, "uuid", uuid5(ours, "misp event "+k.ID))
	info := k.ID
	if k.Title != "" {
		info += " " + k.Title
	}
	b = wire.Text(b, "info", info)
	b = wire.Word(b, "date", at.UTC().Format(time.DateOnly))
	b = wire.Word(b, "timestamp", strconv.FormatInt(at.Unix(), 10))
	b = wire.Word(b, "threat_level_id", threatLevel(k.Severity))
	b = wire.Word(b, "analysis", "0")     // initial
	b = wire.Word(b, "distribution", "0") // your organisation only
	b = wire.Bool(b, "published", false)
	b = append(wire.Key(b, "Tag"), '[')
	for _, t := range k.Techniques {
		if name := investigate.TechniqueName(t); name != "" {
			b = append(wire.Text(append(wire.Comma(b), '{'), "name", `misp-galaxy:mitre-attack-pattern="`+name+" - "+t+`"`), '}')
		}
	}
	b = append(wire.Key(append(b, ']'), "Attribute"), '[')
	s := sharing(k)
	for i := range k.Indicators {
		n := &k.Indicators[i]
		kind, category := attributeType(n)
		if kind == "" {
			continue
		}
		comment := n.Verdict
		if n.Standing != "" {
			comment += ", " + string(n.Standing)
		}
		b = appendAttribute(b, k.ID, kind, category, n.Value, comment, strconv.FormatInt(at.Unix(), 10), s.blocks(n))
	}
	for _, h := range investigate.Distinct("host", k.Hosts) {
		b = appendAttribute(b, k.ID, "target-machine", "Targeting data", h, "affected", strconv.FormatInt(at.Unix(), 10), false)
	}
	for _, u := range investigate.Distinct("user", k.Users) {
		b = appendAttribute(b, k.ID, "target-user", "Targeting data", u, "affected", strconv.FormatInt(at.Unix(), 10), false)
	}
	if p := k.Prose; p != nil {
		for i := range p.Sentences {
			b = appendAttribute(b, k.ID, "comment", "Other", p.Sentences[i].Text, by(p.By), strconv.FormatInt(at.Unix(), 10), false)
		}
	}
	return append(b, "]}}"...)
}

func appendAttribute(b []byte, id, kind, category, value, comment, at string, detect bool) []byte {
	b = wire.Word(append(wire.Comma(b), '{'), "uuid", uuid5(ours, "misp attribute "+id+" "+kind+" "+value))
	b = wire.Word(b, "type", kind)
	b = wire.Word(b, "category", category)
	b = wire.Text(b, "value", value)
	b = wire.Text(b, "comment", comment)
	b = wire.Word(b, "timestamp", at)
	b = wire.Word(b, "distribution", "5") // as the event
	return append(wire.Bool(b, "to_ids", detect), '}')
}

// attributeType is what MISP calls an indicator, and where it files it.
func attributeType(n *investigate.Indicator) (kind, category string) {
	switch n.Type {
	case "ip":
		if n.Role == "source" {
			return "ip-src", "Network activity"
		}
		return "ip-dst", "Network activity"
	case "domain", "url":
		return n.Type, "Network activity"
	case "md5", "sha1", "sha256", "sha512":
		return n.Type, "Payload delivery"
	case "mail":
		return "email", "Payload delivery"
	case "cve":
		return "vulnerability", "External analysis"
	}
	return "", ""
}

func threatLevel(s triage.Severity) string {
	switch s {
	case triage.Critical, triage.High:
		return "1"
	case triage.Medium:
		return "2"
	case triage.Low, triage.Informational:
		return "3"
	case triage.NoSeverity:
	}
	return "4"
}
