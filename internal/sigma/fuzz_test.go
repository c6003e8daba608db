package sigma_test

import (
	"reflect"
	"testing"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/sigma"
)

// FuzzMatch: whatever the record, a match cites text that stands in the record, and the same record matches the same rules again.
func FuzzMatch(f *testing.F) {
	set, _, err := sigma.Load(sigma.Options{}, sigma.Own())
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(`{"EventID":10,"Channel":"Microsoft-Windows-Sysmon/Operational","Computer":"w","TargetImage":["C:\\lsass.exe"],"CallTrace":"dbgcore.dll"}`))
	f.Add([]byte(`{"x":"{\"Event\":{\"System\":{\"EventID\":4794,\"Channel\":\"Security\"}}}","EventID":4794,"Channel":"Security","Computer":"w"}`))
	f.Add([]byte(`{"winlog.channel":"Security","winlog.event_id":4649,"winlog.provider_name":"x","Event":{"UserData":{"A":{"B":1}}}}`))
	f.Add([]byte(`203.0.113.9 - - [02/Jan/2026:03:04:05 +0000] "GET http://a/b.php?cmd=whoami HTTP/1.1" 200 5 "-" "Merlin C2"`))
	formats, err := formats()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var a alert.Alert
		if _, err := formats.NewParser().Parse(&a, text, nil); err != nil || len(a.Ambiguous) > 0 {
			return // of equal keys a receipt means the first
		}
		first := set.Match(&a)
		for _, m := range first {
			for _, c := range m.Fields {
				if !(alert.Ref{Path: c.Path, Value: c.Value}).Holds(a.View) {
					t.Errorf("%s: %s does not hold %q", m.Rule.Title, c.Path, c.Value)
				}
			}
		}
		if second := set.Match(&a); !reflect.DeepEqual(first, second) {
			t.Errorf("%v, then %v", first, second)
		}
	})
}

// BenchmarkCheck runs the rules that come along over a record of which none has anything to say.
func BenchmarkCheck(b *testing.B) {
	set, _, err := sigma.Load(sigma.Options{}, sigma.Own())
	if err != nil {
		b.Fatal(err)
	}
	formats, err := formats()
	if err != nil {
		b.Fatal(err)
	}
	var quiet alert.Alert
	if _, err := formats.NewParser().Parse(&quiet, []byte(`{"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational","Hostname":"ws-1","UtcTime":"2026-01-02 03:04:05.000",
		"ProcessId":7,"Image":"C:\\Windows\\System32\\svchost.exe","CommandLine":"svchost.exe -k netsvcs -p -s Schedule","User":"NT AUTHORITY\\SYSTEM",
		"ParentImage":"C:\\Windows\\System32\\services.exe","ParentCommandLine":"services.exe","IntegrityLevel":"System"}`), nil); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if len(set.Match(&quiet)) > 0 {
			b.Fatal("a match")
		}
	}
}
