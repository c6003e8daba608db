package prompt

import (
	"encoding/json"
	"fmt"
	"slices"
)

// Verdict is what a model calls an alert. The zero value is that it does not know.
type Verdict uint8

// The verdicts.
const (
	Unsure Verdict = iota
	Benign
	Suspicious
	Malicious
	verdicts
)

var verdictNames = [verdicts]string{"unsure", "benign", "suspicious", "malicious"}

func (v Verdict) String() string { return verdictNames[v] }

// MarshalText spells the verdict for documents.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads what MarshalText wrote. It refuses any other word.
func (v *Verdict) UnmarshalText(text []byte) error {
	i := slices.Index(verdictNames[:], string(text))
	if i < 0 {
		return fmt.Errorf("verdict %q is not known", text)
	}
	*v = Verdict(i)
	return nil
}

// Query names what somebody should look up next. A model picks from the catalogue and cannot add to it, nor say about what: that
// is read off the alert by whoever looks.
type Query string

// The catalogue. It is part of the prompt: a change is another prompt.
const (
	ProcessTree   Query = "process-tree"
	HostLogons    Query = "host-logons"
	UserLogons    Query = "user-logons"
	HostTraffic   Query = "host-traffic"
	WhoElse       Query = "who-else"
	FileElsewhere Query = "file-elsewhere"
	HostAlerts    Query = "host-alerts"
	UserAlerts    Query = "user-alerts"
	CloudCalls    Query = "cloud-calls"
	MailTrace     Query = "mail-trace"
	Changes       Query = "changes"
	AskOwner      Query = "ask-owner"
)

// Queries are the catalogue in its order.
func Queries() []Query {
	return []Query{
		ProcessTree, HostLogons, UserLogons, HostTraffic, WhoElse, FileElsewhere, HostAlerts, UserAlerts, CloudCalls, MailTrace, Changes, AskOwner,
	}
}

// Sentence is the query as a person reads it.
func (q Query) Sentence() string {
	switch q {
	case ProcessTree:
		return "which processes did this process start, and which started it"
	case HostLogons:
		return "who signed in on this host around that time"
	case UserLogons:
		return "where else did this account sign in around that time"
	case HostTraffic:
		return "what did this host connect to around that time"
	case WhoElse:
		return "which other hosts contacted the same address or domain"
	case FileElsewhere:
		return "on which other hosts is this file"
	case HostAlerts:
		return "what else was reported for this host"
	case UserAlerts:
		return "what else was reported for this account"
	case CloudCalls:
		return "what else did this identity call in the cloud"
	case MailTrace:
		return "who else received this message, and who opened it"
	case Changes:
		return "is there an approved change that explains this"
	case AskOwner:
		return "does the owner of the host or account know of this"
	}
	return "unknown"
}

func known(q Query) bool { return slices.Contains(Queries(), q) }

// schema is the JSON Schema of the answer. Every member is required and no other allowed, which is what providers ask of a strict
// schema. Its bounds keep a model that finds no end from filling its limit; some providers refuse a schema that has any, and adapters
// leave them out for those. The claims come before the verdict: a model that writes from left to right then concludes from what it cited.
func schema() (json.RawMessage, error) {
	type object = map[string]any
	closed := func(members object, order ...string) object {
		return object{"type": "object", "additionalProperties": false, "required": order, "properties": members}
	}
	text := object{"type": "string", "maxLength": 200}
	names := verdictNames[:]
	body, err := json.Marshal(closed(object{
		"claims":     object{"type": "array", "maxItems": 6, "items": closed(object{"path": text, "value": text, "text": text}, "path", "value", "text")},
		"confidence": object{"type": "integer", "minimum": 0, "maximum": 100},
		"questions":  object{"type": "array", "maxItems": 4, "items": object{"type": "string", "enum": Queries()}},
		"verdict":    object{"type": "string", "enum": names},
	}, "claims", "questions", "verdict", "confidence"))
	return body, err
}
