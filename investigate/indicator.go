package investigate

import (
	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/alert/indicator"
	"github.com/seed-959697dd/soc/triage"
)

// Indicator is a value of the case's alerts or events that can be looked up or searched for elsewhere.
type Indicator struct {
	Type, Value string
	Defanged    string // Value so that nobody clicks on it
	Role        string // source, target, actor, related; empty when no entity has the value
	// Verdict is what threat intelligence said in a signal: malicious, suspicious, benign; unknown when it said nothing. What a process
	// of the case talked to, wrote or ran is suspicious, too.
	Verdict  string
	Standing Standing // why it is none to block or to share; see Case.Stand
	Hidden   string   // how it was hidden in the record: "encoded in Base64 as UTF-16"; empty when it stood there in clear
	Receipts []Receipt
}

// Indicators of one case, and the places at which one of them is shown to stand.
const (
	maxIndicators = 1000
	maxPlaces     = 5
)

// telling is the weight from which on threat intelligence says malicious: typical of attacks.
const telling = triage.Weight(1200)

// addIndicators takes the indicators of a verdict's alert. One that stood in another alert gets a receipt more.
func (k *Case) addIndicators(id string, doc gjson.Result) {
	a := doc.Get("alert")
	list := a.Get("indicators").Array()
	if len(list) == 0 {
		return
	}
	roles := map[string]string{}
	for _, e := range a.Get("entities").Array() {
		roles[e.Get("path").Str] = e.Get("role").Str
	}
	known := reputations(doc)
	for _, r := range list {
		path, value := r.Get("path").Str, r.Get("value").Str
		at := k.indicator(r.Get("type").Str, value)
		if at == nil {
			return
		}
		if at.Role == "" {
			at.Role = roles[path]
		}
		if word := known[value]; graver(word, at.Verdict) {
			at.Verdict = word
		}
		if len(at.Receipts) < maxPlaces {
			at.Receipts = append(at.Receipts, Receipt{id, path, value})
		}
	}
}

// indicator finds an indicator of the case or makes it; nil when the case has as many as it may.
func (k *Case) indicator(kind, value string) *Indicator {
	name := kind + " " + value
	at, met := k.placeOf[name]
	if !met {
		if len(k.Indicators) == maxIndicators {
			return nil
		}
		if k.placeOf == nil {
			k.placeOf = map[string]int{}
		}
		at = len(k.Indicators)
		k.placeOf[name] = at
		var s indicator.Scanner
		defanged := value // nobody clicks on a file's name
		if kind != "file" {
			defanged = string(s.Disarm(nil, indicator.Type(kind), []byte(value)))
		}
		k.Indicators = append(k.Indicators, Indicator{
			Type: kind, Value: value, Verdict: "unknown",
			Defanged: defanged,
		})
	}
	return &k.Indicators[at]
}

// reputations is what threat intelligence said about values, by the receipts of its signals.
func reputations(doc gjson.Result) map[string]string {
	said := map[string]string{}
	for _, s := range doc.Get("signals").Array() {
		if s.Get("family").Str != string(triage.Reputation) {
			continue
		}
		word := "suspicious"
		switch w := triage.Weight(s.Get("weight").Int()); {
		case w >= telling:
			word = "malicious"
		case w < 0:
			word = "benign"
		}
		for _, r := range s.Get("receipts").Array() {
			if v := r.Get("value").Str; graver(word, said[v]) {
				said[v] = word
			}
		}
	}
	return said
}

// graver tells whether word says worse than other; what is known to be harmless says more than nothing.
func graver(word, other string) bool {
	rank := func(s string) int {
		switch s {
		case "malicious":
			return 3
		case "suspicious":
			return 2
		case "benign":
			return 1
		}
		return 0
	}
	return rank(word) > rank(other)
}
