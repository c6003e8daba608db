package render_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/triage"
)

func statusSample() *render.Status {
	at := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	return &render.Status{
		At: at, Since: at.AddDate(0, 0, -30), Autonomy: triage.Close,
		Alarms: []render.StatusAlarm{{Precedent: "sha256:01", At: at, Reason: "drift alarm of 2026-03-14: 2 of 7 were attacks"}},
		Alerts: 20_000, Groups: 1000, Handled: render.Share{Name: "handled", Part: 900, Of: 1000, Low: 0.88, High: 0.917}, ByCert: 890, ByRule: 10, Touches: 50,
		ToVerdict: render.Took{N: 1000, P50: 1500 * time.Millisecond, P95: 26 * time.Hour}, ToDecide: render.Took{N: 3, P50: 90 * time.Second, P95: 49 * time.Hour},
		Open: []render.Waiting{{Route: "escalate", Age: "more", Cases: 2}}, Decided: []render.Outcome{{Disposition: "false_positive", Cases: 3}},
		Precedent: &render.StatusPrecedent{
			Digest: "sha256:01", At: "2026-03-01", Labels: "estate", By: "sam\x1b[2J", Since: at, Alpha: 0.02, Delta: 0.05,
			Strata: []triage.Stratum{{
				Name: "in\x1b[31mformational", Delta: 0.05, Groups: triage.Bound{N: 300, Upper: 0.01, Certified: true, Threshold: -2500},
				Incidents: triage.Bound{N: 60, Upper: 0.05, Needs: 89},
			}},
		},
		Audits:   &render.StatusAudits{Closed: 900, Picked: 20, Decided: 7, Attacks: 2, Estimate: 0.02, Low: 0.01, High: 0.2, Drift: 24.9, AlarmAt: 20, Proof: 0.1, ProofAt: 20},
		Maturity: []render.Share{{Name: "one", Part: 1, Of: 2}, {Name: "two", Part: 0, Of: 0}, {Name: "three", Part: 3, Of: 3}},
		Missing:  []render.Missing{{What: "a thing\x1b[1m", Command: "soc thing"}},
	}
}

func TestStatusSaysTheAlarmFirstAndNothingRaw(t *testing.T) {
	t.Parallel()
	s := statusSample()
	for _, width := range []int{40, 80, 200} {
		text := string(s.Append(nil, render.NewPaper(term.IO{Width: width})))
		if !strings.HasPrefix(text, "ALARM: drift alarm") {
			t.Errorf("width %d: it begins with %.40q", width, text)
		}
		for line := range strings.Lines(text) {
			if w := term.Width(strings.TrimSuffix(line, "\n")); w > width {
				t.Errorf("width %d: a line of %d columns: %q", width, w, line)
			}
		}
		for form, out := range map[string]string{"text": text, "JSON": string(s.AppendJSON(nil)), "Prometheus": string(s.Prometheus(nil))} {
			if strings.ContainsRune(out, '\x1b') {
				t.Errorf("%s carries an escape: %q", form, out)
			}
		}
	}
	text := string(s.Append(nil, render.NewPaper(term.IO{Width: 200})))
	for _, want := range []string{
		"alert age",
		"900 of 1,000 groups, 90.0 % (95 % interval 88.0 to 91.7 %) without a person", "1.5 s in the median, 26 h 0 min at the 95th percentile, of 1,000",
		"1 min 30 s in the median, 2 d 1 h at", "50, 2.5 for 1,000 alerts", "2 escalate (older than a month)", "nothing yet, 89 more attack incidents needed for 2 %",
		"below -2500, where at most 1.00 % of attack groups lie (0 of 300, confidence 95 %)", "maturity     50 %",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not said:\n%s", want, text)
		}
	}
}

// What is not known is absent, never a zero.
func TestAnEmptyStatus(t *testing.T) {
	t.Parallel()
	s := &render.Status{At: time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC), Autonomy: triage.Shadow}
	var doc map[string]any
	if err := json.Unmarshal(s.AppendJSON(nil), &doc); err != nil {
		t.Fatal(err)
	}
	for _, absent := range []string{"since", "precedent", "audits"} {
		if v, ok := doc[absent]; ok {
			t.Errorf("%s is %v", absent, v)
		}
	}
	if took := doc["time_to_verdict"].(map[string]any); len(took) != 1 {
		t.Errorf("the time to verdict of nothing: %v", took)
	}
	for _, bare := range []string{"soc_window_seconds", "soc_false_omission_ratio", "soc_time_to_verdict_seconds{", "soc_miss_bound"} {
		if strings.Contains(string(s.Prometheus(nil)), bare) {
			t.Errorf("a sample of %s, which nobody knows", bare)
		}
	}
	if text := string(s.Append(nil, render.NewPaper(term.IO{Width: 80}))); !strings.Contains(text, "none was used") || !strings.Contains(text, "no figures yet") {
		t.Errorf("an empty status:\n%s", text)
	}
}
