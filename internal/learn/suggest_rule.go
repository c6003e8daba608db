package learn

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/alert"
)

// Condition is the CEL expression of the allow rule, see internal/rules. It reads `sensor` only, and any value of a slot as the record
// did, without regard to case.
func (s *Suggestion) Condition() string {
	parts := []string{
		`sensor.format == "` + escaped(s.Format, `\"`) + `"`,
		"sensor." + member(s.Rule.Slot) + ` == "` + escaped(s.Rule.Value, `\"`) + `"`,
	}
	for _, f := range s.Facts {
		name, folded := "sensor.all."+member(f.Slot), strings.ToLower(f.Value)
		switch {
		case folded == strings.ToUpper(f.Value): // nothing to fold
			parts = append(parts, `"`+escaped(f.Value, `\"`)+`" in `+name)
		default:
			parts = append(parts, name+`.exists(v, lower(v) == "`+escaped(folded, `\"`)+`")`)
		}
	}
	return strings.Join(parts, " && ")
}

// member is the name of a slot in an expression.
func member(s alert.Slot) string { return strings.ReplaceAll(s.String(), ".", "_") }

// celRule is a policy file with the one rule, unsigned: until someone signs it, it only marks what it would close.
func celRule(s *Suggestion, until time.Time) (string, error) {
	return fmt.Sprintf("# %s\nrules:\n  - name: %s\n    effect: allow\n    when: %s\n    reason: %s\n    expires: %s\n",
		s.note(until), s.Name, yamlText(s.Condition()), yamlText(s.Reason()), until.Format(time.DateOnly)), nil
}

// Reason is the reason that stands in the allow rule.
func (s *Suggestion) Reason() string { return "drafted from decisions: " + s.Said() }

// yamlText quotes a text of one line without hidden characters.
func yamlText(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

var errSigmaName = errors.New("the taxonomy of Sigma has no field for it")

// sigmaField is the field that Sigma's taxonomy has for a slot: https://sigmahq.io/docs/basics/log-sources.html, and the fields of Windows
// Security and Sysmon events, after which it names them.
func sigmaField(s alert.Slot) string {
	switch s {
	case alert.EntitySlot(alert.Target, alert.Host):
		return "Computer"
	case alert.EntitySlot(alert.Source, alert.Host):
		return "WorkstationName"
	case alert.EntitySlot(alert.Actor, alert.User):
		return "User"
	case alert.EntitySlot(alert.Target, alert.User):
		return "TargetUserName"
	case alert.EntitySlot(alert.Source, alert.IP):
		return "SourceIp"
	case alert.EntitySlot(alert.Target, alert.IP):
		return "DestinationIp"
	case alert.EntitySlot(alert.Target, alert.Domain):
		return "DestinationHostname"
	case alert.SlotQuery:
		return "QueryName"
	case alert.EntitySlot(alert.Actor, alert.Process):
		return "Image"
	case alert.EntitySlot(alert.Target, alert.Process):
		return "TargetImage"
	case alert.SlotParent:
		return "ParentImage"
	case alert.EntitySlot(alert.Actor, alert.Command):
		return "CommandLine"
	case alert.SlotParentCommand:
		return "ParentCommandLine"
	case alert.EntitySlot(alert.Target, alert.File):
		return "TargetFilename"
	case alert.EntitySlot(alert.Target, alert.Registry):
		return "TargetObject"
	}
	return ""
}

// sigmaFilter is a detection for the rule that is too loud; its condition goes behind the rule's own. A backslash, a * and a ? are
// themselves behind a backslash: https://sigmahq.io/docs/basics/rules.html
func sigmaFilter(s *Suggestion, until time.Time) (string, error) {
	name := "filter_optional_" + strings.ReplaceAll(s.Name, "-", "_")
	text := fmt.Sprintf("# %s\n# For the rule %s. Append to its condition: and not %s\ndetection:\n    %s:\n", s.note(until), s.Rule.Value, name, name)
	for _, f := range s.Facts {
		field := sigmaField(f.Slot)
		if field == "" {
			return "", refusal(f, errSigmaName)
		}
		text += "        " + field + ": " + yamlText(escaped(f.Value, `\*?`)) + "\n"
	}
	return text, nil
}
