package splunk

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
)

// update is notable_update. It answers 200 with success false where it did nothing, and counts what it could not find.
func (s *Server) update(form url.Values, user string) (int, any) {
	if !slices.Contains(s.o.Capabilities, "edit_notable_events") {
		return http.StatusOK, row{"success": false, "message": "User does not have permission to edit notable events: edit_notable_events"}
	}
	ids := form["ruleUIDs"]
	if len(ids) == 0 {
		return http.StatusOK, row{"success": false, "message": "No notable events were specified"}
	}
	fields := map[string]string{}
	for name, as := range map[string]string{"status": "status", "urgency": "urgency", "newOwner": "owner", "disposition": "disposition", "comment": "comment"} {
		if form.Has(name) {
			fields[as] = form.Get(name)
		}
	}
	if len(fields) == 0 {
		return http.StatusOK, row{"success": false, "message": "No changes were specified"}
	}
	if why := s.wrong(fields); why != "" {
		return http.StatusOK, row{"success": false, "message": why}
	}
	done := 0
	for _, id := range ids {
		if i := slices.IndexFunc(s.notables, func(n *notable) bool { return n.id == id }); i >= 0 {
			s.change(s.notables[i], user, fields)
			done++
		}
	}
	return http.StatusOK, row{
		"success": done > 0, "success_count": done, "failure_count": len(ids) - done,
		"message": fmt.Sprintf("%d event updated successfully", done), "warnings": []string{},
	}
}
