package report

import (
	"bytes"
	"encoding/csv"
	"strings"

	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/investigate"
)

// table writes the indicators of cases as a table. No cell starts a formula.
type table struct{}

// Begin implements Writer.
func (table) Begin(b []byte) []byte {
	return record(b, []string{"case", "type", "value", "defanged", "role", "verdict", "standing", "block", "hidden", "alerts"})
}

// Case implements Writer.
func (table) Case(b []byte, k *investigate.Case) []byte {
	s := sharing(k)
	for i := range k.Indicators {
		n := &k.Indicators[i]
		var alerts []string
		for _, r := range n.Receipts {
			alerts = append(alerts, r.Alert)
		}
		block := "no"
		if s.blocks(n) {
			block = "yes"
		}
		cell := term.CSVCell
		b = record(b, []string{
			k.ID, cell(n.Type), cell(n.Value), cell(n.Defanged), cell(n.Role), n.Verdict, string(n.Standing), block, cell(n.Hidden), cell(strings.Join(alerts, " ")),
		})
	}
	return b
}

// End implements Writer.
func (table) End(b []byte) []byte { return b }

// record appends one line; a buffer in memory takes every write.
func record(b []byte, cells []string) []byte {
	buf := bytes.NewBuffer(b)
	w := csv.NewWriter(buf)
	_ = w.Write(cells)
	w.Flush()
	return buf.Bytes()
}
