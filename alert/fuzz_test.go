package alert_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/seed-959697dd/soc/alert"
)

// FuzzParse: what Parse accepts as JSON encoding/json accepts too, and the other way round within the limits; every field's receipt
// holds; the alert's document is valid JSON in valid UTF-8.
func FuzzParse(f *testing.F) {
	f.Add([]byte(wazuhRecord))
	f.Add([]byte(`{"a":{"b":[1,2.5e-3,-0,true,null,"\u00e9\ud83d\ude00\ud800"]},"a":1,"A":2}`))
	f.Add([]byte(`{"message":"CEF:0|Vendor|Product|1|100|Name|5|src=192.0.2.1 suser=bob"}`))
	f.Add([]byte("<134>Jan  2 03:04:05 fw01 CEF:0|Vendor|Product|1|100|Name|5|src=192.0.2.1 msg=a b"))
	f.Add([]byte(`{"SystemAlertId":"x","Entities":"[{\"Type\":\"host\",\"HostName\":\"ws-1\"}]"}`))
	set, err := alert.NewSet(alert.Options{Now: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		f.Fatal(err)
	}
	p := set.NewParser()
	f.Fuzz(func(t *testing.T, raw []byte) {
		if bytes.IndexByte(raw, '\n') >= 0 || len(raw) > 1<<16 {
			return
		}
		var a alert.Alert
		rest, err := p.Parse(&a, bytes.Clone(raw), nil)
		isObject := bytes.HasPrefix(bytes.TrimLeft(raw, " \t\r"), []byte("{"))
		if err != nil {
			if isObject && json.Valid(raw) && utf8.Valid(raw) && !limited(err) {
				t.Fatalf("refused valid JSON: %v", err)
			}
			return
		}
		if !json.Valid(a.View) || !utf8.Valid(a.View) {
			t.Fatalf("a view that is no JSON: %q", a.View)
		}
		if isObject && !bytes.HasSuffix(raw, rest) {
			t.Fatalf("rest %q is not the end of the record", rest)
		}
		if doc := a.AppendJSON(nil, true); !json.Valid(doc) || !utf8.Valid(doc) {
			t.Fatalf("a document that is no JSON: %q", doc)
		}
		if len(a.Ambiguous) == 0 {
			checkReceipts(t, &a)
		}
	})
}

func limited(err error) bool {
	return strings.Contains(err.Error(), "nested deeper") || strings.Contains(err.Error(), "more than 4096 keys")
}

// FuzzPath: a path made of keys is read back as those keys, and finds in a document just what encoding/json finds there.
func FuzzPath(f *testing.F) {
	f.Add("a.b", "c\\d", []byte(`{"a.b":{"c\\d":"x"}}`))
	f.Add("0", "@this", []byte(`{"0":{"@this":1}}`))
	f.Add("a", "1", []byte(`{"a":[1,{"b":2}]}`))
	f.Add("*", "#", []byte(`{"x":{"y":1}}`))
	f.Fuzz(func(t *testing.T, k1, k2 string, doc []byte) {
		p := alert.NewPath(k1, k2)
		q, err := alert.ParsePath(string(p))
		if err != nil {
			return
		}
		if got := q.Steps(); !reflect.DeepEqual(got, []string{k1, k2}) {
			t.Fatalf("%q and %q became %q", k1, k2, got)
		}
		if !json.Valid(doc) || !utf8.Valid(doc) {
			return
		}
		got, ok := p.In(doc)
		want, found, sure := lookup(doc, k1, k2)
		if sure && ok != found {
			t.Fatalf("%s in %s: found %v, wanted %v", p, doc, ok, found)
		}
		if s, isString := want.(string); sure && ok && isString && utf8.ValidString(s) && !strings.Contains(s, "\ufffd") && got != s {
			t.Fatalf("%s in %s: %q, wanted %q", p, doc, got, s)
		}
	})
}

// lookup walks the decoded document. It is not sure where the document has equal keys or a string stands in the way.
func lookup(doc []byte, steps ...string) (v any, found, sure bool) {
	if err := json.Unmarshal(doc, &v); err != nil || bytes.Contains(doc, []byte(`\u`)) {
		return nil, false, false
	}
	var back bytes.Buffer
	if json.Compact(&back, doc) != nil {
		return nil, false, false
	}
	if enc, err := json.Marshal(v); err != nil || bytes.Count(enc, []byte(":")) != bytes.Count(back.Bytes(), []byte(":")) {
		return nil, false, false
	}
	for _, s := range steps {
		switch x := v.(type) {
		case map[string]any:
			if v, found = x[s]; !found {
				return nil, false, true
			}
		case []any:
			i, err := strconv.Atoi(s)
			if err != nil || i < 0 || i >= len(x) {
				return nil, false, true
			}
			v = x[i]
		case string:
			return nil, false, false
		default:
			return nil, false, true
		}
	}
	return v, true, true
}

func TestPathRefusesWhatIsNoKey(t *testing.T) {
	for path, why := range map[string]string{
		"":          "empty",
		"a..b":      "empty key",
		`a\b`:       "backslash",
		"a.b\x00":   "control",
		".a":        "empty key",
		`trailing\`: "backslash",
	} {
		if _, err := alert.ParsePath(path); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("ParsePath(%q) = %v, wanted an error about %q", path, err, why)
		}
	}
}

func TestPathNeverInvents(t *testing.T) {
	doc := []byte(`{"a":"x","list":[1,2]}`)
	for _, p := range []alert.Path{"@this", "*", "list.#", `!"x"`, "a|@valid", "list.-1", "list.01x", "{a}"} {
		if got, ok := p.In(doc); ok {
			t.Errorf("%s found %q", p, got)
		}
	}
}

func TestTimes(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for in, want := range map[string]string{
		"2026-01-02T03:04:05.678+0000":             "2026-01-02T03:04:05.678Z",
		"2026-01-02T03:04:05.123456789Z":           "2026-01-02T03:04:05.123456789Z",
		"2026-01-02 03:04:05":                      "2026-01-02T03:04:05Z",
		"2026-01-02T03:04:05+02:00":                "2026-01-02T01:04:05Z",
		"2026/01/02 03:04:05":                      "2026-01-02T03:04:05Z",
		"1767323045":                               "2026-01-02T03:04:05Z",
		"1767323045.5":                             "2026-01-02T03:04:05.5Z",
		"1767323045678":                            "2026-01-02T03:04:05.678Z",
		"1767323045678000":                         "2026-01-02T03:04:05.678Z",
		"1767323045678000000":                      "2026-01-02T03:04:05.678Z",
		"134117966456780000":                       "2026-01-02T03:04:05.678Z",
		"Jan  2 03:04:05":                          "2026-01-02T03:04:05Z",
		"Dec 31 23:59:59":                          "2025-12-31T23:59:59Z",
		"Fri Jan  2 03:04:05 2026":                 "2026-01-02T03:04:05Z",
		"02/Jan/2026:03:04:05 +0100":               "2026-01-02T02:04:05Z",
		"Fri, 02 Jan 2026 03:04:05 GMT":            "2026-01-02T03:04:05Z",
		"1/2/2026 3:04:05 PM":                      "2026-01-02T15:04:05Z",
		"2026-01-02 03:04:05,678":                  "2026-01-02T03:04:05.678Z",
		"01/02-03:04:05.678901":                    "2026-01-02T03:04:05.678901Z",
		"[02/Jan/2026:03:04:05 +0000]":             "2026-01-02T03:04:05Z",
		"2023 Jan 15 00:31:52 CET":                 "2023-01-14T23:31:52Z",
		"2023 Jan 15 00:31:52":                     "2023-01-15T00:31:52Z",
		"9/16/19 10:00":                            "2019-09-16T10:00:00Z",
		"2018-12-29 15:30:25 +0100":                "2018-12-29T14:30:25Z",
		"2018-12-29 15:30:25 CEST":                 "2018-12-29T13:30:25Z",
		"2018-12-29 15:30:25 EST":                  "2018-12-29T20:30:25Z",
		"2018-12-29 15:30:25.5 EDT":                "2018-12-29T19:30:25.5Z",
		"2018-12-29 15:30:25 PST":                  "2018-12-29T23:30:25Z",
		"2018-12-29 15:30:25 PDT":                  "2018-12-29T22:30:25Z",
		"2018-12-29 15:30:25 BST":                  "2018-12-29T14:30:25Z",
		"2018-12-29 15:30:25 MSK":                  "2018-12-29T12:30:25Z",
		"2018-12-29 15:30:25 JST":                  "2018-12-29T06:30:25Z",
		"2018-12-29 15:30:25 IST":                  "2018-12-29T10:00:25Z",
		"2018-12-29 15:30:25 -0700 MST":            "2018-12-29T22:30:25Z",
		"Jan  2 03:04:05 CET":                      "2026-01-02T02:04:05Z",
		"Fri Jan  2 03:04:05 CET 2026":             "2026-01-02T02:04:05Z",
		"Jan 02, 2026 03:04:05 CET":                "2026-01-02T02:04:05Z",
		"Fri, 2 Jan 2026 03:04:05 -0500":           "2026-01-02T08:04:05Z",
		"Friday, 02-Jan-26 03:04:05 UTC":           "2026-01-02T03:04:05Z",
		"2 Jan 2026 03:04:05 CET":                  "2026-01-02T02:04:05Z",
		"2-Jan-2026 03:04:05 CET":                  "2026-01-02T02:04:05Z",
		"20Dec2019 12:04:05":                       "2019-12-20T12:04:05Z",
		"16 sep 2022 15:42:41.885007":              "2022-09-16T15:42:41.885007Z",
		"2018-12-29 15:30:25 XYZ":                  "",
		"2026-13-02T03:04:05Z":                     "",
		"Tue Apr 05 2022 16:01:41 GMT+0200 (CEST)": "2022-04-05T14:01:41Z",
		"Tue Apr 05 2022 16:01:41 GMT+0200 (Central European Summer Time)": "2022-04-05T14:01:41Z",
		"+999999-13-45T99:99:99Z": "",
		"yesterday":               "",
		"12":                      "",
		"192.0.2.1":               "",
	} {
		got, err := alert.ParseTime(in, time.UTC, now)
		text := ""
		if err == nil {
			text = got.Format(time.RFC3339Nano)
		}
		if text != want {
			t.Errorf("%q: %s, wanted %q", in, text, want)
		}
	}
}

func TestDuplicateKeysAreAmbiguous(t *testing.T) {
	for raw, want := range map[string][]string{
		`{"id":"a","rule":{"level":1,"LEVEL":2}}`:             {"duplicate key rule.LEVEL"},
		`{"id":"a","id":"b"}`:                                 {"duplicate key id"},
		`{"id":"a","\u0069d":"b"}`:                            {"duplicate key id"},
		`{"id":"a","src_ip":"192.0.2.1","srcip":"192.0.2.2"}`: nil,
		`{"id":"a","b":[{"c":1},{"c":2}]}`:                    nil,
		`{"x":{"a":1},"y":{"a":1}}`:                           nil,
		`{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8,"i":9,"j":1,"k":1,"l":1,"m":1,"n":1,"o":1,"p":1,"q":1,"r":1,"s":1,"t":1,"u":1,"v":1,"w":1,"x":1,"y":1,"z":1,"A":2}`: {"duplicate key A"},
	} {
		if got := parse(t, raw).Ambiguous; !reflect.DeepEqual(got, want) && len(got)+len(want) > 0 {
			t.Errorf("%s: %q, wanted %q", raw, got, want)
		}
	}
}

func TestATitleThatQuotesAnAttackerIsNotTrusted(t *testing.T) {
	for raw, want := range map[string]alert.Trust{
		`{"rule":{"level":12,"id":"87105","description":"VirusTotal: Alert - c:\\users\\login session opened.exe - 60 engines"},"agent":{"id":"1","name":"ws"},"manager":{"name":"m"},"data":{"virustotal":{"source":{"file":"c:\\users\\login session opened.exe"}}}}`: alert.Attacker,
		`{"rule":{"level":3,"id":"60106","description":"Windows Logon Success"},"agent":{"id":"1","name":"ws"},"manager":{"name":"m"},"data":{"dstuser":"alice"}}`:                                                                                                      alert.Sensor,
	} {
		if got := parse(t, raw).First(alert.SlotRuleName).Trust; got != want {
			t.Errorf("%s: %s", raw, got)
		}
	}
}
