package investigate

import (
	"fmt"
	"strings"
	"time"

	"github.com/tidwall/gjson"
)

// Reason is a link for its reader.
type Reason struct {
	A, B     string // ids of the alerts that stand for the two verdicts, the earlier one first
	Because  string
	Weight   float64 // nats
	Between  time.Duration
	Timed    bool
	Receipts []Receipt
}

// Receipt is where a value stands: in an alert, by its id, or in an event of the case, by its number: event 3.
type Receipt struct{ Alert, Path, Value string }

// Reasons and receipts a link shows; it counts all.
const (
	maxReasons  = 3
	maxReceipts = 8
)

// reason writes a link out. Its receipts name where each of the two alerts has the values.
func reason(l *Link, list []Verdict, a, b gjson.Result) Reason {
	r := Reason{A: list[l.A].Alert, B: list[l.B].Alert, Weight: l.Weight, Between: l.Between, Timed: l.Timed}
	var words []string
	if l.Case != "" {
		words = append(words, "both stood in "+l.Case)
	}
	if l.Again {
		words = append(words, "the same again")
	}
	for _, e := range l.Shared[:min(len(l.Shared), maxReasons)] {
		kind, value := strings.ReplaceAll(e.Kind, "_", " "), e.Value
		at := len(r.Receipts)
		r.Receipts = appendReceipt(r.Receipts, r.A, a, e)
		r.Receipts = appendReceipt(r.Receipts, r.B, b, e)
		if len(r.Receipts) > at {
			value = r.Receipts[at].Value
		}
		words = append(words, kind+" "+piece(value))
	}
	if n := len(l.Shared) - maxReasons; n > 0 {
		words = append(words, fmt.Sprintf("%d more", n))
	}
	if l.Among > 0 && l.Case == "" {
		words = append(words, fmt.Sprintf("as strong in %d of %d half hours", l.Among, l.Of))
	}
	if l.From != "" {
		words = append(words, l.To+" after "+l.From)
	}
	r.Because = strings.Join(words, ", ")
	return r
}

// appendReceipt appends where an alert's document has an entity.
func appendReceipt(list []Receipt, id string, doc gjson.Result, e Entity) []Receipt {
	if len(list) == maxReceipts {
		return list
	}
	if e.Kind == "rule" {
		for _, path := range [...]string{"rule.id", "title", "rule.name"} {
			if v := doc.Get("alert." + path).Str; v != "" {
				return append(list, Receipt{Alert: id, Value: v})
			}
		}
		return list
	}
	doc.Get("alert.entities").ForEach(func(_, r gjson.Result) bool {
		k, ok := key(r)
		if !ok || k != e {
			return true
		}
		list = append(list, Receipt{id, r.Get("path").Str, r.Get("value").Str})
		return false
	})
	return list
}
