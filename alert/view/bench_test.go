package view_test

import (
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/alert/view"
)

const firewallCEF = "CEF:0|Acme|NextWall|10.2|300012|Connection blocked by policy|7|rt=1751623200000 act=blocked src=10.20.30.40 " +
	"spt=51034 dst=192.0.2.77 dpt=443 proto=TCP suser=EXAMPLE\\\\bob request=https://www.example.com/a?b\\=c " +
	"requestClientApplication=Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 dvchost=fw1.example.com " +
	"deviceExternalId=0164010001 cs1Label=Rule Name cs1=Block known bad cs2Label=Zone cs2=untrust cn1Label=Session cn1=88123 " +
	"in=1200 out=3400 cat=traffic msg=Connection to a listed address was reset by policy"

func BenchmarkText(b *testing.B) {
	for name, record := range map[string]string{
		"cef":     firewallCEF,
		"syslog":  "<134>Jul  4 10:00:00 fw1 " + firewallCEF,
		"leef":    "LEEF:1.0|Acme|Vault|14|7|" + strings.Repeat("usrName=bob\tsrc=192.0.2.4\tmsg=something happened here\t", 10),
		"kv":      `date=2025-07-04 time=10:00:00 devname="FG1" ` + strings.Repeat(`srcip=10.0.0.1 msg="blocked by policy" `, 15),
		"columns": "1,2025/07/04 16:00:02,0164,THREAT,url," + strings.Repeat(`10.0.0.1,"a b",,`, 40),
		"windows": `<Event xmlns="x"><System><EventID>4625</EventID></System><EventData>` + strings.Repeat(`<Data Name="Field">value</Data>`, 20) + `</EventData></Event>`,
	} {
		b.Run(name, func(b *testing.B) {
			in, out := []byte(record), make([]byte, 0, 16<<10)
			b.SetBytes(int64(len(in)))
			b.ReportAllocs()
			for b.Loop() {
				if _, ok := view.Text(out, in); !ok {
					b.Fatal("refused")
				}
			}
		})
	}
}

// A record made to be slow must not be: half a megabyte takes milliseconds in linear time and minutes in quadratic.
func TestTextTakesLinearTime(t *testing.T) {
	const size = 1 << 19
	for _, piece := range []string{
		"a", "=", "a=", "a= ", "a=' ", "a='b'c ", `a="b'c `, `a="\" `, `"=`, `"a"=`, "a:", "a: ", "a: ,", `a:"b, `, "a = ,", ",", `",`, `,"a`, "\t", "|",
		"[", "{", "<", "<a>", "<a/>", "<a>b</a>", "%", "%A-1-", "[1:1:1] ", " -> ", `[id "`, `[id "1"] `, "ModSecurity: ", "--a-B--\n", "a\n", " ", "\\",
		`[uri ", request: \"\\\\\\\"", request: "\\\\"], request: "\\\\" `, `,,,,,a="\\\\", `, "a from ", "1 ", "<1>", "cs1Label=a cs1=b ", "a0=61 ", "x ; ", "\n",
	} {
		for _, front := range []string{
			"", "CEF:0|a|b|c|d|e|f|", "LEEF:2.0|a|b|c|d|^|", "type=EXECVE msg=audit(1:1): argc=1 ", "<1>1 2025-01-01T00:00:00Z a b c d [a ",
			"Failed password for ", "--abcd-A--\n", "<Event><System/>", "[a:\"", "host ModSecurity: ", "%ASA-1-1: ",
			"[1:1:1] a [Classification: [Priority: {",
		} {
			record := []byte(front + strings.Repeat(piece, size/len(piece)))
			start := time.Now()
			out, ok := view.Text(nil, record)
			if took := time.Since(start); took > 20*time.Second {
				t.Errorf("%q and many %q took %v", front, piece, took)
			}
			if ok && len(out) > 6*len(record)+1024 {
				t.Errorf("%q and many %q: %d bytes became %d", front, piece, len(record), len(out))
			}
		}
	}
}
