package render

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/wire"
	"github.com/seed-959697dd/soc/triage"
)

// ocsfVersion is the schema the findings follow: https://schema.ocsf.io/1.9.0/classes/detection_finding. The profile
// incident brings the verdict, security_control what the product did, datetime the times that people can read.
const ocsfVersion = "1.9.0"

// OCSF appends a verdict as an OCSF Detection Finding. now is the time at which the finding is made; version is this program's.
func OCSF(b []byte, v *triage.Verdict, now time.Time, version string) []byte {
	d := read(v)
	b = append(b, `{"class_uid":2004,"class_name":"Detection Finding","category_uid":2,"category_name":"Findings"`...)
	b = append(b, `,"type_uid":200401,"type_name":"Detection Finding: Create","activity_id":1,"activity_name":"Create"`...)
	b = when(b, "time", now)
	b = when(b, "start_time", v.First)
	b = when(b, "end_time", v.Last)
	b = wire.Int(b, "count", int64(v.Count))
	b = wire.Int(b, "severity_id", int64(v.Severity)) // the steps are numbered alike, 0 is unknown
	b = wire.Text(b, "severity", captions[v.Severity])
	b = appendStatus(b, v)
	b = wire.Bool(b, "is_alert", v.Route != triage.Closed)
	b = appendConfidence(b, v)
	b = wire.Int(b, "risk_score", int64(v.SeverityPct))
	b = wire.Text(b, "message", d.title())
	b = appendOutcome(b, d.Action)
	b = appendMetadata(b, d, version)
	b = appendFinding(b, v, d)
	b = appendObservables(b, v, d)
	b = appendEvidences(b, v, d)
	b = append(wire.Key(b, "unmapped"), `{"soc":{`...)
	b = wire.Int(b, "score", int64(v.Score))
	b = wire.Int(b, "base", int64(v.Base))
	b = wire.Text(b, "route", v.Route.String())
	b = wire.Text(b, "disposition", v.Disposition.String())
	b = wire.Bool(b, "would_close", v.WouldClose)
	b = wire.Text(b, "case", v.Case)
	b = wire.Texts(b, "alert_ids", v.IDs)
	b = wire.Int(b, "more", int64(v.More))
	b = append(wire.Key(b, "signals"), '[')
	for i := range v.Signals {
		b = v.Signals[i].AppendJSON(wire.Comma(b))
	}
	b = append(b, ']')
	b = alert.AppendGaps(b, v.Gaps)
	return append(b, "}}}"...)
}

var captions = [...]string{"Unknown", "Informational", "Low", "Medium", "High", "Critical"}

// when appends a time in milliseconds and, beside it, in the form of the datetime profile.
func when(b []byte, name string, t time.Time) []byte {
	if t.IsZero() {
		return b
	}
	return wire.Time(wire.Int(b, name, t.UnixMilli()), name+"_dt", t)
}

// appendStatus says how far the finding is: new, or suppressed by a rule, and what it was found to be.
func appendStatus(b []byte, v *triage.Verdict) []byte {
	id, word := int64(1), "New"
	if v.Route == triage.Closed {
		id, word = 3, "Suppressed"
	}
	b = wire.Text(wire.Int(b, "status_id", id), "status", word)
	verdict := [...]struct {
		id   int64
		word string
	}{
		triage.Undetermined:   {7, "Insufficient Data"},
		triage.TruePositive:   {2, "True Positive"},
		triage.BenignPositive: {5, "Benign"},
		triage.FalsePositive:  {1, "False Positive"},
	}[v.Disposition]
	if v.Route != triage.Closed && v.Digests.Precedent == "" {
		verdict.id, verdict.word = 0, "Unknown" // a guess without a record is nothing to automate on: unmapped.soc has it
	}
	return wire.Text(wire.Int(b, "verdict_id", verdict.id), "verdict", verdict.word)
}

// appendConfidence says how sure the verdict is, either way. Without a precedent nobody knows: a score is no probability.
func appendConfidence(b []byte, v *triage.Verdict) []byte {
	id, word := int64(1), "Low"
	sure := max(v.Probability, 1-v.Probability)
	switch {
	case v.Digests.Precedent == "":
		return wire.Text(wire.Int(b, "confidence_id", 0), "confidence", "Unknown")
	case sure >= 0.9:
		id, word = 3, "High"
	case sure >= 0.7:
		id, word = 2, "Medium"
	}
	b = wire.Int(b, "confidence_score", int64(math.Round(100*sure)))
	return wire.Text(wire.Int(b, "confidence_id", id), "confidence", word)
}

// appendOutcome says what the product did, where that is known.
func appendOutcome(b []byte, action string) []byte {
	type outcome struct {
		action, disposition int64
		act, word           string
	}
	o, known := map[string]outcome{
		"allowed":     {1, 1, "Allowed", "Allowed"},
		"blocked":     {2, 2, "Denied", "Blocked"},
		"quarantined": {2, 3, "Denied", "Quarantined"},
		"detected":    {0, 15, "Unknown", "Detected"},
		"failed":      {0, 13, "Unknown", "Uncorrected"},
	}[action]
	if !known {
		return b
	}
	b = wire.Text(wire.Int(b, "action_id", o.action), "action", o.act)
	return wire.Text(wire.Int(b, "disposition_id", o.disposition), "disposition", o.word)
}

func appendMetadata(b []byte, d *document, version string) []byte {
	b = append(wire.Key(b, "metadata"), '{')
	b = wire.Text(b, "version", ocsfVersion)
	b = wire.Texts(b, "profiles", []string{"datetime", "incident", "security_control"})
	b = append(wire.Key(b, "product"), '{')
	b = wire.Text(b, "name", "soc")
	b = append(wire.Text(b, "version", version), '}')
	b = wire.Text(b, "log_name", d.Input.Name)
	b = wire.Text(b, "log_provider", provider(d))
	b = wire.Text(b, "original_event_uid", d.ID)
	return append(b, '}')
}

func provider(d *document) string {
	if d.Product == "" || strings.HasPrefix(d.Product, d.Vendor) {
		return max(d.Product, d.Vendor)
	}
	return strings.TrimSpace(d.Vendor + " " + d.Product)
}

func appendFinding(b []byte, v *triage.Verdict, d *document) []byte {
	b = append(wire.Key(b, "finding_info"), '{')
	b = wire.Text(b, "uid", v.ID)
	b = wire.Text(b, "title", d.title())
	if d.Rule.ID != "" || d.Rule.Name != "" {
		b = append(wire.Key(b, "analytic"), `{"type_id":1,"type":"Rule"`...)
		b = wire.Text(b, "uid", d.Rule.ID)
		b = append(wire.Text(b, "name", d.Rule.Name), '}')
	}
	b = appendAttacks(b, d.Techniques)
	b = when(b, "first_seen_time", v.First)
	b = when(b, "last_seen_time", v.Last)
	if p := provider(d); p != "" {
		b = wire.Texts(b, "data_sources", []string{p})
	}
	b = wire.Int(b, "related_events_count", int64(v.Count))
	return append(b, '}')
}

// appendAttacks names the ATT&CK techniques; T1059.001 is a sub-technique of T1059.
func appendAttacks(b []byte, techniques []string) []byte {
	if len(techniques) == 0 {
		return b
	}
	b = append(wire.Key(b, "attacks"), '[')
	for _, t := range slices.Compact(slices.Clone(techniques)) {
		b = append(wire.Comma(b), '{')
		parent, _, sub := strings.Cut(t, ".")
		b = append(wire.Text(append(wire.Key(b, "technique"), '{'), "uid", parent), '}')
		if sub {
			b = append(wire.Text(append(wire.Key(b, "sub_technique"), '{'), "uid", t), '}')
		}
		b = append(b, '}')
	}
	return append(b, ']')
}
