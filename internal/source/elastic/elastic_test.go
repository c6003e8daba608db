package elastic_test

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/fake/elastic"
	"github.com/seed-959697dd/soc/internal/fake/fault"
	client "github.com/seed-959697dd/soc/internal/source/elastic"
	"github.com/seed-959697dd/soc/internal/web"
)

const key = "c29jOmVsYXN0aWMtc2VjcmV0LTAxMjM0NTY3ODk="

func end() time.Time { return time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC) }

func demo(alerts int) *elastic.Server { return elastic.Demo(key, 7, alerts, 7*time.Second, end()) }

func connect(t *testing.T, s *elastic.Server, change func(*client.Settings)) *client.Client {
	t.Helper()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	formats, err := alert.NewSet(alert.Options{})
	if err != nil {
		t.Fatal(err)
	}
	set := client.Settings{
		URL: server.URL, Elasticsearch: server.URL, Key: web.NewSecret(key), Space: s.Space, Formats: formats, Now: end,
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	}
	if change != nil {
		change(&set)
	}
	c, err := client.New(set)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// pull hands over what a pull found, in its order.
func pull(t *testing.T, c *client.Client, p alert.Pull) ([]alert.Pulled, []alert.Gap) {
	t.Helper()
	var list []alert.Pulled
	gaps, err := c.Pull(t.Context(), p, func(one alert.Pulled) error { list = append(list, one); return nil })
	if err != nil {
		t.Fatal(err)
	}
	return list, gaps
}

// at lets something be wrong with one request alone.
func at[T any](n int, wrong T) func(int) T {
	return func(i int) T {
		var fine T
		if i == n {
			return wrong
		}
		return fine
	}
}

func TestSettingsThatCannotWorkAreRefused(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		set  client.Settings
		says string
	}{
		"no key":                {client.Settings{URL: "https://kibana.example"}, "needs an API key"},
		"a space as a path":     {client.Settings{URL: "https://kibana.example", Key: web.NewSecret(key), Space: "../x"}, "no id of a space"},
		"an index as a query":   {client.Settings{URL: "https://kibana.example", Key: web.NewSecret(key), Index: "logs-* | LIMIT 1"}, "no list of index patterns"},
		"a version as a word":   {client.Settings{URL: "https://kibana.example", Key: web.NewSecret(key), Version: "newest"}, "no version like"},
		"a key over plain http": {client.Settings{URL: "http://kibana.example", Key: web.NewSecret(key)}, "over plain http"},
		"logs over plain http":  {client.Settings{URL: "https://kibana.example", Elasticsearch: "http://es.example", Key: web.NewSecret(key)}, "elasticsearch_url"},
	} {
		if _, err := client.New(row.set); err == nil || !strings.Contains(err.Error(), row.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Whatever is wrong with an answer is an error, without the key in it.
func TestWhatGoesWrongWithAPullIsAnError(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		fault   fault.Fault
		trouble elastic.Trouble
		says    string // empty: it goes on
	}{
		"a wrong key":                  {fault: fault.Denied, says: "answered 401"},
		"too many requests, over soon": {fault: fault.Busy},
		"cut in the middle":            {fault: fault.Cut},
		"hung up":                      {fault: fault.HangUp},
		"a page for people":            {fault: fault.Portal, says: "HTML"},
		"an error in a 200":            {fault: fault.Failed, says: "has no hits"},
		"an error with the key":        {fault: fault.Echo, says: "has no hits"},
		// Trap: some shards failed, in a 200.
		"shards failed": {trouble: elastic.Shards, says: "1 of 3 shards failed"},
		"timed out":     {trouble: elastic.TimedOut, says: "ran out of time"},
		"a redirect":    {trouble: elastic.Elsewhere, says: "refused to be redirected"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := demo(30)
			s.Fault, s.Trouble = at(2, row.fault), at(2, row.trouble)
			c := connect(t, s, func(set *client.Settings) { set.Page = 10 })
			n := 0
			_, err := c.Pull(t.Context(), alert.Pull{}, func(alert.Pulled) error { n++; return nil })
			switch {
			case row.says == "" && (err != nil || n != 30):
				t.Errorf("%d alerts, %v", n, err)
			case row.says != "" && (err == nil || !strings.Contains(err.Error(), row.says) || n != 10):
				t.Errorf("%d alerts, %v", n, err)
			case err != nil && strings.Contains(err.Error(), key):
				t.Errorf("the key is in the error: %v", err)
			}
		})
	}
}

func TestASlowAnswerIsATimeout(t *testing.T) {
	t.Parallel()
	s := demo(3)
	s.Fault = func(int) fault.Fault { return fault.Slow }
	c := connect(t, s, func(set *client.Settings) { set.Timeout = 20 * time.Millisecond })
	if _, err := c.Pull(t.Context(), alert.Pull{}, func(alert.Pulled) error { return nil }); err == nil || !strings.Contains(err.Error(), "no whole answer in time") {
		t.Error(err)
	}
}
