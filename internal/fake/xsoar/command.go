package xsoar

import (
	"net/http"
	"regexp"
	"slices"
)

var argument = regexp.MustCompile(`^ ([A-Za-z_-]+)="((?:[^"\\]|\\.)*)"`)

// parse reads a command line: a name and arguments in quotes; ok is false when something is left over.
func parse(line string) (name string, args map[string]string, ok bool) {
	word := regexp.MustCompile(`^!([A-Za-z0-9_-]+)`).FindStringSubmatch(line)
	if word == nil {
		return "", nil, false
	}
	args = map[string]string{}
	for line = line[len(word[0]):]; line != ""; {
		a := argument.FindStringSubmatch(line)
		if a == nil {
			return word[1], args, false
		}
		args[a[1]], line = a[2], line[len(a[0]):]
	}
	return word[1], args, true
}

func entry(kind int, contents any) []any {
	return []any{map[string]any{"id": "1@1", "type": kind, "contents": contents}}
}

// execute runs a command in an investigation. What fails is an entry of type 4 in a 200.
func (s *Server) execute(investigation, line string) (int, any) {
	in := s.incident(investigation)
	if in == nil && investigation != playground {
		return http.StatusNotFound, nil
	}
	if in != nil && in["status"] == done { // trap
		return http.StatusPreconditionFailed, nil
	}
	name, args, ok := parse(line)
	if !ok {
		return http.StatusOK, entry(4, "cannot parse the command line")
	}
	if s.blocked == nil {
		s.blocked = map[string]bool{}
	}
	switch name {
	case "reopenInvestigation":
		i := s.incident(args["id"])
		if i == nil || i["status"] != done {
			return http.StatusOK, entry(4, "there is no such closed investigation")
		}
		i["status"], i["closeReason"], i["closeNotes"] = 1, "", ""
		s.touch(i)
		return http.StatusOK, entry(1, "done")
	case "setPlaybook":
		if !slices.Contains(s.Playbooks, args["name"]) {
			return http.StatusOK, entry(4, "Playbook "+args["name"]+" was not found")
		}
		in["playbookId"], in["runStatus"], in["asked"] = args["name"], "running", 0
		return http.StatusOK, entry(1, "done")
	case "fw-block-ip":
		s.blocked[args["ip"]] = true
		return http.StatusOK, entry(1, "blocked")
	case "fw-unblock-ip":
		delete(s.blocked, args["ip"])
		return http.StatusOK, entry(1, "released")
	case "fw-check-ip":
		return http.StatusOK, entry(1, map[string]any{"blocked": s.blocked[args["ip"]]})
	}
	return http.StatusOK, entry(4, "Unsupported Command : "+name)
}
