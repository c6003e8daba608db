package alert_test

import (
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
