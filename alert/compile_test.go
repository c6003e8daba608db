package alert_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/alert"
)

// withFormat parses a record with one more format, of which body is the detect and fields part.
func withFormat(t *testing.T, body, raw string) (*alert.Alert, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "acme.yaml")
	if err := os.WriteFile(file, []byte("name: acme\n"+body), 0o600); err != nil {
		t.Fatal(err)
	}
	set, err := alert.NewSet(alert.Options{Formats: []string{file}, Now: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		return nil, err
	}
	var a alert.Alert
	_, err = set.NewParser().Parse(&a, []byte(raw), nil)
	return &a, err
}

func TestTimeJoinedOfMembers(t *testing.T) {
	const body = "detect:\n  - acme\nfields:\n  time: [d + t + z, d + t, later]\nsensor: [time]\n"
	for raw, want := range map[string]string{
		`{"acme":1,"t":"03:04:05","d":"2026-01-02","z":"+0100"}`:        "2026-01-02T02:04:05Z d",
		`{"acme":1,"d":"2026-01-02","t":"03:04:05","later":1767000000}`: "2026-01-02T03:04:05Z d",
		`{"acme":1,"d":"2026-01-02","later":1767323045}`:                "2026-01-02T03:04:05Z later",
		`{"acme":1,"d":"today","t":"03:04:05","later":1767323045}`:      "2026-01-02T03:04:05Z later",
	} {
		a, err := withFormat(t, body, raw)
		if err != nil {
			t.Fatal(err)
		}
		f := a.First(alert.SlotTime)
		if f == nil || a.Time.Format(time.RFC3339)+" "+string(f.Path) != want || f.Trust != alert.Sensor {
			t.Errorf("%s: %s %+v, want %s", raw, a.Time, f, want)
			continue
		}
		checkReceipts(t, a)
	}
}

// TestFilterOnSibling: a filter may name an element of the same array, and detection sees elements far back in one.
func TestFilterOnSibling(t *testing.T) {
	const body = "detect:\n  - columns[10]=far\nfields:\n  source.ip: 'columns[1=THREAT|DROP][2]'\n  target.ip: 'columns[1=TRAFFIC][2]'\n"
	for raw, want := range map[string]string{
		"acme,threat,192.0.2.7,3,4,5,6,7,8,9,far":  "source.ip 192.0.2.7",
		"acme,TRAFFIC,192.0.2.7,3,4,5,6,7,8,9,far": "target.ip 192.0.2.7",
	} {
		a, err := withFormat(t, body, raw)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for f := range a.Entities(alert.IP) {
			got = f.Slot.String() + " " + f.Value
		}
		if a.Format != "acme" || got != want {
			t.Errorf("%s: %s %s, want %s", raw, a.Format, got, want)
		}
		checkReceipts(t, a)
	}
}

func TestFormatsAreRefused(t *testing.T) {
	for body, want := range map[string]string{
		"detect:\n  - message^=\nfields:\n  title: message\n":                     "empty value",
		"detect:\n  - a=x|\nfields:\n  title: message\n":                          "empty value",
		"detect:\n  - list[Type=x].b\nfields:\n  title: message\n":                "filter",
		"detect:\n  - acme\nfields:\n  title: a + b\n":                            "only a time",
		"detect:\n  - acme\nfields:\n  time: 'a + b | first'\n":                   "only a time",
		"detect:\n  - acme\nfields:\n  target.url: 'url | percent'\n":             "no cleaner",
		"detect:\n  - acme\nfields:\n  target.url: 'list[x'\n":                    "neither an index",
		"detect:\n  - acme\nfields:\n  source.ip: ip\nsensor: [source.address]\n": "no slot",
	} {
		if _, err := withFormat(t, body, `{"acme":1}`); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want an error about %q", body, err, want)
		}
	}
}

// TestNamesKeepTheirBlanks: the exact text of names and titles is compared elsewhere.
func TestNamesKeepTheirBlanks(t *testing.T) {
	a, err := withFormat(t, "detect:\n  - acme\nfields:\n  rule.name: acme\n  title: title\n  severity: level\n  action: act\n  actor.user: user\n",
		`{"acme":" Rule 7 ","title":"Found it\n","level":" high ","act":"deny ","user":" bob "}`)
	if err != nil {
		t.Fatal(err)
	}
	if a.Rule.Name != " Rule 7 " || a.Title != "Found it\n" || a.Severity.Vendor != "high" || a.Action != alert.Blocked || a.Text(alert.EntitySlot(alert.Actor, alert.User)) != "bob" {
		t.Errorf("%+v", a)
	}
}
