package sentinel

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/internal/fake/entra"
	"github.com/seed-959697dd/soc/internal/fake/kusto"
)

// What Demo is reached by.
const (
	Tenant       = "00000000-aaaa-4bbb-8ccc-000000000001"
	ClientID     = "00000000-aaaa-4bbb-8ccc-000000000002"
	Secret       = "demo-secret" //nolint:gosec // of a fake
	Subscription = "00000000-aaaa-4bbb-8ccc-000000000003"
	Group        = "rg-soc"
	Workspace    = "law-soc"
	WorkspaceID  = "00000000-aaaa-4bbb-8ccc-000000000004"
)

// Demo is a workspace with n incidents of the last days before now, and logs around them; the same seed gives the same stock.
func Demo(now func() time.Time, n int, seed uint64) *Server {
	s := &Server{
		Door: entra.Door{Tenant: Tenant, ClientID: ClientID, Secret: Secret, Now: now}, Subscription: Subscription, Group: Group, Workspace: Workspace, WorkspaceID: WorkspaceID,
		Reader: true, Responder: true, Logs: true, Tables: kusto.Database{}, Rows: 500_000,
	}
	r := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // a stock, no secret
	start := now().UTC().Truncate(time.Second).Add(-3 * 24 * time.Hour)
	events, logins := securityEvents(), signinLogs()
	for k := range n {
		at := start.Add(time.Duration(k) * 3 * 24 * time.Hour / time.Duration(n+1))
		c := cast(r, k)
		s.Add(s.incident(r, k, at, c))
		if k%8 == 0 {
			c.logs(events, logins, at)
		}
	}
	s.Tables["SecurityEvent"], s.Tables["SigninLogs"] = events, logins
	return s
}

// More adds n incidents that are raised at a time; the same seed makes the same ones. It may be called while the server answers.
func (s *Server) More(seed uint64, n int, at time.Time) {
	s.mu.Lock()
	had := len(s.incidents)
	s.mu.Unlock()
	r := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // a stock, no secret
	for k := range n {
		s.Add(s.incident(r, had+k, at.Add(time.Duration(k)*time.Millisecond), cast(r, had+k)))
	}
}

// part is who and what an incident is about.
type part struct {
	title, tactic, technique, severity string
	host, user, ip, command, file      string
}

func cast(r *rand.Rand, k int) part {
	kinds := []part{
		{title: "Suspicious PowerShell command line", tactic: "Execution", technique: "T1059", severity: "Medium", command: "powershell.exe -nop -w hidden -enc SQBFAFgA", file: "powershell.exe"},
		{title: "Sign-in from a country nobody works in", tactic: "InitialAccess", technique: "T1078", severity: "Low"},
		{title: "Password spray against several accounts", tactic: "CredentialAccess", technique: "T1110", severity: "High"},
		{title: "Shadow copies deleted", tactic: "Impact", technique: "T1490", severity: "High", command: "vssadmin.exe delete shadows /all /quiet", file: "vssadmin.exe"},
		{title: "New inbox rule forwards mail", tactic: "Collection", technique: "T1114", severity: "Informational"},
	}
	p := kinds[r.IntN(len(kinds))]
	users := []string{"alice", "bob", "carol", "dmitri", "eve"}
	p.host, p.user = fmt.Sprintf("ws-%03d", r.IntN(120)), users[r.IntN(len(users))]
	p.ip = fmt.Sprintf("203.0.113.%d", 1+(k+r.IntN(40))%250)
	return p
}

func (s *Server) incident(r *rand.Rand, k int, at time.Time, c part) *Incident {
	i := &Incident{Name: Name(k), Modified: at}
	i.Properties = map[string]any{
		"title": c.title + " on " + c.host, "description": c.title + ", observed on " + c.host + ".", "severity": c.severity, "status": "New",
		"owner":  map[string]any{"objectId": nil, "email": nil, "assignedTo": nil, "userPrincipalName": nil},
		"labels": []any{}, "firstActivityTimeUtc": stamp(at.Add(-10 * time.Minute)), "lastActivityTimeUtc": stamp(at.Add(-time.Minute)), "createdTimeUtc": stamp(at),
		"incidentNumber": k + 1, "relatedAnalyticRuleIds": []any{s.root() + "/providers/Microsoft.SecurityInsights/alertRules/" + guid("rule", c.title, 0)},
		"additionalData": map[string]any{"alertProductNames": []any{"Azure Sentinel"}, "tactics": []any{c.tactic}, "techniques": []any{c.technique}, "bookmarksCount": 0},
		"incidentUrl":    "https://portal.azure.com/#asset/Microsoft_Azure_Security_Insights/Incident" + s.root() + "/Incidents/" + i.Name,
		"providerName":   "Azure Sentinel", "providerIncidentId": fmt.Sprint(k + 1),
	}
	for n := range 1 + r.IntN(2) {
		i.Alerts = append(i.Alerts, alertOf(s, i, n, at.Add(-time.Duration(n)*time.Minute)))
	}
	entity := func(kind string, properties map[string]any) {
		id := guid(i.Name, kind, 0)
		i.Entities = append(i.Entities, map[string]any{"id": s.root() + "/Entities/" + id, "name": id, "type": "Microsoft.SecurityInsights/Entities", "kind": kind, "properties": properties})
	}
	entity("Host", map[string]any{"hostName": c.host, "dnsDomain": "corp.example.com", "friendlyName": c.host})
	entity("Account", map[string]any{"accountName": c.user, "upnSuffix": "corp.example.com", "userPrincipalName": c.user + "@corp.example.com", "friendlyName": c.user})
	entity("Ip", map[string]any{"address": c.ip, "friendlyName": c.ip})
	if c.command != "" {
		entity("Process", map[string]any{"commandLine": c.command, "processId": fmt.Sprint(1000 + k), "friendlyName": c.file})
	}
	return i
}

func columns(list string) *kusto.Table {
	t := &kusto.Table{}
	for _, c := range strings.Fields(list) {
		name, kind, _ := strings.Cut(c, ":")
		t.Columns = append(t.Columns, kusto.Column{Name: name, Type: kind})
	}
	return t
}

func securityEvents() *kusto.Table {
	return columns("TenantId:string TimeGenerated:datetime Type:string SourceSystem:string Computer:string EventID:int Activity:string Channel:string EventSourceName:string Account:string SubjectUserName:string SubjectDomainName:string SubjectLogonId:string TargetUserName:string TargetLogonId:string NewProcessName:string NewProcessId:string ParentProcessName:string ProcessId:string CommandLine:string IpAddress:string IpPort:string LogonType:int")
}

func signinLogs() *kusto.Table {
	return columns("TenantId:string TimeGenerated:datetime Type:string UserPrincipalName:string UserId:string IPAddress:string AppDisplayName:string ResultType:string ResultDescription:string CorrelationId:string Id:string Location:string RiskLevelDuringSignIn:string")
}

// logs are what a workspace has around an incident.
func (c *part) logs(events, logins *kusto.Table, at time.Time) {
	common := map[string]any{"TenantId": WorkspaceID, "SourceSystem": "OpsManager"}
	row := func(t *kusto.Table, more map[string]any) {
		for k, v := range common {
			more[k] = v
		}
		t.Rows = append(t.Rows, more)
	}
	if c.command != "" {
		row(events, map[string]any{
			"TimeGenerated": at.Add(-5 * time.Minute), "Type": "SecurityEvent", "Computer": c.host + ".corp.example.com", "EventID": 4688, "Activity": "4688 - A new process has been created.",
			"Channel": "Security", "EventSourceName": "Microsoft-Windows-Security-Auditing", "Account": `CORP\` + c.user, "SubjectUserName": c.user, "SubjectDomainName": "CORP", "SubjectLogonId": "0x3e7a1",
			"NewProcessName": `C:\Windows\System32\` + c.file, "NewProcessId": "0x1a2c", "ParentProcessName": `C:\Windows\explorer.exe`, "ProcessId": "0x7d0", "CommandLine": c.command,
		})
	}
	row(events, map[string]any{
		"TimeGenerated": at.Add(-8 * time.Minute), "Type": "SecurityEvent", "Computer": c.host + ".corp.example.com", "EventID": 4624, "Activity": "4624 - An account was successfully logged on.",
		"Channel": "Security", "EventSourceName": "Microsoft-Windows-Security-Auditing", "Account": `CORP\` + c.user, "TargetUserName": c.user, "TargetLogonId": "0x3e7a1", "IpAddress": c.ip, "IpPort": "50122", "LogonType": 3,
	})
	row(logins, map[string]any{
		"TimeGenerated": at.Add(-9 * time.Minute), "Type": "SigninLogs", "UserPrincipalName": c.user + "@corp.example.com", "UserId": guid("user", c.user, 0), "IPAddress": c.ip,
		"AppDisplayName": "Office 365 Exchange Online", "ResultType": "0", "CorrelationId": guid("signin", c.ip, int(at.Unix())), "Id": guid("id", c.ip, int(at.Unix())), "Location": "NL",
	})
}

// Name is that of the k-th incident of a stock.
func Name(k int) string { return guid("incident", "", k) }

// guid is the id of a thing: the same thing has the same.
func guid(about, kind string, n int) string {
	h := fmt.Sprintf("%x", sha256.Sum256(fmt.Appendf(nil, "%s/%s/%d", about, kind, n)))
	return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-8" + h[17:20] + "-" + h[20:32]
}
