package estate_test

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/seed-959697dd/soc/internal/estate"
)

func TestMistakesAreNamedWithFileLineAndColumn(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ file, text, want string }{
		"a bad address":         {"a.csv", "host,IP Address\na,10.0.0.1\nb,10.0.0.300\n", `a.csv:3: column "IP Address": "10.0.0.300" is no address like 10.1.2.3 and no range like 10.1.2.0/24`},
		"a bad level":           {"a.csv", "host,criticality\na,hihg\n", `a.csv:2: column "criticality": "hihg" is none of low, medium, high, critical (nearest: high)`},
		"a level of one's own":  {"a.csv", "host,criticality\na,1\n", `a.csv:2: column "criticality": "1" is none of low, medium, high, critical: translate it with values: {criticality: {"1": ...}}`},
		"a bad yes or no":       {"a.csv", "host,protected\na,maybe\n", `a.csv:2: column "protected": "maybe" is neither yes nor no: translate it with values: {protected: {"maybe": ...}}`},
		"every address":         {"a.csv", "host,cidr\na,0.0.0.0/0\n", `a.csv:2: column "cidr": "0.0.0.0/0" covers every address`},
		"half a CSV":            {"a.csv", "host,ip,role\na,10.0.0.1,x\nb,10.\n", `a.csv:3: 2 values under 3 columns: is the file whole?`},
		"half a quoted value":   {"a.csv", "host,role\na,\"web\nb,", `a.csv:2: a quote that does not end, or text after one: is the file whole?`},
		"a web page":            {"a.csv", "\n<!DOCTYPE html><html>", `a.csv: a web page or XML, where CSV or JSON is expected: a page that asks for a password, perhaps`},
		"a spreadsheet":         {"a.xlsx", "PK\x03\x04\x00", `a.xlsx: a spreadsheet or archive: save it as CSV`},
		"nothing":               {"a.csv", " \n", `a.csv: empty`},
		"names only":            {"a.csv", "host,ip\n", `a.csv: no entries`},
		"another encoding":      {"a.csv", "host\na\nm\xfcnchen\n", `a.csv:3: not UTF-8: save it as such`},
		"no names":              {"a.csv", "colour,size\nred,1\n", `a.csv: no column holds names or addresses: say which with columns: {name: ...} (known here: colour, size)`},
		"half a JSON":           {"a.json", "[\n{\"host\":\"a\"},\n{\"host\":", `a.json:3: the JSON ends in the middle: is the file whole?`},
		"an unclosed list":      {"a.json", "[{\"host\":\"a\"}\n", `a.json:2: the JSON ends in the middle: is the file whole?`},
		"no JSON":               {"a.json", "[\n{\"host\":a}]", `a.json:2: not JSON: invalid character 'a' looking for beginning of value`},
		"a JSON text":           {"a.json", "[\n\"a\"]", `a.json:2: an entry that is no object`},
		"half an NDJSON":        {"a.ndjson", "{\"host\":\"a\"}\n{\"host\":\"b\"", `a.ndjson:2: the JSON ends in the middle: is the file whole?`},
		"a bad level in a list": {"a.json", "{\"next\":null,\n\"hosts\":[\n{\"host\":\"a\"},\n\n{\"host\":\"b\",\"criticality\":\"hgh\"}]}", `a.json:5: column "criticality": "hgh" is none of low, medium, high, critical (nearest: high)`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := file(t, row.file, row.text)
			e, err := estate.Load(estate.Settings{Assets: []estate.HostFile{{Path: path}}})
			if err == nil || err.Error() != row.want {
				t.Errorf("\n got %v\nwant %s", err, row.want)
			}
			var fault *estate.Error
			if !errors.As(err, &fault) || fault.File != row.file {
				t.Errorf("%v names no file", err)
			}
			if n, _ := e.Len(); n > 0 {
				t.Errorf("%d entries of a broken file are used", n)
			}
		})
	}
}

func TestADeclaredColumnMustBeThere(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{"a.csv": "hostname,tier\na,low\n", "a.json": `[{"hostname":"a","tier":"low"}]`} {
		path := file(t, name, text)
		_, err := estate.Load(estate.Settings{Assets: []estate.HostFile{{Path: path, Columns: estate.HostColumns{Criticality: []string{"teir"}}}}})
		if want := name + `: no column "teir" (nearest: tier)`; err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestABrokenFileTakesNoOtherWithIt(t *testing.T) {
	t.Parallel()
	s := settings()
	s.Assets = append(s.Assets, estate.HostFile{Path: filepath.Join(t.TempDir(), "none.csv")}, estate.HostFile{Path: t.TempDir()})
	s.Networks = append(s.Networks, estate.Network{CIDR: "10.0.0.0", Line: 30}, estate.Network{CIDR: "ten", Line: 31})
	s.Hosts = append(s.Hosts, estate.Host{Name: "a", Criticality: "hihg", Line: 33})
	s.Maintenance = append(s.Maintenance, estate.Maintenance{Hosts: []string{"a"}, From: "2026-03-03T03:00:00Z", Until: "2026-03-03T01:00:00Z", Line: 32})
	e, err := estate.Load(s)
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("err %v", err)
	}
	for _, want := range []string{
		`soc.yaml:31: network: "ten" is no address`, "soc.yaml:32: maintenance: it ends before it begins", "a directory, where a file is expected",
		`soc.yaml:33: host a: criticality "hihg" is none of low, medium, high, critical (nearest: high)`,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %s", err, want)
		}
	}
	if _, answer := e.Host("bk-01"); answer != estate.Listed {
		t.Error("the other files were not read")
	}
}

func TestInventoriesOfAllKinds(t *testing.T) {
	t.Parallel()
	const ndjson = `{"HostName":"a","ip":["10.1.0.1","127.0.0.1","fe80::1"],"interfaces":[{"ipv4":"10.1.0.2"}],"role":null}` + "\n"
	for name, text := range map[string]string{
		"comma":        "hostname,ip\na,\"10.1.0.1,10.1.0.2\"\n",
		"semicolon":    "HOST NAME;IPs\r\na;10.1.0.1 10.1.0.2\r\n",
		"tab":          "Computer Name\tip_address\tipv6\na\t10.1.0.1|10.1.0.2\tn/a\n",
		"mark":         "\xef\xbb\xbfhostname,ip\na,10.1.0.1;10.1.0.2\n",
		"utf-16":       "\xff\xfe" + utf16le("hostname,ip\na,10.1.0.1;10.1.0.2\n"),
		"array":        `[{"host":{"name":"a"},"ip":["10.1.0.1","10.1.0.2"]}]`,
		"object":       `{"count":1,"results":[{"device_name":"a","ip_addresses":"10.1.0.1 10.1.0.2"}]}`,
		"ndjson":       `{"hostname":"a","ip":"10.1.0.1"}` + "\n" + `{"hostname":"a","ip":"10.1.0.2"}` + "\n",
		"a domain":     "nt_host,domain,ip\na,example.com,10.1.0.1 10.1.0.2\n",
		"one, nested":  strings.Replace(ndjson, `"interfaces"`, `"nic"`, 1),
		"twice listed": "hostname,ip\nA,10.1.0.1\na$,10.1.0.2\n",
	} {
		columns := estate.HostColumns{}
		if name == "one, nested" {
			columns.Address = []string{"ip", "nic.ipv4"}
		}
		if name == "array" {
			columns.Name = []string{"host.name"}
		}
		e, err := estate.Load(estate.Settings{Assets: []estate.HostFile{{Path: file(t, "inventory", text), Columns: columns}}})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, s := range []string{"a", "10.1.0.1", "10.1.0.2"} {
			if got, answer := e.Host(s); answer != estate.Listed || !strings.EqualFold(got.Name, "a") {
				t.Errorf("%s: %s: %+v, answer %d", name, s, got, answer)
			}
		}
		if n, _ := e.Len(); n != 1 {
			t.Errorf("%s: %d entries", name, n)
		}
	}
}

func utf16le(s string) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return string(b)
}

func TestEntriesWithoutANameAreCounted(t *testing.T) {
	t.Parallel()
	path := file(t, "a.csv", "hostname,ip,role\na,,x\n,,y\n-,n/a,z\n")
	e, err := estate.Load(estate.Settings{Assets: []estate.HostFile{{Path: path}}})
	if got := e.Partial(); err != nil || len(got) != 1 || got[0] != "a.csv: entries without a name or address: 2, the first at line 3" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestDigestIsOfTheContent(t *testing.T) {
	t.Parallel()
	digest := func(text, owner string) string {
		e, err := estate.Load(estate.Settings{
			Assets: []estate.HostFile{{Path: file(t, "a.csv", text)}}, Hosts: []estate.Host{{Name: "b", Owner: owner}},
		})
		if err != nil {
			t.Fatal(err)
		}
		return e.Digest()
	}
	base := digest("host\na\n", "x")
	if !strings.HasPrefix(base, "sha256:") || digest("host\na\n", "x") != base {
		t.Error("the same content in another folder has another digest")
	}
	if digest("host\nb\n", "x") == base || digest("host\na\n", "y") == base {
		t.Error("other content has the same digest")
	}
}
