package check

import (
	"strconv"
	"strings"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

// How the product rates its own alert, and what it or its analysts concluded. A rating is an opinion about the rule more
// than about the event, so it moves the score by less than a word of what happened; a conclusion counts for much.
//
// Source: severity, confidence and verdict fields of Microsoft Graph security alerts v2 (classification, evidence verdict),
// CrowdStrike Falcon, Suricata EVE (alert.severity, metadata), SentinelOne (analystVerdict), Elastic risk scores, OCSF 1.x finding (severity_id, confidence_id, verdict_id).

type vendor struct {
	ratings   [101]rating
	verdicts  map[string]rating
	signature map[string]int // Emerging Threats' signature_severity -> 0..100
	priority  map[string]int // Suricata's alert.severity -> 0..100
	slots     *slotTable
}

type rating struct {
	weight triage.Weight
	says   string
}

// Vendor reads severity, confidence and verdict.
func Vendor() triage.Check {
	v := &vendor{
		verdicts:  map[string]rating{},
		signature: map[string]int{"Critical": 80, "Major": 70, "Minor": 45, "Informational": 30},
		priority:  map[string]int{"1": 75, "2": 55, "3": 30, "4": 10},
		slots:     slotsOf(alert.SlotSeverity, alert.SlotConfidence, alert.SlotVerdict, alert.SlotStatus),
	}
	for score := range v.ratings {
		v.ratings[score] = rating{ratingOf(score), "the product rates it " + strconv.Itoa(score) + " of 100"}
	}
	for _, row := range []struct {
		rating
		words string
	}{
		{rating{2000, "it was already found to be malicious"}, "malicious truepositive tp confirmedmalicious confirmedthreat confirmedattack maliciousactivity compromised phish phishing malware infected exploited truepositivemalicious"},
		{rating{700, "it was already found to be suspicious"}, "suspicious likelymalicious probablymalicious suspiciousactivity highrisk"},
		{rating{-1500, "it was already found to be harmless"}, "benign falsepositive fp falsepositivebenign benignpositive benigntruepositive truepositivebenign harmless notmalicious nothreat nothreatsfound goodware informationalexpectedactivity expectedactivity confirmedsafe legitimate securitytesting testing"},
	} {
		for w := range strings.FieldsSeq(row.words) {
			v.verdicts[w] = row.rating
		}
	}
	return v
}

func (*vendor) Name() string { return "vendor" }

func (v *vendor) Check(a *alert.Alert, note func(triage.Signal)) {
	for i := range a.Fields {
		f := &a.Fields[i]
		if v.slots[f.Slot] == 0 {
			continue
		}
		switch f.Slot {
		case alert.SlotSeverity:
			if s := a.Severity.Score; s >= 0 && s <= 100 && !logLevel(a) && !(v.ratings[s].weight < 0 && v.wrapped(a, f, note)) {
				say(note, f, v.ratings[s])
			}
		case alert.SlotConfidence:
			say(note, f, confidenceOf(f.Value, a.Severity.Score))
		case alert.SlotVerdict, alert.SlotStatus:
			v.concluded(f, note)
		}
	}
}

// logLevel tells records whose level is that of a log: Windows writes most attacks down as information, and most errors are
// no attacks.
func logLevel(a *alert.Alert) bool {
	switch a.Format {
	case "windows-event", "windows-event-flat", "windows-event-list", "azure-windows-event", "winlogbeat", "linux-auth":
		return true
	}
	return false
}

// wrapped reads, in an alert made of another product's alert, how that one rates it: Wazuh gives all of Suricata's the
// same low level. What stands there is taken for a log's text, so it only raises. It returns false when there is none.
func (v *vendor) wrapped(a *alert.Alert, outer *alert.Field, note func(triage.Signal)) bool {
	if !isOfSensor(a) {
		return false
	}
	dir, inside := strings.CutSuffix(string(outer.Path), "rule.level")
	if !inside {
		return false
	}
	for _, row := range [...]struct {
		path  string
		score map[string]int
	}{
		{"data.alert.metadata.signature_severity.0", v.signature},
		{"data.alert.severity", v.priority},
	} {
		p := alert.Path(dir + row.path)
		value, _ := a.Lookup(p)
		if score, known := row.score[value]; known {
			say(note, &alert.Field{Path: p, Value: value}, v.ratings[score])
			return true
		}
	}
	return false
}

// isOfSensor tells Wazuh's alerts that repeat those of a network sensor.
func isOfSensor(a *alert.Alert) bool {
	for f := range a.Each(alert.SlotCategory) {
		if f.Value == "ids" || f.Value == "suricata" {
			return true
		}
	}
	return false
}

// say notes a rating, unless it weighs nothing or would lower on the word of a stranger.
func say(note func(triage.Signal), f *alert.Field, r rating) {
	if r.weight > 0 || r.weight < 0 && f.Trust > alert.Attacker {
		note(triage.Note("vendor", triage.Vendor, r.weight, r.says, "", f))
	}
}

// ratingOf draws straight lines between the points where the vendors' words stand.
func ratingOf(score int) triage.Weight {
	points := [...][2]int{{0, -750}, {5, -700}, {20, -250}, {35, 0}, {50, 150}, {60, 400}, {75, 1100}, {80, 1400}, {95, 1650}, {100, 1700}}
	for i := 1; i < len(points); i++ {
		if lo, hi := points[i-1], points[i]; score <= hi[0] {
			return triage.Weight(lo[1] + (hi[1]-lo[1])*(score-lo[0])/(hi[0]-lo[0]))
		}
	}
	return 0
}

// confidenceOf reads words and the scales 0..1 (with a point), 0..10 and 0..100. To be sure of something unimportant is
// no evidence of an attack.
func confidenceOf(word string, severity int) rating {
	var sure float64
	switch strings.ToLower(word) {
	case "high", "very high", "confirmed", "certain", "critical":
		sure = 0.9
	case "medium", "moderate":
		sure = 0.5
	case "low", "very low", "unlikely", "tentative":
		sure = 0.15
	default:
		n, err := strconv.ParseFloat(strings.TrimSuffix(word, "%"), 64)
		switch {
		case err != nil || n < 0 || n > 100:
			return rating{}
		case n <= 1 && strings.Contains(word, "."):
			sure = n
		case n <= 10 && !strings.HasSuffix(word, "%"):
			sure = n / 10
		default:
			sure = n / 100
		}
	}
	switch {
	case sure >= 0.8 && (severity < 0 || severity >= 40):
		return rating{300, "the product is confident"}
	case sure < 0.3 && sure >= 0:
		return rating{-300, "the product is not confident"}
	}
	return rating{}
}

func (v *vendor) concluded(f *alert.Field, note func(triage.Signal)) {
	var letters [48]byte
	n := 0
	for i := range len(f.Value) {
		c := f.Value[i] | 0x20
		if c-'a' > 25 {
			continue
		}
		if n == len(letters) {
			return
		}
		letters[n] = c
		n++
	}
	say(note, f, v.verdicts[string(letters[:n])])
}
