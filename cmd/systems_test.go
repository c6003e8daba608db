package cmd_test

import (
	"cmp"
	"fmt"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"
)

// desk is an office whose one source is a product.
func (v *vendor) desk(t *testing.T) *desk {
	t.Helper()
	server := httptest.NewServer(v.server)
	t.Cleanup(server.Close)
	d := newDesk(t, nil)
	d.write("secret", v.secret)
	d.write("scanwatch.yaml", scanwatch)
	d.write("soc.yaml", strings.ReplaceAll(v.conf, "URL", server.URL))
	return d
}

// alone are verdicts of one alert each, with cases of their own.
func alone(out string, most int) (list []string) {
	seen := map[string]bool{}
	for line := range strings.Lines(out) {
		id := gjson.Get(line, "case").Str
		if gjson.Get(line, "kind").Str == "verdict" && gjson.Get(line, "group.count").Int() == 1 && id != "" && !seen[id] && len(list) < most {
			seen[id] = true
			list = append(list, line)
		}
	}
	return list
}

// From the alert in the product to the decision in the product, and back, over a stock of ten thousand; each alert of a second pull is the one
// of the first; what a person did in the product stands.
func TestASystemFromPullToUndo(t *testing.T) {
	t.Parallel()
	stock := 2_000
	switch {
	case testing.Short() || raced:
		stock = 300
	case os.Getenv("CI") != "":
		stock = 10_000
	}
	for name, made := range vendors() {
		t.Run(name, func(t *testing.T) {
			v := made(stock, noon())
			d := v.desk(t)
			const pull = "triage --json --from desk --since 5d"
			out := d.says(pull, 0, fmt.Sprintf(`"read":%d,"rejected":0,"in_verdicts":%[1]d,`, stock), `!"kind":"gap"`, "!"+v.secret)
			list := alone(out, 3)
			if len(list) < 3 {
				t.Fatalf("%d verdicts are of one alert each", len(list))
			}
			d.decided(t, v, list)
			lines := strings.SplitAfter(strings.TrimSpace(out), "\n")
			d.planted(t, v, list[0], lines[len(lines)-1])
			d.again(t, out)
			d.says("audit verify", 0)
			d.says("doctor --json", 0, `"ok":true`, "!"+v.secret)
		})
	}
}

func (d *desk) decided(t *testing.T, v *vendor, list []string) {
	t.Helper()
	item := func(i int) string { return gjson.Get(list[i], "alert.input.item").Str }
	id := func(i int) string { return gjson.Get(list[i], "case").Str }
	state := func(i int, want, when string) {
		t.Helper()
		if got := v.says(item(i)); got != want {
			t.Errorf("it says %q %s, want %q", got, when, want)
		}
	}
	for i := range 3 {
		state(i, v.open, "before anything was written")
		d.says("cases close "+id(i)+" --as false_positive --reason scanner --confirmed", 0)
	}
	d.says("cases write-back "+id(0)+" --json", 0, "nothing was written")
	state(0, v.open, "after a rehearsal")
	d.says("cases write-back "+id(0)+" --execute --json", 0, `"outcome":"done","verified":true`, `!"outcome":"failed"`, `!"outcome":"unverified"`, `"name":"note-back"`)
	state(0, v.closed, "after it was written")
	d.says("cases write-back "+id(0)+" --execute --json", 0, `"outcome":"already"`, `!"outcome":"done"`)
	d.says("cases undo-write "+id(0)+" --text", 0, "undone")
	state(0, v.open, "after it was taken back")

	v.person(item(1)) // before it is written
	taken := v.says(item(1))
	d.says("cases write-back "+id(1)+" --execute --json", 0, `"outcome":"refused"`, "it is a person's", `!"outcome":"done"`)
	state(1, taken, "after a refusal")

	d.says("cases write-back "+id(2)+" --execute --json", 0, `"outcome":"done","verified":true`)
	v.person(item(2)) // before it is taken back
	taken = v.says(item(2))
	d.says("cases undo-write "+id(2)+" --text", 1, "somebody changed it since")
	state(2, taken, "after a taking back that was refused")
}

// planted looks for an event in the system's own logs, which is about the address of an alert.
func (d *desk) planted(t *testing.T, v *vendor, verdict, summary string) {
	t.Helper()
	ask := "investigate --json --no-book --from desk " + d.write("verdict.ndjson", verdict+summary)
	if v.plant == nil {
		d.says(ask, 2, "answers no questions")
		return
	}
	at, err := time.Parse(time.RFC3339, gjson.Get(verdict, "alert.time").Str)
	if err != nil {
		t.Fatal(err)
	}
	kind := cmp.Or(v.kind, "ip")
	before := d.says(ask, 0, "!planted")
	value := gjson.Get(before, `indicators.#(type=="`+kind+`").value`).Str
	if value == "" {
		t.Fatalf("nothing of type %s is in %s", kind, before)
	}
	v.plant(gjson.Get(before, "host").Str, value, at.Add(-3*time.Minute))
	d.says(ask, 0, "planted")
}

// again pulls the end of the window once more: its alerts are those that were there, whatever became of them in the product.
func (d *desk) again(t *testing.T, first string) {
	t.Helper()
	was := judged(first)
	now := judged(d.says("triage --json --from desk --since 90m", 0, `"rejected":0`, `!"kind":"gap"`))
	for _, one := range now {
		if !slices.Contains(was, one) {
			t.Errorf("another verdict than the first time: %s", one)
		}
	}
	if len(now) == 0 {
		t.Error("nothing was pulled again")
	}
}
