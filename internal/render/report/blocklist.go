package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed-959697dd/soc/investigate"
)

// blocklist writes what the cases recommend to block, one value a line and a list for each type, as firewalls and proxies poll them.
// Lines that begin with # are comments. Nothing else of an alert stands in it: see listable.
type blocklist struct {
	lists []*one
}

// one is the list of a type.
type one struct {
	kind   string
	values []string
	kept   []kept
}

// Begin implements Writer.
func (l *blocklist) Begin(b []byte) []byte { return b }

// Case implements Writer.
func (l *blocklist) Case(b []byte, k *investigate.Case) []byte {
	s := sharing(k)
	for i := range k.Indicators {
		n := &k.Indicators[i]
		if !slices.Contains([]string{"ip", "domain", "url", "md5", "sha1", "sha256", "sha512"}, n.Type) {
			continue
		}
		o := l.of(n.Type)
		if why := s.why(n); why != "" {
			o.kept = keep(o.kept, why, 1)
		} else if !slices.Contains(o.values, n.Value) {
			o.values = append(o.values, n.Value)
		}
	}
	return b
}

func (l *blocklist) of(kind string) *one {
	for _, o := range l.lists {
		if o.kind == kind {
			return o
		}
	}
	o := &one{kind: kind}
	l.lists = append(l.lists, o)
	return o
}

// End implements Writer.
func (l *blocklist) End(b []byte) []byte {
	slices.SortFunc(l.lists, func(a, c *one) int { return strings.Compare(a.kind, c.kind) })
	for _, o := range l.lists {
		b = o.append(b)
	}
	if len(l.lists) == 0 {
		b = append(b, "# nothing to block\n"...)
	}
	return b
}

func (o *one) append(b []byte) []byte {
	b = fmt.Appendf(b, "# %s to block: %d", o.kind, len(o.values))
	for i, k := range o.kept {
		sep := ", "
		if i == 0 {
			sep = "; left out: "
		}
		b = fmt.Appendf(b, "%s%d %s", sep, k.n, k.why)
	}
	b = append(b, '\n')
	slices.Sort(o.values)
	for _, v := range o.values {
		b = append(append(b, v...), '\n')
	}
	return b
}

// Lists are the lists of a blocklist writer by type, for who wants a file of each.
func Lists(w Writer) map[string][]byte {
	l, ok := w.(*blocklist)
	if !ok {
		return nil
	}
	all := map[string][]byte{}
	for _, o := range l.lists {
		all[o.kind] = o.append(nil)
	}
	return all
}
