package splunk

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// fired is one detection of the demo tenant.
type fired struct {
	search, domain, urgency, technique, process string
}

func detections() []fired {
	return []fired{
		{"Access - Brute Force Access Behavior Detected - Rule", "access", "high", "T1110", ""},
		{"Endpoint - Encoded PowerShell - Rule", "endpoint", "critical", "T1059.001", "powershell.exe -nop -w hidden -enc SQBFAFgA"},
		{"Endpoint - Shadow Copies Deleted - Rule", "endpoint", "critical", "T1490", "vssadmin delete shadows /all /quiet"},
		{"Network - Port Scan - Rule", "network", "low", "T1046", ""},
		{"Threat - Contact With Known Address - Rule", "threat", "medium", "T1071.001", ""},
		{"Identity - Default Account Used - Rule", "identity", "medium", "T1078.001", ""},
	}
}

// program is the name of the program that a command line starts.
func program(line string) string {
	name, _, _ := strings.Cut(line, " ")
	return strings.TrimSuffix(name, ".exe") + ".exe"
}

// Stock fills the server with so many notables, one every half minute up to until, the same for the same seed. Every fiftieth arrives
// three quarters of an hour after its time. The ids are returned in the order of arrival where that is the order of time.
func (s *Server) Stock(seed uint64, n int, until time.Time) []string {
	r := rand.New(rand.NewPCG(seed, 1))
	list := detections()
	s.mu.Lock()
	eighth := s.major() >= 8
	s.mu.Unlock()
	ids := make([]string, 0, n)
	for i := range n {
		d := list[r.IntN(len(list))]
		at := until.Add(-time.Duration(n-i) * 30 * time.Second)
		host, user := fmt.Sprintf("ws-%03d", r.IntN(200)), fmt.Sprintf("user%d", r.IntN(80))
		fields := map[string]any{
			"search_name": d.search, "rule_name": d.search[:len(d.search)-len(" - Rule")], "rule_title": fmt.Sprintf("%s on %s", d.search, host), "rule_description": "made for trying",
			"security_domain": d.domain, "urgency": d.urgency, "severity": d.urgency, "dest": host, "user": user, "src": fmt.Sprintf("198.51.100.%d", 1+r.IntN(250)),
			"orig_time": fmt.Sprint(at.Add(-time.Minute).Unix()), "orig_sourcetype": "demo", "orig_sid": fmt.Sprintf("scheduler__admin__demo__at_%d_1", at.Unix()), "orig_rid": fmt.Sprint(i % 7),
			"annotations.mitre_attack": []any{d.technique},
		}
		if d.process != "" {
			fields["process"], fields["process_name"] = d.process, program(d.process)
		}
		if eighth {
			fields["risk_object"], fields["risk_object_type"], fields["risk_score"] = host, "system", fmt.Sprint(20+r.IntN(80))
		}
		late := time.Duration(0)
		if i%50 == 49 {
			late = 45 * time.Minute
		}
		ids = append(ids, s.Raise(at, at.Add(late+time.Second), fields))
	}
	return ids
}

// Demo fills the server with so many notables up to now and, for the latest twenty, with the processes that they are about.
func (s *Server) Demo(n int) {
	s.mu.Lock()
	now := s.now()
	s.mu.Unlock()
	ids := s.Stock(1, n, now)
	var events []Event
	s.mu.Lock()
	for i, id := range ids[max(0, n-20):] {
		one := s.find(id)
		at := one.time.Add(-2 * time.Minute)
		host, user, line := fmt.Sprint(one.fields["dest"]), fmt.Sprint(one.fields["user"]), "cmd.exe /c whoami"
		if p, ok := one.fields["process"].(string); ok {
			line = p
		}
		events = append(events, Event{
			Index: "win", Host: host, Sourcetype: "XmlWinEventLog", Time: at, Fields: map[string]string{"user": user, "dest": host},
			Raw: fmt.Sprintf("<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Microsoft-Windows-Sysmon'/><EventID>1</EventID>"+
				"<TimeCreated SystemTime='%s'/><Computer>%s.corp.example</Computer></System><EventData><Data Name='ProcessGuid'>{5A1C0001-0000-0000-0000-%012d}</Data>"+
				"<Data Name='ProcessId'>%d</Data><Data Name='Image'>C:\\Windows\\System32\\%s</Data><Data Name='CommandLine'>%s</Data><Data Name='User'>CORP\\%s</Data>"+
				"</EventData></Event>", at.UTC().Format(time.RFC3339Nano), host, i, 4000+i, program(line), line, user),
		})
	}
	s.mu.Unlock()
	s.Index(events...)
}
