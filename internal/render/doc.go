// Package render is the only place where a noun becomes something to look at: text for people on the command line and
// in the terminal screen, rows for a spreadsheet, findings for a SIEM. Whatever comes from an alert passes
// internal/term on its way, so that it reaches no terminal raw.
//
// It decides nothing, reads no file and keeps no more than a screen shows. The documents of the program itself are not
// made here: each noun spells its own with internal/wire. Start with RowOf, Board and Explain.
package render
