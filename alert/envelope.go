package alert

import (
	"slices"
	"strings"

	"github.com/seed-959697dd/soc/alert/view"
)

// envelopes are the keys under which other systems wrap a product's record.
var envelopes = [...]string{"_source", "result", "json", "event", "message", "_raw", "detail", "body", "payload", "log", "alert", "properties", "data", "record", "raw", "msg", "SyslogMessage"}

// source is a place where a product's record begins: a node of a tape and the path in front of the tape's root.
type source struct {
	tape *tape
	node uint32
	base Path // of the string that holds the tape's document; none for the record's own tape
	held bool // the tape's document stands in a string
}

// unwrap looks for a known record below the envelopes of src.
func (p *Parser) unwrap(src source, levels int) (int, source) {
	t := src.tape
	if levels == 0 || t.nodes[src.node].kind != kindObject {
		return -1, src
	}
	var room [len(envelopes)]uint32
	for _, c := range p.wrapped(t, src.node, room[:0]) {
		depth := p.depth
		in, ok := p.enter(src.at(c))
		if !ok {
			continue
		}
		if f := p.find(in.tape, in.node); f >= 0 {
			return f, in
		}
		if f, deep := p.unwrap(in, levels-1); f >= 0 {
			return f, deep
		}
		p.depth = depth
	}
	return -1, src
}

// wrapped returns the children of node n that may be envelopes, in their order, in list when they are not known.
func (p *Parser) wrapped(t *tape, n uint32, list []uint32) []uint32 {
	g := p.guess(t, n)
	if g != nil && g.looked {
		return g.inner
	}
	for _, name := range envelopes {
		for c := n + 1; c < t.nodes[n].next; c = t.nodes[c].next {
			if t.key(&t.nodes[c]) == name {
				list = append(list, c)
			}
		}
	}
	if g != nil {
		g.inner, g.looked = slices.Clone(list), true
	}
	return list
}

// enter opens the object at src, or the document that the string there holds, on a tape of its own.
func (p *Parser) enter(src source) (source, bool) {
	t := src.tape
	nd := &t.nodes[src.node]
	switch nd.kind {
	case kindObject:
		return src, true
	case kindArray:
		if nd.next > src.node+1 && t.nodes[src.node+1].kind == kindObject {
			return src.at(src.node + 1), true
		}
	case kindString:
		return p.open(t.str(nd), src.join())
	case kindNull, kindFalse, kindTrue, kindNumber:
	}
	return src, false
}

// at is another node of the same tape.
func (s source) at(node uint32) source {
	s.node = node
	return s
}

// join is the full path of the node.
func (s source) join() Path {
	switch inner := s.tape.path(s.node); {
	case !s.held:
		return inner
	case s.node == 0:
		return s.base
	default:
		return s.base + "." + inner
	}
}

// mayHold rules out, cheaply, most texts that open would refuse. Values with an equals sign are left to it.
func mayHold(s string) bool {
	if len(s) < 2 {
		return false
	}
	switch c := s[0]; {
	case c == '{', c == '[', c == '<', c <= ' ', c >= 0x80:
		return true
	}
	return strings.IndexByte(s, '=') >= 0 || strings.HasPrefix(s, "CEF:") || strings.HasPrefix(s, "LEEF:")
}

// open scans a document held by a string. Text that is not JSON is read by view.Text when it looks like a record.
func (p *Parser) open(s string, base Path) (source, bool) {
	if len(p.tapes) > 1 && p.depth >= 8 || len(s) < 2 {
		return source{}, false
	}
	trimmed := strings.TrimSpace(s)
	doc := []byte(nil)
	switch {
	case trimmed == "":
		return source{}, false
	case trimmed[0] == '{' || trimmed[0] == '[':
		doc = []byte(trimmed)
	case strings.HasPrefix(trimmed, "CEF:"), strings.HasPrefix(trimmed, "LEEF:"), trimmed[0] == '<', strings.Contains(trimmed, "="):
		v, ok := view.Text(nil, []byte(s))
		if !ok {
			return source{}, false
		}
		doc = v
	default:
		return source{}, false
	}
	p.depth++
	if p.depth >= len(p.tapes) {
		p.tapes = append(p.tapes, &tape{})
	}
	t := p.tapes[p.depth]
	if n, err := t.scan(doc); err != nil || n != len(doc) {
		p.depth--
		return source{}, false
	}
	return source{tape: t, base: base, held: true}, true
}
