package alert_test

import (
	"bytes"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/alert"
)

func parse(t testing.TB, raw string) *alert.Alert {
	t.Helper()
	set, err := alert.NewSet(alert.Options{Now: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	var a alert.Alert
	if _, err := set.NewParser().Parse(&a, []byte(raw), nil); err != nil {
		t.Fatal(err)
	}
	return &a
}

const wazuhRecord = `{"_index":"wazuh-alerts-4.x","_id":"w1","_source":{"agent":{"ip":"10.1.2.3","name":"ws-12","id":"004"},"manager":{"name":"siem"},"data":{"win":{"eventdata":{"image":"C:\\\\Windows\\\\System32\\\\cmd.exe","commandLine":"cmd.exe /c whoami","user":"EXAMPLE\\\\alice","hashes":"SHA256=60CE286B7B62DD3C77F63C79742D43C6BA33393E41F9FBC93E1C6239019D9A96"},"system":{"eventID":"1"}}},"rule":{"level":12,"id":"92032","description":"Shell started","groups":["sysmon"],"mitre":{"id":["T1059.003"]}},"timestamp":"2026-01-02T03:04:05.678+0000"}}`

func TestWazuh(t *testing.T) {
	a := parse(t, wazuhRecord)
	t.Log(string(a.AppendJSON(nil, false)))
	if a.Format != "wazuh" || a.ID != "w1" || a.Severity.Score != 80 {
		t.Error(a.Format, a.ID, a.Severity)
	}
	for i := range a.Fields {
		f := &a.Fields[i]
		if !alert.Cite(f, "").Holds(a.View) {
			t.Errorf("%s at %s does not hold %q", f.Slot, f.Path, f.Value)
		}
	}
}

// TestAShapeChangesNothing: from the third record of a shape on, what the walk found at the second is used again.
func TestAShapeChangesNothing(t *testing.T) {
	set, err := alert.NewSet(alert.Options{Now: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	known := set.NewParser()
	for _, raw := range []string{
		strings.ReplaceAll(wazuhRecord, "10.1.2.3", "n/a"),
		strings.ReplaceAll(wazuhRecord, `"level":12`, `"level":null`),
		wazuhRecord,
		strings.ReplaceAll(wazuhRecord, `"cmd.exe /c whoami"`, `"{\"src_ip\":\"192.0.2.7\"}"`),
		strings.ReplaceAll(wazuhRecord, `"level":12`, `"level":true`),
		strings.ReplaceAll(wazuhRecord, `"sysmon"`, `null`),
		`{"Name":"src_ip","Value":"192.0.2.1","id":"1"}`,
		`{"Name":"dest_ip","Value":"192.0.2.1","id":"1"}`,
		`{"Name":"n","Value":"192.0.2.1","id":"1"}`,
		`{"event_type":"engine","engine":{"error":"a"},"anomaly":{"event":"b"},"src_ip":"192.0.2.1"}`,
		`{"event_type":"other","engine":{"error":"a"},"anomaly":{"event":"b"},"src_ip":"192.0.2.1"}`,
		`{"kind":"x","Entities":[{"Type":"account","Name":"alice"},{"Type":"host","Name":"ws"}],"AlertType":"t","SystemAlertId":"1","ProviderName":"p"}`,
		`{"kind":"x","Entities":[{"Type":"host","Name":"alice"},{"Type":"account","Name":"ws"}],"AlertType":"t","SystemAlertId":"1","ProviderName":"p"}`,
	} {
		for range 3 {
			var got, want alert.Alert
			if _, err := known.Parse(&got, []byte(raw), nil); err != nil {
				t.Fatal(err)
			}
			if _, err := set.NewParser().Parse(&want, []byte(raw), nil); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("%s:\n%s\nwanted\n%s", raw, got.AppendJSON(nil, false), want.AppendJSON(nil, false))
			}
		}
	}
}

// TestSlotsSetFromOutside: a field that no parser put there is found like any other.
func TestSlotsSetFromOutside(t *testing.T) {
	a := parse(t, wazuhRecord)
	if a.First(alert.SlotCVE) != nil {
		t.Fatal("a CVE in a record without one")
	}
	a.Fields = append(a.Fields, alert.Field{Slot: alert.SlotCVE, Value: "CVE-2020-0001"})
	if a.Text(alert.SlotCVE) != "CVE-2020-0001" {
		t.Error("the field is not found")
	}
}

func BenchmarkParse(b *testing.B) {
	set, err := alert.NewSet(alert.Options{})
	if err != nil {
		b.Fatal(err)
	}
	p := set.NewParser()
	raw := []byte(wazuhRecord)
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	var a alert.Alert
	for b.Loop() {
		if _, err := p.Parse(&a, raw, nil); err != nil {
			b.Fatal(err)
		}
	}
}

// benchLines are the records of the file that $SOC_BENCH_ALERTS names: one line, one alert.
func benchLines(b *testing.B) (lines [][]byte, size int64) {
	file := os.Getenv("SOC_BENCH_ALERTS")
	if file == "" {
		b.Skip("SOC_BENCH_ALERTS names no file")
	}
	body, err := os.ReadFile(file)
	if err != nil {
		b.Fatal(err)
	}
	for line := range bytes.Lines(body) {
		lines = append(lines, bytes.TrimSpace(line))
		size += int64(len(line))
	}
	return lines, size
}

func perAlert(b *testing.B, alerts int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(alerts), "ns/alert")
}

func BenchmarkParseFile(b *testing.B) {
	lines, size := benchLines(b)
	set, err := alert.NewSet(alert.Options{})
	if err != nil {
		b.Fatal(err)
	}
	p := set.NewParser()
	b.SetBytes(size)
	b.ReportAllocs()
	var a alert.Alert
	for b.Loop() {
		for _, line := range lines {
			if _, err := p.Parse(&a, line, nil); err != nil {
				b.Fatal(err)
			}
		}
	}
	perAlert(b, len(lines))
}

func BenchmarkDocumentFile(b *testing.B) {
	lines, _ := benchLines(b)
	set, err := alert.NewSet(alert.Options{})
	if err != nil {
		b.Fatal(err)
	}
	p := set.NewParser()
	size := int64(0)
	lines = lines[:min(len(lines), 500)] // documents are made of alerts just read: the cache is warm
	alerts := make([]*alert.Alert, len(lines))
	for i, line := range lines {
		var a alert.Alert
		if _, err := p.Parse(&a, line, nil); err != nil {
			b.Fatal(err)
		}
		alerts[i] = &a
		size += int64(len(line))
	}
	b.SetBytes(size)
	b.ReportAllocs()
	var packed, doc []byte
	var back alert.Alert
	for b.Loop() {
		for _, a := range alerts {
			packed = a.AppendPacked(packed[:0])
			if err := back.Unpack(packed); err != nil {
				b.Fatal(err)
			}
			doc = back.AppendJSON(doc[:0], false)
		}
	}
	perAlert(b, len(lines))
}

// TestWhatIsNothing: values that look like something and say that there is nothing, or something else.
func TestWhatIsNothing(t *testing.T) {
	t.Parallel()
	a := parse(t, `{"TimeGenerated":"2026-01-02T03:04:05Z","Computer":"ws-1","TargetAccount":"-\\-","auid":"4294967295","agent_version":"2.5.2.0","seen":"203.0.113.9"}`)
	if a.Time.IsZero() {
		t.Error("a row of a Log Analytics table has its time in TimeGenerated")
	}
	if a.First(alert.EntitySlot(alert.Actor, alert.User)) != nil || a.First(alert.EntitySlot(alert.Target, alert.User)) != nil {
		t.Errorf("nobody is no account: %v", a.Fields)
	}
	var ips []string
	for f := range a.Entities(alert.IP) {
		ips = append(ips, f.Value)
	}
	if len(ips) != 1 || ips[0] != "203.0.113.9" {
		t.Errorf("a version is no address: %v", ips)
	}
}

// TestTheSearchHeadIsNoTarget: a notable's host is the machine that searched, and nothing is done to it because of what it found.
func TestTheSearchHeadIsNoTarget(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{
		`{"event_id":"a@@notable@@1","rule_name":"Odd process","urgency":"high","dest":"ws-1","host":"search-1","splunk_server":"search-1","_time":"2026-01-02T03:04:05Z"}`,
		`{"finding_id":"a@@notable@@1","rule_title":"Odd process","urgency":"high","risk_object":"ws-1","risk_object_type":"system","search_name":"Endpoint - Odd process - Rule","security_domain":"endpoint","host":"search-1","splunk_server":"search-1","_time":"2026-01-02T03:04:05Z"}`,
	} {
		a := parse(t, raw)
		for f := range a.Entities(alert.Host) {
			if role, _ := f.Slot.Entity(); f.Value == "search-1" && role != alert.Observer {
				t.Errorf("%s: the search head is %v", a.Format, role)
			}
		}
	}
}
