package learn_test

import (
	"encoding/json"
	"errors"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/seed-959697dd/soc/internal/learn"
	"github.com/seed-959697dd/soc/internal/rules"
)

// quoted reads a text in quotation marks with backslashes before what is meant literally, and what follows it.
func quoted(s string) (value, rest string, err error) {
	if s == "" {
		return "", "", errors.New("no text")
	}
	mark := s[0]
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			if i++; i == len(s) || s[i] != '\\' && s[i] != mark {
				return "", "", errors.New("a backslash before something else")
			}
			value += s[i : i+1]
		case mark:
			return value, s[i+1:], nil
		default:
			value += s[i : i+1]
		}
	}
	return "", "", errors.New("no end of the text")
}

// expect takes prefix off the text.
func expect(text *string, prefix string) error {
	rest, ok := strings.CutPrefix(*text, prefix)
	if !ok {
		return errors.New("want " + prefix + " before " + *text)
	}
	*text = rest
	return nil
}

// second is the second of exactly two lines.
func second(text string) (string, error) {
	list := strings.Split(text, "\n")
	if len(list) != 3 || list[2] != "" {
		return "", errors.New("not two lines")
	}
	return list[1], nil
}

// readers read a draft's rule and host back, each by the rules of its language.
var readers = map[learn.Language]func(text string) (rule, host string, err error){
	learn.CEL:     readRule,
	learn.Sigma:   readSigma,
	learn.Splunk:  readSplunk,
	learn.KQL:     readKQL,
	learn.Elastic: readElastic,
}

// readRule does not parse CEL: it asks the rule about alerts. See matchesOnly.
func readRule(text string) (rule, host string, err error) {
	var policy struct {
		Rules []struct{ Name, Effect, When, Reason, Expires string }
	}
	dec := yaml.NewDecoder(strings.NewReader(text))
	dec.KnownFields(true)
	if err := dec.Decode(&policy); err != nil {
		return "", "", err
	}
	if len(policy.Rules) != 1 {
		return "", "", errors.New("not one rule")
	}
	r := policy.Rules[0]
	_, err = rules.Compile([]rules.Rule{{Name: r.Name, Effect: r.Effect, When: r.When, Reason: r.Reason, Expires: r.Expires}}, nil, lastDay)
	return r.When, r.Effect, err
}

func readSigma(text string) (rule, host string, err error) {
	var doc struct {
		Detection map[string]map[string]string `yaml:"detection"`
	}
	dec := yaml.NewDecoder(strings.NewReader(text))
	dec.KnownFields(true)
	if err := dec.Decode(&doc); err != nil {
		return "", "", err
	}
	value := doc.Detection["filter_optional_suggest_0123456789ab"]["Computer"]
	for i := 0; i < len(value); i++ {
		switch {
		case value[i] == '*' || value[i] == '?':
			return "", "", errors.New("a wildcard")
		case value[i] == '\\' && i+1 < len(value) && strings.ContainsRune(`\*?`, rune(value[i+1])):
			i++
		}
		host += value[i : i+1]
	}
	return "", host, nil
}

func readSplunk(text string) (rule, host string, err error) {
	line, err := second(text)
	if err := errors.Join(err, expect(&line, `NOT (rule.id=`)); err != nil {
		return "", "", err
	}
	if rule, line, err = quoted(line); err != nil {
		return "", "", err
	}
	if err := expect(&line, ` agent.name=`); err != nil {
		return "", "", err
	}
	host, line, err = quoted(line)
	return rule, host, errors.Join(err, expect(&line, ")"))
}

func readKQL(text string) (rule, host string, err error) {
	line, err := second(text)
	if err := errors.Join(err, expect(&line, `| where not(tostring(['rule']["id"]) == `)); err != nil {
		return "", "", err
	}
	if rule, line, err = quoted(line); err != nil {
		return "", "", err
	}
	if err := expect(&line, ` and tostring(['agent']["name"]) =~ `); err != nil {
		return "", "", err
	}
	host, line, err = quoted(line)
	return rule, host, errors.Join(err, expect(&line, ")"))
}

func readElastic(text string) (rule, host string, err error) {
	var item struct {
		Entries []struct{ Field, Operator, Type, Value string }
	}
	if err := json.Unmarshal([]byte(text), &item); err != nil {
		return "", "", err
	}
	if len(item.Entries) != 2 || item.Entries[0].Field != "rule.id" || item.Entries[1].Field != "agent.name" {
		return "", "", errors.New("not two entries")
	}
	return item.Entries[0].Value, item.Entries[1].Value, nil
}
