package sigma

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	parser "github.com/Velocidex/sigma-go"

	"github.com/seed-959697dd/soc/triage"
)

// Rule is what a rule says of itself.
type Rule struct {
	ID         string
	Title      string
	Level      string   // informational, low, medium, high, critical; "no level" where the rule has none
	Status     string   // stable, test, experimental, deprecated, unsupported; "no status" where the rule has none
	Techniques []string // ATT&CK ids, T1059.001
	Source     string   // file and line
}

// rule is a rule compiled.
type rule struct {
	Rule
	source source
	at     int // index of source in the set
	when   expr
	weight triage.Weight
}

// technique is an ATT&CK tag. Source: Sigma tags specification 2.1.
var technique = regexp.MustCompile(`^attack\.[tT]([0-9]{4}(?:\.[0-9]{3})?)$`)

// compile makes a rule of a parsed document; the line is where it is wrong, within the document, 0 when unknown.
func (c *compiler) compile(p *parser.Rule) (rule, int, error) {
	if p.Correlation != nil {
		return rule{}, 0, fmt.Errorf("correlation %s: %w", p.Correlation.Type, errUnsupported)
	}
	if action, ok := p.AdditionalFields["action"]; ok {
		return rule{}, 0, fmt.Errorf("action %v: %w", action, errUnsupported)
	}
	if p.Detection.Timeframe != "" {
		return rule{}, 0, fmt.Errorf("timeframe %s: %w", p.Detection.Timeframe, errUnsupported)
	}
	if len(p.Detection.Searches) == 0 {
		return rule{}, 0, fmt.Errorf("no detection")
	}
	if p.Title == "" {
		return rule{}, 0, fmt.Errorf("no title")
	}
	r := rule{source: source{lowerWord(p.Logsource.Product), lowerWord(p.Logsource.Category), lowerWord(p.Logsource.Service)}}
	if r.source == (source{}) {
		return rule{}, 0, fmt.Errorf("no logsource")
	}
	s, line, err := c.compileSearches(p.Detection)
	if err != nil {
		return rule{}, line, err
	}
	if r.when, err = compileConditions(p.Detection.Conditions, s); err != nil {
		return rule{}, 0, err
	}
	r.Rule = Rule{ID: p.ID, Title: p.Title, Level: lowerWord(p.Level), Status: lowerWord(p.Status)}
	for _, tag := range p.Tags {
		if m := technique.FindStringSubmatch(tag); m != nil && !slices.Contains(r.Techniques, "T"+m[1]) {
			r.Techniques = append(r.Techniques, "T"+m[1])
		}
	}
	r.weight = weigh(r.Level, r.Status)
	if r.Level == "" {
		r.Level = "no level"
	}
	if r.Status == "" {
		r.Status = "no status"
	}
	return r, 0, nil
}

func lowerWord(s string) string { return strings.ToLower(strings.TrimSpace(s)) }
