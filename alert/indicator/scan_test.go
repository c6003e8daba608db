package indicator_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-959697dd/soc/alert/indicator"
)

const (
	md5    = "9b2c5d1e7f3a4b6c8d0e1f2a3b4c5d6e"
	sha256 = "3f1d9c2b7a8e4f60b1c2d3e4f5a6978812345678abcdef0123456789abcdef01"
)

// rows are texts as analysts paste them, and what is to be found there: "type value", in order.
var rows = []struct {
	text string
	want []string
}{
	// Names and addresses in sentences, brackets, quotes.
	{"beacons to c2.example.com, then example.org; 'example.net' (example.info). example.biz!", []string{"domain c2.example.com", "domain example.org", "domain example.net", "domain example.info", "domain example.biz"}},
	{"from 192.0.2.1 to 198.51.100.2:443, 203.0.113.0/24, 192.0.2.3-192.0.2.9.", []string{"ip 192.0.2.1", "ip 198.51.100.2", "ip 203.0.113.0", "ip 192.0.2.3", "ip 192.0.2.9"}},
	{"inside:192.0.2.1/1025 outside/192.0.2.2(80) /192.0.2.3:80", []string{"ip 192.0.2.1", "ip 192.0.2.2", "ip 192.0.2.3"}},
	{"example.com.Then *.example.com Example.com-hosted example.com:8443", []string{"domain example.com", "domain example.com", "domain example.com", "domain example.com"}},
	{"bücher.example.de пример.рф 例え.jp 请访问example.com下载。", []string{"domain bücher.example.de", "domain пример.рф", "domain 例え.jp", "domain example.com"}},
	{"_dmarc.example.com 1.2.0.192.static.example.net", []string{"domain _dmarc.example.com", "domain 1.2.0.192.static.example.net"}},

	// Written so that nobody clicks.
	{"example[.]com example(.)com example{.}com example[dot]com example(DOT)com example [.] com", repeat(6, "domain example.com")},
	{`example\.com example.]com example[.com example[,]com example．com example［.］com`, repeat(6, "domain example.com")},
	{"192[.]0[.]2[.]1 192.0.2[.1 192[.2", []string{"ip 192.0.2.1", "ip 192.0.2.1"}},
	{"hxxp://example[.]com/a[.]php hXXps[:]//example[.]com hxxp[://]example[.]com[/]b h00p://example.com", []string{"url http://example.com/a.php", "url https://example.com", "url http://example.com/b", "url http://example.com"}},
	{"j.doe[@]example[.]com k.roe (at) example (dot) com, bob AT example DOT org AT ONCE", []string{"mail j.doe@example.com", "mail k.roe@example.com", "mail bob@example.org"}},
	{"2001[:]db8[:][:]1", []string{"ip 2001:db8::1"}},

	// Links and where they end.
	{"http://example.com/a). <http://example.com/b>, [x](http://example.com/c_(d)) \"http://example.com/e\".", []string{"url http://example.com/a", "url http://example.com/b", "url http://example.com/c_(d)", "url http://example.com/e"}},
	{"DownloadString('http://example.com/a.ps1'); http://example.com... http://example.com/?", []string{"url http://example.com/a.ps1", "url http://example.com", "url http://example.com/"}},
	{"http://srv:8080/x http://intranet/ ldap://192.0.2.1:1389/a ftp://u:p@ftp.example.com/x foo://bar", []string{"url http://srv:8080/x", "url http://intranet/", "url ldap://192.0.2.1:1389/a", "url ftp://u:p@ftp.example.com/x"}},
	{"http://[2001:db8::7]:80/a http://2001:db8:0:0:0:0:0:8 https:// host.example.com", []string{"url http://[2001:db8::7]:80/a", "url http://2001:db8::8", "url https://host.example.com"}},
	{"HTTP://EXAMPLE.COM/Path “http://example.com/q” http://example.com/ä", []string{"url http://example.com/Path", "url http://example.com/q", "url http://example.com/ä"}},
	{"https://l.example.com/?url=https%3A%2F%2Fexample.org%2Fx%3Fa%3D1&d=5", []string{"url https://l.example.com/?url=https%3A%2F%2Fexample.org%2Fx%3Fa%3D1&d=5", "url https://example.org/x?a=1"}},
	{"https://vt.example.com/file/" + sha256 + "/x", []string{"url https://vt.example.com/file/" + sha256 + "/x", "sha256 " + sha256}},
	{"example.com/a/b.zip?c=example.org", []string{"domain example.com"}},

	// Encodings.
	{`{"u":"http:\/\/example.com\/a","m":"x\nexample.org\thttp://example.net/\r\n","e":"http://example.com/?a=1\u0026b=2","q":"\u0022example.com\u0022"}`, []string{"url http://example.com/a", "domain example.org", "url http://example.net/", "url http://example.com/?a=1&b=2", "domain example.com"}},
	{`<a href="http://example.com/?a=1&amp;b=2">example&#46;com</a> &lt;example.org&gt;`, []string{"url http://example.com/?a=1&b=2", "domain example.com", "domain example.org"}},
	{"<a href=3D\"http://example.com/?a=3D1&lo=\r\nng=3D2\">", []string{"url http://example.com/?a=1&long=2"}},
	{"http://example.com/?a=70&b=3D x=YWJj==\n", []string{"url http://example.com/?a=70&b=3D"}},
	{`a\n192.0.2.1\t` + md5 + `\r\nCVE-2021-44228\u0022`, []string{"ip 192.0.2.1", "md5 " + md5, "cve CVE-2021-44228"}},
	{"\x1b[31mexample.com\x1b[0m %20example.org%0A", []string{"domain example.com", "domain example.org"}},

	// Addresses of version 6, and what looks like them.
	{"2001:db8::1 fe80::1%eth0 [2001:DB8::2]:443 ::ffff:192.0.2.1 ::1, 2001:db8::3. 2001:db8::4: gone", []string{"ip 2001:db8::1", "ip fe80::1", "ip 2001:db8::2", "ip ::ffff:192.0.2.1", "ip ::1", "ip 2001:db8::3", "ip 2001:db8::4"}},
	{"10:11:12 std::string a::b Ada::Face [::]:80 aa:bb:cc:dd:ee:ff:00:11:22:33", nil},
	{"00:00:5e:00:53:01 00-00-5E-00-53-02", []string{"mac 00:00:5e:00:53:01", "mac 00-00-5e-00-53-02"}},

	// Numbers that are no addresses.
	{"version 1.2.3.4 Version=4.0.0.0, v1.2.3.4 Chrome/120.0.0.0 Agent/1.2.3.4 1.3.6.1.4.1.311 999.1.1.1 01.2.3.4 1.2.3.4.exe", nil},

	// Words with dots that are no names.
	{`System.IO.File System.Net ASP.NET this.name Foo.java e.g. i.e. "user.id":"x" event.host=a com.example.app kernel32.dll data.In the`, nil},
	{"k8s.pod.name kv.id _source.user.name www.example.name kantor.example.co.id foo.id a-b.host", []string{"domain www.example.name", "domain kantor.example.co.id", "domain a-b.host"}},
	{`setup.py run.sh libc.so.6 README.md invoice.zip invoice.pdf.zip my.libfoo.1.so 12.am C:\Windows\chcp.com "C:\\Users\\example.com" System32\example.com`, nil},
	{`\\files.corp.example.com\share \\192.0.2.1\c$`, []string{"domain files.corp.example.com", "ip 192.0.2.1"}},

	// Mail.
	{"<billing@example.co.uk>, mailto:a+tag@example.com; j.doe.com+x@example.org root@192.0.2.1 x@localhost", []string{"mail billing@example.co.uk", "mail a+tag@example.com", "mail j.doe.com+x@example.org", "ip 192.0.2.1"}},

	// Hashes.
	{"MD5=" + strings.ToUpper(md5) + ",SHA256=" + sha256 + ",IMPHASH=" + md5, []string{"md5 " + md5, "sha256 " + sha256, "imphash " + md5}},
	{"x_" + md5 + ".exe " + md5 + "0 {550e8400-e29b-41d4-a716-446655440000} 00000000000000000000000000000000 trace_id=" + md5, []string{"md5 " + md5}},
	{"ja3=" + md5 + " 00-" + md5 + "-00f067aa0ba902b7-01", []string{"ja3 " + md5}},

	// Ids.
	{"CVE-2021-44228, cve_2019_0708 CVE‑2020‑1472 Exp.CVE-2018-20250 CVE-2021-1 CVE 2014-0160", []string{"cve CVE-2021-44228", "cve CVE-2019-0708", "cve CVE-2020-1472", "cve CVE-2018-20250", "cve CVE-2014-0160"}},
	{"T1059.001 T1003 TA0001 T1156.0012 XT1059 AS64500 AS400 as 2014", []string{"technique T1059.001", "technique T1003", "technique TA0001", "asn AS64500"}},
	{"1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2 1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN3 bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", []string{"btc 1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", "btc bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"}},
	{"0x00000000219ab540356cBB839Cbe05303d7705Fa", []string{"eth 0x00000000219ab540356cbb839cbe05303d7705fa"}},
	{`HKLM\SOFTWARE\Microsoft\Windows NT\Run was set, "HKCU\\Software\\Example" and HKLM:\System\A`, []string{`registry HKLM\SOFTWARE\Microsoft\Windows NT\Run`, `registry HKCU\Software\Example`, `registry HKLM\System\A`}},
}

func repeat(n int, s string) []string {
	return strings.Split(strings.Repeat(s+"\n", n)[:n*(len(s)+1)-1], "\n")
}

func TestScan(t *testing.T) {
	t.Parallel()
	for _, row := range rows {
		var got []string
		for _, h := range scan([]byte(row.text)) {
			got = append(got, string(h.Type)+" "+h.Value)
		}
		if diff := cmp.Diff(row.want, got); diff != "" {
			t.Errorf("%s\n%s", row.text, diff)
		}
	}
}

func TestScanStopsWhenAsked(t *testing.T) {
	t.Parallel()
	n := 0
	indicator.Scan([]byte("192.0.2.1 192.0.2.2 192.0.2.3"), func(indicator.Found) bool {
		n++
		return n < 2
	})
	if n != 2 {
		t.Errorf("%d found, want 2", n)
	}
}

// What looks like the beginning of something over and over must not cost more than plain text does: compare the rows.
func BenchmarkScan(b *testing.B) {
	for _, line := range []string{
		"2026-01-05T10:11:12Z host7 app[123]: level=info user=u7 action=open path=/var/lib/app/ab12cd/index.html status=200 dur=0.1234 from 192.0.2.1\n",
		"a.a.a.", "a:a:", "[[.(", "http://a.com/", "http://a.com/?u=http%3a%2f%2f", "a@a.", "a@", `\\u`, "a [ ", "1.1.1.1-", "::", `HKLM\a b `, `a:\a b `,
		"cve_cve-", "CVE-2021-", "http://a=\n", "http://[", "&#46", "%", "a(.", "[.]", "dot", "http://a(b[c{", "hxxp[:]//", "é", "中.", "ja3 9b2c5d1e7f3a4b6c8d0e1f2a3b4c5d6e ",
	} {
		text := []byte(strings.Repeat(line, 1<<20/len(line)))
		b.Run(line[:min(len(line), 12)], func(b *testing.B) {
			var s indicator.Scanner
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				s.Scan(text, func(indicator.Found) bool { return true })
			}
		})
	}
}

// Time grows linearly: eight times the text takes about eight times as long, and nowhere near sixty-four.
func TestScanIsLinear(t *testing.T) {
	t.Parallel()
	for _, part := range []string{
		"a.", "a:", "[[.(", "http://a.com/", "http://a.com/?u=http%3a%2f%2f", "a@a.", `\`, "a [", "1.1.1.1-", `HKLM\a b `, `a:\a b `, "cve-", "http://a=\n", "[", "((((dot", "中.", "x",
		"hxxxx", "h", "-", "a@", "%2f", "::", "&#", "+a",
	} {
		if took := steps(part, 1<<18); took > 20*time.Second { // a square of the length would take minutes
			t.Errorf("%q: %v for 256 KiB", part, took)
		}
	}
}

// steps is the time in which a text of n bytes is scanned and rewritten.
func steps(part string, n int) time.Duration {
	text := []byte(strings.Repeat(part, n/len(part)))
	var s indicator.Scanner
	start := time.Now()
	s.Defang(nil, text)
	return time.Since(start)
}
