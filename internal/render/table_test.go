package render_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/triage"
)

func TestCSV(t *testing.T) {
	t.Parallel()
	v := verdict(t, "02", "=HYPERLINK(\"http://example.com\")", "ws-12, \"the\" one", strong())
	for i := range 5000 {
		v.IDs = append(v.IDs, fmt.Sprintf("alert-%04d", i))
	}
	v.More = 3
	rows, err := csv.NewReader(strings.NewReader(string(render.CSV(render.CSVHeader(nil), v)))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 2 {
		t.Fatalf("%d rows, want the header and one verdict", len(rows))
	}
	cells := map[string]string{}
	for i, name := range rows[0] {
		cells[name] = rows[1][i]
	}
	ids := cells["alert_ids"]
	delete(cells, "alert_ids")
	want := map[string]string{
		"id": "v-02", "route": "escalate", "severity": "medium", "score": "1906", "disposition": "true_positive",
		"title": `'=HYPERLINK("http://example.com")`, "rule": `wazuh: =HYPERLINK("http://example.com")`, "host": `ws-12, "the" one`,
		"user": "alice", "source_ip": "203.0.113.9", "count": "7", "first": "2026-03-14T12:00:00Z", "last": "2026-03-14T12:05:00Z",
		"because": "the address is on the list of command and control servers; a download cradle; an encoded command",
	}
	for name, value := range want {
		if cells[name] != value {
			t.Errorf("%s = %q, want %q", name, cells[name], value)
		}
	}
	if len(cells) != len(want) {
		t.Errorf("columns %v", rows[0])
	}
	listed := strings.Count(ids, " ") - 2
	if len(ids) > 32_767 || !strings.HasSuffix(ids, fmt.Sprintf(" and %d more", 5002+3-listed)) {
		t.Errorf("%d bytes of ids, ending in %q: a spreadsheet's cell ends, or one is not counted", len(ids), ids[len(ids)-30:])
	}
}

// What OCSF 1.9.0 requires of a Detection Finding and of the objects within it, by path; "[]" walks an array.
func required() []string {
	return []string{
		"activity_id", "category_uid", "class_uid", "type_uid", "severity_id", "time", "metadata", "finding_info",
		"metadata.version", "metadata.product", "metadata.product.name", "finding_info.uid", "finding_info.analytic.type_id",
		"observables.[].type_id", "evidences.[].data",
	}
}

func TestOCSFHasWhatTheClassRequires(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]*triage.Verdict{
		"strong": verdict(t, "02", "PowerShell downloads a script", "ws-12", strong()),
		"weak":   verdict(t, "03", "File added", "ws-13", weak()),
		"bare":   {ID: "v-04", Count: 1, Alert: []byte(`{"kind":"alert","version":1,"id":"x","format":"generic"}`), Vendor: alert.Severity{Score: -1}},
	} {
		var doc map[string]any
		if err := json.Unmarshal(render.OCSF(nil, v, noon, "1.2.3"), &doc); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, path := range required() {
			if name == "bare" && (strings.HasPrefix(path, "observables") || strings.Contains(path, "analytic")) {
				continue // recommended as a whole, and this alert has none
			}
			if !has(doc, strings.Split(path, ".")) {
				t.Errorf("%s: no %s", name, path)
			}
		}
		if doc["type_uid"] != doc["class_uid"].(float64)*100+doc["activity_id"].(float64) {
			t.Errorf("%s: type_uid is not class_uid * 100 + activity_id", name)
		}
		if doc["time"] != float64(noon.UnixMilli()) || doc["time_dt"] != noon.Format(time.RFC3339) {
			t.Errorf("%s: time %v, %v", name, doc["time"], doc["time_dt"])
		}
	}
}

func has(v any, path []string) bool {
	switch {
	case len(path) == 0:
		return v != nil
	case path[0] == "[]":
		list, _ := v.([]any)
		return len(list) > 0 && !slices.ContainsFunc(list, func(e any) bool { return !has(e, path[1:]) })
	}
	m, _ := v.(map[string]any)
	return has(m[path[0]], path[1:])
}

func TestOCSFSaysWhatTheVerdictSays(t *testing.T) {
	t.Parallel()
	rows := map[triage.Disposition]float64{triage.Undetermined: 7, triage.TruePositive: 2, triage.BenignPositive: 5, triage.FalsePositive: 1}
	for disposition, id := range rows {
		v := verdict(t, "02", "PowerShell downloads a script", "ws-12", strong())
		v.Disposition = disposition
		switch disposition {
		case triage.BenignPositive:
			v.Route = triage.Closed
		case triage.FalsePositive: // a guess that rests on no record: nothing for a SIEM to act on
			id = 0
		case triage.TruePositive, triage.Undetermined:
			v.Digests.Precedent = "sha256:00"
		}
		var doc struct {
			VerdictID float64 `json:"verdict_id"`
			StatusID  int     `json:"status_id"`
			IsAlert   bool    `json:"is_alert"`
			Unmapped  struct {
				SOC struct {
					Score, Base int
					Route       string
					Signals     []struct{ Term int }
				}
			}
			Finding struct {
				Attacks []map[string]struct{ UID string }
			} `json:"finding_info"`
		}
		if err := json.Unmarshal(render.OCSF(nil, v, noon, ""), &doc); err != nil {
			t.Fatal(err)
		}
		closed := v.Route == triage.Closed
		if doc.VerdictID != id || doc.IsAlert == closed || (doc.StatusID == 3) != closed || doc.Unmapped.SOC.Route != v.Route.String() {
			t.Errorf("%s: %+v", disposition, doc)
		}
		sum := doc.Unmapped.SOC.Base
		for _, s := range doc.Unmapped.SOC.Signals {
			sum += s.Term
		}
		if sum != doc.Unmapped.SOC.Score || sum != int(v.Score) {
			t.Errorf("%s: the terms add up to %d, the score is %d", disposition, sum, v.Score)
		}
		if a := doc.Finding.Attacks; len(a) != 2 || a[0]["technique"].UID != "T1059" || a[0]["sub_technique"].UID != "T1059.001" || a[1]["technique"].UID != "T1003" {
			t.Errorf("attacks %v", a)
		}
	}
}

func TestOCSFConfidenceNeedsAPrecedent(t *testing.T) {
	t.Parallel()
	rows := []struct {
		precedent   string
		probability float64
		want        string
	}{
		{"", 0.99, `"confidence_id":0,"confidence":"Unknown"`},
		{"sha256:00", 0.99, `"confidence_score":99,"confidence_id":3,"confidence":"High"`},
		{"sha256:00", 0.05, `"confidence_score":95,"confidence_id":3,"confidence":"High"`},
		{"sha256:00", 0.75, `"confidence_score":75,"confidence_id":2,"confidence":"Medium"`},
		{"sha256:00", 0.5, `"confidence_score":50,"confidence_id":1,"confidence":"Low"`},
	}
	for _, row := range rows {
		v := verdict(t, "02", "PowerShell downloads a script", "ws-12", strong())
		v.Probability, v.Digests.Precedent = row.probability, row.precedent
		if got := string(render.OCSF(nil, v, noon, "")); !strings.Contains(got, row.want) || strings.Contains(got, "confidence_score") != (row.precedent != "") {
			t.Errorf("probability %v with precedent %q: no %s in %s", row.probability, row.precedent, row.want, got)
		}
	}
}

func TestFormatsTable(t *testing.T) {
	t.Parallel()
	list := []*alert.Format{
		{Name: "wazuh", Vendor: "Wazuh", Product: "Wazuh", Detect: []string{"a", "b"}, About: "https://example.com/a/long/way/to/the/documentation"},
		{Name: "microsoft-defender", Vendor: "Microsoft", Product: "Microsoft Defender for Endpoint", Detect: []string{"a"}, About: "https://example.com/defender"},
	}
	for _, width := range []int{40, 80, 200} {
		text := render.Formats(nil, paper(width), list)
		golden(t, fmt.Sprintf("formats-%d.txt", width), text)
		fits(t, text, width)
	}
}
