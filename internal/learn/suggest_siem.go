package learn

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// Why a search language cannot say something.
var (
	errWildcard = errors.New("* is a wildcard of the search command and cannot be escaped")
	errMacro    = errors.New("a backtick begins a macro")
	errToken    = errors.New("dashboards replace what stands between two $")
	errName     = errors.New("the field's name cannot be written in a search")
)

var splunkName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.:{}]*$`)

// splunkExclusion is a part of a search. Quotation marks and backslashes are escaped by a backslash:
// https://docs.splunk.com/Documentation/Splunk/latest/Search/Escapecharacters. It is a search and no where: NOT of a comparison with a
// field that an event lacks is true there, and the event stays.
func splunkExclusion(s *Suggestion, until time.Time) (string, error) {
	var parts []string
	for _, f := range append([]Fact{s.Rule}, s.Facts...) {
		name, err := f.splunk()
		if err != nil {
			return "", err
		}
		for _, r := range []struct {
			bad bool
			err error
		}{
			{strings.Contains(f.Value, "*"), errWildcard}, {strings.Contains(f.Value, "`"), errMacro}, {strings.Count(f.Value, "$") > 1, errToken},
		} {
			if r.bad {
				return "", refusal(f, r.err)
			}
		}
		parts = append(parts, name+`="`+escaped(f.Value, `\"`)+`"`)
	}
	return "``` " + s.note(until) + " ```\nNOT (" + strings.Join(parts, " ") + ")\n", nil
}

// splunk is the name that Splunk extracts the field of a JSON event under: keys joined by dots, {} for an array.
func (f Fact) splunk() (string, error) {
	steps, err := f.steps()
	if err != nil {
		return "", err
	}
	name := ""
	for i, step := range steps {
		switch {
		case isIndex(step):
			name += "{}"
		case i > 0:
			name += "." + step
		default:
			name = step
		}
	}
	if !splunkName.MatchString(name) {
		return "", refusal(f, errName)
	}
	return name, nil
}

// kqlExclusion is a line of a query. A column that a row has no value in compares as empty text, so that the row stays. Escapes:
// https://learn.microsoft.com/kusto/query/scalar-data-types/string
func kqlExclusion(s *Suggestion, until time.Time) (string, error) {
	var parts []string
	for i, f := range append([]Fact{s.Rule}, s.Facts...) {
		steps, err := f.steps()
		if err != nil {
			return "", err
		}
		column := "['" + escaped(steps[0], `\'`) + "']"
		for _, step := range steps[1:] {
			if isIndex(step) {
				column += "[" + step + "]"
			} else {
				column += `["` + escaped(step, `\"`) + `"]`
			}
		}
		same := " =~ "
		if i == 0 {
			same = " == "
		}
		parts = append(parts, "tostring("+column+")"+same+`"`+escaped(f.Value, `\"`)+`"`)
	}
	return "// " + s.note(until) + "\n| where not(" + strings.Join(parts, " and ") + ")\n", nil
}

// exceptionItem is an item of the request POST /api/detection_engine/rules/{id}/exceptions of Kibana:
// https://www.elastic.co/docs/api/doc/kibana/operation/operation-createruleexceptionlistitems
type exceptionItem struct {
	ItemID      string           `json:"item_id"`
	Type        string           `json:"type"`
	Name        string           `json:"name"`
	Description string           `json:"description"`
	Namespace   string           `json:"namespace_type"`
	Tags        []string         `json:"tags"`
	Entries     []exceptionEntry `json:"entries"`
	Expires     string           `json:"expire_time"`
}

type exceptionEntry struct {
	Field    string `json:"field"`
	Operator string `json:"operator"`
	Type     string `json:"type"`
	Value    string `json:"value"`
}

var errBlank = errors.New("an exception takes no value of blanks only")

// elasticItem is an exception of one rule. What names the rule of an Elastic alert stands in the alert and not in the event that
// exceptions are asked of, so it is left out: the request names the rule. match compares the whole value; case counts.
func elasticItem(s *Suggestion, until time.Time) (string, error) {
	item := exceptionItem{
		ItemID: s.Name, Type: "simple", Name: s.Name, Description: s.note(until), Namespace: "single", Tags: []string{"soc"},
		Expires: until.UTC().AddDate(0, 0, 1).Format("2006-01-02") + "T00:00:00.000Z",
	}
	for i, f := range append([]Fact{s.Rule}, s.Facts...) {
		field, err := f.elastic()
		if err != nil {
			return "", err
		}
		if strings.TrimSpace(f.Value) == "" {
			return "", refusal(f, errBlank)
		}
		if i == 0 && (strings.HasPrefix(field, "kibana.alert.") || strings.HasPrefix(field, "signal.")) {
			continue
		}
		item.Entries = append(item.Entries, exceptionEntry{Field: field, Operator: "included", Type: "match", Value: f.Value})
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(item); err != nil {
		return "", fmt.Errorf("writing an exception item: %w", err)
	}
	return b.String(), nil
}

// elastic is the name of the field in an index: keys joined by dots, arrays not counted.
func (f Fact) elastic() (string, error) {
	steps, err := f.steps()
	if err != nil {
		return "", err
	}
	var keys []string
	for _, step := range steps {
		if !isIndex(step) {
			keys = append(keys, step)
		}
	}
	return strings.Join(keys, "."), nil
}
