package investigate

import (
	"slices"
	"strconv"
	"strings"

	"github.com/seed-959697dd/soc/alert/indicator"
)

// Check keeps the findings that stand on the case and returns the others beside them, both in order. A finding stands when it cites
// something, every citation resolves in the case, and every address, name, URL, mail address and hash in its sentence stands somewhere in
// it. The citations are "alert ID", "event N", "link N", "gap N", "hole N", "question N" and "artifact N", N from 1.
//
// It asks nothing about who wrote the sentences: those of a language model pass through here as those of this package do.
func Check(list []Finding, k *Case) (kept, dropped []Finding) { return checked(list, k, k.Records()) }

func checked(list []Finding, k *Case, records []Record) (kept, dropped []Finding) {
	c := citable{k: k, records: records}
	for i := range list {
		if c.holds(&list[i]) {
			kept = append(kept, list[i])
		} else {
			dropped = append(dropped, list[i])
		}
	}
	return kept, dropped
}

// citable is what a case has to cite. What it needs to know is gathered when it is first asked.
type citable struct {
	k       *Case
	records []Record
	alerts  map[string]bool
	text    string // everything that the case holds, in small letters
}

func (c *citable) holds(f *Finding) bool {
	if len(f.Cites) == 0 || strings.TrimSpace(f.Sentence) == "" {
		return false
	}
	for _, cite := range f.Cites {
		if !c.resolves(cite) {
			return false
		}
	}
	known := true
	indicator.Scan([]byte(f.Sentence), func(v indicator.Found) bool {
		known = !leads(v.Type) || c.knows(strings.ToLower(string(v.Value)))
		return known
	})
	return known
}

func (c *citable) resolves(cite string) bool {
	kind, name, _ := strings.Cut(cite, " ")
	if kind == "alert" {
		return c.alert(name)
	}
	n, err := strconv.Atoi(name)
	if err != nil || n < 1 || strconv.Itoa(n) != name {
		return false
	}
	k := c.k
	switch kind {
	case "event":
		return n <= len(k.Events)
	case "link":
		return n <= len(k.Links)
	case "gap":
		return n <= len(k.Gaps)
	case "hole":
		return n <= len(k.Holes)
	case "question":
		return n <= len(k.Questions)
	case "artifact":
		return n <= len(k.Artifacts)
	}
	return false
}

func (c *citable) alert(id string) bool {
	if c.alerts == nil {
		c.alerts = map[string]bool{}
		for _, id := range c.k.AlertIDs {
			c.alerts[id] = true
		}
		for _, m := range c.k.rest {
			for _, id := range m.More {
				c.alerts[id] = true
			}
		}
		for i := range c.records {
			if id, ok := strings.CutPrefix(c.records[i].Cite, "alert "); ok {
				c.alerts[id] = true
			}
		}
	}
	return c.alerts[id]
}

// knows tells whether a value stands anywhere in the case.
func (c *citable) knows(value string) bool {
	if c.text == "" {
		c.text = strings.ToLower(c.k.everything(c.records))
	}
	return strings.Contains(c.text, value)
}

// everything is all text of the case, line by line.
func (k *Case) everything(list []Record) string {
	var b strings.Builder
	add := func(s ...string) {
		for _, t := range s {
			b.WriteString(t)
			b.WriteByte('\n')
		}
	}
	for i := range list {
		r := &list[i]
		add(r.What, r.Why, r.Cite, r.From, r.Place.Name)
		for _, t := range r.Things {
			add(t.Value)
		}
		for _, s := range r.Signals {
			add(s.Sentence)
			for _, p := range s.Receipts {
				add(p.Value)
			}
		}
	}
	for i := range k.Indicators {
		add(k.Indicators[i].Value)
	}
	for i := range k.Artifacts {
		add(k.Artifacts[i].Name, k.Artifacts[i].From, string(k.Artifacts[i].Body))
	}
	for i := range k.Links {
		add(k.Links[i].Because)
	}
	for _, g := range k.Gaps {
		add(g.Source, g.Reason)
	}
	for _, h := range k.Holes {
		add(h.Source, h.Reason)
	}
	for _, s := range k.Skews {
		add(s.Source, s.Against)
	}
	add(k.Questions...)
	return b.String()
}

// leads tells the kinds of value that lead somewhere: what nobody can look up or block is not asked for.
func leads(t indicator.Type) bool {
	return slices.Contains([]indicator.Type{
		indicator.IP, indicator.Domain, indicator.URL, indicator.Mail, indicator.MD5, indicator.SHA1, indicator.SHA256, indicator.SHA512,
	}, t)
}
