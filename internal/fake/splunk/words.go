package splunk

import (
	"slices"
	"strings"
)

// shipped are the statuses and dispositions of Enterprise Security. Source: Manage notable event statuses; Dispositions.
func shipped() []Word {
	return []Word{
		{ID: "0", Label: "Unassigned", Kind: "notable"},
		{ID: "1", Label: "New", Kind: "notable"},
		{ID: "2", Label: "In Progress", Kind: "notable"},
		{ID: "3", Label: "Pending", Kind: "notable"},
		{ID: "4", Label: "Resolved", Kind: "notable"},
		{ID: "5", Label: "Closed", Kind: "notable", Ends: true},
		{ID: "disposition:0", Label: "Unassigned", Kind: "disposition"},
		{ID: "disposition:1", Label: "True Positive - Suspicious Activity", Kind: "disposition"},
		{ID: "disposition:2", Label: "Benign Positive - Suspicious But Expected", Kind: "disposition"},
		{ID: "disposition:3", Label: "False Positive - Incorrect Analytic Logic", Kind: "disposition"},
		{ID: "disposition:4", Label: "False Positive - Inaccurate Data", Kind: "disposition"},
		{ID: "disposition:5", Label: "Other", Kind: "disposition"},
		{ID: "disposition:6", Label: "Undetermined", Kind: "disposition"},
	}
}

// vocabulary is what a site made of them.
func (s *Server) vocabulary() []Word {
	list := shipped()
	for _, w := range s.o.Words {
		if i := slices.IndexFunc(list, func(o Word) bool { return o.ID == w.ID }); i >= 0 {
			list[i] = w
		} else {
			list = append(list, w)
		}
	}
	return list
}

func (s *Server) words() (list []row) {
	for _, w := range s.vocabulary() {
		list = append(list, row{"name": w.ID, "content": row{"label": w.Label, "status_type": w.Kind, "end": w.Ends, "disabled": w.Disabled, "default": w.ID == "1" || w.ID == "disposition:6"}})
	}
	return list
}

func (s *Server) label(kind, id string) string {
	for _, w := range s.vocabulary() {
		if w.ID == id && w.Kind == kind {
			return w.Label
		}
	}
	return ""
}

// knows tells whether an id may be set.
func (s *Server) knows(kind, id string) bool {
	return slices.ContainsFunc(s.vocabulary(), func(w Word) bool { return w.ID == id && w.Kind == kind && !w.Disabled })
}

// wrong says what is wrong with a change, or nothing.
func (s *Server) wrong(fields map[string]string) string {
	if v, ok := fields["status"]; ok && !s.knows("notable", v) {
		return "invalid status " + v
	}
	if v, ok := fields["disposition"]; ok && !s.knows("disposition", v) {
		return "invalid disposition " + v
	}
	if v, ok := fields["urgency"]; ok && !slices.Contains([]string{"informational", "low", "medium", "high", "critical"}, v) {
		return "invalid urgency " + v
	}
	if v, ok := fields["owner"]; ok && strings.ContainsAny(v, " \n") {
		return "invalid owner"
	}
	return ""
}
