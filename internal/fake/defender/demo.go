package defender

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/internal/fake/entra"
	"github.com/seed-959697dd/soc/internal/fake/kusto"
)

// What Demo is reached by.
const (
	Tenant   = "00000000-aaaa-4bbb-8ccc-000000000001"
	ClientID = "00000000-aaaa-4bbb-8ccc-000000000002"
	Secret   = "demo-secret" //nolint:gosec // of a fake
)

// Roles are the application permissions that soc asks for.
func Roles() []string {
	return []string{"SecurityAlert.ReadWrite.All", "SecurityIncident.ReadWrite.All", "ThreatHunting.Read.All"}
}

// Demo is a tenant with n alerts of the last days before now in incidents of up to three, and what devices observed around them; the same
// seed gives the same stock.
func Demo(now func() time.Time, n int, seed uint64) *Server {
	s := &Server{Door: entra.Door{Tenant: Tenant, ClientID: ClientID, Secret: Secret, Roles: Roles(), Now: now}, Tables: kusto.Database{}, Rows: 100_000}
	r := rand.New(rand.NewPCG(seed, 2)) //nolint:gosec // a stock, no secret
	start := now().UTC().Truncate(time.Second).Add(-3 * 24 * time.Hour)
	processes, connections := processEvents(), networkEvents()
	var incident *Item
	for k := range n {
		at := start.Add(time.Duration(k) * 3 * 24 * time.Hour / time.Duration(n+1))
		c := cast(r)
		if incident == nil || len(incident.Alerts) == 3 || r.IntN(3) == 0 {
			incident = newIncident(fmt.Sprint(28_000+k), at, c)
			s.Add(Incidents, incident)
		}
		a := newAlert(ID(k), incident.ID, k, at, c)
		s.Add(Alerts, a)
		incident.Alerts, incident.Modified = append(incident.Alerts, a.ID), at
		if k%8 == 0 {
			c.observed(processes, connections, k, at)
		}
	}
	s.Tables["DeviceProcessEvents"], s.Tables["DeviceNetworkEvents"] = processes, connections
	return s
}

// More adds n alerts that are raised at a time, in one incident; the same seed makes the same ones. It may be called while the server answers.
func (s *Server) More(seed uint64, n int, at time.Time) {
	s.mu.Lock()
	had, incident := len(s.lists[Alerts]), len(s.lists[Incidents])
	s.mu.Unlock()
	r := rand.New(rand.NewPCG(seed, 2)) //nolint:gosec // a stock, no secret
	c := cast(r)
	i := newIncident(fmt.Sprint(28_000+incident), at, c)
	for k := range n {
		a := newAlert(ID(had+k), i.ID, had+k, at.Add(time.Duration(k)*time.Millisecond), cast(r))
		s.Add(Alerts, a)
		i.Alerts = append(i.Alerts, a.ID)
	}
	s.Add(Incidents, i)
}

// ID is that of the k-th alert of a stock.
func ID(k int) string { return fmt.Sprintf("da%018d_-%d", 637551227677560813+k, 961444813+k) }

// part is who and what an alert is about.
type part struct {
	title, category, technique, severity, source string
	host, user, ip, file, command, sha256        string
}

func cast(r *rand.Rand) part {
	kinds := []part{
		{title: "Suspicious execution of hidden file", category: "DefenseEvasion", technique: "T1564.001", severity: "low", file: "updater.exe", command: "updater.exe /quiet"},
		{title: "Suspicious PowerShell command line", category: "Execution", technique: "T1059.001", severity: "medium", file: "powershell.exe", command: "powershell.exe -nop -w hidden -enc SQBFAFgA"},
		{title: "Credential dumping from LSASS", category: "CredentialAccess", technique: "T1003.001", severity: "high", file: "rundll32.exe", command: "rundll32.exe comsvcs.dll MiniDump 624 C:\\Temp\\l.dmp full"},
		{title: "Backdoor was prevented", category: "Malware", technique: "T1204.002", severity: "informational", file: "invoice.exe", command: "invoice.exe"},
	}
	p := kinds[r.IntN(len(kinds))]
	users := []string{"alice", "bob", "carol", "dmitri", "eve"}
	p.host, p.user, p.source = fmt.Sprintf("ws-%03d", r.IntN(120)), users[r.IntN(len(users))], "microsoftDefenderForEndpoint"
	p.ip, p.sha256 = fmt.Sprintf("203.0.113.%d", 1+r.IntN(250)), fmt.Sprintf("%064x", r.Uint64())
	return p
}

func newIncident(id string, at time.Time, c part) *Item {
	return &Item{ID: id, Modified: at, Doc: map[string]any{
		"@odata.type": "#microsoft.graph.security.incident", "displayName": c.title + " on one endpoint", "severity": c.severity, "status": "active", "classification": "unknown",
		"determination": "unknown", "assignedTo": nil, "redirectIncidentId": nil, "customTags": []any{}, "comments": []any{}, "tenantId": Tenant, "createdDateTime": stamp(at),
		"incidentWebUrl": "https://security.microsoft.com/incidents/" + id + "?tid=" + Tenant,
	}}
}

func newAlert(id, incident string, k int, at time.Time, c part) *Item {
	evidence := func(kind string, more map[string]any) map[string]any {
		more["@odata.type"] = "#microsoft.graph.security." + kind
		more["createdDateTime"], more["verdict"], more["remediationStatus"], more["roles"], more["tags"] = stamp(at), "suspicious", "none", []any{}, []any{}
		return more
	}
	account := map[string]any{"accountName": c.user, "domainName": "CORP", "userPrincipalName": c.user + "@corp.example.com"}
	return &Item{ID: id, Modified: at, Doc: map[string]any{
		"@odata.type": "#microsoft.graph.security.alert", "providerAlertId": id, "incidentId": incident, "status": "new", "severity": c.severity, "classification": nil, "determination": nil,
		"serviceSource": c.source, "detectionSource": "antivirus", "detectorId": "e0da400f-affd-43ef-b1d5-afc2eb6f2756", "tenantId": Tenant, "title": c.title,
		"description": c.title + " was observed on " + c.host + ".", "category": c.category, "assignedTo": nil, "createdDateTime": stamp(at), "firstActivityDateTime": stamp(at.Add(-2 * time.Minute)),
		"lastActivityDateTime": stamp(at.Add(-time.Minute)), "resolvedDateTime": nil, "mitreTechniques": []any{c.technique}, "comments": []any{},
		"alertWebUrl": "https://security.microsoft.com/alerts/" + id, "incidentWebUrl": "https://security.microsoft.com/incidents/" + incident,
		"evidence": []any{
			evidence("deviceEvidence", map[string]any{"deviceDnsName": c.host + ".corp.example.com", "mdeDeviceId": fmt.Sprintf("%040x", k), "lastIpAddress": "10.20.1.22", "riskScore": "medium", "healthStatus": "active", "osPlatform": "Windows11"}),
			evidence("userEvidence", map[string]any{"userAccount": account}),
			evidence("processEvidence", map[string]any{
				"processId": 1000 + k, "processCommandLine": c.command, "imageFile": map[string]any{"fileName": c.file, "filePath": `C:\Windows\System32`, "sha256": c.sha256},
				"parentProcessImageFile": map[string]any{"fileName": "explorer.exe"}, "userAccount": account, "mdeDeviceId": fmt.Sprintf("%040x", k),
			}),
			evidence("ipEvidence", map[string]any{"ipAddress": c.ip, "countryLetterCode": "NL"}),
		},
	}}
}

func columns(list string) *kusto.Table {
	t := &kusto.Table{}
	for _, c := range strings.Fields(list) {
		name, kind, _ := strings.Cut(c, ":")
		t.Columns = append(t.Columns, kusto.Column{Name: name, Type: kind})
	}
	return t
}

func processEvents() *kusto.Table {
	return columns("Timestamp:datetime DeviceId:string DeviceName:string ActionType:string FileName:string FolderPath:string SHA256:string ProcessId:long ProcessCommandLine:string AccountDomain:string AccountName:string AccountUpn:string LogonId:long InitiatingProcessFileName:string InitiatingProcessId:long InitiatingProcessAccountName:string ReportId:long")
}

func networkEvents() *kusto.Table {
	return columns("Timestamp:datetime DeviceId:string DeviceName:string ActionType:string RemoteIP:string RemotePort:int RemoteUrl:string LocalIP:string LocalPort:int Protocol:string InitiatingProcessFileName:string InitiatingProcessId:long InitiatingProcessAccountName:string ReportId:long")
}

// observed are rows of hunting around an alert.
func (c *part) observed(processes, connections *kusto.Table, k int, at time.Time) {
	device := fmt.Sprintf("%040x", k)
	processes.Rows = append(processes.Rows, map[string]any{
		"Timestamp": at.Add(-2 * time.Minute), "DeviceId": device, "DeviceName": c.host + ".corp.example.com", "ActionType": "ProcessCreated", "FileName": c.file,
		"FolderPath": `C:\Windows\System32\` + c.file, "SHA256": c.sha256, "ProcessId": float64(1000 + k), "ProcessCommandLine": c.command, "AccountDomain": "corp", "AccountName": c.user,
		"AccountUpn": c.user + "@corp.example.com", "LogonId": 256_000.0, "InitiatingProcessFileName": "explorer.exe", "InitiatingProcessId": 700.0, "InitiatingProcessAccountName": c.user,
		"ReportId": float64(k),
	})
	connections.Rows = append(connections.Rows, map[string]any{
		"Timestamp": at.Add(-time.Minute), "DeviceId": device, "DeviceName": c.host + ".corp.example.com", "ActionType": "ConnectionSuccess", "RemoteIP": c.ip, "RemotePort": 443,
		"RemoteUrl": "c2.example.net", "LocalIP": "10.20.1.22", "LocalPort": 50_122, "Protocol": "Tcp", "InitiatingProcessFileName": c.file, "InitiatingProcessId": float64(1000 + k),
		"InitiatingProcessAccountName": c.user, "ReportId": float64(k),
	})
}
