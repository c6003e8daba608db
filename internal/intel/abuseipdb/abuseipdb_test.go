package abuseipdb_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-959697dd/soc/alert"
	fake "github.com/seed-959697dd/soc/internal/fake/abuseipdb"
	"github.com/seed-959697dd/soc/internal/intel/abuseipdb"
	"github.com/seed-959697dd/soc/internal/web"
	"github.com/seed-959697dd/soc/triage"
)

const key = "8f1d0c5be7a2943610d4"

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func clock() time.Time { return noon }

// service is a fake that knows a few addresses.
func service(change func(*fake.Server)) *fake.Server {
	last := time.Date(2026, 11, 20, 23, 30, 0, 0, time.FixedZone("", -3600))
	s := &fake.Server{Key: key, Quota: 1000, Now: clock, Reports: map[string]fake.Report{
		"203.0.113.9":  {Score: 97, Reports: 132, Users: 41, Usage: "Data Center/Web Hosting/Transit", Last: last},
		"203.0.113.10": {Score: 96, Reports: 9, Users: 3, Usage: "Fixed Line ISP", Last: last},
		"203.0.113.11": {Score: 75, Reports: 20, Last: last},
		"203.0.113.12": {Score: 74, Reports: 20, Last: last},
		"203.0.113.13": {Score: 25, Reports: 1, Last: last},
		"203.0.113.14": {Score: 24, Reports: 1, Last: last},
		"203.0.113.15": {Score: 90, Reports: 10, Whitelisted: true, Usage: "Search Engine Spider\x1b[31m", Last: last},
		"203.0.113.16": {Score: 0, Reports: 3, Whitelisted: true, Last: last},
		"2001:db8::9":  {Score: 100, Reports: 10, Last: last},
	}}
	if change != nil {
		change(s)
	}
	return s
}

// open serves s and returns a desk that asks it, and the waits between attempts.
func open(t *testing.T, s *fake.Server, change func(*abuseipdb.Settings)) (*triage.Desk, *[]time.Duration) {
	t.Helper()
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	waits := &[]time.Duration{}
	set := abuseipdb.Settings{Key: web.NewSecret(key), URL: srv.URL, Sleep: func(ctx context.Context, d time.Duration) error {
		*waits = append(*waits, d)
		return ctx.Err()
	}}
	if change != nil {
		change(&set)
	}
	c, err := abuseipdb.New(set)
	if err != nil {
		t.Fatal(err)
	}
	return triage.NewDesk(triage.DeskSettings{Now: clock}, c.Service()), waits
}

// login is an alert about sign-ins from addresses, with much that is nobody else's business.
func login(ips ...string) *alert.Alert {
	a := &alert.Alert{ID: "alert-4711", Title: "Sign-in by alice", Fields: []alert.Field{
		{Slot: alert.EntitySlot(alert.Actor, alert.User), Path: "user", Value: "alice"},
		{Slot: alert.EntitySlot(alert.Target, alert.Host), Path: "host", Value: "ws-12.corp.example.com"},
		{Slot: alert.EntitySlot(alert.Target, alert.IP), Trust: alert.Sensor, Path: "dst", Value: "10.1.2.3"},
		{Slot: alert.EntitySlot(alert.Related, alert.Domain), Path: "domain", Value: "bad.example.net"},
	}}
	for _, ip := range ips {
		a.Fields = append(a.Fields, alert.Field{Slot: alert.EntitySlot(alert.Source, alert.IP), Trust: alert.Sensor, Path: "src", Value: ip})
	}
	return a
}

// TestWhatAScoreIsWorth, and that no score is enough alone.
func TestWhatAScoreIsWorth(t *testing.T) {
	t.Parallel()
	d, _ := open(t, service(nil), nil)
	for ip, want := range map[string]struct {
		weight       triage.Weight
		by, sentence string
	}{
		"203.0.113.9":  {2200, "", "AbuseIPDB is 97 % sure that 203.0.113.9 is abusive: 132 reports by 41 users in 90 days, the last on 2026-11-21, used for Data Center/Web Hosting/Transit"},
		"203.0.113.10": {1200, "", "AbuseIPDB is 96 % sure that 203.0.113.10 is abusive: 9 reports by 3 users in 90 days, the last on 2026-11-21, used for Fixed Line ISP"},
		"203.0.113.11": {1200, "", "AbuseIPDB is 75 % sure that 203.0.113.11 is abusive: 20 reports in 90 days, the last on 2026-11-21"},
		"203.0.113.12": {500, "", "AbuseIPDB is 74 % sure that 203.0.113.12 is abusive: 20 reports in 90 days, the last on 2026-11-21"},
		"203.0.113.13": {500, "", "AbuseIPDB is 25 % sure that 203.0.113.13 is abusive: 1 report in 90 days, the last on 2026-11-21"},
		"203.0.113.14": {},
		"203.0.113.15": {2200, "AbuseIPDB whitelist", "AbuseIPDB is 90 % sure that 203.0.113.15 is abusive: 10 reports in 90 days, the last on 2026-11-21"},
		"203.0.113.16": {},
		"203.0.113.99": {},
		"2001:db8::9":  {2200, "", "AbuseIPDB is 100 % sure that 2001:db8::9 is abusive: 10 reports in 90 days, the last on 2026-11-21"},
	} {
		signals, gaps := d.Ask(t.Context(), login(ip))
		var wanted []triage.Signal
		if want.weight != 0 {
			wanted = []triage.Signal{{
				Check: "abuseipdb", Family: triage.Reputation, Trust: alert.Sensor, Weight: want.weight, By: want.by, Sentence: want.sentence,
				Receipts: []alert.Ref{{Path: "src", Value: ip, Source: "https://www.abuseipdb.com/check/" + ip + ", asked 2026-11-23T12:00:00Z"}},
			}}
		}
		if diff := cmp.Diff(wanted, signals); diff != "" || len(gaps) > 0 {
			t.Errorf("%s: gaps %v\n%s", ip, gaps, diff)
		}
	}
}

// TestOnlyTheAddressLeaves: one request with the address, and no other word of the alert anywhere in it.
func TestOnlyTheAddressLeaves(t *testing.T) {
	t.Parallel()
	s := service(nil)
	d, _ := open(t, s, func(s *abuseipdb.Settings) { s.Days = 30 })
	for range 3 {
		d.Ask(t.Context(), login("203.0.113.9"))
	}
	got := s.Requests()
	if len(got) != 1 {
		t.Fatalf("%d requests", len(got))
	}
	r := got[0]
	want := url.Values{"ipAddress": {"203.0.113.9"}, "maxAgeInDays": {"30"}}
	if r.Method != "GET" || r.Path != "/api/v2/check" || !cmp.Equal(r.Query, want) || r.Body != "" {
		t.Errorf("%+v", r)
	}
	sent := []string{"Accept", "Accept-Encoding", "Key", "User-Agent"}
	for name, values := range r.Header {
		if !slices.Contains(sent, name) || len(values) != 1 {
			t.Errorf("%s: %q", name, values)
		}
	}
	if r.Header.Get("Key") != key || r.Header.Get("User-Agent") != "soc" || r.Header.Get("Accept") != "application/json" {
		t.Errorf("%v", r.Header)
	}
}

// TestEveryFaultIsAGap: of three alerts whose service misbehaves each comes back with a gap that says why, without the key.
func TestEveryFaultIsAGap(t *testing.T) {
	t.Parallel()
	always := func(f fake.Fault) func(*fake.Server) {
		return func(s *fake.Server) { s.Fault = func(int) fake.Fault { return f } }
	}
	const again = "not asked any more: "
	for name, c := range map[string]struct {
		change   func(*fake.Server)
		key      string
		first    string // the reason of the first gap
		third    string // and of the third
		requests int    // 0 is not counted: a slow machine may not get as far
	}{
		"busy":              {always(fake.Busy), key, "answered 429 Too Many Requests: Too many requests.", "not asked before 2026-11-23T12:01:00Z: ", 3},
		"unavailable":       {always(fake.Unavailable), key, "answered 503 Service Unavailable: The service is down for maintenance.", "answered 503", 9},
		"broken":            {always(fake.Broken), key, "answered 500 Internal Server Error: Server error.", "answered 500", 3},
		"forbidden":         {always(fake.Forbidden), key, "answered 403 Forbidden: This endpoint is not part of the plan.", again, 1},
		"a wrong key":       {nil, "5e0f77aa01bb", "answered 401 Unauthorized: Authentication failed.", again, 1},
		"slow":              {always(fake.Slow), key, "no whole answer in time (100ms)", "no whole answer in time", 0},
		"cut":               {always(fake.Cut), key, "the answer was cut off after 69 bytes: unexpected EOF", "cut off", 9},
		"it hangs up":       {always(fake.HangUp), key, "EOF", "EOF", 9},
		"a portal":          {always(fake.Portal), key, "answered HTML: a proxy's or a sign-in page, not the service", "answered HTML", 3},
		"elsewhere":         {always(fake.Elsewhere), key, "refused to be redirected to https://portal.example", "redirected", 3},
		"another shape":     {always(fake.Rubbish), key, "the answer holds no score", "no score", 3},
		"endless":           {always(fake.Endless), key, "the answer is too large: more than 65536 bytes", "too large", 3},
		"an echo":           {always(fake.Echo), key, `answered 500 Internal Server Error: Key "REDACTED" at /api/v2/check`, "REDACTED", 3},
		"the quota is over": {func(s *fake.Server) { s.Quota = 0 }, key, "answered 429 Too Many Requests: The daily rate limit of 0 requests", "not asked before 2026-11-24T00:00:00Z: ", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := service(c.change)
			d, _ := open(t, s, func(s *abuseipdb.Settings) { s.Key, s.Timeout = web.NewSecret(c.key), 5*time.Second })
			if name == "slow" {
				d, _ = open(t, s, func(s *abuseipdb.Settings) { s.Timeout = 100 * time.Millisecond })
			}
			for i, want := range []string{c.first, "", c.third} {
				signals, gaps := d.Ask(t.Context(), login([]string{"203.0.113.9", "203.0.113.10", "203.0.113.11"}[i]))
				if len(signals) != 0 || len(gaps) != 1 || gaps[0].Check != "abuseipdb" || gaps[0].Class != alert.Failed || !strings.Contains(gaps[0].Reason, want) {
					t.Errorf("alert %d: %v %v", i+1, signals, gaps)
				}
				if strings.Contains(gaps[0].Reason, c.key) {
					t.Errorf("the key stands in %q", gaps[0].Reason)
				}
			}
			if n := len(s.Requests()); c.requests > 0 && n != c.requests {
				t.Errorf("%d requests", n)
			}
		})
	}
}

// TestAFaultThatPasses is no gap: the service's own word says how long to wait.
func TestAFaultThatPasses(t *testing.T) {
	t.Parallel()
	s := service(func(s *fake.Server) {
		s.Fault = func(n int) fake.Fault { return []fake.Fault{fake.Busy, fake.Cut, fake.None}[min(n, 3)-1] }
	})
	d, waits := open(t, s, nil)
	signals, gaps := d.Ask(t.Context(), login("203.0.113.9"))
	if len(signals) != 1 || len(gaps) != 0 || len(s.Requests()) != 3 || len(*waits) != 2 || (*waits)[0] != 2*time.Second {
		t.Errorf("%v %v, waited %v", signals, gaps, *waits)
	}
}

// TestTheDaysQuota is not used up: what is left to people is left, and the answer that says so counts in full.
func TestTheDaysQuota(t *testing.T) {
	t.Parallel()
	s := service(func(s *fake.Server) { s.Quota = 5 })
	d, _ := open(t, s, func(s *abuseipdb.Settings) { s.Reserve = 3 })
	a := login("203.0.113.9", "203.0.113.10", "203.0.113.11", "203.0.113.12")
	a.Fields[5].Path, a.Fields[6].Path, a.Fields[7].Path = "src2", "src3", "src4"
	signals, gaps := d.Ask(t.Context(), a)
	want := "no answer about 203.0.113.11, 203.0.113.12: the day's quota is used up, but for what is left to people"
	if len(signals) != 2 || len(gaps) != 1 || gaps[0].Class != alert.Partial || gaps[0].Reason != want {
		t.Errorf("%v %v", signals, gaps)
	}
	if _, gaps = d.Ask(t.Context(), login("203.0.113.9")); len(gaps) != 0 {
		t.Errorf("what is in the cache needs no quota: %v", gaps)
	}
	if _, gaps = d.Ask(t.Context(), login("203.0.113.13")); len(gaps) != 1 || !strings.Contains(gaps[0].Reason, "not asked before 2026-11-23T13:00:00Z") {
		t.Errorf("%v", gaps)
	}
	if n := len(s.Requests()); n != 2 {
		t.Errorf("%d requests", n)
	}
}

// TestAnAnswerThatDoesNotFit is an error and no all-clear.
func TestAnAnswerThatDoesNotFit(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"data":{"ipAddress":"203.0.113.9","totalReports":0}}`:                                "the answer holds no score",
		`{"data":{"ipAddress":"203.0.113.9","abuseConfidenceScore":0}}`:                        "the answer holds no score",
		`{"data":{"ipAddress":"203.0.113.9","abuseConfidenceScore":null,"totalReports":null}}`: "the answer holds no score",
		`{"data":{"ipAddress":"203.0.113.9","abuseConfidenceScore":101,"totalReports":1}}`:     "a score of 101 and 1 reports",
		`{"data":{"ipAddress":"203.0.113.9","abuseConfidenceScore":-1,"totalReports":1}}`:      "a score of -1 and 1 reports",
		`{"data":{"ipAddress":"203.0.113.9","abuseConfidenceScore":1,"totalReports":-1}}`:      "a score of 1 and -1 reports",
		`{"data":{"ipAddress":"203.0.113.8","abuseConfidenceScore":0,"totalReports":0}}`:       "the answer is about another address",
		`{"data":{"abuseConfidenceScore":0,"totalReports":0}}`:                                 "the answer is about another address",
		`{"data":{"ipAddress":"203.0.113.9","abuseConfidenceScore":"0","totalReports":0}}`:     "answered JSON that does not fit",
		`[]`: "answered JSON that does not fit",
		``:   "answered JSON that does not fit",
	} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(body))
		}))
		c, err := abuseipdb.New(abuseipdb.Settings{Key: web.NewSecret(key), URL: srv.URL})
		if err != nil {
			t.Fatal(err)
		}
		found, err := c.Look(t.Context(), []alert.Indicator{{Type: "ip", Value: "203.0.113.9"}})
		if err == nil || !strings.Contains(err.Error(), want) || len(found) != 0 {
			t.Errorf("%s: %v %v", body, found, err)
		}
		srv.Close()
	}
}

// TestSettingsThatAreRefused before anything is asked.
func TestSettingsThatAreRefused(t *testing.T) {
	t.Parallel()
	k := web.NewSecret(key)
	for want, s := range map[string]abuseipdb.Settings{
		"abuseipdb: no key": {},
		"366 days back":     {Key: k, Days: 366},
		"over plain http":   {Key: k, URL: "http://api.example.com"},
		"abuseipdb: web:":   {Key: k, URL: "api.example.com"},
	} {
		if _, err := abuseipdb.New(s); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), key) {
			t.Errorf("%s: %v", want, err)
		}
	}
	if _, err := abuseipdb.New(abuseipdb.Settings{Key: k}); err != nil {
		t.Error(err)
	}
}
