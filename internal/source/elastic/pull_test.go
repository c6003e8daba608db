package elastic_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/alert"
	client "github.com/seed-959697dd/soc/internal/source/elastic"
	"github.com/seed-959697dd/soc/internal/web"
)

// Trap: a result ends at 10,000 hits, and Kibana drops a search_after. All are pulled, each once, in the order of their times.
func TestMoreThanTheWindowIsPulled(t *testing.T) {
	t.Parallel()
	s := demo(10_050)
	c := connect(t, s, func(set *client.Settings) { set.Page = 2_500 })
	list, gaps := pull(t, c, alert.Pull{})
	seen := map[string]bool{}
	for i, p := range list {
		seen[p.Item] = true
		if i > 0 && p.Changed.Before(list[i-1].Changed) {
			t.Fatalf("alert %d comes after a later one", i)
		}
	}
	if len(list) != 10_050 || len(seen) != 10_050 || len(gaps) != 0 {
		t.Fatalf("%d alerts, %d of them different, gaps %v", len(list), len(seen), gaps)
	}
	for _, r := range s.Requests() {
		if gjson.Get(r.Body, "size").Int() > 10_000 || gjson.Get(r.Body, "from").Exists() || r.Header.Get("kbn-xsrf") == "" {
			t.Errorf("%s %s", r.Path, r.Body)
		}
	}
}

// Alerts of one moment that do not fit on one page are neither lost nor told twice.
func TestAPageEndsWithinAMoment(t *testing.T) {
	t.Parallel()
	s := demo(0)
	for _, id := range []string{"d", "a", "c", "b", "e"} {
		s.Add(".internal.alerts-security.alerts-default-000001", id, map[string]any{"@timestamp": "2026-03-01T10:00:00.000Z", "kibana.alert.uuid": id, "kibana.alert.rule.name": "r", "kibana.alert.workflow_status": "open"})
	}
	list, _ := pull(t, connect(t, s, func(set *client.Settings) { set.Page = 2 }), alert.Pull{})
	var ids strings.Builder
	for _, p := range list {
		ids.WriteString(p.Item[strings.LastIndexByte(p.Item, '/')+1:])
	}
	if ids.String() != "abcde" {
		t.Error(ids.String())
	}
}

// What is pulled is read as alerts of Elastic Security.
func TestWhatIsPulledIsRead(t *testing.T) {
	t.Parallel()
	formats, err := alert.NewSet(alert.Options{})
	if err != nil {
		t.Fatal(err)
	}
	list, _ := pull(t, connect(t, demo(40), nil), alert.Pull{})
	for _, p := range list {
		a := new(alert.Alert)
		if _, err := formats.NewParser().Parse(a, p.Raw, nil); err != nil {
			t.Fatal(err)
		}
		if a.Format != "elastic-security" || a.Rule.ID == "" || a.Rule.Name == "" || a.Severity.Score < 0 || len(a.Techniques) == 0 || !strings.HasSuffix(p.Item, "/"+a.ID) {
			t.Errorf("%+v", a)
		}
		if a.First(alert.EntitySlot(alert.Target, alert.Host)) == nil || a.First(alert.EntitySlot(alert.Actor, alert.User)) == nil {
			t.Errorf("no host or no user in %s", p.Raw)
		}
	}
}

// Following by marks: what came and what grew since is told, what soc or a person wrote is not.
func TestFollowingLosesNothing(t *testing.T) {
	t.Parallel()
	s := demo(30)
	c := connect(t, s, func(set *client.Settings) { set.Page = 7 })
	first, _ := pull(t, c, alert.Pull{From: end().Add(-time.Hour), To: end()})
	editions := map[string]string{}
	for _, p := range first {
		editions[p.Item] = p.Edition
	}
	ids := s.Alerts()
	for field, value := range map[string]any{"kibana.alert.workflow_status": "closed", "kibana.alert.workflow_tags": []any{"soc"}, "kibana.alert.workflow_assignee_ids": []any{"u_1"}, "kibana.alert.workflow_reason": "other"} {
		s.Change(ids[29], field, value)
	}
	s.Change(ids[2], "kibana.alert.suppression.docs_count", 12)
	s.Change(ids[2], "kibana.alert.last_detected", "2026-03-02T00:00:30.000Z")
	s.Add(".internal.alerts-security.alerts-default-000001", "new", map[string]any{"@timestamp": "2026-03-02T00:00:20.000Z", "kibana.alert.uuid": "new", "kibana.alert.rule.name": "r"})

	mark := first[len(first)-1].Changed.Add(-time.Minute)
	second, _ := pull(t, c, alert.Pull{From: mark, To: end().Add(time.Hour)})
	var news []string
	repeats := 0
	for _, p := range second {
		if known, ok := editions[p.Item]; ok && known == p.Edition {
			repeats++
			continue
		}
		news = append(news, p.Item[strings.LastIndexByte(p.Item, '/')+1:])
	}
	if len(news) != 2 || news[0] != "new" || news[1] != ids[2] || repeats != 9 {
		t.Errorf("news %v, %d repeats of %d", news, repeats, len(second))
	}
}

// The window is closed at its beginning and open at its end; a query narrows it down; parts of other alerts are left out unless wanted.
func TestWhatIsAskedForIsPulled(t *testing.T) {
	t.Parallel()
	s := demo(20)
	ids := s.Alerts()
	s.Change(ids[5], "kibana.alert.building_block_type", "default")
	s.Change(ids[6], "kibana.alert.severity", "pink")
	c := connect(t, s, nil)
	for name, row := range map[string]struct {
		p    alert.Pull
		want int
	}{
		"all":                      {alert.Pull{}, 19},
		"from one that is in":      {alert.Pull{From: end().Add(-70 * time.Second)}, 10},
		"to one that is not in":    {alert.Pull{From: end().Add(-70 * time.Second), To: end().Add(-7 * time.Second)}, 9},
		"what a person wrote":      {alert.Pull{Query: "kibana.alert.severity:pink"}, 1},
		"nothing from before then": {alert.Pull{To: end().Add(-time.Hour)}, 0},
	} {
		if list, _ := pull(t, c, row.p); len(list) != row.want {
			t.Errorf("%s: %d, want %d", name, len(list), row.want)
		}
	}
	if list, _ := pull(t, connect(t, s, func(set *client.Settings) { set.BuildingBlocks = true }), alert.Pull{}); len(list) != 20 {
		t.Errorf("%d with building blocks", len(list))
	}
	list, gaps := pull(t, c, alert.Pull{Most: 4})
	if len(list) != 4 || len(gaps) != 1 || gaps[0].Class != alert.Partial {
		t.Errorf("%d alerts, gaps %v", len(list), gaps)
	}
	if list, gaps = pull(t, c, alert.Pull{Most: 19}); len(list) != 19 || len(gaps) != 0 {
		t.Errorf("%d alerts, gaps %v", len(list), gaps)
	}
	stop := errors.New("stop")
	if _, err := c.Pull(t.Context(), alert.Pull{}, func(alert.Pulled) error { return stop }); !errors.Is(err, stop) {
		t.Error(err)
	}
}

// Another space has its own paths and its own alerts.
func TestAnotherSpace(t *testing.T) {
	t.Parallel()
	s := demo(3)
	s.Space = "night"
	if list, _ := pull(t, connect(t, s, nil), alert.Pull{}); len(list) != 3 {
		t.Errorf("%d alerts", len(list))
	}
	for _, r := range s.Requests() {
		if !strings.HasPrefix(r.Path, "/s/night/api/") {
			t.Error(r.Path)
		}
	}
}

// A page that is larger than an answer may be is asked for in parts.
func TestPagesThatAreTooLarge(t *testing.T) {
	t.Parallel()
	s := demo(200)
	c := connect(t, s, func(set *client.Settings) { set.MaxBody = 50_000 })
	if list, gaps := pull(t, c, alert.Pull{}); len(list) != 200 || len(gaps) != 0 {
		t.Errorf("%d alerts, gaps %v", len(list), gaps)
	}
}

// An alert without a uuid, which somebody wrote by hand, is pulled, and stands in nobody's way.
func TestAnAlertWithoutAUUID(t *testing.T) {
	t.Parallel()
	s := demo(9)
	ids := s.Alerts()
	s.Change(ids[4], "kibana.alert.uuid", nil)
	list, gaps := pull(t, connect(t, s, nil), alert.Pull{})
	if len(list) != 9 || len(gaps) != 0 || !strings.HasSuffix(list[4].Item, ids[4]) {
		t.Errorf("%d alerts, gaps %v", len(list), gaps)
	}
	list, gaps = pull(t, connect(t, s, func(set *client.Settings) { set.Page = 5 }), alert.Pull{}) // it ends a page: whether there are others of its moment is unknown
	if len(list) != 9 || len(gaps) != 1 || gaps[0].Class != alert.Partial {
		t.Errorf("%d alerts, gaps %v", len(list), gaps)
	}
}

// A server that does not heed where the next page begins hands over the first one for ever: it is an error, and not read for ever.
func TestAListThatBeginsAnew(t *testing.T) {
	t.Parallel()
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if asked++; asked > 10 {
			t.Error("it asks on and on")
			w.WriteHeader(http.StatusTeapot)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		var hits []string
		for i := range 3 {
			hits = append(hits, fmt.Sprintf(`{"_id":"%d","_index":"x","_source":{"@timestamp":"2026-03-14T09:26:0%d.000Z","kibana.alert.uuid":"u-%d"}}`, i, i, i))
		}
		_, _ = fmt.Fprintf(w, `{"took":1,"timed_out":false,"_shards":{"total":1,"successful":1,"failed":0},"hits":{"hits":[%s]}}`, strings.Join(hits, ","))
	}))
	t.Cleanup(server.Close)
	c, err := client.New(client.Settings{URL: server.URL, Key: web.NewSecret(key), Page: 3, Now: end})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	_, err = c.Pull(t.Context(), alert.Pull{}, func(alert.Pulled) error { n++; return nil })
	if err == nil || !strings.Contains(err.Error(), "begins anew") || n != 3 || asked != 2 {
		t.Errorf("%d found, asked %d times: %v", n, asked, err)
	}
}
