package kql

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The three queries that a search asks. Of a term there is nothing in them but literals within the conditions that condition writes.

// mark names the table in the rows of a union.
const mark = "soc_table"

// union asks all tables at once. One that the workspace does not have is left out by the service, and missing in the answer.
func union(parts []string) string {
	return "union isfuzzy=true\n" + strings.Join(parts, ",\n")
}

// spread counts the rows of a table in steps of time.
func (s *Source) spread(t *Table, from, to time.Time, step time.Duration) string {
	return fmt.Sprintf("(%s | where %s | summarize soc_n=count(), soc_first=min(%s), soc_last=max(%s) by soc_step=bin(%s, %ds) | extend %s=%s)",
		t.Name, within(s.Time, from, to), s.Time, s.Time, s.Time, max(1, int64(step/time.Second)), mark, Literal(t.Name))
}

// tally counts the rows of a table by term.
func (s *Source) tally(t *Table, conditions map[int]string, order []int, from, to time.Time) string {
	counts := make([]string, 0, len(order))
	for _, n := range order {
		counts = append(counts, "t"+strconv.Itoa(n)+"=countif("+conditions[n]+")")
	}
	return fmt.Sprintf("(%s | where %s | summarize %s | extend %s=%s)", t.Name, within(s.Time, from, to), strings.Join(counts, ", "), mark, Literal(t.Name))
}

// fetch asks for the rows of a table, the oldest first.
func (s *Source) fetch(t *Table, conditions []string, from, to time.Time, most int) string {
	return fmt.Sprintf("%s\n| where %s\n| where %s\n| top %d by %s asc", t.Name, within(s.Time, from, to), strings.Join(conditions, "\n  or "), most, s.Time)
}
