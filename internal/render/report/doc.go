// Package report writes a case for those who were not there: as Markdown and as one self-contained HTML page for people, as a STIX 2.1
// bundle, a MISP event, a table of indicators and plain blocklists for machines.
//
// It decides nothing: sentences, citations and recommended actions come from investigate. It opens no file. Whatever an alert wrote
// passes one choke point per form (prose.go, html.go, markdown.go): it neither acts on a terminal, a browser or a spreadsheet nor hides.
// Text for people is defanged, text for machines is not.
//
// Start with New, and content.go for what a report says.
package report
