package investigate

import "github.com/seed-959697dd/soc/triage"

// Evidence is what was found out about a case beyond its verdicts, and what follows from it. The zero value is that of a case
// nobody looked into.
type Evidence struct {
	Events      []Event // in order of time, those that somebody asked for behind the others; a finding cites them by number, from 1
	Holes       []Hole
	Skews       []Skew
	Questions   []string   // what would have to be known, and by which data
	Answers     []Finding  // to the questions of the guides
	Guides      []Guidance // for cases of its kind, the one that fits best first
	Artifacts   []Artifact
	Findings    []Finding
	Recommended []Advice
	Prose       *triage.Prose // what a model wrote about it, which counts nothing; its sentences are of the parts summary and story
}
