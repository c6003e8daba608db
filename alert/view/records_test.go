package view_test

// records are one record of every shape that Text knows, and the view it has. Read a view before you change it: format
// files and decided alerts refer to its paths.
var records = []struct{ name, record, view string }{
	// syslog
	{
		`an RFC 5424 header with structured data`,
		`<34>1 2025-03-01T10:00:00.003Z gw1.example.com app1 4242 ID47 [ex@32473 user="o\"neil" path="a\]b"][b c="d"] login refused`,
		`{"syslog":{"priority":"34","facility":"4","severity":"2","time":"2025-03-01T10:00:00.003Z","host":"gw1.example.com","app":"app1","pid":"4242","msgid":"ID47","data":{"ex@32473":{"user":"o\"neil","path":"a]b"},"b":{"c":"d"}}},"message":"login refused"}`,
	},
	{
		`an RFC 5424 header whose fields are nil`,
		`<165>1 2025-03-01T10:00:00Z - - - - - only text`,
		`{"syslog":{"priority":"165","facility":"20","severity":"5","time":"2025-03-01T10:00:00Z"},"message":"only text"}`,
	},
	{
		`an RFC 3164 header`,
		`<13>Jul  4 10:00:00 web1 cron[311]: job started`,
		`{"syslog":{"priority":"13","facility":"1","severity":"5","time":"Jul  4 10:00:00","host":"web1","app":"cron","pid":"311"},"message":"job started"}`,
	},
	{
		`no priority, a tag without a process id`,
		`Jul  4 10:00:00 web1 kernel: link is down`,
		`{"syslog":{"time":"Jul  4 10:00:00","host":"web1","app":"kernel"},"message":"link is down"}`,
	},
	{
		`an ISO time`,
		`2025-07-04T10:00:00.123456+02:00 db1 postgres[99]: checkpoint complete`,
		`{"syslog":{"time":"2025-07-04T10:00:00.123456+02:00","host":"db1","app":"postgres","pid":"99"},"message":"checkpoint complete"}`,
	},
	{
		`a Cisco sequence number, host and unset clock`,
		`<189>123: core1: *Mar  1 18:46:11.100 UTC: %SYS-5-CONFIG_I: Configured from console by vty0 (10.0.0.9)`,
		`{"syslog":{"priority":"189","facility":"23","severity":"5","time":"Mar  1 18:46:11.100 UTC","host":"core1"},"message":"%SYS-5-CONFIG_I: Configured from console by vty0 (10.0.0.9)","cisco":{"facility":"SYS","severity":"5","mnemonic":"CONFIG_I","text":"Configured from console by vty0 (10.0.0.9)"}}`,
	},
	{
		`a severity word after the host, as F5 sends it`,
		`Sep 11 07:54:59 lb1.example.com notice apmd[14311]: 01490005:5: session deleted`,
		`{"syslog":{"severity":"5","time":"Sep 11 07:54:59","host":"lb1.example.com","app":"apmd","pid":"14311"},"message":"01490005:5: session deleted"}`,
	},
	{
		`only a process tag`,
		`sshd[2102]: Connection reset by 192.0.2.7 port 4100`,
		`{"syslog":{"app":"sshd","pid":"2102"},"message":"Connection reset by 192.0.2.7 port 4100"}`,
	},
	{
		`a relay's header before the first one`,
		`<13>Jul  4 10:00:00 relay1 Jul  4 09:59:59 fw1 CEF:0|Acme|Wall|1|100|Drop|5|src=10.0.0.1`,
		`{"syslog":{"priority":"13","facility":"1","severity":"5","time":"Jul  4 10:00:00","host":"relay1"},"message":"Jul  4 09:59:59 fw1 CEF:0|Acme|Wall|1|100|Drop|5|src=10.0.0.1","cef":{"version":"0","vendor":"Acme","product":"Wall","device_version":"1","signature":"100","name":"Drop","severity":"5","ext":{"src":"10.0.0.1"}}}`,
	},
	// cef
	{
		`escapes, and labels with their values`,
		`CEF:0|Acme \| Co|Wall|1.0|100|Rule \\ hit|7|msg=a\=b and\nmore cs1Label=Policy Name cs1=Guests src=10.0.0.1 request=https://example.com/?a=b cn1Label=Empty cn1=`,
		`{"message":"CEF:0|Acme \\| Co|Wall|1.0|100|Rule \\\\ hit|7|msg=a\\=b and\\nmore cs1Label=Policy Name cs1=Guests src=10.0.0.1 request=https://example.com/?a=b cn1Label=Empty cn1=","cef":{"version":"0","vendor":"Acme | Co","product":"Wall","device_version":"1.0","signature":"100","name":"Rule \\ hit","severity":"7","ext":{"msg":"a=b and\nmore","cs1Label":"Policy Name","cs1":"Guests","src":"10.0.0.1","request":"https://example.com/?a=b","cn1Label":"Empty","cn1":""},"labels":{"Policy Name":"Guests"}}}`,
	},
	{
		`behind a syslog header`,
		`<134>Jul  4 10:00:00 fw1 CEF:0|Acme|Wall|1.0|100|Drop|3|act=blocked dst=192.0.2.9`,
		`{"syslog":{"priority":"134","facility":"16","severity":"6","time":"Jul  4 10:00:00","host":"fw1"},"message":"CEF:0|Acme|Wall|1.0|100|Drop|3|act=blocked dst=192.0.2.9","cef":{"version":"0","vendor":"Acme","product":"Wall","device_version":"1.0","signature":"100","name":"Drop","severity":"3","ext":{"act":"blocked","dst":"192.0.2.9"}}}`,
	},
	{
		`the marker cut off`,
		`0|Acme|Wall|1.0|100|Drop|3|act=blocked user=CN\=Bob,OU\=Sales dpt=443`,
		`{"message":"0|Acme|Wall|1.0|100|Drop|3|act=blocked user=CN\\=Bob,OU\\=Sales dpt=443","cef":{"version":"0","vendor":"Acme","product":"Wall","device_version":"1.0","signature":"100","name":"Drop","severity":"3","ext":{"act":"blocked","user":"CN=Bob,OU=Sales","dpt":"443"}}}`,
	},
	{
		`a repeated key is repeated`,
		`CEF:0|Acme|Wall|1.0|100|Drop|3|src=10.0.0.1 src=10.0.0.2`,
		`{"message":"CEF:0|Acme|Wall|1.0|100|Drop|3|src=10.0.0.1 src=10.0.0.2","cef":{"version":"0","vendor":"Acme","product":"Wall","device_version":"1.0","signature":"100","name":"Drop","severity":"3","ext":{"src":"10.0.0.1","src":"10.0.0.2"}}}`,
	},
	{
		`a Windows path that is not escaped`,
		`CEF:0|Acme|AV|1.0|5|Found|8|filePath=C:\Users\Bob\x.exe fname=x.exe`,
		`{"message":"CEF:0|Acme|AV|1.0|5|Found|8|filePath=C:\\Users\\Bob\\x.exe fname=x.exe","cef":{"version":"0","vendor":"Acme","product":"AV","device_version":"1.0","signature":"5","name":"Found","severity":"8","ext":{"filePath":"C:\\Users\\Bob\\x.exe","fname":"x.exe"}}}`,
	},
	// leef
	{
		`version 1.0 with tabs`,
		"LEEF:1.0|Acme|Vault|14|7|sev=6\tusrName=bob\treason=\t src=192.0.2.4",
		`{"message":"LEEF:1.0|Acme|Vault|14|7|sev=6\tusrName=bob\treason=\t src=192.0.2.4","leef":{"version":"1.0","vendor":"Acme","product":"Vault","device_version":"14","event":"7","ext":{"sev":"6","usrName":"bob","reason":"","src":"192.0.2.4"}}}`,
	},
	{
		`version 2.0 with a caret`,
		`LEEF:2.0|Acme|Vault|14|7|^|sev=6^usrName=bob^msg=a b=c`,
		`{"message":"LEEF:2.0|Acme|Vault|14|7|^|sev=6^usrName=bob^msg=a b=c","leef":{"version":"2.0","vendor":"Acme","product":"Vault","device_version":"14","event":"7","ext":{"sev":"6","usrName":"bob","msg":"a b=c"}}}`,
	},
	{
		`version 2.0 with a code`,
		`LEEF:2.0|Acme|Vault|14|7|0x7C|sev=6|usrName=bob`,
		`{"message":"LEEF:2.0|Acme|Vault|14|7|0x7C|sev=6|usrName=bob","leef":{"version":"2.0","vendor":"Acme","product":"Vault","device_version":"14","event":"7","ext":{"sev":"6","usrName":"bob"}}}`,
	},
	{
		`version 2.0 without a delimiter`,
		"LEEF:2.0|Acme|Vault|14|7|src=10.0.0.1\tmsg=x|y",
		`{"message":"LEEF:2.0|Acme|Vault|14|7|src=10.0.0.1\tmsg=x|y","leef":{"version":"2.0","vendor":"Acme","product":"Vault","device_version":"14","event":"7","ext":{"src":"10.0.0.1","msg":"x|y"}}}`,
	},
	{
		`tabs that became blanks`,
		`LEEF:1.0|Acme|Vault|14|7|sev=6 msg=full gateway connection src=192.0.2.4`,
		`{"message":"LEEF:1.0|Acme|Vault|14|7|sev=6 msg=full gateway connection src=192.0.2.4","leef":{"version":"1.0","vendor":"Acme","product":"Vault","device_version":"14","event":"7","ext":{"sev":"6","msg":"full gateway connection","src":"192.0.2.4"}}}`,
	},
	{
		`a version number before a header that ends with the host`,
		"<134>1 2025-07-04T10:00:00Z h1 LEEF:1.0|Acme|Vault|14|7|src=192.0.2.4\tusrName=bob",
		`{"syslog":{"priority":"134","facility":"16","severity":"6","time":"2025-07-04T10:00:00Z","host":"h1"},"message":"LEEF:1.0|Acme|Vault|14|7|src=192.0.2.4\tusrName=bob","leef":{"version":"1.0","vendor":"Acme","product":"Vault","device_version":"14","event":"7","ext":{"src":"192.0.2.4","usrName":"bob"}}}`,
	},
	{
		`the marker cut off, tabs as rsyslog writes them`,
		`1.0|Acme|Vault|14|7|src=192.0.2.4#011msg=a b`,
		`{"message":"1.0|Acme|Vault|14|7|src=192.0.2.4#011msg=a b","leef":{"version":"1.0","vendor":"Acme","product":"Vault","device_version":"14","event":"7","ext":{"src":"192.0.2.4","msg":"a b"}}}`,
	},
	// xml
	{
		`a Windows event`,
		`<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name="Acme-Audit" Guid="{1}"/><EventID Qualifiers="0">4625</EventID><TimeCreated SystemTime="2025-07-04T10:00:00Z"/><Computer>ws1.example.com</Computer><Security/></System><EventData><Data Name="TargetUserName">bob</Data><Data Name="IpAddress">192.0.2.7</Data><Data>loose</Data></EventData></Event>`,
		`{"message":"<Event xmlns=\"http://schemas.microsoft.com/win/2004/08/events/event\"><System><Provider Name=\"Acme-Audit\" Guid=\"{1}\"/><EventID Qualifiers=\"0\">4625</EventID><TimeCreated SystemTime=\"2025-07-04T10:00:00Z\"/><Computer>ws1.example.com</Computer><Security/></System><EventData><Data Name=\"TargetUserName\">bob</Data><Data Name=\"IpAddress\">192.0.2.7</Data><Data>loose</Data></EventData></Event>","Event":{"System":{"Provider":{"Name":"Acme-Audit","Guid":"{1}"},"EventID":"4625","TimeCreated":{"SystemTime":"2025-07-04T10:00:00Z"},"Computer":"ws1.example.com","Security":""},"EventData":{"TargetUserName":"bob","IpAddress":"192.0.2.7","Data":"loose"}}}`,
	},
	{
		`a Windows event whose end a relay cut off`,
		`<Event><System><Provider Name="Linux-Sysmon"/><EventID>1</EventID></System><EventData><Data Name="Image">/bin/sh</Data><Data Name="ParentCommandLine">/opt/app -Da=b -cl`,
		`{"message":"<Event><System><Provider Name=\"Linux-Sysmon\"/><EventID>1</EventID></System><EventData><Data Name=\"Image\">/bin/sh</Data><Data Name=\"ParentCommandLine\">/opt/app -Da=b -cl","Event":{"System":{"Provider":{"Name":"Linux-Sysmon"},"EventID":"1"},"EventData":{"Image":"/bin/sh","ParentCommandLine":"/opt/app -Da=b -cl"}}}`,
	},
	{
		`a Windows event whose entities lost their semicolons`,
		`<Event><System><EventID>5</EventID></System><EventData><Data Name="Image">&lt unknown process&gt </Data></EventData></Event>`,
		`{"message":"<Event><System><EventID>5</EventID></System><EventData><Data Name=\"Image\">&lt unknown process&gt </Data></EventData></Event>","Event":{"System":{"EventID":"5"},"EventData":{"Image":"&lt unknown process&gt"}}}`,
	},
	{
		`a document with attributes and repeated elements`,
		`<?xml version="1.0" encoding="utf-16"?><Scan id="7"><Hit level="2">a &amp; b</Hit><Hit>c</Hit><Host>ws1</Host></Scan>`,
		`{"message":"<?xml version=\"1.0\" encoding=\"utf-16\"?><Scan id=\"7\"><Hit level=\"2\">a &amp; b</Hit><Hit>c</Hit><Host>ws1</Host></Scan>","xml":{"Scan":{"@id":"7","Hit":[{"@level":"2","#text":"a & b"},"c"],"Host":"ws1"}}}`,
	},
	{
		`a Windows event over several lines`,
		"<Event>\r\n  <System>\r\n    <EventID>1</EventID>\r\n  </System>\r\n  <UserData><A x=\"1\"><B>c</B></A></UserData>\r\n</Event>\r\n",
		`{"message":"<Event>\r\n  <System>\r\n    <EventID>1</EventID>\r\n  </System>\r\n  <UserData><A x=\"1\"><B>c</B></A></UserData>\r\n</Event>","Event":{"System":{"EventID":"1"},"UserData":{"A":{"x":"1","B":"c"}}}}`,
	},
	// json
	{
		`an object behind a prefix keeps its bytes`,
		`@cee: {"a": 1,"a":"<b>"}`,
		`{"message":"@cee: {\"a\": 1,\"a\":\"<b>\"}","json":{"a": 1,"a":"<b>"}}`,
	},
	{
		`an object behind a syslog header`,
		`<14>Jul  4 10:00:00 h1 app[7]: {"user":"bob"}`,
		`{"syslog":{"priority":"14","facility":"1","severity":"6","time":"Jul  4 10:00:00","host":"h1","app":"app","pid":"7"},"message":"{\"user\":\"bob\"}","json":{"user":"bob"}}`,
	},
	// kv
	{
		`blanks between pairs, quotes of both kinds`,
		`<189>date=2025-07-04 time=10:00:00 devname="FG \"1\"" msg='two words' empty= srcip=10.0.0.1 url="https://example.com/?a=b"`,
		`{"syslog":{"priority":"189","facility":"23","severity":"5"},"message":"date=2025-07-04 time=10:00:00 devname=\"FG \\\"1\\\"\" msg='two words' empty= srcip=10.0.0.1 url=\"https://example.com/?a=b\"","kv":{"date":"2025-07-04","time":"10:00:00","devname":"FG \"1\"","msg":"two words","empty":"","srcip":"10.0.0.1","url":"https://example.com/?a=b"}}`,
	},
	{
		`commas`,
		`to=<bob@example.com>, relay=mx1.example.com[192.0.2.3]:25, delays=1/0/0, status=deferred (refused, for now)`,
		`{"message":"to=<bob@example.com>, relay=mx1.example.com[192.0.2.3]:25, delays=1/0/0, status=deferred (refused, for now)","kv":{"to":"<bob@example.com>","relay":"mx1.example.com[192.0.2.3]:25","delays":"1/0/0","status":"deferred (refused, for now)"}}`,
	},
	{
		`pipes`,
		`time=1 |product=Wall 2 |user=CN=bob,OU=it |action=drop|`,
		`{"message":"time=1 |product=Wall 2 |user=CN=bob,OU=it |action=drop|","kv":{"time":"1","product":"Wall 2","user":"CN=bob,OU=it","action":"drop"}}`,
	},
	{
		`quoted keys`,
		`"user"="bob smith" "host"="ws1"`,
		`{"message":"\"user\"=\"bob smith\" \"host\"=\"ws1\"","kv":{"user":"bob smith","host":"ws1"}}`,
	},
	{
		`Check Point's brackets`,
		`<134>1 2025-07-04T10:00:00Z gw1 CheckPoint 19710 - [action:"Accept"; dn:"CN=x,O=y"; flags:"1"]`,
		`{"syslog":{"priority":"134","facility":"16","severity":"6","time":"2025-07-04T10:00:00Z","host":"gw1","app":"CheckPoint","pid":"19710"},"message":"[action:\"Accept\"; dn:\"CN=x,O=y\"; flags:\"1\"]","kv":{"action":"Accept","dn":"CN=x,O=y","flags":"1"}}`,
	},
	{
		`labels`,
		`Application: Chrome, Client IP: 10.0.0.4, URL: https://example.com/`,
		`{"message":"Application: Chrome, Client IP: 10.0.0.4, URL: https://example.com/","kv":{"Application":"Chrome","Client IP":"10.0.0.4","URL":"https://example.com/"}}`,
	},
	{
		`a distinguished name has commas of its own`,
		`dn=CN=bob,OU=it,DC=example,DC=com op=bind src=10.0.0.1`,
		`{"message":"dn=CN=bob,OU=it,DC=example,DC=com op=bind src=10.0.0.1","kv":{"dn":"CN=bob,OU=it,DC=example,DC=com","op":"bind","src":"10.0.0.1"}}`,
	},
	{
		`equals signs between blanks`,
		`%ASA-4-113019: Group = G1, Username = bob, IP = 192.0.2.7, Session disconnected. Duration: 6h`,
		`{"message":"%ASA-4-113019: Group = G1, Username = bob, IP = 192.0.2.7, Session disconnected. Duration: 6h","cisco":{"facility":"ASA","severity":"4","mnemonic":"113019","text":"Group = G1, Username = bob, IP = 192.0.2.7, Session disconnected. Duration: 6h"},"kv":{"Group":"G1","Username":"bob","IP":"192.0.2.7","Session disconnected. Duration":"6h"}}`,
	},
	{
		`labels on lines of their own`,
		"Event type: Malware found\nObject: C:\\x, y.exe\nUser: EXAMPLE\\bob",
		`{"message":"Event type: Malware found\nObject: C:\\x, y.exe\nUser: EXAMPLE\\bob","kv":{"Event type":"Malware found","Object":"C:\\x, y.exe","User":"EXAMPLE\\bob"}}`,
	},
	// cisco
	{
		`a firewall message`,
		`%ASA-6-302013: Built outbound TCP connection 1 for outside:192.0.2.9/443 (192.0.2.9/443) to inside:10.0.0.5/5120`,
		`{"message":"%ASA-6-302013: Built outbound TCP connection 1 for outside:192.0.2.9/443 (192.0.2.9/443) to inside:10.0.0.5/5120","cisco":{"facility":"ASA","severity":"6","mnemonic":"302013","text":"Built outbound TCP connection 1 for outside:192.0.2.9/443 (192.0.2.9/443) to inside:10.0.0.5/5120"}}`,
	},
	{
		`labels in the text`,
		`%NGIPS-1-430003: EventPriority: Low, SrcIP: 10.0.0.1, Reason: URL Block, IP Block, DstPort: 80`,
		`{"message":"%NGIPS-1-430003: EventPriority: Low, SrcIP: 10.0.0.1, Reason: URL Block, IP Block, DstPort: 80","cisco":{"facility":"NGIPS","severity":"1","mnemonic":"430003","text":"EventPriority: Low, SrcIP: 10.0.0.1, Reason: URL Block, IP Block, DstPort: 80"},"kv":{"EventPriority":"Low","SrcIP":"10.0.0.1","Reason":"URL Block, IP Block","DstPort":"80"}}`,
	},
	// snort
	{
		`the fast form`,
		`07/04-21:23:11.869 [**] [1:2022028:2] ET TROJAN Beacon [**] [Classification: A Network Trojan was detected] [Priority: 1] {TCP} 10.0.0.1:80 -> 192.0.2.2:9000`,
		`{"message":"07/04-21:23:11.869 [**] [1:2022028:2] ET TROJAN Beacon [**] [Classification: A Network Trojan was detected] [Priority: 1] {TCP} 10.0.0.1:80 -> 192.0.2.2:9000","snort":{"time":"07/04-21:23:11.869","gid":"1","sid":"2022028","rev":"2","msg":"ET TROJAN Beacon","classification":"A Network Trojan was detected","priority":"1","protocol":"TCP","src_ip":"10.0.0.1","src_port":"80","dst_ip":"192.0.2.2","dst_port":"9000"}}`,
	},
	{
		`IPv6 without ports`,
		`07/04/2025-21:23:11.869123  [**] [1:1:1] Ping [**] [Priority: 3] {ICMPv6} 2001:db8::1 -> 2001:db8::2`,
		`{"message":"07/04/2025-21:23:11.869123  [**] [1:1:1] Ping [**] [Priority: 3] {ICMPv6} 2001:db8::1 -> 2001:db8::2","snort":{"time":"07/04/2025-21:23:11.869123","gid":"1","sid":"1","rev":"1","msg":"Ping","priority":"3","protocol":"ICMPv6","src_ip":"2001:db8::1","dst_ip":"2001:db8::2"}}`,
	},
	{
		`the full form`,
		"[**] [1:2022028:2] ET SCAN Probe [**]\n[Classification: Attempted Recon] [Priority: 2]\n07/04-21:23:11.869 192.0.2.1:4000 -> 10.0.0.2:22\nTCP TTL:64 TOS:0x0 ID:1",
		`{"message":"[**] [1:2022028:2] ET SCAN Probe [**]\n[Classification: Attempted Recon] [Priority: 2]\n07/04-21:23:11.869 192.0.2.1:4000 -> 10.0.0.2:22\nTCP TTL:64 TOS:0x0 ID:1","snort":{"time":"07/04-21:23:11.869","gid":"1","sid":"2022028","rev":"2","msg":"ET SCAN Probe","classification":"Attempted Recon","priority":"2","protocol":"TCP","src_ip":"192.0.2.1","src_port":"4000","dst_ip":"10.0.0.2","dst_port":"22"}}`,
	},
	// access
	{
		`the combined form`,
		`192.0.2.7 - bob jones [10/Oct/2025:13:55:36 -0700] "GET /a?b=\"c\" HTTP/1.0" 404 - "https://example.com/x" "Mozilla/5.0 (X11)"`,
		`{"message":"192.0.2.7 - bob jones [10/Oct/2025:13:55:36 -0700] \"GET /a?b=\\\"c\\\" HTTP/1.0\" 404 - \"https://example.com/x\" \"Mozilla/5.0 (X11)\"","access":{"client_ip":"192.0.2.7","user":"bob jones","time":"10/Oct/2025:13:55:36 -0700","method":"GET","uri":"/a?b=\"c\"","protocol":"HTTP/1.0","status":"404","referrer":"https://example.com/x","user_agent":"Mozilla/5.0 (X11)"}}`,
	},
	{
		`the common form behind a virtual host`,
		`www.example.com:443 192.0.2.7 - - [10/Oct/2025:13:55:36 -0700] "POST /in HTTP/1.1" 200 17`,
		`{"message":"www.example.com:443 192.0.2.7 - - [10/Oct/2025:13:55:36 -0700] \"POST /in HTTP/1.1\" 200 17","access":{"client_ip":"192.0.2.7","time":"10/Oct/2025:13:55:36 -0700","method":"POST","uri":"/in","protocol":"HTTP/1.1","status":"200","bytes":"17"}}`,
	},
	{
		`Squid's own form`,
		`1564655684.277   3387 10.0.0.1 TCP_TUNNEL/200 19131 CONNECT example.org:443 bob HIER_DIRECT/example.org -`,
		`{"message":"1564655684.277   3387 10.0.0.1 TCP_TUNNEL/200 19131 CONNECT example.org:443 bob HIER_DIRECT/example.org -","access":{"client_ip":"10.0.0.1","user":"bob","time":"1564655684.277","method":"CONNECT","uri":"example.org:443","status":"200","bytes":"19131"}}`,
	},
	// auth
	{
		`a refused password for a user whose name looks like an address`,
		`sshd[1]: Failed password for invalid user root from 10.9.9.9 port 1 ssh2 from 192.0.2.7 port 51034 ssh2`,
		`{"syslog":{"app":"sshd","pid":"1"},"message":"Failed password for invalid user root from 10.9.9.9 port 1 ssh2 from 192.0.2.7 port 51034 ssh2","auth":{"result":"failure","method":"password","user":"root from 10.9.9.9 port 1 ssh2","src_ip":"192.0.2.7","src_port":"51034"}}`,
	},
	{
		`an accepted key`,
		`Jul  4 10:00:00 h1 sshd[20]: Accepted publickey for bob from 2001:db8::7 port 51034 ssh2: ED25519 SHA256:abc`,
		`{"syslog":{"time":"Jul  4 10:00:00","host":"h1","app":"sshd","pid":"20"},"message":"Accepted publickey for bob from 2001:db8::7 port 51034 ssh2: ED25519 SHA256:abc","auth":{"result":"success","method":"publickey","user":"bob","src_ip":"2001:db8::7","src_port":"51034"}}`,
	},
	{
		`PAM`,
		`Jul  4 10:00:00 h1 sshd[20]: pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.7  user=root`,
		`{"syslog":{"time":"Jul  4 10:00:00","host":"h1","app":"sshd","pid":"20"},"message":"pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.7  user=root","auth":{"result":"failure","method":"pam","user":"root","src_ip":"192.0.2.7"}}`,
	},
	{
		`sudo`,
		`Jul  4 10:00:00 h1 sudo:      bob : TTY=pts/0 ; PWD=/home/bob ; USER=root ; COMMAND=/bin/sh -c id; ls`,
		`{"syslog":{"time":"Jul  4 10:00:00","host":"h1","app":"sudo"},"message":"bob : TTY=pts/0 ; PWD=/home/bob ; USER=root ; COMMAND=/bin/sh -c id; ls","auth":{"result":"success","method":"sudo","user":"bob","target_user":"root","command":"/bin/sh -c id; ls"}}`,
	},
	{
		`sudo refuses`,
		`Jul  4 10:00:00 h1 sudo: eve : user NOT in sudoers ; TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/bin/su`,
		`{"syslog":{"time":"Jul  4 10:00:00","host":"h1","app":"sudo"},"message":"eve : user NOT in sudoers ; TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/bin/su","auth":{"result":"failure","method":"sudo","user":"eve","target_user":"root","command":"/bin/su"}}`,
	},
	// audit
	{
		`an execution, one argument in hex`,
		`type=EXECVE msg=audit(1364481363.243:24287): argc=3 a0="cat" a1=2F746D702F6120622E747874 a2="-n"`,
		`{"message":"type=EXECVE msg=audit(1364481363.243:24287): argc=3 a0=\"cat\" a1=2F746D702F6120622E747874 a2=\"-n\"","audit":{"time":"1364481363.243","id":"1364481363.243:24287","serial":"24287","type":"EXECVE","command_line":"cat /tmp/a b.txt -n"},"kv":{"argc":"3","a0":"cat","a1":"2F746D702F6120622E747874","a2":"-n"}}`,
	},
	{
		`a process title`,
		`node=h1 type=PROCTITLE msg=audit(1364481363.243:24287): proctitle=7368002D63006964`,
		`{"message":"node=h1 type=PROCTITLE msg=audit(1364481363.243:24287): proctitle=7368002D63006964","audit":{"time":"1364481363.243","id":"1364481363.243:24287","serial":"24287","type":"PROCTITLE","node":"h1","proctitle":"sh -c id"},"kv":{"proctitle":"7368002D63006964"}}`,
	},
	{
		`a nested message`,
		`type=USER_LOGIN msg=audit(1364481363.243:24288): pid=7 uid=0 msg='op=login acct="bob" exe="/usr/sbin/sshd" addr=192.0.2.7 res=failed'`,
		`{"message":"type=USER_LOGIN msg=audit(1364481363.243:24288): pid=7 uid=0 msg='op=login acct=\"bob\" exe=\"/usr/sbin/sshd\" addr=192.0.2.7 res=failed'","audit":{"time":"1364481363.243","id":"1364481363.243:24288","serial":"24288","type":"USER_LOGIN"},"kv":{"pid":"7","uid":"0","op":"login","acct":"bob","exe":"/usr/sbin/sshd","addr":"192.0.2.7","res":"failed"}}`,
	},
	{
		`enriched`,
		"type=SYSCALL msg=audit(1.2:3): arch=c000003e success=yes\u001dARCH=x86_64 UID=\"root\"",
		`{"message":"type=SYSCALL msg=audit(1.2:3): arch=c000003e success=yes\u001dARCH=x86_64 UID=\"root\"","audit":{"time":"1.2","id":"1.2:3","serial":"3","type":"SYSCALL"},"kv":{"arch":"c000003e","success":"yes","ARCH":"x86_64","UID":"root"}}`,
	},
	// columns
	{
		`a PAN-OS row, quotes respected`,
		`<14>Sep 16 10:00:02 fw1 1,2025/07/04 16:00:02,0164,THREAT,url,2305,"a, ""b""",,10.0.0.1`,
		`{"syslog":{"priority":"14","facility":"1","severity":"6","time":"Sep 16 10:00:02","host":"fw1"},"message":"1,2025/07/04 16:00:02,0164,THREAT,url,2305,\"a, \"\"b\"\"\",,10.0.0.1","columns":["1","2025/07/04 16:00:02","0164","THREAT","url","2305","a, \"b\"","","10.0.0.1"]}`,
	},
	{
		`pairs inside a row do not hide it`,
		`1,2025/07/04 16:00:02,0164,THREAT,url,2305,Agent a=1 b=2 c=3,10.0.0.1`,
		`{"message":"1,2025/07/04 16:00:02,0164,THREAT,url,2305,Agent a=1 b=2 c=3,10.0.0.1","columns":["1","2025/07/04 16:00:02","0164","THREAT","url","2305","Agent a=1 b=2 c=3","10.0.0.1"],"kv":{"a":"1","b":"2","c":"3,10.0.0.1"}}`,
	},
	{
		`labelled cells`,
		`INT1,,Blocked,C:\x\y.exe,,Begin: 2025-07-04 10:00:00,Rule: ,User Name: Admin,10`,
		`{"message":"INT1,,Blocked,C:\\x\\y.exe,,Begin: 2025-07-04 10:00:00,Rule: ,User Name: Admin,10","kv":{"Begin":"2025-07-04 10:00:00","Rule":"","User Name":"Admin"},"columns":["INT1","","Blocked","C:\\x\\y.exe","","Begin: 2025-07-04 10:00:00","Rule: ","User Name: Admin","10"]}`,
	},
	{
		`tabs`,
		"a\tb\t\"c\td\t\te\tf",
		`{"message":"a\tb\t\"c\td\t\te\tf","columns":["a","b","\"c","d","","e","f"]}`,
	},
	// flow
	{
		`a VPC flow log of the default format`,
		`2 123456789012 eni-0a1b2c3d4e5f67890 203.0.113.9 10.0.0.96 40123 22 6 2 152 1599665193 1599665488 REJECT OK`,
		`{"message":"2 123456789012 eni-0a1b2c3d4e5f67890 203.0.113.9 10.0.0.96 40123 22 6 2 152 1599665193 1599665488 REJECT OK","flow":{"version":"2","account_id":"123456789012","interface_id":"eni-0a1b2c3d4e5f67890","srcaddr":"203.0.113.9","dstaddr":"10.0.0.96","srcport":"40123","dstport":"22","protocol":"6","packets":"2","bytes":"152","start":"1599665193","end":"1599665488","action":"REJECT","log_status":"OK"}}`,
	},
	{
		`a VPC flow log without data`,
		`2 123456789012 eni-0a1b2c3d4e5f67890 - - - - - - - 1431280876 1431280934 - NODATA`,
		`{"message":"2 123456789012 eni-0a1b2c3d4e5f67890 - - - - - - - 1431280876 1431280934 - NODATA","flow":{"version":"2","account_id":"123456789012","interface_id":"eni-0a1b2c3d4e5f67890","start":"1431280876","end":"1431280934","log_status":"NODATA"}}`,
	},
	// error logs and proxies
	{
		`the error log of Apache 2.2`,
		`[Wed Oct 11 14:32:52 2000] [error] [client 192.0.2.7] client denied by server configuration: /srv/x`,
		`{"message":"[Wed Oct 11 14:32:52 2000] [error] [client 192.0.2.7] client denied by server configuration: /srv/x","access":{"time":"Wed Oct 11 14:32:52 2000","level":"error","client_ip":"192.0.2.7","text":"client denied by server configuration: /srv/x"}}`,
	},
	{
		`the error log of Apache 2.4`,
		`[Thu Feb 29 11:47:27.072780 2024] [ssl:info] [pid 12596:tid 7] [client 192.0.2.7:57535] AH01964: Connection to child 114 established`,
		`{"message":"[Thu Feb 29 11:47:27.072780 2024] [ssl:info] [pid 12596:tid 7] [client 192.0.2.7:57535] AH01964: Connection to child 114 established","access":{"time":"Thu Feb 29 11:47:27.072780 2024","module":"ssl","level":"info","client_ip":"192.0.2.7","client_port":"57535","text":"AH01964: Connection to child 114 established"}}`,
	},
	{
		`HAProxy, HTTP`,
		`192.0.2.7:65276 [29/Feb/2024:15:01:18.909] www~ app/tomcat-1 0/0/0/5/5 200 7500 - - --VN 409/407/0/0/0 0/0 {www.example.com} "GET /a?b=206 HTTP/1.1"`,
		`{"message":"192.0.2.7:65276 [29/Feb/2024:15:01:18.909] www~ app/tomcat-1 0/0/0/5/5 200 7500 - - --VN 409/407/0/0/0 0/0 {www.example.com} \"GET /a?b=206 HTTP/1.1\"","access":{"client_ip":"192.0.2.7","client_port":"65276","time":"29/Feb/2024:15:01:18.909","frontend":"www","backend":"app/tomcat-1","status":"200","bytes":"7500","method":"GET","uri":"/a?b=206","protocol":"HTTP/1.1"}}`,
	},
	{
		`HAProxy, TCP`,
		`192.0.2.7:65276 [29/Feb/2024:15:01:18.909] fnt bck/srv1 0/0/5007 212 -- 0/0/0/0/3 0/0`,
		`{"message":"192.0.2.7:65276 [29/Feb/2024:15:01:18.909] fnt bck/srv1 0/0/5007 212 -- 0/0/0/0/3 0/0","access":{"client_ip":"192.0.2.7","client_port":"65276","time":"29/Feb/2024:15:01:18.909","frontend":"fnt","backend":"bck/srv1","bytes":"212"}}`,
	},
	{
		`HAProxy, a connection that failed`,
		`192.0.2.7:53994 [25/Jan/2023:04:05:30.143] ft-https/1: SSL handshake failure`,
		`{"message":"192.0.2.7:53994 [25/Jan/2023:04:05:30.143] ft-https/1: SSL handshake failure","access":{"client_ip":"192.0.2.7","client_port":"53994","time":"25/Jan/2023:04:05:30.143","frontend":"ft-https/1","text":"SSL handshake failure"}}`,
	},
	{
		`Check Point's brackets behind the word syslog`,
		`syslog[action:"Drop"; src:"192.0.2.7"; flags:"1"]`,
		`{"message":"syslog[action:\"Drop\"; src:\"192.0.2.7\"; flags:\"1\"]","kv":{"action":"Drop","src":"192.0.2.7","flags":"1"}}`,
	},
	{
		`a time without quotes`,
		`id=firewall time=2025-07-04 10:00:00 fw=gw1 tz=+0200`,
		`{"message":"id=firewall time=2025-07-04 10:00:00 fw=gw1 tz=+0200","kv":{"id":"firewall","time":"2025-07-04 10:00:00","fw":"gw1","tz":"+0200"}}`,
	},
	// what an export or a relay puts around a record
	{
		`a row of quoted cells with labels in one, and the end of the line written out`,
		`"22" "10Dec2019" "23:44:49" "eth1" "gw1" "Log" "Accept" "443" "inzone: External; outzone: Internal; service_id: https" ""#013`,
		`{"message":"\"22\" \"10Dec2019\" \"23:44:49\" \"eth1\" \"gw1\" \"Log\" \"Accept\" \"443\" \"inzone: External; outzone: Internal; service_id: https\" \"\"","columns":["22","10Dec2019","23:44:49","eth1","gw1","Log","Accept","443","inzone: External; outzone: Internal; service_id: https",""]}`,
	},
	{
		`the one cell of a table`,
		`"<13>Jul  4 10:00:00 gw1 app[7]: policy ""A B"" denied it"`,
		`{"syslog":{"priority":"13","facility":"1","severity":"5","time":"Jul  4 10:00:00","host":"gw1","app":"app","pid":"7"},"message":"policy \"A B\" denied it"}`,
	},
	{
		`a quoted line that does not double its quotes`,
		`"07/04/2025:10:58:42 GMT adc1 0-PPE-0 : default SSLVPN Message 8 0 :  "SSO for alice""`,
		`{"syslog":{"time":"07/04/2025:10:58:42 GMT"},"message":"adc1 0-PPE-0 : default SSLVPN Message 8 0 :  \"SSO for alice\""}`,
	},
	{
		`a zone its sender got wrong`,
		`<85>1 2025-07-04T10:10:16--5:00 10.0.0.9 gw1 - Log [Fields@1.3.6.1.4.1.2620 src="10.0.0.1" ]`,
		`{"syslog":{"priority":"85","facility":"10","severity":"5","time":"2025-07-04T10:10:16--5:00","host":"10.0.0.9","app":"gw1","msgid":"Log","data":{"Fields@1.3.6.1.4.1.2620":{"src":"10.0.0.1"}}},"message":""}`,
	},
	{
		`CEF over several lines`,
		"CEF:0|Acme|Wall|1.0|100|Drop|3|act=blocked \nsuser=Doe, Jane \n (AB12) dpt=443",
		`{"message":"CEF:0|Acme|Wall|1.0|100|Drop|3|act=blocked \nsuser=Doe, Jane \n (AB12) dpt=443","cef":{"version":"0","vendor":"Acme","product":"Wall","device_version":"1.0","signature":"100","name":"Drop","severity":"3","ext":{"act":"blocked","suser":"Doe, Jane \n (AB12)","dpt":"443"}}}`,
	},
	// modsec
	{
		`a serial audit log`,
		"--a1b2c3d4-A--\n[04/Jul/2025:10:00:00 +0000] Zx1 192.0.2.7 40112 10.0.0.5 443\n--a1b2c3d4-B--\nGET /?id=1%27 HTTP/1.1\nHost: www.example.com\nUser-Agent: sqlmap/1.7\n\n--a1b2c3d4-F--\nHTTP/1.1 403 Forbidden\n\n--a1b2c3d4-H--\nMessage: Warning. Found. [file \"/etc/crs.conf\"] [id \"942100\"] [msg \"SQL \\\"x\\\"\"] [severity \"CRITICAL\"] [tag \"a\"] [tag \"b\"]\nMessage: Access denied with code 403 (phase 2). [id \"949110\"]\nAction: Intercepted (phase 2)\n\n--a1b2c3d4-Z--\n",
		`{"message":"--a1b2c3d4-A--\n[04/Jul/2025:10:00:00 +0000] Zx1 192.0.2.7 40112 10.0.0.5 443\n--a1b2c3d4-B--\nGET /?id=1%27 HTTP/1.1\nHost: www.example.com\nUser-Agent: sqlmap/1.7\n\n--a1b2c3d4-F--\nHTTP/1.1 403 Forbidden\n\n--a1b2c3d4-H--\nMessage: Warning. Found. [file \"/etc/crs.conf\"] [id \"942100\"] [msg \"SQL \\\"x\\\"\"] [severity \"CRITICAL\"] [tag \"a\"] [tag \"b\"]\nMessage: Access denied with code 403 (phase 2). [id \"949110\"]\nAction: Intercepted (phase 2)\n\n--a1b2c3d4-Z--","modsec":{"id":"Zx1","time":"04/Jul/2025:10:00:00 +0000","client_ip":"192.0.2.7","client_port":"40112","server_ip":"10.0.0.5","server_port":"443","request_line":"GET /?id=1%27 HTTP/1.1","method":"GET","uri":"/?id=1%27","host":"www.example.com","user_agent":"sqlmap/1.7","status":"403","messages":[{"text":"Warning. Found.","file":"/etc/crs.conf","id":"942100","msg":"SQL \"x\"","severity":"CRITICAL","tags":["a","b"]},{"text":"Access denied with code 403 (phase 2).","id":"949110"}]}}`,
	},
	{
		`a line of the error log`,
		`[Fri Jul 04 10:00:00.1 2025] [:error] [pid 1] [client 192.0.2.7:40112] ModSecurity: Access denied with code 403 (phase 2). [id "942100"] [msg "SQLi"] [tag "x"] [hostname "www.example.com"] [uri "/a"] [unique_id "Zx1"]`,
		`{"message":"[Fri Jul 04 10:00:00.1 2025] [:error] [pid 1] [client 192.0.2.7:40112] ModSecurity: Access denied with code 403 (phase 2). [id \"942100\"] [msg \"SQLi\"] [tag \"x\"] [hostname \"www.example.com\"] [uri \"/a\"] [unique_id \"Zx1\"]","modsec":{"id":"Zx1","time":"Fri Jul 04 10:00:00.1 2025","client_ip":"192.0.2.7","client_port":"40112","uri":"/a","host":"www.example.com","messages":[{"text":"Access denied with code 403 (phase 2).","id":"942100","msg":"SQLi","hostname":"www.example.com","uri":"/a","unique_id":"Zx1","tags":["x"]}]}}`,
	},
	{
		`nginx`,
		`2025/07/04 10:00:00 [error] 7#7: *1 [client 192.0.2.7] ModSecurity: Access denied with code 403 (phase 2). [id "1"] [msg "m"], client: 192.0.2.7, server: s, request: "GET /x?y HTTP/1.1"`,
		`{"syslog":{"time":"2025/07/04 10:00:00"},"message":"[error] 7#7: *1 [client 192.0.2.7] ModSecurity: Access denied with code 403 (phase 2). [id \"1\"] [msg \"m\"], client: 192.0.2.7, server: s, request: \"GET /x?y HTTP/1.1\"","modsec":{"client_ip":"192.0.2.7","request_line":"GET /x?y HTTP/1.1","method":"GET","uri":"/x?y","messages":[{"text":"Access denied with code 403 (phase 2).","id":"1","msg":"m"}]}}`,
	},
}
