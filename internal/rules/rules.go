// Package rules lets an estate write down what it knows: deny rules, which send an alert to a person whatever else was
// found, and allow rules, which close it when a trusted key has signed them. A rule's condition is one CEL expression.
//
// What lowers reads less than what raises: an allow rule is compiled without the variable `alert`, so that no text an
// attacker can write reaches it. A value that an alert lacks is an error of the expression, and an error never allows. The
// package reads no file, asks no clock and decides no route; that is for internal/config, cmd and triage. Start with Rule,
// Compile and Set.
package rules

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/seed-959697dd/soc/internal/sign"
	"github.com/seed-959697dd/soc/triage"
)

// The effects of a rule.
const (
	Allow = "allow" // what matches may be closed
	Deny  = "deny"  // what matches goes to a person
)

// Rule is one rule as it is written in a policy.
type Rule struct {
	Name      string
	Effect    string // Allow or Deny
	When      string // a CEL expression over sensor and, for Deny, alert
	Reason    string
	Expires   string // the last day it holds, in UTC, as 2006-01-02; Deny may leave it out
	By        string // the approver who signed it: name or public key
	Signature string // as Sign gives it
}

// Error says which rule is wrong. Index is its place in the list that Compile was given, from 0.
type Error struct {
	Index int
	Rule  string
	Err   error
}

func (e *Error) Error() string { return fmt.Sprintf("rule %q: %v", e.Rule, e.Err) }
func (e *Error) Unwrap() error { return e.Err }

// ErrReadsAlert means that an allow rule reads what an attacker can write.
var ErrReadsAlert = errors.New("an allow rule may read sensor only: alert holds text that an attacker can write")

// Set is a list of compiled rules. It never changes and is safe for concurrent use. A nil Set has no rules.
type Set struct {
	deny, allow []compiled
	spare       sync.Pool // of *activation: one is needed for each alert and nobody keeps it
}

type compiled struct {
	Rule
	program   *program
	allowance *triage.Allowance // shared by all alerts that match; nobody writes to it
}

// Compile makes rules ready. now decides which of them have expired, approvers whose signatures count. The error is an
// *Error. Without rules it returns nil and costs nothing: CEL is not touched.
func Compile(list []Rule, approvers sign.Approvers, now time.Time) (*Set, error) {
	if len(list) == 0 {
		return nil, nil
	}
	envs, err := newEnvironments()
	if err != nil {
		return nil, fmt.Errorf("preparing policy rules: %w", err)
	}
	s, names := &Set{}, map[string]bool{}
	for i := range list {
		r := list[i].trimmed()
		err := r.check()
		if err == nil && names[r.Name] {
			err = errors.New("the name is used twice")
		}
		var p *program
		if err == nil {
			p, err = envs.compile(r)
		}
		if err != nil {
			return nil, &Error{Index: i, Rule: r.Name, Err: err}
		}
		names[r.Name] = true
		s.add(r, p, approvers, now)
	}
	// The first match answers: what may really close goes before what only marks.
	slices.SortStableFunc(s.allow, func(a, b compiled) int { return rank(a) - rank(b) })
	return s, nil
}

// Names are the names of the allow rules. A nil set has none.
func (s *Set) Names() map[string]bool {
	names := map[string]bool{}
	if s == nil {
		return names
	}
	for i := range s.allow {
		names[s.allow[i].Name] = true
	}
	return names
}

func rank(c compiled) int {
	if c.allowance.Signed {
		return 0
	}
	return 1
}

func (s *Set) add(r Rule, p *program, approvers sign.Approvers, now time.Time) {
	switch {
	case r.Effect == Allow:
		s.allow = append(s.allow, compiled{r, p, allowance(r, approvers, now)})
	case r.Expires == "" || !r.expired(now):
		s.deny = append(s.deny, compiled{Rule: r, program: p})
	}
}

// trimmed removes the blanks around the texts: a YAML block ends in a newline that nobody means.
func (r Rule) trimmed() Rule {
	for _, s := range []*string{&r.Name, &r.When, &r.Reason, &r.Expires, &r.By, &r.Signature} {
		*s = strings.TrimSpace(*s)
	}
	return r
}

func (r Rule) check() error {
	switch {
	case r.Name == "":
		return errors.New("it has no name")
	case len(r.Name) > 80 || strings.ContainsFunc(r.Name, func(c rune) bool { return !unicode.IsPrint(c) }):
		return errors.New("the name wants at most 80 characters that can be printed")
	case r.Effect != Allow && r.Effect != Deny:
		return fmt.Errorf("effect %q is neither %s nor %s", r.Effect, Allow, Deny)
	case r.When == "":
		return errors.New("when is missing: it would match everything")
	}
	if r.Expires != "" {
		if _, err := time.Parse(time.DateOnly, r.Expires); err != nil {
			return fmt.Errorf("expires: %q is no date like 2026-12-31", r.Expires)
		}
	}
	return nil
}

// expired tells whether the rule's last day is over. A day that cannot be read is over.
func (r Rule) expired(now time.Time) bool {
	day, err := time.Parse(time.DateOnly, r.Expires)
	return err != nil || !now.Before(day.AddDate(0, 0, 1))
}
