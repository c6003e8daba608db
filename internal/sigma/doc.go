// Package sigma runs Sigma rules (https://sigmahq.io, specification 2.1) as a triage check.
//
// Load compiles rules, the SigmaHQ tree as it is or a directory of one's own, into a Set. The Set looks at each alert once: it
// spreads the record into fields, finds the literals of all rules in one pass over each value, and evaluates only the rules that
// still can match. A matching rule becomes a signal that cites the fields on which it matched. Start with Load, Set and Match.
//
// It does not correlate: a rule that counts events over time is reported by Load as unsupported. It does not translate rules
// for a SIEM either.
package sigma
