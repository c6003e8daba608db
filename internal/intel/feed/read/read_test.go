package read_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-959697dd/soc/internal/intel/feed/ioc"
	"github.com/seed-959697dd/soc/internal/intel/feed/read"
)

func text(s string) read.Source {
	return read.Source{Name: "in", Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(s)), nil }}
}

// sample is a file of testdata/intel.
func sample(name string) read.Source {
	return read.Source{Name: name, Open: func() (io.ReadCloser, error) {
		return os.Open(filepath.Join("..", "..", "..", "..", "testdata", "intel", name))
	}}
}

// gather reads a source into lines that say everything about each entry, and into the reasons of the rejects.
func gather(src read.Source, o read.Options) (entries, rejects []string, res read.Result, err error) {
	day := func(word string, t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return " " + word + " " + t.Format("01-02")
	}
	res, err = read.Feed(src, o, read.Sink{
		Entry: func(in *ioc.Indicator) error {
			s := fmt.Sprintf("%d: %s %s %s %d", in.Line, in.Type, in.Value, in.Verdict, in.Confidence)
			if in.Wild {
				s += " wild"
			}
			if in.TLP != ioc.NoTLP {
				s += " " + in.TLP.String()
			}
			entries = append(entries, s+day("from", in.First)+day("to", in.Last)+day("until", in.Until)+" "+strings.Join(in.Tags, "|")+" "+in.Reference)
			return nil
		},
		Reject: func(r *read.Reject) error {
			rejects = append(rejects, fmt.Sprintf("%d: %s", r.Line, r.Reason))
			return nil
		},
	})
	return entries, rejects, res, err
}

func TestSamples(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]struct {
		kind             string
		entries, rejects []string
		skipped          int64
	}{
		"urlhaus.csv": {"urlhaus", []string{
			"7: url http://203.0.113.9:8080/bins/mips malicious 90 from 03-01 to 03-02 malware_download|Mozi|elf https://urlhaus.example.com/url/3000001/",
			"8: url https://files.example.net/inv,oice.exe malicious 90 from 03-01 to 03-01 malware_download https://urlhaus.example.com/url/3000002/",
		}, []string{`9: 10.1.2.3 is no public address`}, 0},
		"threatfox.csv": {"threatfox", []string{
			"6: ip 198.51.100.7 malicious 100 from 03-01 to 03-01 Cobalt Strike|botnet_cc|CobaltStrike|cs-watermark-1|port 443 https://threatfox.example.com/ioc/1700001/",
			"7: domain c2.example.org malicious 50 from 03-01 to 03-02 Remcos|botnet_cc|RAT ",
			"8: sha256 " + strings.Repeat("a", 64) + " malicious 75 from 03-01 to 03-01 Remcos|payload ",
		}, nil, 0},
		"feodo.csv": {"feodo", []string{
			"6: ip 203.0.113.50 malicious 95 from 02-01 to 03-02 Pikabot|port 443 ",
			"7: ip 203.0.113.51 malicious 95 from 01-15 to 01-20 QakBot|port 2222 ",
		}, nil, 0},
		"bazaar.csv": {"malwarebazaar", []string{
			"4: sha256 " + strings.Repeat("b", 64) + " malicious 95 from 03-01 to 03-01 AgentTesla ",
			"4: md5 " + strings.Repeat("c", 32) + " malicious 95 from 03-01 to 03-01 AgentTesla ",
			"4: sha1 " + strings.Repeat("d", 40) + " malicious 95 from 03-01 to 03-01 AgentTesla ",
		}, nil, 0},
		"sslbl.csv": {"sslbl", []string{"4: sha1 " + strings.Repeat("e", 40) + " malicious 90 from 02-20 to 02-20 AsyncRAT C&C "}, nil, 0},
		"list.txt": {"list", []string{
			"2: ip 203.0.113.9 malicious 75  ",
			"3: ip 203.0.113.10 malicious 75 port 8443 ",
			"4: cidr 198.51.100.0/24 malicious 75  ",
			"5: url https://login.example.com/verify malicious 75  ",
			"6: domain ads.example.net malicious 75  ",
			"8: domain tracker.example.org malicious 75 wild  ",
			"9: domain wild.example.org malicious 75 wild  ",
			"10: cve CVE-2026-1234 malicious 75  ",
		}, []string{"11: 10.0.0.0/8 is no public range", `12: no indicator that is known: "what"`}, 1},
		"bundle.json": {"stix", []string{
			"7: ip 203.0.113.60 malicious 95 green from 02-01 to 02-10 until 08-01 Sample Loader C2 https://reports.example.com/1",
			"7: domain one.example.com malicious 95 green from 02-01 to 02-10 until 08-01 Sample Loader C2 https://reports.example.com/1",
			"7: domain two.example.com malicious 95 green from 02-01 to 02-10 until 08-01 Sample Loader C2 https://reports.example.com/1",
			"13: sha256 " + strings.Repeat("f", 64) + " suspicious 75 amber from 02-02 to 02-02 anomalous-activity indicator--55555555-5555-4555-8555-555555555555",
			"13: url http://drop.example.com/x suspicious 37 amber from 02-02 to 02-02 anomalous-activity indicator--55555555-5555-4555-8555-555555555555",
		}, []string{"17: indicator--77777777-7777-4777-8777-777777777777: a pattern without a value that can be looked up"}, 2},
		"event.json": {"misp", []string{
			"5: ip 198.51.100.20 malicious 100 green from 02-25 to 02-25 Sample Loader|Spear phishing with a loader misp event 99999999-9999-4999-8999-999999999999",
			"6: domain mail.example.org malicious 75 green from 02-24 to 02-24 Sample Loader|Spear phishing with a loader misp event 99999999-9999-4999-8999-999999999999",
			"6: ip 198.51.100.21 malicious 75 green from 02-24 to 02-24 Sample Loader|Spear phishing with a loader misp event 99999999-9999-4999-8999-999999999999",
			"12: sha1 " + strings.Repeat("12", 20) + " malicious 75 green from 02-25 to 02-25 Sample Loader|Spear phishing with a loader misp event 99999999-9999-4999-8999-999999999999",
		}, []string{`9: url: no indicator that is known: "not a url"`}, 2},
		"resolvers.json": {"warninglist", []string{"3: cidr 198.51.100.53/32 benign 75  ", "3: cidr 203.0.113.0/28 benign 75  ", "3: cidr 2001:db8:53::/48 benign 75  "}, nil, 0},
		"top-sites.json": {"warninglist", []string{"1: domain example.org benign 75 wild  ", "1: domain cdn.example.net benign 75 wild  "}, nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			entries, rejects, res, err := gather(sample(name), read.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want.entries, entries); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(want.rejects, rejects); diff != "" {
				t.Error(diff)
			}
			if res.Kind != want.kind || res.Skipped != want.skipped || res.Read != int64(len(entries)+len(rejects))+res.Skipped || res.Warning != (want.kind == "warninglist") {
				t.Errorf("%+v", res)
			}
		})
	}
}

// TestRefused: what is no feed, or half of one, is an error that says where and why.
func TestRefused(t *testing.T) {
	t.Parallel()
	feodo, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "testdata", "intel", "feodo.csv"))
	if err != nil {
		t.Fatal(err)
	}
	bundle, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "testdata", "intel", "bundle.json"))
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write(bytes.Repeat([]byte("203.0.113.9\n"), 1000))
	_ = z.Close()
	for name, c := range map[string]struct {
		text string
		o    read.Options
		want error
		says string
	}{
		"a captive portal":            {"<!DOCTYPE html>\n<html><body>Sign in</body></html>", read.Options{}, read.ErrHTML, "is HTML, not a feed"},
		"nothing":                     {" \n", read.Options{}, read.ErrNotFeed, "empty"},
		"XML":                         {"<?xml version='1.0'?><a/>", read.Options{}, read.ErrNotFeed, "XML"},
		"comments only":               {"# a\n# b\n", read.Options{}, read.ErrNotFeed, "no indicator"},
		"prose":                       {"dear all\nplease find\nattached example.com\n", read.Options{}, read.ErrNotFeed, "3 of 3 lines"},
		"other JSON":                  {`{"a":1}`, read.Options{}, read.ErrNotFeed, "neither STIX nor MISP"},
		"half a bundle":               {string(bundle[:len(bundle)-20]), read.Options{}, read.ErrCut, "line 18"},
		"a bundle with a slip":        {strings.Replace(string(bundle), `"objects": [`, `"objects": [,`, 1), read.Options{}, read.ErrNotFeed, "line 4"},
		"half a table":                {string(feodo[:len(feodo)-60]), read.Options{}, read.ErrCut, "line 7"},
		"a table short of rows":       {strings.Replace(string(feodo), "END 2", "END 3", 1), read.Options{}, read.ErrCut, "announces 3 entries and holds 2"},
		"a column that is not there":  {"ip,when\n203.0.113.9,x\n", read.Options{Columns: map[string]string{"value": "addr"}}, read.ErrNotFeed, `no column "addr"`},
		"a column of something else":  {"ip,when\n203.0.113.9,x\n198.51.100.1,y\n", read.Options{Columns: map[string]string{"value": "when"}}, read.ErrNotFeed, "line 2"},
		"columns that nobody knows":   {"a,b\nc,d\n", read.Options{Kind: "csv"}, read.ErrNotFeed, "--columns"},
		"half a packed file":          {packed.String()[:packed.Len()-12], read.Options{}, read.ErrCut, "ends too early"},
		"a warning list of some kind": {`{"list":["a"],"type":"magic"}`, read.Options{}, read.ErrNotFeed, "magic"},
		"a deep one":                  {`{"objects":` + strings.Repeat("[", 100), read.Options{Kind: "stix"}, read.ErrCut, ""},
		"one huge value":              {`{"objects":["` + strings.Repeat("x", 17<<20) + `"]}`, read.Options{Kind: "stix"}, nil, "more than 16 MiB"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, _, err := gather(text(c.text), c.o)
			if err == nil || c.want != nil && !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) || !strings.HasPrefix(err.Error(), "in ") {
				t.Fatalf("%v", err)
			}
		})
	}
}

func TestColumns(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text    string
		columns map[string]string
		want    string
	}{
		"by name":         {"when;what\n2026-01-31;203.0.113.9\n", map[string]string{"value": "what", "first": "when"}, "2: ip 203.0.113.9 malicious 75 from 01-31 to 01-31  "},
		"by number":       {"203.0.113.9\t60\tQakBot\n", map[string]string{"value": "1", "confidence": "2", "family": "3"}, "1: ip 203.0.113.9 malicious 60 QakBot "},
		"by its header":   {"indicator,confidence,tlp,verdict,valid_until\nevil.example.com,30,amber,suspicious,2026-12-01T00:00:00Z\n", nil, "2: domain evil.example.com suspicious 30 amber until 12-01  "},
		"with a mark":     {"\ufeffip,first_seen\n203.0.113.9,1772000000\n", nil, "2: ip 203.0.113.9 malicious 75 from 02-25 to 02-25  "},
		"with carriages":  {"ip,first_seen\r\n\"203.0.113.9\",\"2026-01-31\"\r\n", nil, "2: ip 203.0.113.9 malicious 75 from 01-31 to 01-31  "},
		"the last uncut":  {"ip,first_seen\n203.0.113.9,2026-01-31", nil, "2: ip 203.0.113.9 malicious 75 from 01-31 to 01-31  "},
		"defaults":        {"evil.example.com", nil, "1: domain evil.example.com malicious 75  "},
		"one bad of more": {"ip,first_seen\n203.0.113.9,2026-01-31\n\"203.0.113.1,x\n203.0.113.7,\n", nil, "2: ip 203.0.113.9 malicious 75 from 01-31 to 01-31  \n4: ip 203.0.113.7 malicious 75  "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			entries, _, _, err := gather(text(c.text), read.Options{Columns: c.columns})
			if got := strings.Join(entries, "\n"); err != nil || got != c.want {
				t.Fatalf("%q, %v", got, err)
			}
		})
	}
}

func TestPacked(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte("203.0.113.9\n"))
	_ = z.Close()
	if entries, _, _, err := gather(text(b.String()), read.Options{}); err != nil || len(entries) != 1 {
		t.Fatal(entries, err)
	}
	b.Reset()
	z = gzip.NewWriter(&b)
	_, _ = z.Write([]byte("203.0.113.9\n" + strings.Repeat("#", 80<<20)))
	_ = z.Close()
	if _, _, _, err := gather(text(b.String()), read.Options{}); err == nil || !strings.Contains(err.Error(), "unpacks to more than") {
		t.Fatal(err)
	}
}

func TestWarningLists(t *testing.T) {
	t.Parallel()
	for list, want := range map[string]string{
		`{"type":"string","list":["203.0.113.9","Example.com"],"name":"n"}`:            "1: ip 203.0.113.9 benign 75  \n1: domain example.com benign 75  ",
		`{"type":"substring","list":["Sample.Example"],"name":"n"}`:                    "1: substring sample.example benign 75  ",
		`{"type":"regex","list":["/^a[.]example$/i","(","b"],"name":"n"}`:              "1: regex (?i)^a[.]example$ benign 75  \n1: regex b benign 75  ",
		`{"type":"cidr","list":["10.0.0.0/8"],"name":"n","matching_attributes":["x"]}`: "1: cidr 10.0.0.0/8 benign 75  ",
	} {
		entries, _, res, err := gather(text(list), read.Options{})
		if got := strings.Join(entries, "\n"); err != nil || got != want || !res.Warning || res.Title != "n" {
			t.Errorf("%s: %q, %+v, %v", list, got, res, err)
		}
	}
}

// FuzzFeed: whatever a file holds, the account adds up, every entry is in its normal spelling, and every line is within the file.
func FuzzFeed(f *testing.F) {
	for _, name := range []string{"urlhaus.csv", "threatfox.csv", "list.txt", "bundle.json", "event.json", "resolvers.json"} {
		b, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "testdata", "intel", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(b), "")
		f.Add(string(b), "list")
	}
	f.Fuzz(func(t *testing.T, s, kind string) {
		var kept, rejected int64
		last := int64(strings.Count(s, "\n") + 1)
		res, err := read.Feed(text(s), read.Options{Kind: kind}, read.Sink{
			Entry: func(in *ioc.Indicator) error {
				kept++
				if n, err := in.Type.Normal(in.Value); err != nil || n != in.Value {
					t.Fatalf("%+v is spelt %q, %v", in, n, err)
				}
				if in.Line < 1 || in.Line > last || in.Confidence < 1 || in.Confidence > 100 || in.Verdict == ioc.Unsaid || len(in.Tags) > ioc.MaxTags {
					t.Fatalf("%+v", in)
				}
				return nil
			},
			Reject: func(r *read.Reject) error {
				rejected++
				if r.Line < 1 || r.Line > last || r.Reason == "" || r.Offset > int64(len(s)) {
					t.Fatalf("%+v", r)
				}
				return nil
			},
		})
		if res.Kept != kept || res.Rejected != rejected || res.Read != kept+rejected+res.Skipped || err == nil && kept == 0 {
			t.Fatalf("%+v %v", res, err)
		}
	})
}
