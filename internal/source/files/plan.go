package files

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/source/files/match"
	"github.com/seed-959697dd/soc/investigate"
)

// plan is the terms of a query made ready to be searched.
type plan struct {
	set    *match.Set
	stored func() *stored
	owners [][]owner // by literal
	terms  []term
	gaps   []alert.Gap
}

// owner is a term, and which spelling of it a literal belongs to.
type owner struct{ term, spelling int }

// term is what a record must hold.
type term struct {
	spellings []spelling
	host      []byte // canonical; nil: any
}

// spelling is one way of writing a value.
type spelling struct {
	text  []byte // canonical
	plain bool   // a hit of the literal is all there is to find
}

func newPlan(terms []investigate.Term, sample *match.Sample) *plan {
	p := &plan{terms: make([]term, len(terms))}
	known := map[match.Literal]int{}
	var literals []match.Literal
	short, lone := 0, 0
	for i, t := range terms {
		if t.Host == "" && common(t.Value) {
			lone++
			continue
		}
		found := false
		p.terms[i].host = hostOf(t.Host)
		for k, value := range spellings(t) {
			sp := spelling{text: canonical(nil, []byte(value))}
			lits := literalsOf(value, sample)
			sp.plain = len(lits) == 1 && lits[0].Text == value && lits[0].Head && lits[0].Tail
			p.terms[i].spellings = append(p.terms[i].spellings, sp)
			for _, l := range lits {
				n, ok := known[l]
				if !ok {
					n = len(literals)
					known[l] = n
					literals, p.owners = append(literals, l), append(p.owners, nil)
				}
				p.owners[n] = append(p.owners[n], owner{i, k})
				found = true
			}
		}
		if !found {
			short++
		}
	}
	p.gaps = leftOut(nil, short, fmt.Sprintf("shorter than %d letters", match.Shortest))
	p.gaps = leftOut(p.gaps, lone, "short numbers that only one host understands, and no host was named")
	p.set = match.New(literals, sample)
	p.stored = sync.OnceValue(func() *stored { return newStored(literals, sample) })
	return p
}

func leftOut(gaps []alert.Gap, n int, why string) []alert.Gap {
	if n == 0 {
		return gaps
	}
	what := fmt.Sprintf("%d values were", n)
	if n == 1 {
		what = "1 value was"
	}
	return append(gaps, alert.Gap{Source: "logs", Class: alert.Partial, Reason: what + " not searched: " + why})
}

// common tells the numbers that every log is full of: up to five digits, or as many behind 0x.
func common(value string) bool {
	digits := strings.TrimPrefix(strings.ToLower(value), "0x")
	if len(digits) > 5 {
		return false
	}
	for _, c := range []byte(digits) {
		if (c < '0' || c > '9') && (len(digits) == len(value) || c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// edges is what may stand around a value in one log and not in another.
const edges = " \t\r\n\\\"'`{}[]()."

// spellings are the ways of writing a value that a comparison of letters would not find. The first is the value itself.
func spellings(t investigate.Term) []string {
	list := []string{strings.Trim(t.Value, edges)}
	if t.Kind == investigate.Kind(alert.Domain.String()) {
		return append(list, counted(list[0]))
	}
	addr, err := netip.ParseAddr(list[0])
	if err != nil || addr.Is4() {
		return list
	}
	if addr.Is4In6() {
		return append(list, addr.Unmap().String())
	}
	for _, s := range []string{addr.String(), addr.StringExpanded()} {
		if !strings.EqualFold(s, list[0]) {
			list = append(list, s)
		}
	}
	return list
}

// counted writes a name as the debug log of Microsoft's DNS server does, each label behind its length: (3)www(7)example.
func counted(name string) string {
	var b strings.Builder
	for label := range strings.SplitSeq(name, ".") {
		fmt.Fprintf(&b, "(%d)%s", len(label), label)
	}
	return b.String()
}

// hostOf is what a record of a host holds, whether it writes the name with its domain or without.
func hostOf(name string) []byte {
	name = strings.TrimSuffix(strings.Trim(name, edges), "$") // the account of a machine
	if name == "" {
		return nil
	}
	if _, err := netip.ParseAddr(name); err != nil {
		name, _, _ = strings.Cut(name, ".")
	}
	return canonical(nil, []byte(name))
}

// literalsOf returns what to look for in raw bytes: the best stretch of those that every container writes alike. A value that has none, in another
// script say, is looked for in UTF-8 and in the escapes of JSON.
func literalsOf(value string, sample *match.Sample) []match.Literal {
	best, cost := "", 0
	from := 0
	for i := 0; i <= len(value); i++ {
		if i < len(value) && plainByte(value[i]) {
			continue
		}
		if run := value[from:i]; len(run) >= match.Shortest {
			if c := sample.Cost(run); best == "" || better(run, c, best, cost) {
				best, cost = run, c
			}
		}
		from = i + 1
	}
	if best != "" {
		at := strings.Index(value, best)
		return []match.Literal{{Text: best, Head: at == 0, Tail: strings.HasSuffix(value, best)}}
	}
	return foreign(value)
}

// better prefers the longer run until both can be skipped through, then the seldom one.
func better(a string, costA int, b string, costB int) bool {
	const enough = 7
	if len(a) < enough || len(b) < enough {
		return len(a) > len(b)
	}
	return costA < costB || costA == costB && len(a) > len(b)
}

// foreign is the longest stretch of a value without ASCII, in each case and encoding.
func foreign(value string) (list []match.Literal) {
	best := ""
	for _, run := range strings.FieldsFunc(value, func(r rune) bool { return r < utf8.RuneSelf }) {
		if len(run) > len(best) {
			best = run
		}
	}
	if len(best) < match.Shortest {
		return nil
	}
	cases := []string{best, strings.ToLower(best), strings.ToUpper(best)}
	slices.Sort(cases)
	for _, s := range slices.Compact(cases) {
		list = append(list, match.Literal{Text: s}, match.Literal{Text: escaped(s)})
	}
	return list
}

// plainByte tells the bytes that JSON, XML, CSV, CEF, Zeek and syslog all write as they are.
func plainByte(c byte) bool {
	return match.Word(c) || strings.IndexByte(" ._-:@$(){};!?%*~^", c) >= 0
}
