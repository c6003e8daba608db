package view

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

const (
	deepestElement = 64
	mostElements   = 1 << 16 // an element costs far more memory than its bytes
)

type element struct {
	name       string
	text       []byte
	attributes []xml.Attr
	children   []*element
}

// markup reads XML. A Windows event becomes "Event" with the shape that Windows log shippers give it; any other
// document becomes "xml", attributes as @name, repeated elements as lists. No entity is expanded but the five of XML.
func markup(o *object, s string) bool {
	text := fromMarkup(s)
	root := parseXML(text)
	if root == nil {
		root = brokenEvent(text)
	}
	if root == nil {
		return false
	}
	if root.name == "Event" && root.child("System") != nil {
		o.name("Event")
		windows(o, root)
		return true
	}
	o.open("xml")
	o.name(root.name)
	root.write(o)
	o.end()
	return true
}

// fromMarkup cuts a short prefix off, as a forwarder puts it before an event; empty when no XML begins.
func fromMarkup(s string) string {
	if strings.HasPrefix(s, "<") {
		return s
	}
	for _, start := range [...]string{"<Event ", "<Event>", "<?xml "} {
		if i := nearBegin(s, start); i >= 0 {
			return s[i:]
		}
	}
	return ""
}

// brokenEvent returns a Windows event as far as it goes: a relay of syslog cut its end off, or took the semicolons of its entities. What says
// which event it is must be whole. The value within which it was cut stays as the record has it.
func brokenEvent(s string) *element {
	if !strings.HasPrefix(s, "<Event") {
		return nil
	}
	e := parse(s, false)
	if e == nil || e.name != "Event" || len(e.children) < 2 || e.children[0].name != "System" || e.children[1].name != "EventData" {
		return nil
	}
	return e
}

// parseXML returns the only element of s; nil when s is not one well-formed document within the limits.
func parseXML(s string) *element { return parse(s, true) }

// parse reads one document; one that is not whole must be begun.
func parse(s string, whole bool) *element {
	if len(s) < len("<a/>") {
		return nil
	}
	d := xml.NewDecoder(strings.NewReader(s))
	d.Strict = whole
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil } // the stream is UTF-8 already
	top := &element{}
	open, count := []*element{top}, 0
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) && len(open) == 1 && len(top.children) == 1 {
			return top.children[0]
		}
		if err != nil {
			if whole || len(top.children) != 1 {
				return nil
			}
			return top.children[0]
		}
		in := open[len(open)-1]
		switch t := token.(type) {
		case xml.StartElement:
			if count++; count > mostElements || len(open) > deepestElement {
				return nil
			}
			e := &element{name: t.Name.Local, attributes: withoutNamespaces(t.Attr)}
			in.children = append(in.children, e)
			open = append(open, e)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if in == top && strings.TrimSpace(string(t)) != "" {
				return nil
			}
			in.text = append(in.text, t...)
		}
	}
}

func withoutNamespaces(all []xml.Attr) []xml.Attr {
	kept := all[:0]
	for _, a := range all {
		if a.Name.Space != "xmlns" && a.Name.Local != "xmlns" {
			kept = append(kept, a)
		}
	}
	return kept
}

func (e *element) child(name string) *element {
	for _, c := range e.children {
		if c.name == name {
			return c
		}
	}
	return nil
}

func (e *element) content() string { return strings.TrimSpace(string(e.text)) }

// write writes the element's value: its text, or an object when it has more than text.
func (e *element) write(o *object) {
	if len(e.attributes) == 0 && len(e.children) == 0 {
		o.b = appendString(o.b, e.content())
		return
	}
	o.b = append(o.b, '{')
	for _, a := range e.attributes {
		o.member("@"+a.Name.Local, a.Value)
	}
	each(o, e.children, (*element).write)
	o.known("#text", e.content())
	o.end()
}

// each writes elements as members, those of one name as a list.
func each(o *object, all []*element, write func(*element, *object)) {
	same := make(map[string][]*element, len(all))
	for _, e := range all {
		same[e.name] = append(same[e.name], e)
	}
	for _, e := range all {
		group := same[e.name]
		if len(group) == 0 || group[0] != e {
			continue
		}
		if len(group) == 1 {
			o.name(e.name)
			write(e, o)
			continue
		}
		o.list(e.name)
		for _, member := range group {
			o.comma()
			write(member, o)
		}
		o.endList()
	}
}
