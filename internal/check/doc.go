// Package check holds the built-in checks: what an experienced analyst sees in one alert without asking anybody. Each
// file knows one subject (command lines, processes, files, sign-ins, ...) and says where its knowledge comes from.
//
// A check is a pure reader with tables that never change after construction; two goroutines may share it. It stays
// silent on the ordinary, and whatever it says cites the field it was read off. The package does not compare alerts with
// each other, asks no feed and no inventory, and decides nothing: that is for triage, internal/intel and internal/estate.
// Start with All, Commands and ruleset.
package check
