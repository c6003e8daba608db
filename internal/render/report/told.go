package report

import (
	"slices"

	"github.com/seed-959697dd/soc/investigate"
)

// by is how a report marks what a model wrote.
func by(model string) string { return "In the words of model " + model + ", which count nothing" }

// told is what a model wrote about the case, under a heading that says so. It stands beside the findings and in the place of none.
func (c *content) told() (list []block) {
	p := c.k.Prose
	if p == nil {
		return nil
	}
	list = append(list, block{is: section, text: by(p.By)})
	for _, part := range [...]investigate.Part{investigate.Summary, investigate.Story} {
		form := paragraph
		if part == investigate.Story {
			form = item
		}
		for _, s := range p.Sentences {
			if s.Part != string(part) {
				continue
			}
			b := block{is: form, text: s.Text}
			for _, cite := range s.Cites {
				for _, at := range c.stands(cite.At) {
					if !slices.Contains(b.cites, at) {
						b.cites = append(b.cites, at)
					}
				}
			}
			list = append(list, b)
		}
	}
	switch {
	case len(p.Sentences) == 0 && p.Dropped == 0:
		list = append(list, block{is: paragraph, text: "It wrote nothing."})
	case len(p.Sentences) == 0:
		list = append(list, block{is: paragraph, text: "Nothing that holds: " + left(p.Dropped)})
	case p.Dropped > 0:
		list = append(list, block{is: paragraph, text: left(p.Dropped)})
	}
	return list
}

// left counts the sentences that did not hold.
func left(n int) string {
	return plural(n, "sentence is", "sentences are") + " left out: what it cites or names is not there."
}

// stands are the records that a citation leads to: those of a finding where it is one.
func (c *content) stands(cite string) []string {
	if list, ok := c.foundBy[cite]; ok {
		return list
	}
	return []string{cite}
}
