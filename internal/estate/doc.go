// Package estate knows what belongs to this estate: its machines, networks and accounts, how much each matters, and what work is
// planned on them. It reads inventories (CSV, JSON, NDJSON) and says what an alert's hosts, addresses and users are.
//
// What is not listed is Unlisted, which is its own answer and never "unimportant". The package asks no service, watches no traffic
// and keeps nothing of an alert. Start with Settings, Load and Estate; Source rereads what changed; Estate.Check is the triage check.
package estate
