package triage

import (
	"github.com/seed-959697dd/soc/alert"
)

// Weight is evidence in milli-nats: a thousandth of the natural logarithm of a likelihood ratio. Positive speaks for an
// attack. +2944 outweighs a base rate of 5 %.
type Weight = int32

// Family groups signals that speak about the same thing: within one, each further signal counts half of the one before.
type Family string

// The families. Policy may cap each.
const (
	Vendor         Family = "vendor"         // how the product rates it
	Outcome        Family = "outcome"        // whether it was stopped
	Technique      Family = "technique"      // ATT&CK technique and stage
	Detection      Family = "detection"      // what the rule's name says
	CommandLine    Family = "command"        // command lines and scripts
	ProcessTree    Family = "process"        // who started what, from where
	FileSystem     Family = "file"           // paths, names, hashes of files
	Persistence    Family = "persistence"    // registry, services, tasks, drivers
	Credentials    Family = "credentials"    // stores of secrets and access to them
	Authentication Family = "authentication" // who signed in, and how
	Web            Family = "web"            // requests
	Network        Family = "network"        // addresses, ports, names
	CloudControl   Family = "cloud"          // control-plane calls
	Malware        Family = "malware"        // what a scanner named
	Mailing        Family = "mail"
	Reputation     Family = "reputation" // threat intelligence
	Assets         Family = "assets"     // what the estate knows
	Novelty        Family = "novelty"    // never or seldom seen here
	Burst          Family = "burst"      // how much at once
	Agreement      Family = "agreement"  // several detectors, one thing
	Models         Family = "model"      // what a language model said; it only raises
	Rules          Family = "policy"     // allow and deny rules
	Precedents     Family = "precedent"  // how the detector's alerts turned out
	Tampering      Family = "tampering"  // an alert that tries to steer its reader
)

// Signal is what one check noticed in one alert.
type Signal struct {
	Check    string
	Family   Family
	Trust    alert.Trust // of the least trusted field it read
	Weight   Weight
	Expert   Weight // the weight it had before precedent gave it another
	Weighed  bool   // precedent did
	Term     Weight // what it adds to the score; set by Decide
	Hard     bool   // enough on its own to escalate: a confirmed intelligence hit, a deny rule
	Critical bool   // it is about an asset or account whose loss would be critical to the estate
	By       string // what suppresses the signal: it counts nothing, and is shown with what suppressed it
	Sentence string // one sentence for people, without a full stop
	Receipts []alert.Ref
}

// Note makes a signal from the fields it was read off; part, when not empty, is the piece of the first field's text that
// matters. Its trust is that of the least trusted field. A signal that rests on text an attacker can write never lowers
// (promise P6): its negative weight becomes zero here, whoever asks.
func Note(check string, family Family, weight Weight, sentence, part string, fields ...*alert.Field) Signal {
	s := Signal{Check: check, Family: family, Weight: weight, Sentence: sentence, Trust: alert.Estate}
	if len(fields) == 1 { // nearly always
		s.Receipts = new([1]alert.Ref)[:0]
	} else {
		s.Receipts = make([]alert.Ref, 0, len(fields))
	}
	for i, f := range fields {
		if f == nil {
			continue
		}
		s.Trust = min(s.Trust, f.Trust)
		if i > 0 {
			part = ""
		}
		s.Receipts = append(s.Receipts, alert.Cite(f, part))
	}
	if len(s.Receipts) == 0 || s.Trust == alert.Attacker && s.Weight < 0 {
		s.Trust = alert.Attacker
		s.Weight = max(0, s.Weight)
	}
	return s
}

// From names, for each receipt in order, the place beside the alert that knows its text: the entry of a feed, the line of an
// inventory, the counts of a baseline.
func (s Signal) From(sources ...string) Signal {
	for i := range min(len(sources), len(s.Receipts)) {
		s.Receipts[i].Source = sources[i]
	}
	return s
}

// Check looks at one alert. It is pure (no clock, no I/O), safe for concurrent use, and keeps neither the alert nor its
// strings. What it cannot read it leaves alone; it never guesses.
type Check interface {
	Name() string
	Check(a *alert.Alert, note func(Signal))
}
