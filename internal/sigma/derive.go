package sigma

import "strings"

// spread makes the parts of a requested URL values too, where the record has it in one piece: rules ask for stem, query and
// extension.
func (e *event) spread() {
	if list := e.values[fieldURL]; len(list) > 0 {
		for _, v := range list[:1] {
			e.requested(e.leaves[v])
		}
	}
}

func (e *event) requested(whole leaf) {
	url := whole.value
	if method, rest, ok := strings.Cut(url, " "); ok && len(method) < 10 && strings.HasPrefix(rest, "/") { // GET /a HTTP/1.1
		url, _, _ = strings.Cut(rest, " ")
	}
	stem, query, _ := strings.Cut(url, "?")
	if _, after, ok := strings.Cut(stem, "://"); ok {
		host, path, _ := strings.Cut(after, "/")
		e.derive(fieldHost, whole, host)
		stem = stem[len(stem)-len(path):]
		if path != "" {
			stem = "/" + path
		}
	}
	e.derive(fieldStem, whole, stem)
	e.derive(fieldURLQuery, whole, query)
	e.derive(fieldQueryString, whole, query)
	if len(e.values[fieldURLQuery]) > 0 { // many web rules say cs-uri-query and mean the whole request
		e.leaves = append(e.leaves, leaf{value: url, node: whole.node, field: whole.field})
		e.add(fieldURLQuery, e.rank[fieldURLQuery], int32(len(e.leaves)-1))
	} else {
		e.derive(fieldURLQuery, whole, url)
	}
	if dot := strings.LastIndexByte(stem, '.'); dot >= 0 && !strings.Contains(stem[dot:], "/") {
		e.derive(fieldExtension, whole, stem[dot+1:])
	}
}

// derive adds part of a leaf's value to a field that has none.
func (e *event) derive(field int32, whole leaf, part string) {
	if part == "" || len(e.values[field]) > 0 {
		return
	}
	e.leaves = append(e.leaves, leaf{value: part, node: whole.node, field: whole.field})
	e.add(field, slotRank, int32(len(e.leaves)-1))
}
