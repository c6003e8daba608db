// Package triage turns alerts into verdicts: it groups what belongs to one decision, gathers signals from checks and adds
// them up to a score whose every term can be shown.
//
// Group, Decide and Verdict are the names to start with. Decide is pure: the same evidence and policy give the same
// verdict. The package reads no input, knows no vendor and takes no action; investigation and response stand above it.
package triage
