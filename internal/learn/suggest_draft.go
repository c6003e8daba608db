package learn

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/wire"
)

// Draft is a suggestion in one language: the text of a file, or why there is none.
type Draft struct {
	Language Language
	Text     string
	Refused  string
}

// Language is what a draft is written in.
type Language string

// The languages, in the order of a suggestion's drafts.
const (
	CEL     Language = "cel" // a policy file with one allow rule of ours
	Sigma   Language = "sigma"
	Splunk  Language = "splunk"
	KQL     Language = "kql"
	Elastic Language = "elastic"
)

// Ending is how the file of a draft ends.
func (l Language) Ending() string {
	switch l {
	case CEL:
		return ".rule.yaml"
	case Sigma:
		return ".sigma.yml"
	case Splunk:
		return ".spl"
	case KQL:
		return ".kql"
	case Elastic:
		return ".elastic.json"
	}
	return ".txt"
}

// What a draft is refused for. Each language has reasons of its own besides.
var (
	errUntrusted = errors.New("an attacker can choose the value")
	errHidden    = errors.New("the value holds characters that cannot be seen: nobody could check it")
	errNoField   = errors.New("no field of the alert holds this value and nothing else")
)

// Drafts writes the suggestion in every language. until is the last day on which it shall hold.
func (s *Suggestion) Drafts(until time.Time) []Draft {
	var list []Draft
	for _, l := range []struct {
		language Language
		write    func(*Suggestion, time.Time) (string, error)
	}{{CEL, celRule}, {Sigma, sigmaFilter}, {Splunk, splunkExclusion}, {KQL, kqlExclusion}, {Elastic, elasticItem}} {
		d := Draft{Language: l.language}
		text, err := "", s.check()
		if err == nil {
			text, err = l.write(s, until)
		}
		if err != nil {
			d.Refused = err.Error()
		} else {
			d.Text = text
		}
		list = append(list, d)
	}
	return list
}

// check holds for every language: no value of a draft is an attacker's, and a person can see all of each.
func (s *Suggestion) check() error {
	for _, f := range append([]Fact{s.Rule}, s.Facts...) {
		if f.Trust < alert.Sensor {
			return refusal(f, errUntrusted)
		}
		if !plain(f.Value) {
			return refusal(f, errHidden)
		}
	}
	return nil
}

func refusal(f Fact, err error) error { return fmt.Errorf("%s: %w", f.Slot, err) }

// plain tells a text of which every character can be seen and told from nothing, so that no language needs to escape what is no
// punctuation.
func plain(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool {
		return r == utf8.RuneError || wire.Hidden(r) || !unicode.IsPrint(r)
	})
}

// escaped writes a backslash before each of the characters.
func escaped(text, characters string) string {
	var b strings.Builder
	for _, r := range text {
		if strings.ContainsRune(characters, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// enveloped tells what exports put around a record: the fields of the index or table begin below.
func enveloped(step string) bool { return step == "_source" || step == "result" || step == "_raw" }

// steps are the keys and indexes of the field below its envelope.
func (f Fact) steps() ([]string, error) {
	if f.Path == "" {
		return nil, refusal(f, errNoField)
	}
	steps := f.Path.Steps()
	for len(steps) > 1 && enveloped(steps[0]) {
		steps = steps[1:]
	}
	for i, step := range steps {
		if step == "" || !plain(step) || i == 0 && isIndex(step) {
			return nil, refusal(f, errNoField)
		}
	}
	return steps, nil
}

func isIndex(step string) bool {
	return step != "" && strings.Trim(step, "0123456789") == ""
}

// note is what every draft says about itself in a comment: numbers and dates only.
func (s *Suggestion) note(until time.Time) string {
	text := fmt.Sprintf("%s: %s; %d alerts; to be removed after %s", s.Name, s.Said(), s.Alerts, until.Format(time.DateOnly))
	if s.Attacks > 0 {
		text = fmt.Sprintf("HIDES ATTACKS (%d alerts of %d groups). ", s.HiddenAlerts(), s.Attacks) + text
	}
	return text
}
