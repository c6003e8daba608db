package report

import "github.com/seed-959697dd/soc/investigate"

// Writer writes cases in one form: Begin once, Case for each, End once. Each appends to b and returns it. A Writer is for one output
// and one goroutine.
type Writer interface {
	Begin(b []byte) []byte
	Case(b []byte, k *investigate.Case) []byte
	End(b []byte) []byte
}

// Form is a form that cases are written in.
type Form struct {
	Name, Extension string
	New             func(Options) Writer
}

// Options are what a report says of its making.
type Options struct {
	Version string // of this program
}

// Forms are all forms, those for people first.
func Forms() []Form {
	return []Form{
		{"md", ".md", func(o Options) Writer { return &markdown{o: o} }},
		{"html", ".html", func(o Options) Writer { return &page{o: o} }},
		{"stix", ".stix.json", func(Options) Writer { return newBundle() }},
		{"misp", ".misp.json", func(Options) Writer { return &misp{} }},
		{"csv", ".csv", func(Options) Writer { return table{} }},
		{"blocklist", ".txt", func(Options) Writer { return &blocklist{} }},
	}
}
