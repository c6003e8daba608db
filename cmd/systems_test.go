package cmd_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/internal/fake/elastic"
	"github.com/seed-959697dd/soc/internal/fake/splunksoar"
	"github.com/seed-959697dd/soc/internal/fake/xsoar"
)

// vendor is a product as a source, and what it says of an item.
type vendor struct {
	server http.Handler
	conf   string // of soc.yaml, with URL in it
	closed string // what a false positive says there once it is closed
	open   string
	says   func(item string) string
}

func vendors() map[string]vendor {
	e := elastic.Demo("ZWxhc3RpYy1zZWNyZXQ=", 3, 12, time.Minute, noon())
	p := splunksoar.Demo("phantom-secret", 3, 12, time.Minute, noon())
	x := (&xsoar.Server{Version: 8, Key: "xsoar-secret", KeyID: "7", Advanced: true, Now: noon}).Demo(3, 12, time.Minute, noon())
	row := func(rows []map[string]any, item string) map[string]any {
		for _, r := range rows {
			if fmt.Sprint(r["id"]) == item {
				return r
			}
		}
		return nil
	}
	return map[string]vendor{
		"elastic": {
			server: e, conf: "sources: {desk: {type: elastic, url: \"URL\", elasticsearch_url: \"URL\", token_file: secret, write_back: true}}\n", closed: "closed false_positive soc:decided", open: "open",
			says: func(item string) string {
				id := item[strings.LastIndexByte(item, '/')+1:]
				return strings.TrimSpace(e.Alert(id, "kibana.alert.workflow_status") + " " + e.Alert(id, "kibana.alert.workflow_reason") + " " + e.Alert(id, "kibana.alert.workflow_tags"))
			},
		},
		"splunksoar": {
			server: p, conf: "soar: {phantom: {type: splunksoar, url: \"URL\", token_file: secret}}\nsources: {desk: {type: splunksoar, soar: phantom, write_back: true}}\n", closed: "closed [false_positive soc:decided]", open: "new []",
			says: func(item string) string {
				r := row(p.Rows("container"), item)
				return fmt.Sprint(r["status"], " ", r["tags"])
			},
		},
		"xsoar": {
			server: x, conf: "sources: {desk: {type: xsoar, url: \"URL/xsoar\", version: \"8\", key_id: \"7\", key_type: advanced, token_file: secret, write_back: true}}\n", closed: "2 False Positive", open: "1",
			says: func(item string) string {
				r := row(x.Incidents(), item)
				return strings.TrimSpace(fmt.Sprint(r["status"], " ", r["closeReason"]))
			},
		},
	}
}

// From the alert in the product to the decision in the product, and back; each alert of a second pull is the one of the first.
func TestASystemFromPullToUndo(t *testing.T) {
	t.Parallel()
	secrets := map[string]string{"elastic": "ZWxhc3RpYy1zZWNyZXQ=", "splunksoar": "phantom-secret", "xsoar": "xsoar-secret"}
	for name, v := range vendors() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(v.server)
			defer server.Close()
			d := newDesk(t, nil)
			d.write("secret", secrets[name])
			d.write("soc.yaml", strings.ReplaceAll(v.conf, "URL", server.URL))

			const pull = "triage --json --from desk --since 24h"
			out := d.says(pull, 0, `"read":12,"rejected":0,"in_verdicts":12`, "!"+secrets[name])
			if again := d.says(pull, 0, `"read":12`); strings.Count(again, `"kind":"verdict"`) == 0 {
				t.Error(again)
			}
			first := ""
			for line := range strings.Lines(out) {
				if gjson.Get(line, "kind").Str == "verdict" && first == "" {
					first = line
				}
			}
			item, id := gjson.Get(first, "alert.input.item").Str, gjson.Get(first, "case").Str
			if got := v.says(item); got != v.open {
				t.Fatalf("it says %q of %q before anything was written", got, item)
			}
			d.says("cases close "+id+" --as false_positive --reason scanner --confirmed", 0)
			d.says("cases write-back "+id+" --execute --json", 0, `"outcome":"done"`, `!"outcome":"failed"`, `!"outcome":"unverified"`, `"name":"note-back"`)
			if got := v.says(item); got != v.closed {
				t.Errorf("it says %q after that", got)
			}
			d.says("cases undo-write "+id+" --text", 0, "undone")
			if got := v.says(item); got != v.open {
				t.Errorf("it says %q after it was taken back", got)
			}
			d.says("audit verify", 0)
			d.says("doctor --json", 0, `"name":"source desk auth","ok":true`, `"name":"source desk sample","ok":true`, "!"+secrets[name])
		})
	}
}
