package splunksoar

import (
	"net/http"
	"slices"
	"strings"
)

func (s *Server) playbook(doc row) (int, any) {
	name, _ := doc["playbook_id"].(string)
	if s.find("container", doc["container_id"]) == nil {
		return failed(http.StatusBadRequest, "container_id: no such container")
	}
	if !slices.Contains(s.Playbooks, name) {
		return failed(http.StatusOK, "could not find playbook "+name) // trap: a failure in the body of a 200
	}
	doc["container"], doc["playbook__name"], doc["status"], doc["asked"] = doc["container_id"], name[strings.LastIndexByte(name, '/')+1:], "running", 0
	return http.StatusOK, row{"playbook_run_id": s.add("playbook_run", doc), "received": true}
}

func (s *Server) action(doc row) (int, any) {
	if s.find("container", doc["container_id"]) == nil {
		return failed(http.StatusBadRequest, "container_id: no such container")
	}
	doc["status"], doc["asked"] = "running", 0
	return http.StatusOK, row{"action_run_id": s.add("action_run", doc), "success": true}
}

// advance lets a run come to its end after it was asked for often enough.
func (s *Server) advance(resource string, r row) {
	asked, _ := r["asked"].(int)
	if r["asked"] = asked + 1; r["status"] != "running" || asked < s.Polls {
		return
	}
	r["status"], r["message"] = "success", "done"
	if resource == "action_run" {
		s.act(r)
	} else if name, _ := r["playbook__name"].(string); strings.HasSuffix(name, "-breaks") {
		r["status"], r["message"] = "failed", "an action of the playbook failed"
	}
}

// act is what the app does.
func (s *Server) act(r row) {
	target, _ := r["targets"].([]any)[0].(map[string]any)
	parameters, _ := target["parameters"].([]any)[0].(map[string]any)
	ip, _ := parameters["ip"].(string)
	assets, _ := target["assets"].([]any)
	if len(assets) != 1 || assets[0] != "fw1" || ip == "" {
		r["status"], r["message"] = "failed", "no such asset, or no ip"
		return
	}
	switch r["action"] {
	case "block ip":
		s.blocked[ip] = true
	case "unblock ip":
		delete(s.blocked, ip)
	case "lookup ip":
	default:
		r["status"], r["message"] = "failed", "the app has no such action"
		return
	}
	s.add("app_run", row{
		"action_run": r["id"], "status": "success", "action": r["action"],
		"result_data": []any{row{"status": "success", "parameter": parameters, "summary": row{"blocked": s.blocked[ip]}}},
	})
}
