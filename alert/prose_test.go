package alert_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/seed-959697dd/soc/alert"
)

// TestProse: the values of a sentence are found, with the role that the words in front give them, and nobody vouches for them.
func TestProse(t *testing.T) {
	for line, want := range map[string]string{
		"Login refused for bob from 192.0.2.7 port 22":                                   "actor.user=bob source.ip=192.0.2.7",
		"Tunnel <G1> User <bob> IP <192.0.2.7> lost its connection now":                  "actor.user=bob related.ip=192.0.2.7",
		"console opened by User root@192.0.2.7 over the web":                             "source.ip=192.0.2.7 actor.user=root",
		"proxy dropped flow from 10.0.0.5:5120 to outside:203.0.113.9/443 now":           "source.ip=10.0.0.5 target.ip=203.0.113.9",
		"gate opened org:example, user:bob@local, ip:192.0.2.7":                          "actor.user=bob@local related.ip=192.0.2.7",
		"fetched https://www.example.com/a.exe into C:\\Temp\\a.exe done":                `related.url=https://www.example.com/a.exe target.file=C:\Temp\a.exe`,
		"scan of /var/www/x.php found 44d88612fea8a8f36de82e1278abb02f there":            "target.file=/var/www/x.php related.hash=44d88612fea8a8f36de82e1278abb02f",
		"bounced the message of bob@example.com, gave up after three tries":              "related.mail=bob@example.com",
		"user authentication failed for the server, waiting for connection at 10:20:30.": "",
		"peer 2001:db8::7 sent 00:00:5e:00:53:01 and version 1.2.3 there":                "source.ip=2001:db8::7",
		"looked from here over five more words at 192.0.2.7":                             "related.ip=192.0.2.7",
	} {
		a := parse(t, line)
		var got []string
		for i := range a.Fields {
			f := &a.Fields[i]
			if _, typ := f.Slot.Entity(); typ == alert.NoEntity {
				continue
			}
			if got = append(got, fmt.Sprintf("%s=%s", f.Slot, f.Value)); f.Trust != alert.Attacker {
				t.Errorf("%q: %s is trusted", line, f.Slot)
			}
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%q:\n got %s\nwant %s", line, s, want)
		}
		checkReceipts(t, a)
	}
}

// TestHarvestIsNeverTrusted: a member that no path of the format names is read by its common name, and the format's word for the slot
// does not vouch for it.
func TestHarvestIsNeverTrusted(t *testing.T) {
	a := parse(t, `{"timestamp":"2026-01-02T03:04:05Z","rule":{"level":3,"id":"5501","description":"x","groups":["pam"]},"agent":{"id":"1","name":"ws-1"},"extra":{"destination_ip":"203.0.113.9","hostname":"evil.example.com","dest_host":"evil2.example.com"}}`)
	if a.Format != "wazuh" {
		t.Fatalf("read as %s", a.Format)
	}
	seen := 0
	for i := range a.Fields {
		if f := &a.Fields[i]; strings.HasPrefix(string(f.Path), "extra.") {
			if seen++; f.Trust != alert.Attacker {
				t.Errorf("%s at %s has trust %s", f.Slot, f.Path, f.Trust)
			}
		}
	}
	if seen < 2 {
		t.Errorf("only %d values were harvested", seen)
	}
}
