package investigate_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/seed-959697dd/soc/investigate"
)

const intel = `{"kind":"verdict","version":1,"id":"v-1a","case":"c-\u001b[2J","route":"escalate","score":900,"base":-2944,
 "group":{"count":3,"first_time":"2026-03-14T12:00:00Z","last_time":"2026-03-14T12:01:00Z","alert_ids":["a1"]},"severity":{"recommended":"high"},
 "alert":{"id":"a1","title":"beacon ` + "\u202e" + `exe","entities":[{"type":"domain","role":"target","value":"c2.example.com","path":"q"}],
 "indicators":[{"type":"domain","value":"c2.example.com","path":"q"},{"type":"ip","value":"192.0.2.7","path":"ip"}]},
 "signals":[{"family":"reputation","weight":1800,"receipts":[{"path":"q","value":"c2.example.com"}]}],"gaps":[{"check":"assets","class":"failed","reason":"no file"}]}`

func TestCaseOfOneVerdict(t *testing.T) {
	t.Parallel()
	v, err := investigate.ReadVerdict(intel)
	if err != nil {
		t.Fatal(err)
	}
	list, clusters := investigate.Correlate([]investigate.Verdict{v})
	k := investigate.NewCase(list, &clusters[0], []investigate.Member{{ID: v.ID, Document: intel}})
	if k.ID != "c-1a" || k.Alerts != 3 || k.Severity.String() != "high" || k.Route.String() != "escalate" {
		t.Errorf("%+v", k)
	}
	want := []investigate.Indicator{
		{Type: "domain", Value: "c2.example.com", Defanged: "c2[.]example[.]com", Role: "target", Verdict: "malicious"},
		{Type: "ip", Value: "192.0.2.7", Defanged: "192[.]0[.]2[.]7", Verdict: "unknown"},
	}
	for i, w := range want {
		g := k.Indicators[i]
		if len(g.Receipts) != 1 || g.Receipts[0].Value != w.Value || g.Type != w.Type || g.Defanged != w.Defanged || g.Role != w.Role || g.Verdict != w.Verdict {
			t.Errorf("%+v, want %+v", g, w)
		}
	}
	if len(k.Gaps) != 2 || k.Gaps[0].Check != "assets" || k.Gaps[1].Check != "logs" {
		t.Errorf("gaps %v", k.Gaps)
	}
}

// The verdict goes into the case on one line, its text the same, with nothing raw that a terminal would obey.
func TestVerdictInACaseIsInert(t *testing.T) {
	t.Parallel()
	doc := strings.Replace(intel, "no file", "\u200b\U000e0041 \xff", 1)
	v, err := investigate.ReadVerdict(doc)
	if err != nil {
		t.Fatal(err)
	}
	list, clusters := investigate.Correlate([]investigate.Verdict{v})
	k := investigate.NewCase(list, &clusters[0], []investigate.Member{{ID: v.ID, Document: doc}})
	out := string(k.AppendJSON(nil))
	if strings.Count(out, "\n") != 1 || strings.ContainsAny(out, "\x1b\u202e\u200b\U000e0041") || !utf8.ValidString(out) {
		t.Errorf("%q", out)
	}
	var got struct {
		Verdicts []struct {
			Alert struct{ Title string }
			Gaps  []struct{ Reason string }
		}
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	if got.Verdicts[0].Alert.Title != "beacon \u202eexe" || got.Verdicts[0].Gaps[0].Reason != "\u200b\U000e0041 \ufffd" {
		t.Errorf("%+v", got)
	}
}

func TestReadVerdictRefuses(t *testing.T) {
	t.Parallel()
	for _, doc := range []string{
		``, `{`, `[]`, `{"kind":"case","version":1,"id":"v-1"}`, `{"kind":"verdict","version":2,"id":"v-1"}`, `{"kind":"verdict","version":1}`,
		`{"kind":"verdict","version":1,"id":"v-\u001b"}`, `{"kind":"verdict","version":1,"id":"v-1"`,
	} {
		if v, err := investigate.ReadVerdict(doc); !errors.Is(err, investigate.ErrNoVerdict) {
			t.Errorf("%s: %+v, %v", doc, v, err)
		}
	}
}
