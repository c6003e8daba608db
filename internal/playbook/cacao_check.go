package playbook

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// check holds what the specification asks of every playbook, and what an export of this program has.
func (b *cacaoBook) check() error {
	switch {
	case b.Type != "playbook" || b.SpecVersion != "cacao-2.0":
		return errors.New("no playbook of CACAO 2.0 (type playbook, spec_version cacao-2.0)")
	case b.Name == "":
		return errors.New("it has no name")
	case b.Types != nil && len(b.Types) == 0, b.Labels != nil && len(b.Labels) == 0:
		return errors.New("a list of types or labels is empty")
	}
	for _, id := range []struct{ member, kind, value string }{{"id", "playbook", b.ID}, {"created_by", "identity", b.CreatedBy}, {"workflow_start", "start", b.Start}} {
		if !identifier.MatchString(id.value) || !strings.HasPrefix(id.value, id.kind+"--") {
			return fmt.Errorf("%s: %q is no identifier of a %s", id.member, id.value, id.kind)
		}
	}
	for member, value := range map[string]string{"created": b.Created, "modified": b.Modified} {
		if _, err := time.Parse(time.RFC3339, value); err != nil || !timestamp.MatchString(value) {
			return fmt.Errorf("%s: %q is no time in UTC", member, value)
		}
	}
	if created, _ := time.Parse(time.RFC3339, b.Created); created.After(mustTime(b.Modified)) {
		return errors.New("it was modified before it was created")
	}
	if len(b.Agents) != 1 {
		return fmt.Errorf("it has %d agents: one group of people is supported", len(b.Agents))
	}
	for id, a := range b.Agents {
		if a.Type != "group" || !identifier.MatchString(id) || !strings.HasPrefix(id, "group--") || a.Name == "" {
			return fmt.Errorf("agent %q: a %s named %q is not supported: one group of people is", id, a.Type, a.Name)
		}
	}
	return b.checkExtension()
}

func mustTime(text string) time.Time {
	t, _ := time.Parse(time.RFC3339, text) // it was checked
	return t
}

func (b *cacaoBook) checkExtension() error {
	for id := range b.Definitions {
		if id != extension {
			return fmt.Errorf("the extension %s (%q) is not supported", id, b.Definitions[id].Name)
		}
	}
	for id := range b.Extensions {
		if id != extension {
			return fmt.Errorf("the extension %s is not supported", id)
		}
	}
	if len(b.Extensions) == 0 || b.Definitions[extension] != definition(b.CreatedBy) {
		return errors.New("it was not exported by soc: when it fits, and what its steps do here, is not said")
	}
	return nil
}
