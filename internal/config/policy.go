package config

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
)

// Policy is everything about deciding that an estate may choose. What is nil or empty keeps its default.
type Policy struct {
	BaseRate   *float64           `yaml:"base_rate" range:"0.0001..0.9999"` // share of groups that are attacks
	Cap        *int               `yaml:"cap" range:"0..100000"`            // bound of a family, milli-nats
	FamilyCaps map[string]int     `yaml:"family_caps" range:"0..100000"`    // bounds of single families, milli-nats
	Weights    map[string]float64 `yaml:"weights" range:"0..3"`             // factor by check, or check/family
	Routes     Routes             `yaml:"routes"`
	Required   []string           `yaml:"required"` // checks whose gap bars closing
	Gap        *Duration          `yaml:"gap" range:"1s..24h"`
	Floor      *int               `yaml:"floor" range:"0..1000000"` // decisions a detector needs before it may be closed
	Autonomy   string             `yaml:"autonomy" oneof:"observe|shadow|close"`
	Severity   map[string]string  `yaml:"severity_floors" oneof:"informational|low|medium|high|critical"` // by check, or check/family
	Rules      []Rule             `yaml:"rules"`
}

// Routes are the probabilities from which a group escalates.
type Routes struct {
	Escalate         *float64 `yaml:"escalate" range:"0..1"`
	EscalateCritical *float64 `yaml:"escalate_critical" range:"0..1"` // on a critical asset
}

// Rule is one allow or deny rule.
type Rule struct {
	Name      string `yaml:"name" is:"required"`
	Effect    string `yaml:"effect" is:"required" oneof:"allow|deny"`
	When      string `yaml:"when" is:"required"` // a CEL expression
	Reason    string `yaml:"reason"`
	Expires   string `yaml:"expires" is:"date"` // its last day, UTC
	By        string `yaml:"by"`
	Signature string `yaml:"signature"`
	Line      int    `yaml:"-" json:"-"` // where it stands in its file
}

// Digest names what the policy decides with: every value, and whose signatures count when it has rules. Comments, order of
// keys and places in the file do not change it. Two runs are comparable when it is the same; fill in the defaults first.
func (p *Policy) Digest(approvers []Approver) (string, error) {
	if len(p.Rules) == 0 {
		approvers = nil
	}
	text, err := json.Marshal(struct {
		Policy    *Policy
		Approvers []Approver
	}{p, approvers})
	if err != nil {
		return "", fmt.Errorf("policy digest: %w", err)
	}
	sum := sha256.Sum256(text)
	return "sha256:" + hex.EncodeToString(sum[:]), nil
}

// Duration is a time.Duration that may also be written in days: 90d, 1.5d.
type Duration struct{ time.Duration }
