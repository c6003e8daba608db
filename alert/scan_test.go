package alert

import "testing"

var benchRecord = []byte(`{"_index":"wazuh-alerts-4.x","_id":"w1","_source":{"agent":{"ip":"10.1.2.3","name":"ws-12","id":"004"},"manager":{"name":"siem"},"data":{"win":{"eventdata":{"image":"C:\\\\Windows\\\\System32\\\\cmd.exe","commandLine":"cmd.exe /c whoami","user":"EXAMPLE\\\\alice","hashes":"SHA256=60CE286B7B62DD3C77F63C79742D43C6BA33393E41F9FBC93E1C6239019D9A96"},"system":{"eventID":"1"}}},"rule":{"level":12,"id":"92032","description":"Shell started","groups":["sysmon"],"mitre":{"id":["T1059.003"]}},"timestamp":"2026-01-02T03:04:05.678+0000"}}`)

// BenchmarkScan is the JSON alone, BenchmarkMap what follows it: recognising the product and filling the fields.
func BenchmarkScan(b *testing.B) {
	var t tape
	b.SetBytes(int64(len(benchRecord)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := t.scan(benchRecord); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMap(b *testing.B) {
	set, err := NewSet(Options{})
	if err != nil {
		b.Fatal(err)
	}
	p := set.NewParser()
	t := p.tapes[0]
	if _, err := t.scan(benchRecord); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(benchRecord)))
	b.ReportAllocs()
	var a Alert
	for b.Loop() {
		a = Alert{Raw: benchRecord, View: benchRecord, Fields: a.Fields[:0], Techniques: a.Techniques[:0], Gaps: a.Gaps[:0]}
		if err := p.read(&a, t); err != nil {
			b.Fatal(err)
		}
	}
}
