package sigma_test

import (
	"testing"
)

// TestShapes: one rule on the record of one thing as many products write it, and the path of the receipt.
func TestShapes(t *testing.T) {
	t.Parallel()
	const process = `title: t
logsource: {product: windows, category: process_creation}
detection:
  s: {Image|endswith: '\whoami.exe', CommandLine|contains: '/all'}
  condition: s
`
	for name, c := range map[string]struct{ rule, record, path string }{
		"event tree": {
			process, `{"Event":{"System":{"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational","Computer":"ws-1"},
			"EventData":{"Image":"C:\\Windows\\System32\\whoami.exe","CommandLine":"whoami /all"}}}`, "Event.EventData.Image",
		},
		"event tree with attributes": {
			process, `{"Event":{"System":{"EventID":{"#attributes":{"Qualifiers":1},"#text":1},"Provider":{"#attributes":{"Name":"Microsoft-Windows-Sysmon"}},
			"Channel":"x","Computer":"ws-1"},"EventData":{"Image":"C:\\whoami.exe","CommandLine":"whoami /all"}}}`, "Event.EventData.Image",
		},
		"security log": {
			process, `{"Event":{"System":{"EventID":4688,"Channel":"Security","Computer":"ws-1"},
			"EventData":{"NewProcessName":"C:\\whoami.exe","CommandLine":"whoami /all"}}}`, "Event.EventData.NewProcessName",
		},
		"winlogbeat": {
			process, `{"@timestamp":"2026-01-02T03:04:05Z","agent":{"type":"winlogbeat"},"winlog":{"channel":"Microsoft-Windows-Sysmon/Operational",
			"event_id":1,"provider_name":"Microsoft-Windows-Sysmon","event_data":{"Image":"C:\\whoami.exe","CommandLine":"whoami /all"}}}`,
			"winlog.event_data.Image",
		},
		"winlogbeat with dotted keys": {
			process, `{"@timestamp":"2026-01-02T03:04:05Z","winlog.channel":"Microsoft-Windows-Sysmon/Operational","winlog.event_id":1,
			"winlog.provider_name":"Microsoft-Windows-Sysmon","winlog.event_data.Image":"C:\\whoami.exe","winlog.event_data.CommandLine":"whoami /all"}`,
			`winlog\.event_data\.Image`,
		},
		"Wazuh": {
			process, `{"rule":{"level":3,"id":"92032","description":"x"},"agent":{"id":"1","name":"ws-1"},"manager":{"name":"m"},"decoder":{"name":"windows_eventchannel"},
			"data":{"win":{"system":{"eventID":"1","channel":"Microsoft-Windows-Sysmon/Operational"},
			"eventdata":{"image":"C:\\\\Windows\\\\whoami.exe","commandLine":"whoami /all"}}}}`, "data.win.eventdata.image",
		},
		"Wazuh in an envelope": {
			process, `{"_index":"wazuh-alerts-4.x","_id":"1","_source":{"rule":{"level":3,"id":"92032","description":"x"},"agent":{"id":"1","name":"ws-1"},"manager":{"name":"m"},
			"decoder":{"name":"windows_eventchannel"},"data":{"win":{"system":{"eventID":"1","channel":"Microsoft-Windows-Sysmon/Operational"},
			"eventdata":{"image":"C:\\\\whoami.exe","commandLine":"whoami /all"}}}}}`, "_source.data.win.eventdata.image",
		},
		"flat": {
			process, `{"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational","Hostname":"ws-1","Image":"C:\\whoami.exe","CommandLine":"whoami /all"}`, "Image",
		},
		"Elastic Common Schema": {
			process, `{"@timestamp":"2026-01-02T03:04:05Z","ecs":{"version":"8.0"},"event":{"kind":"event","category":["process"],"code":"1","provider":"Microsoft-Windows-Sysmon"},
			"process":{"executable":"C:\\whoami.exe","command_line":"whoami /all"}}`, "process.executable",
		},
		"a product that names things its own way": {
			process, `{"kibana.alert.uuid":"1","kibana.alert.rule.name":"x","@timestamp":"2026-01-02T03:04:05Z",
			"process":{"executable":"C:\\whoami.exe","command_line":"whoami /all"}}`, "process.executable",
		},
		"event below user data": {
			"title: t\nlogsource: {product: windows, service: wmi}\ndetection:\n  s: {EventID: 5858, Operation|contains: cleareventlog}\n  condition: s\n",
			`{"Event":{"System":{"EventID":5858,"Channel":"Microsoft-Windows-WMI-Activity/Operational","Computer":"ws-1"},
			"UserData":{"Operation_ClientFailure":{"Operation":"x::cleareventlog"}}}}`, "Event.System.EventID",
		},
		"CloudTrail": {
			"title: t\nlogsource: {product: aws, service: cloudtrail}\ndetection:\n  s: {userIdentity.type: Root, requestParameters|contains: all, errorCode: null}\n  condition: s\n",
			`{"eventVersion":"1.08","userIdentity":{"type":"Root"},"eventTime":"2026-01-02T03:04:05Z","eventSource":"ec2.amazonaws.com","eventName":"ModifySnapshotAttribute",
			"awsRegion":"eu-west-1","sourceIPAddress":"203.0.113.9","eventID":"1","requestParameters":{"group":["all"]}}`, "userIdentity.type",
		},
		"CloudTrail in Wazuh": {
			"title: t\nlogsource: {product: aws, service: cloudtrail}\ndetection:\n  s: {eventName: StopLogging}\n  condition: s\n",
			`{"rule":{"level":3,"id":"80202","description":"x"},"agent":{"id":"0","name":"m"},"manager":{"name":"m"},"decoder":{"name":"json"},
			"data":{"integration":"aws","aws":{"eventSource":"cloudtrail.amazonaws.com","eventName":"StopLogging"}}}`, "data.aws.eventName",
		},
		"web server": {
			"title: t\nlogsource: {category: webserver}\ndetection:\n  s: {cs-uri-query|contains: 'cmd=id', cs-uri-stem|endswith: .php, sc-status: 200, cs-method: GET, cs-user-agent|startswith: curl}\n  condition: s\n",
			`203.0.113.9 - - [02/Jan/2026:03:04:05 +0000] "GET /up/x.php?cmd=id HTTP/1.1" 200 12 "-" "curl/8.0"`, "access.uri",
		},
		"audit daemon": {
			"title: t\nlogsource: {product: linux, service: auditd}\ndetection:\n  s: {type: EXECVE, a0: chattr, a1|contains: '-i'}\n  condition: s\n",
			`type=EXECVE msg=audit(1767323045.713:77): argc=3 a0="chattr" a1="-i" a2="/etc/passwd"`, "audit.type",
		},
		"sign-ins of a Linux host": {
			"title: t\nlogsource: {product: linux, service: sshd}\ndetection:\n  s: ['*Corrupted MAC*']\n  condition: s\n",
			`Jan  2 03:04:05 web-1 sshd[77]: error: Corrupted MAC on input. from 203.0.113.9`, "message",
		},
		"Zeek": {
			"title: t\nlogsource: {product: zeek, service: dns}\ndetection:\n  s: {query|endswith: .example.com, id.resp_p: 53}\n  condition: s\n",
			`{"_path":"dns","ts":1767323045.7,"uid":"C1","id.orig_h":"10.0.0.1","id.orig_p":5000,"id.resp_h":"10.0.0.2","id.resp_p":53,"query":"a.example.com"}`, "query",
		},
		"Microsoft 365": {
			"title: t\nlogsource: {product: m365, service: audit}\ndetection:\n  s: {Operation: New-InboxRule, Parameters|contains: ForwardTo}\n  condition: s\n",
			`{"CreationTime":"2026-01-02T03:04:05","Id":"1","Operation":"New-InboxRule","RecordType":1,"UserId":"a@example.com","Workload":"Exchange",
			"Parameters":[{"Name":"ForwardTo","Value":"b@example.net"}]}`, "Operation",
		},
		"JSON inside a string": {
			"title: t\nlogsource: {product: aws, service: cloudtrail}\ndetection:\n  s: {eventName: StopLogging}\n  condition: s\n",
			`{"source":"x","message":"{\"eventSource\":\"cloudtrail.amazonaws.com\",\"eventName\":\"StopLogging\"}"}`, "message.eventName",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := parse(t, []byte(c.record))
			got := load(t, c.rule).Match(a)
			if len(got) != 1 || len(got[0].Fields) == 0 {
				t.Fatalf("format %s: %v", a.Format, got)
			}
			if p := got[0].Fields[0].Path; string(p) != c.path {
				t.Errorf("receipt at %s, want %s", p, c.path)
			}
			for _, f := range got[0].Fields {
				if text, ok := f.Path.In(a.View); !ok || text == "" {
					t.Errorf("nothing at %s", f.Path)
				}
			}
		})
	}
}

// TestSources: a rule is asked of the records of its log source only.
func TestSources(t *testing.T) {
	t.Parallel()
	const (
		sysmon3  = `{"EventID":3,"Channel":"Microsoft-Windows-Sysmon/Operational","Hostname":"ws-1","Image":"C:\\x.exe"}`
		sysmon12 = `{"EventID":12,"Channel":"Microsoft-Windows-Sysmon/Operational","Hostname":"ws-1","EventType":"DeleteKey","Image":"C:\\x.exe"}`
		security = `{"EventID":4688,"Channel":"Security","Hostname":"ws-1","NewProcessName":"C:\\x.exe"}`
		linux    = `{"EventID":1,"Channel":"Linux-Sysmon/Operational","Hostname":"web-1","Image":"/tmp/x.exe"}`
		posh     = `{"EventID":4104,"Channel":"Microsoft-Windows-PowerShell/Operational","Hostname":"ws-1","Image":"C:\\x.exe"}`
		finding  = `{"vendor":"x","process_path":"C:\\x.exe","command_line":"x.exe -a"}`
		sample   = `{"some":"C:\\x.exe"}`
	)
	for source, want := range map[string][]string{
		"product: windows, category: network_connection":        {sysmon3},
		"product: windows, category: process_creation":          {security, finding},
		"product: linux, category: process_creation":            {linux},
		"category: process_creation":                            {security, linux, finding},
		"product: windows, service: security":                   {security},
		"product: windows, service: sysmon":                     {sysmon3, sysmon12},
		"product: windows, category: registry_delete":           {sysmon12},
		"product: windows, category: registry_event":            {sysmon12},
		"product: windows, category: registry_add":              nil,
		"product: windows, category: ps_script":                 {posh},
		"product: windows, service: powershell":                 {posh},
		"product: windows":                                      {sysmon3, sysmon12, security, posh, finding},
		"product: aws, service: cloudtrail":                     nil,
		"product: windows, service: a service nobody has":       nil,
		"product: windows, category: a category nobody has":     nil,
		"product: windows, category: process_access":            nil,
		"category: process_creation, product: another computer": nil,
	} {
		set := load(t, "title: t\nlogsource: {"+source+"}\ndetection:\n  s: ['x.exe']\n  condition: s\n")
		for _, record := range []string{sysmon3, sysmon12, security, linux, posh, finding, sample} {
			expected := false
			for _, w := range want {
				expected = expected || w == record
			}
			if got := len(set.Match(parse(t, []byte(record)))) == 1; got != expected {
				t.Errorf("%s: %v on %s", source, got, record)
			}
		}
	}
}
