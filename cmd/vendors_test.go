package cmd_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/internal/fake/defender"
	"github.com/seed-959697dd/soc/internal/fake/elastic"
	"github.com/seed-959697dd/soc/internal/fake/sentinel"
	"github.com/seed-959697dd/soc/internal/fake/splunk"
	"github.com/seed-959697dd/soc/internal/fake/splunksoar"
	"github.com/seed-959697dd/soc/internal/fake/xsoar"
)

// vendor is a product as a source, with a stock of alerts, and what happens in it.
type vendor struct {
	server http.Handler
	secret string
	conf   string                                 // of soc.yaml, with URL in it
	open   string                                 // what it says of an item that nobody touched
	closed string                                 // of a false positive that was closed
	says   func(item string) string               // its status and the like
	person func(item string)                      // somebody takes it and begins to work on it
	more   func(n int, at time.Time)              // new alerts
	kind   string                                 // of indicator that an event may be planted about; ip
	plant  func(host, value string, at time.Time) // an event of its logs that says planted; nil: it has no logs
}

const (
	microsoftKeys = `url: "URL", tenant: 00000000-aaaa-4bbb-8ccc-000000000001, client_id: 00000000-aaaa-4bbb-8ccc-000000000002, client_secret_file: secret, write_back: true`
	sentinelKeys  = "subscription: 00000000-aaaa-4bbb-8ccc-000000000003, resource_group: rg-soc, workspace: law-soc, workspace_id: 00000000-aaaa-4bbb-8ccc-000000000004"
)

// vendors makes each of the six, with n alerts up to a time.
func vendors() map[string]func(n int, end time.Time) *vendor {
	return map[string]func(int, time.Time) *vendor{
		"splunk": splunkVendor, "sentinel": sentinelVendor, "defender": defenderVendor, "elastic": elasticVendor, "splunksoar": splunksoarVendor, "xsoar": xsoarVendor,
	}
}

func clockOf(end time.Time) func() time.Time { return func() time.Time { return end } }

func splunkVendor(n int, end time.Time) *vendor {
	s := splunk.New(splunk.Options{Token: "splunk-secret-token", Now: clockOf(end)})
	s.Stock(3, n, end.Add(-time.Hour)) // some arrive three quarters of an hour late
	return &vendor{
		server: s, secret: "splunk-secret-token", conf: "formats: [scanwatch.yaml]\nsources: {desk: {type: splunk, url: \"URL\", token_file: secret, every: 1s, write_back: true}}\n",
		open: "1 disposition:6", closed: "5 disposition:3",
		says: func(item string) string {
			v := s.State(item)
			return v["status"] + " " + v["disposition"]
		},
		person: func(item string) { s.Edit(item, "alice", map[string]string{"status": "2", "owner": "alice"}) },
		more: func(n int, at time.Time) {
			for i := range n {
				s.Raise(at.Add(time.Duration(i)*time.Millisecond), at, map[string]any{"search_name": "Later - Rule", "rule_name": "Later", "rule_title": "later", "urgency": "low", "dest": fmt.Sprintf("later-%d", i), "orig_rid": strconv.Itoa(i)})
			}
		},
		plant: func(_, ip string, at time.Time) { // in a format of the site's own
			s.Index(splunk.Event{
				Index: "scan", Host: "scanner", Sourcetype: "scanwatch", Time: at,
				Raw: fmt.Sprintf(`{"scanwatch":"v1","nr":"92032","what":"planted","who":%q,"how_bad":1,"at":%q}`, ip, at.Format(time.RFC3339)),
			})
		},
	}
}

func sentinelVendor(n int, end time.Time) *vendor {
	s := sentinel.Demo(clockOf(end), n, 3)
	return &vendor{
		server: s, secret: sentinel.Secret, conf: "sources: {desk: {type: sentinel, every: 1s, " + microsoftKeys + ", " + sentinelKeys + "}}\n",
		open: "New <nil>", closed: "Closed FalsePositive",
		says: func(item string) string {
			p := s.Incident(item).Properties
			return fmt.Sprint(p["status"], " ", p["classification"])
		},
		person: func(item string) { s.Person(item, "Active", "alice@corp.example.com") },
		more:   func(n int, at time.Time) { s.More(7, n, at) },
		plant: func(host, ip string, at time.Time) {
			t := s.Tables["SecurityEvent"]
			t.Rows = append(t.Rows, map[string]any{
				"TenantId": sentinel.WorkspaceID, "TimeGenerated": at, "Type": "SecurityEvent", "Computer": host, "EventID": 4624, "Activity": "4624 - An account was successfully logged on.",
				"Channel": "Security", "EventSourceName": "Microsoft-Windows-Security-Auditing", "Account": `CORP\planted`, "TargetUserName": "planted", "IpAddress": ip, "LogonType": 3,
			})
		},
	}
}

func defenderVendor(n int, end time.Time) *vendor {
	s := defender.Demo(clockOf(end), n, 3)
	return &vendor{
		server: s, secret: defender.Secret, conf: "sources: {desk: {type: defender, every: 1s, " + microsoftKeys + "}}\n",
		open: "new unknown", closed: "resolved falsePositive",
		says: func(item string) string { // of a classification none is unknown, and cannot be written
			d := s.Doc(defender.Alerts, item)
			return strings.Replace(fmt.Sprint(d["status"], " ", d["classification"]), "<nil>", "unknown", 1)
		},
		person: func(item string) {
			s.Change(defender.Alerts, item, func(doc map[string]any) { doc["status"], doc["assignedTo"] = "inProgress", "alice@corp.example.com" })
		},
		more: func(n int, at time.Time) { s.More(7, n, at) },
		plant: func(host, ip string, at time.Time) {
			t := s.Tables["DeviceNetworkEvents"]
			t.Rows = append(t.Rows, map[string]any{
				"Timestamp": at, "DeviceId": "d0", "DeviceName": host, "ActionType": "ConnectionSuccess", "RemoteIP": ip, "RemotePort": 443, "RemoteUrl": "planted.example.net", "LocalIP": "10.20.1.22",
				"LocalPort": 50_122, "Protocol": "Tcp", "InitiatingProcessFileName": "planted.exe", "InitiatingProcessId": 77.0, "InitiatingProcessAccountName": "planted", "ReportId": 999_999.0,
			})
		},
	}
}

func elasticVendor(n int, end time.Time) *vendor {
	const key = "ZWxhc3RpYy1zZWNyZXQ="
	s := elastic.Demo(key, 3, n, 20*time.Second, end)
	return &vendor{
		server: s, secret: key, conf: "sources: {desk: {type: elastic, url: \"URL\", elasticsearch_url: \"URL\", token_file: secret, every: 1s, write_back: true}}\n",
		open: "open", closed: "closed false_positive soc:decided",
		says: func(item string) string {
			id := item[strings.LastIndexByte(item, '/')+1:]
			return strings.TrimSpace(s.Alert(id, "kibana.alert.workflow_status") + " " + s.Alert(id, "kibana.alert.workflow_reason") + " " + s.Alert(id, "kibana.alert.workflow_tags"))
		},
		person: func(item string) {
			id := item[strings.LastIndexByte(item, '/')+1:]
			s.Change(id, "kibana.alert.workflow_status", "acknowledged")
			s.Change(id, "kibana.alert.workflow_assignee_ids", []any{"u_alice"})
		},
		more: func(n int, at time.Time) { s.Stock(7, n, time.Millisecond, at.Add(time.Duration(n)*time.Millisecond)) },
		kind: "sha256",
		plant: func(host, hash string, at time.Time) { // a child of the process of the alert, whose id begins its hash
			s.Add(".ds-logs-endpoint.events.process-default-2026.03.01-000001", "log-planted", map[string]any{
				"@timestamp": at.UTC().Format("2006-01-02T15:04:05.000Z"), "ecs": map[string]any{"version": "8.11.0"}, "agent": map[string]any{"name": host, "type": "endpoint"},
				"host": map[string]any{"name": host, "os": map[string]any{"type": "windows"}}, "user": map[string]any{"name": "planted", "domain": "EXAMPLE"},
				"event":   map[string]any{"kind": "event", "category": []any{"process"}, "type": []any{"start"}, "action": "start", "dataset": "endpoint.events.process"},
				"process": map[string]any{"name": "planted.exe", "executable": `C:\Temp\planted.exe`, "command_line": "planted.exe /q", "pid": 77, "entity_id": "planted", "parent": map[string]any{"entity_id": s.Alert(hash[:40], "process.entity_id"), "name": s.Alert(hash[:40], "process.name")}},
			})
		},
	}
}

// rowOf is the row of an id.
func rowOf(rows []map[string]any, item string) map[string]any {
	for _, r := range rows {
		if fmt.Sprint(r["id"]) == item {
			return r
		}
	}
	return nil
}

func splunksoarVendor(n int, end time.Time) *vendor {
	s := splunksoar.Demo("phantom-secret", 3, n, 20*time.Second, end)
	return &vendor{
		server: s, secret: "phantom-secret",
		conf: "soar: {phantom: {type: splunksoar, url: \"URL\", token_file: secret}}\nsources: {desk: {type: splunksoar, soar: phantom, every: 1s, write_back: true}}\n",
		open: "new []", closed: "closed [false_positive soc:decided]",
		says: func(item string) string {
			r := rowOf(s.Rows("container"), item)
			return fmt.Sprint(r["status"], " ", r["tags"])
		},
		person: func(item string) {
			id, _ := strconv.ParseInt(item, 10, 64)
			s.Set(id, "owner_name", "alice")
			s.Set(id, "status", "open")
		},
		more: func(n int, at time.Time) { s.Stock(7, n, time.Millisecond, at.Add(time.Duration(n)*time.Millisecond)) },
	}
}

func xsoarVendor(n int, end time.Time) *vendor {
	s := (&xsoar.Server{Version: 8, Key: "xsoar-secret", KeyID: "7", Advanced: true, Now: clockOf(end)}).Demo(3, n, 20*time.Second, end)
	return &vendor{
		server: s, secret: "xsoar-secret",
		conf: "sources: {desk: {type: xsoar, url: \"URL/xsoar\", version: \"8\", key_id: \"7\", key_type: advanced, token_file: secret, every: 1s, write_back: true}}\n",
		open: "1", closed: "2 False Positive",
		says: func(item string) string {
			r := rowOf(s.Incidents(), item)
			return strings.TrimSpace(fmt.Sprint(r["status"], " ", r["closeReason"]))
		},
		person: func(item string) { s.Set(item, "owner", "alice") },
		more:   func(n int, at time.Time) { s.Demo(7, n, time.Millisecond, at.Add(time.Duration(n)*time.Millisecond)) },
	}
}
