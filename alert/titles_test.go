package alert_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/seed-959697dd/soc/alert"
)

// sysmonEvent is a raw Sysmon event as NXLog sends it.
func sysmonEvent(code int, fields map[string]any) string {
	doc := map[string]any{"EventID": code, "Channel": "Microsoft-Windows-Sysmon/Operational", "Hostname": "WS-12.corp.example", "TimeCreated": "2026-03-10T09:12:00Z"}
	for k, v := range fields {
		doc[k] = v
	}
	b, _ := json.Marshal(doc)
	return string(b)
}

func titleOf(t testing.TB, p *alert.Parser, raw string) string {
	t.Helper()
	var a alert.Alert
	if _, err := p.Parse(&a, []byte(raw), nil); err != nil {
		t.Fatalf("%v: %.200s", err, raw)
	}
	return a.Title
}

func titleParser(t testing.TB) *alert.Parser {
	t.Helper()
	set, err := alert.NewSet(alert.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return set.NewParser()
}

// A raw event is called by what happened; what is not known is left out, and without what makes the title the record's own stands.
func TestTitlesOfRawEvents(t *testing.T) {
	t.Parallel()
	p := titleParser(t)
	image, parent := `C:\Windows\System32\rundll32.exe`, `"C:\Program Files\Office\WINWORD.EXE"`
	long := `C:\Users\` + strings.Repeat("a", 200) + `\evil.exe`
	for want, raw := range map[string]string{
		"rundll32.exe started by WINWORD.EXE on WS-12":               sysmonEvent(1, map[string]any{"Image": image, "ParentImage": parent, "Message": "Process Create:\nUtcTime: x"}),
		"rundll32.exe started on WS-12":                              sysmonEvent(1, map[string]any{"Image": image, "ParentImage": "-"}),
		"Process Create:":                                            sysmonEvent(1, map[string]any{"Message": "Process Create:\nUtcTime: x"}),
		"rundll32.exe connected to 203.0.113.9 on WS-12":             sysmonEvent(3, map[string]any{"Image": image, "DestinationIp": "203.0.113.9"}),
		"rundll32.exe wrote ..." + long[len(long)-57:] + " on WS-12": sysmonEvent(11, map[string]any{"Image": image, "TargetFilename": long}),
		"A number that is another log's":                             `{"EventID":1,"Channel":"System","SourceName":"Microsoft-Windows-Kernel-General","Hostname":"WS-12","Image":"x.exe","Message":"A number that is another log's"}`,
		"failed logon of bob from 203.0.113.9 on SRV-1":              `{"EventID":4625,"Channel":"Security","Hostname":"SRV-1","TargetUserName":"bob","IpAddress":"203.0.113.9","Message":"An account failed to log on.\n"}`,
	} {
		if got := titleOf(t, p, raw); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// FuzzTitle: whatever stands in a raw event, its title is bounded, on one line and without what hides or steers.
func FuzzTitle(f *testing.F) {
	f.Add(uint16(1), `C:\a\b.exe`, "\u202egpj.exe", "x\x1b[2J")
	f.Add(uint16(11), "{target.file}", "[ on {target.host}]", "\n\n")
	f.Add(uint16(4625), "\xff\xfe", strings.Repeat("é", 300), `\`)
	p := titleParser(f)
	f.Fuzz(func(t *testing.T, code uint16, image, other, user string) {
		raw := sysmonEvent(int(code), map[string]any{
			"Image": image, "ParentImage": other, "TargetImage": other, "TargetFilename": other, "TargetObject": other, "QueryName": other, "TargetUserName": user, "SubjectUserName": user,
			"ServiceName": other, "DestinationIp": other,
		})
		got := titleOf(t, p, raw)
		if got == titleOf(t, p, fmt.Sprintf(`{"EventID":%d,"Channel":"Microsoft-Windows-Sysmon/Operational","Hostname":"WS-12.corp.example"}`, code)) {
			return // the record's own
		}
		if utf8.RuneCountInString(got) > 200 || strings.ContainsFunc(got, func(r rune) bool { return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) }) {
			t.Errorf("%q", got)
		}
	})
}
