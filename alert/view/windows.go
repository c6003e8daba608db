package view

import "encoding/xml"

// windows writes a Windows event: attributes are plain members, an element with text is its text (the Qualifiers of an
// event id are dropped), and the named fields of EventData are members.
func windows(o *object, e *element) {
	o.b = append(o.b, '{')
	each(o, e.children, func(section *element, o *object) {
		if section.name == "EventData" {
			eventData(o, section)
			return
		}
		windowsValue(section, o)
	})
	o.end()
}

func windowsValue(e *element, o *object) {
	text := e.content()
	if len(e.children) == 0 && (text != "" || len(e.attributes) == 0) {
		o.b = appendString(o.b, text)
		return
	}
	o.b = append(o.b, '{')
	for _, a := range e.attributes {
		o.member(a.Name.Local, a.Value)
	}
	each(o, e.children, windowsValue)
	o.known("#text", text)
	o.end()
}

// eventData writes <Data Name="a">b</Data> as "a":"b". A name used twice is written twice: it is the record that
// repeats it. What has no name is written as elements are.
func eventData(o *object, e *element) {
	var unnamed []*element
	o.b = append(o.b, '{')
	for _, c := range e.children {
		if name := attribute(c.attributes, "Name"); c.name == "Data" && name != "" && len(c.children) == 0 {
			o.member(name, c.content())
			continue
		}
		unnamed = append(unnamed, c)
	}
	each(o, unnamed, windowsValue)
	o.end()
}

func attribute(all []xml.Attr, name string) string {
	for _, a := range all {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
