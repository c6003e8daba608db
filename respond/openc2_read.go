package respond

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// ErrInexact means that a command of OpenC2 asks for something else than any action of the catalogue does, or for more.
var ErrInexact = errors.New("no action of the catalogue does exactly that")

// command is what counts in a command of OpenC2 (Language Specification 1.0).
type command struct {
	Action string                     `json:"action"`
	Target map[string]json.RawMessage `json:"target"`
	Args   map[string]json.RawMessage `json:"args"`
}

// ReadOpenC2 reads a command of OpenC2, alone or as the request of a message of its transfer over HTTPS, as the action that does exactly
// what it says: it is AppendOpenC2 backwards. How long it is to hold, who carries it out and its id are left to whoever makes a plan.
func ReadOpenC2(doc []byte) (action string, t Target, err error) {
	var message struct {
		Body struct {
			OpenC2 struct {
				Request json.RawMessage `json:"request"`
			} `json:"openc2"`
		} `json:"body"`
	}
	if json.Unmarshal(doc, &message) == nil && message.Body.OpenC2.Request != nil {
		doc = message.Body.OpenC2.Request
	}
	var c command
	if err := json.Unmarshal(doc, &c); err != nil {
		return "", t, fmt.Errorf("no command of OpenC2: %w", err)
	}
	if c.Action == "" || len(c.Target) != 1 {
		return "", t, errors.New("no command of OpenC2: it has an action and one target")
	}
	for _, name := range slices.Sorted(maps.Keys(c.Args)) {
		if name != "response_requested" && name != "duration" {
			return "", t, fmt.Errorf("%w: the argument %s", ErrInexact, name)
		}
	}
	for name, raw := range c.Target {
		action, t = c.means(name, raw)
	}
	if action == "" {
		return "", t, fmt.Errorf("%w: %s %s", ErrInexact, c.Action, slices.Collect(maps.Keys(c.Target))[0])
	}
	t, err = t.Tidy()
	return action, t, err
}

// means is the action on a target of one type; empty when none does just that.
func (c *command) means(name string, raw json.RawMessage) (string, Target) {
	one := func(members ...string) string { return only(raw, members) }
	switch c.Action + " " + name {
	case "deny ipv4_net", "deny ipv6_net":
		return "block-ip", Target{IP, one()}
	case "deny domain_name", "deny idn_domain_name":
		return "block-domain", Target{Domain, one()}
	case "deny uri", "deny iri":
		return "block-url", Target{URL, one()}
	case "deny file":
		for _, kind := range []string{"sha256", "sha1", "md5"} {
			if v := one("hashes", kind); v != "" {
				return "block-hash", Target{Hash, strings.ToLower(v)}
			}
		}
	case "contain device":
		for _, member := range []string{"hostname", "device_id"} {
			if v := one(member); v != "" {
				return "isolate-host", Target{Host, v}
			}
		}
	case "contain file":
		if v := one("path"); v != "" {
			return "quarantine-file", Target{File, v}
		}
	}
	return "", Target{}
}

// only is the text behind a path of members, each of which is alone in its object; empty when it is not so.
func only(raw json.RawMessage, members []string) string {
	for _, name := range members {
		var m map[string]json.RawMessage
		if json.Unmarshal(raw, &m) != nil || len(m) != 1 || m[name] == nil {
			return ""
		}
		raw = m[name]
	}
	var text string
	if json.Unmarshal(raw, &text) != nil {
		return ""
	}
	return text
}
