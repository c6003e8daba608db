package ioc_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/seed-959697dd/soc/internal/intel/feed/ioc"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]ioc.Value{
		"203.0.113.9":                         {Type: ioc.IP, Text: "203.0.113.9"},
		"203[.]0[.]113[.]9":                   {Type: ioc.IP, Text: "203.0.113.9"},
		"203.0.113.9:8080":                    {Type: ioc.IP, Text: "203.0.113.9", Port: "8080"},
		"::FFFF:203.0.113.9":                  {Type: ioc.IP, Text: "203.0.113.9"},
		"2001:DB8:0:0::1":                     {Type: ioc.IP, Text: "2001:db8::1"},
		"[2001:db8::1]:443":                   {Type: ioc.IP, Text: "2001:db8::1", Port: "443"},
		"203.0.113.77/24":                     {Type: ioc.CIDR, Text: "203.0.113.0/24"},
		"203.0.113.9/32":                      {Type: ioc.IP, Text: "203.0.113.9"},
		"Evil.Example.COM.":                   {Type: ioc.Domain, Text: "evil.example.com"},
		"evil[.]example(dot)com":              {Type: ioc.Domain, Text: "evil.example.com"},
		"evil.example.com:443":                {Type: ioc.Domain, Text: "evil.example.com", Port: "443"},
		"*.example.com":                       {Type: ioc.Domain, Text: "example.com", Wild: true},
		".example.com":                        {Type: ioc.Domain, Text: "example.com", Wild: true},
		"_dmarc.example.com":                  {Type: ioc.Domain, Text: "_dmarc.example.com"},
		"bücher.example":                      {Type: ioc.Domain, Text: "xn--bcher-kva.example"},
		"hxxp://Evil.example[.]com":           {Type: ioc.URL, Text: "http://evil.example.com/"},
		"HTTPS://user@EXAMPLE.com:443/A?b#c":  {Type: ioc.URL, Text: "https://example.com/A?b"},
		"http://example.com:8080/a":           {Type: ioc.URL, Text: "http://example.com:8080/a"},
		"http://[2001:DB8::1]:80/x":           {Type: ioc.URL, Text: "http://[2001:db8::1]/x"},
		"fxp://files[.]example[.]com:21/x":    {Type: ioc.URL, Text: "ftp://files.example.com/x"},
		"example.com/gate.php":                {Type: ioc.URL, Text: "http://example.com/gate.php"},
		"Ab@Example.com":                      {Type: ioc.Mail, Text: "ab@example.com"},
		"ab[at]example[.]com":                 {Type: ioc.Mail, Text: "ab@example.com"},
		"cve-2026-12345":                      {Type: ioc.CVE, Text: "CVE-2026-12345"},
		strings.Repeat("A", 32):               {Type: ioc.MD5, Text: strings.Repeat("a", 32)},
		strings.Repeat("0b", 20):              {Type: ioc.SHA1, Text: strings.Repeat("0b", 20)},
		strings.Repeat("C", 64):               {Type: ioc.SHA256, Text: strings.Repeat("c", 64)},
		" " + strings.Repeat("d", 128) + "\t": {Type: ioc.SHA512, Text: strings.Repeat("d", 128)},
	} {
		got, err := ioc.Parse(text)
		if err != nil || got != want {
			t.Errorf("%q: %+v, %v; want %+v", text, got, err, want)
		}
	}
	for _, text := range []string{
		"", " ", "localhost", "word", "1.2.3", "1.2.3.4.5", "300.1.1.1", "a..b", "-", "http://", "http:///path", "http://exa mple.com/", "javascript:alert(1)",
		"@example.com", "a@b", "example.com:99999999", strings.Repeat("g", 64), strings.Repeat("a.", 200) + "com", "http://example.com/" + strings.Repeat("x", 5000), "1.2.3.0/33",
	} {
		if got, err := ioc.Parse(text); err == nil {
			t.Errorf("%q was taken for %+v", text, got)
		}
	}
}

// FuzzParse: the normal spelling of a value is its own normal spelling, the host of a URL is a value, and defanging loses nothing.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"203.0.113.9", "hxxp://a[.]example.com:81/x?y#z", "*.example.com", "a@example.com", "2001:db8::/32", "http://[::ffff:1.2.3.4]/", "ü.example", "http://a@b@example.com", "[::1]:80"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, err := ioc.Parse(s)
		if err != nil {
			return
		}
		again, err := v.Type.Normal(v.Text)
		if err != nil || again != v.Text {
			t.Fatalf("%q is %+v, which is %q, %v", s, v, again, err)
		}
		if kind, host := ioc.Within(v.Type, v.Text); kind != ioc.None {
			if n, err := kind.Normal(host); err != nil || n != host {
				t.Fatalf("%q has the host %q, which is %q, %v", v.Text, host, n, err)
			}
		}
		if v.Type == ioc.IP || v.Type == ioc.Domain {
			if back, err := ioc.Parse(v.Defang()); err != nil || back.Text != v.Text {
				t.Fatalf("%q defanged is %q, which is %+v, %v", v.Text, v.Defang(), back, err)
			}
		}
	})
}

func TestPublic(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"203.0.113.9": true, "8.8.8.8": true, "2001:db8::1": true, "10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false, "127.0.0.1": false,
		"169.254.1.1": false, "224.0.0.1": false, "100.64.0.1": false, "0.1.2.3": false, "255.255.255.255": false, "::1": false, "fe80::1": false, "fd00::1": false,
		"::ffff:10.0.0.1": false,
	} {
		if got := ioc.Public(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

func TestDefang(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"http://example.com/a.b": "hxxp://example[.]com/a.b", "https://203.0.113.9/": "hxxps://203[.]0[.]113[.]9/", "example.com": "example[.]com", "a@example.com": "a@example[.]com",
		"CVE-2026-1234": "CVE-2026-1234",
	} {
		v, err := ioc.Parse(text)
		if err != nil || v.Defang() != want {
			t.Errorf("%s: %s, %v", text, v.Defang(), err)
		}
	}
}

// TestNormalCopiesNothing: triage asks for the spelling of every value of every alert.
func TestNormalCopiesNothing(t *testing.T) {
	for typ, text := range map[ioc.Type]string{
		ioc.IP: "203.0.113.9", ioc.Domain: "a.b.example.com", ioc.URL: "http://a.example.com:8080/x?y", ioc.Mail: "a@example.com", ioc.SHA256: strings.Repeat("a", 64), ioc.CVE: "CVE-2026-12345",
	} {
		if n := testing.AllocsPerRun(100, func() { _, _ = typ.Normal(text) }); n > 0 {
			t.Errorf("%s: %v allocations", text, n)
		}
	}
}
