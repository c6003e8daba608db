package kql

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/seed-959697dd/soc/investigate"
)

// Table is one that can be asked, and which of its columns hold what.
type Table struct {
	Name    string
	Hosts   []string // columns that name the machine that a row is about
	Columns map[investigate.Kind][]Column
}

// Column holds values of a kind in one of three ways.
type Column struct {
	Name  string
	Holds Holds
}

// Holds is how a value stands in a column.
type Holds uint8

// The ways.
const (
	Whole  Holds = iota // alone: compared with =~
	Within              // among others, at the bounds of words: compared with has
	Number              // as a number: compared with ==
)

// ReadTables reads a list of tables:
//
//	SecurityEvent: Computer                a table, behind the colon the columns that name the machine
//	  user =TargetUserName ~Account        a kind, and its columns: = the whole value, ~ within, # a number
//
// Lines that are empty or begin with # say nothing.
func ReadTables(text string) ([]Table, error) {
	word := regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	var tables []Table
	for n, line := range strings.Split(text, "\n") {
		fields := strings.Fields(line)
		if len(fields) == 0 || fields[0] == "#" {
			continue
		}
		fault := fmt.Errorf("line %d of the tables: %q", n+1, line)
		if name, ok := strings.CutSuffix(fields[0], ":"); ok {
			tables = append(tables, Table{Name: name, Hosts: fields[1:], Columns: map[investigate.Kind][]Column{}})
			for _, w := range append([]string{name}, fields[1:]...) {
				if !word.MatchString(w) {
					return nil, fault
				}
			}
			continue
		}
		if len(tables) == 0 || len(fields) < 2 {
			return nil, fault
		}
		kind, t := investigate.Kind(fields[0]), &tables[len(tables)-1]
		for _, f := range fields[1:] {
			at := strings.IndexByte("=~#", f[0])
			if at < 0 || !word.MatchString(f[1:]) {
				return nil, fault
			}
			t.Columns[kind] = append(t.Columns[kind], Column{f[1:], Holds(at)}) //nolint:gosec // 0, 1 or 2
		}
	}
	return tables, nil
}

// column names one so that a table that lacks it is no error: what a table has depends on the age of the workspace and on who fills it.
func (c Column) expr() string {
	if c.Holds == Number {
		return "tolong(column_ifexists(" + Literal(c.Name) + ", long(null)))"
	}
	return "tostring(column_ifexists(" + Literal(c.Name) + `, ""))`
}
