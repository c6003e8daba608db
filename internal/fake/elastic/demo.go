package elastic

import (
	"encoding/hex"
	"fmt"
	"maps"
	"math/rand/v2"
	"time"
)

// Demo makes a server with alerts, newest at end and one every so often before, and with the logs around some of them. The same seed makes
// the same ones.
func Demo(key string, seed uint64, alerts int, every time.Duration, end time.Time) *Server {
	s := &Server{Key: key, Now: func() time.Time { return end }}
	s.Stock(seed, alerts, every, end)
	return s
}

// Stock puts alerts in, as Demo does; it may be called while the server answers.
func (s *Server) Stock(seed uint64, alerts int, every time.Duration, end time.Time) {
	r := rand.New(rand.NewPCG(seed, 11)) //nolint:gosec // chance that can be repeated is what is wanted
	for i := range alerts {
		at := end.Add(-every * time.Duration(alerts-i))
		s.raise(r, i, at)
	}
}

// rule is a detection of the demo.
type rule struct {
	id, name, severity, technique, tactic string
	risk                                  int
	program, command, parent              string
}

func rules() []rule {
	return []rule{
		{"demo-0001", "Office application started a script host", "high", "T1566.001", "Initial Access", 73, "wscript.exe", `wscript.exe //B C:\Users\Public\invoice.js`, "winword.exe"},
		{"demo-0002", "Encoded command line of PowerShell", "medium", "T1059.001", "Execution", 47, "powershell.exe", "powershell.exe -nop -w hidden -enc SQBFAFgA", "cmd.exe"},
		{"demo-0003", "Many failed logons from one address", "medium", "T1110", "Credential Access", 47, "", "", ""},
		{"demo-0004", "Query for a domain that is new here", "low", "T1071.004", "Command and Control", 21, "", "", ""},
		{"demo-0005", "Memory of LSASS was read", "critical", "T1003.001", "Credential Access", 99, "rundll32.exe", `rundll32.exe C:\Windows\System32\comsvcs.dll MiniDump 624 C:\Temp\a.dmp full`, "cmd.exe"},
	}
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// raise puts the n-th alert of a demo in, and the events that it was raised for.
func (s *Server) raise(r *rand.Rand, n int, at time.Time) {
	var raw [20]byte
	for i := range raw {
		raw[i] = byte(r.IntN(256))
	}
	id := hex.EncodeToString(raw[:])
	list := rules()
	d := list[r.IntN(len(list))]
	host, user := fmt.Sprintf("ws-%03d", r.IntN(200)), fmt.Sprintf("user%d", r.IntN(90))
	address := fmt.Sprintf("10.20.%d.%d", r.IntN(4), 1+r.IntN(250))
	event := object{"kind": "event", "category": []any{"process"}, "type": []any{"start"}, "action": "start", "module": "endpoint", "dataset": "endpoint.events.process", "outcome": "success"}
	body := object{
		"host": object{"name": host, "ip": []any{address}, "os": object{"type": "windows"}}, "user": object{"name": user, "domain": "EXAMPLE"}, "ecs": object{"version": "8.11.0"},
		"agent": object{"name": host, "type": "endpoint"}, "event": event,
	}
	switch {
	case d.program != "":
		key := fmt.Sprintf("%s-%d", id[:16], n)
		body["process"] = object{
			"name": d.program, "executable": `C:\Windows\System32\` + d.program, "command_line": d.command, "pid": 1000 + r.IntN(9000), "entity_id": key,
			"hash": object{"sha256": hex.EncodeToString(raw[:]) + "aabbccddeeff001122334455"}, "parent": object{"name": d.parent, "executable": `C:\Program Files\Demo\` + d.parent, "pid": 900, "entity_id": "parent-" + key},
		}
	case d.technique == "T1110":
		body["source"] = object{"ip": fmt.Sprintf("203.0.113.%d", 1+r.IntN(250))}
		event["category"], event["action"], event["outcome"], event["code"] = []any{"authentication"}, "logon-failed", "failure", "4625"
	default:
		body["dns"] = object{"question": object{"name": fmt.Sprintf("cdn%d.example.net", r.IntN(60))}}
		body["source"], body["destination"] = object{"ip": address}, object{"ip": "192.0.2.53", "port": 53}
		event["category"], event["action"] = []any{"network"}, "lookup_requested"
	}
	seen := at.Add(-time.Duration(20+r.IntN(60)) * time.Second)
	log := clone(body)
	log["@timestamp"] = stamp(seen)
	s.Add(".ds-logs-endpoint.events.process-default-2026.03.01-000001", "log-"+id, log)
	body["@timestamp"] = stamp(at)
	more := object{
		"kibana.alert.uuid": id, "kibana.alert.original_time": stamp(seen), "kibana.alert.start": stamp(at), "kibana.alert.status": "active", "kibana.alert.workflow_status": "open",
		"kibana.alert.workflow_tags": []any{}, "kibana.alert.workflow_assignee_ids": []any{}, "kibana.alert.severity": d.severity, "kibana.alert.risk_score": d.risk, "kibana.alert.depth": 1,
		"kibana.alert.reason":    fmt.Sprintf("event on %s created %s alert %s.", host, d.severity, d.name),
		"kibana.alert.ancestors": []any{object{"id": "log-" + id, "type": "event", "index": ".ds-logs-endpoint.events.process-default-2026.03.01-000001", "depth": 0}},
		"kibana.alert.rule.name": d.name, "kibana.alert.rule.rule_id": d.id, "kibana.alert.rule.uuid": "uuid-" + d.id, "kibana.alert.rule.tags": []any{"Domain: Endpoint"}, "kibana.space_ids": []any{"default"},
		"kibana.alert.rule.parameters": object{"severity": d.severity, "risk_score": d.risk, "threat": []any{object{"framework": "MITRE ATT&CK", "tactic": object{"name": d.tactic}, "technique": []any{object{"id": d.technique}}}}},
	}
	maps.Copy(body, more)
	event["kind"] = "signal"
	s.Add(".internal.alerts-security.alerts-default-000001", id, body)
}

// clone copies objects, so that a log and its alert do not share them.
func clone(o object) object {
	c := object{}
	for k, v := range o {
		if in, ok := v.(object); ok {
			v = clone(in)
		}
		c[k] = v
	}
	return c
}
