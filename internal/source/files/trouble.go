package files

import (
	"fmt"
	"slices"

	"github.com/seed-959697dd/soc/alert"
)

// lost is a stretch of an input that is no record, or a record that cannot be parsed.
type lost struct {
	reason       string
	line, offset int64
}

// trouble is what one input does not tell.
type trouble struct {
	gaps   []string
	lost   []lost // the first of each reason
	counts []int  // how many there are of each
}

// mostGaps bounds the gaps of one input that are told one by one.
const mostGaps = 8

func (t *trouble) add(p *part, line int64) {
	t.gaps = append(t.gaps, p.gaps...)
	for _, l := range p.lost {
		i := slices.IndexFunc(t.lost, func(o lost) bool { return o.reason == l.reason })
		if i < 0 {
			if p.relative {
				l.line += line
			}
			i, t.lost, t.counts = len(t.lost), append(t.lost, l), append(t.counts, 0)
		}
		t.counts[i]++
	}
}

// tell appends the gaps of one input.
func (t *trouble) tell(gaps []alert.Gap, name string) []alert.Gap {
	all := t.gaps
	for i, l := range t.lost {
		s := fmt.Sprintf("%s on line %d, byte %d", l.reason, l.line, l.offset)
		if n := t.counts[i]; n > 1 {
			s = fmt.Sprintf("%s, %d times, first on line %d, byte %d", l.reason, n, l.line, l.offset)
		}
		all = append(all, s)
	}
	if n := len(all); n > mostGaps {
		all = append(all[:mostGaps-1:mostGaps-1], fmt.Sprintf("%d more of the kind", n-mostGaps+1))
	}
	for _, reason := range all {
		gaps = append(gaps, alert.Gap{Source: name, Class: alert.Partial, Reason: reason})
	}
	return gaps
}
