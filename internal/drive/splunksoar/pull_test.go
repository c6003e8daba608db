package splunksoar_test

import (
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/drive/splunksoar"
	"github.com/seed-959697dd/soc/internal/fake/fault"
	fake "github.com/seed-959697dd/soc/internal/fake/splunksoar"
	"github.com/seed-959697dd/soc/internal/web"
)

func end() time.Time { return time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC) }

func demo(n int) *fake.Server { return fake.Demo(token, 7, n, 7*time.Second, end()) }

func pull(t *testing.T, p *splunksoar.Platform, q alert.Pull) ([]alert.Pulled, []alert.Gap) {
	t.Helper()
	var list []alert.Pulled
	gaps, err := p.Pull(t.Context(), q, func(one alert.Pulled) error { list = append(list, one); return nil })
	if err != nil {
		t.Fatal(err)
	}
	return list, gaps
}

func post(t *testing.T, p *httptest.Server, path, body string) {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), "POST", path, strings.NewReader(body))
	req.Header.Set("ph-auth-token", token)
	w := httptest.NewRecorder()
	p.Config.Handler.ServeHTTP(w, req)
	if w.Code != 200 {
		t.Fatal(w.Body.String())
	}
}

// Trap: pages begin at 0, a list without a size has ten rows, and what is changed meanwhile moves from one page to another.
func TestTenThousandContainersArePulled(t *testing.T) {
	t.Parallel()
	s := demo(10_050)
	p := platform(t, s, func(set *splunksoar.Settings) { set.Page = 2_000 })
	seen := map[string]bool{}
	last, n := time.Time{}, 0
	_, err := p.Pull(t.Context(), alert.Pull{}, func(one alert.Pulled) error {
		if n++; n == 100 { // somebody works on what was pulled already
			s.Set(111, "status", "open")
		}
		seen[one.Item] = true
		if one.Changed.Before(last) {
			t.Error("a later one came before an earlier one")
		}
		last = one.Changed
		return nil
	})
	if err != nil || len(seen) != 10_050 || n != 10_051 {
		t.Errorf("%d of %d different, %v", len(seen), n, err)
	}
}

func TestAContainerIsReadWithItsArtifacts(t *testing.T) {
	t.Parallel()
	formats, err := alert.NewSet(alert.Options{})
	if err != nil {
		t.Fatal(err)
	}
	list, _ := pull(t, platform(t, demo(25), nil), alert.Pull{})
	if len(list) != 25 {
		t.Fatal(len(list))
	}
	for _, one := range list {
		a := new(alert.Alert)
		if _, err := formats.NewParser().Parse(a, one.Raw, nil); err != nil {
			t.Fatal(err)
		}
		if a.Format != "splunk-soar" || a.Rule.Name == "" || a.First(alert.EntitySlot(alert.Source, alert.IP)) == nil || a.First(alert.EntitySlot(alert.Target, alert.Host)) == nil {
			t.Errorf("%+v", a)
		}
	}
}

// Following by marks: what is new and what got artifacts is told, what soc or a person wrote is not, and soc's own hand-overs neither.
func TestFollowingLosesNothing(t *testing.T) {
	t.Parallel()
	s := demo(40)
	now := end()
	s.Now = func() time.Time { return now }
	p := platform(t, s, func(set *splunksoar.Settings) { set.Page = 7 })
	first, _ := pull(t, p, alert.Pull{From: end().Add(-time.Hour)})
	editions := map[string]string{}
	for _, one := range first {
		editions[one.Item] = one.Edition
	}
	now = end().Add(time.Minute)
	direct := httptest.NewServer(s)
	defer direct.Close()
	s.Set(111, "status", "closed")
	post(t, direct, "/rest/artifact", `{"container_id":103,"name":"more","cef":{"sourceAddress":"192.0.2.7"},"source_data_identifier":"more"}`)
	post(t, direct, "/rest/container", `{"name":"new","label":"events","severity":"high","source_data_identifier":"new-1"}`)
	if _, err := hand(t, p, ""); err != nil {
		t.Fatal(err)
	}
	mark := first[len(first)-1].Changed.Add(-time.Minute)
	second, _ := pull(t, p, alert.Pull{From: mark})
	var news []string
	repeats := 0
	for _, one := range second {
		if known, ok := editions[one.Item]; ok && known == one.Edition {
			repeats++
			continue
		}
		news = append(news, one.Item)
	}
	if len(news) != 2 || news[0] != "103" || repeats != 10 {
		t.Errorf("news %v, %d repeats", news, repeats)
	}
}

func TestContainersOfOneMomentAreAllPulled(t *testing.T) {
	t.Parallel()
	s := &fake.Server{}
	p := platform(t, s, func(set *splunksoar.Settings) { set.Page = 3 })
	direct := httptest.NewServer(s)
	defer direct.Close()
	for i := range 11 {
		post(t, direct, "/rest/container", `{"name":"n","label":"events","severity":"high","source_data_identifier":"s-`+strconv.Itoa(i)+`","create_time":"2026-03-03T04:00:00.000000Z"}`)
	}
	list, _ := pull(t, p, alert.Pull{})
	seen := map[string]bool{}
	for _, one := range list {
		seen[one.Item] = true
	}
	if len(list) != 11 || len(seen) != 11 {
		t.Errorf("%d, %d different", len(list), len(seen))
	}
	list, gaps := pull(t, p, alert.Pull{Most: 5})
	if len(list) != 5 || len(gaps) != 1 {
		t.Errorf("%d, %v", len(list), gaps)
	}
}

// Trap: a filter's value is JSON, so a text has quotes of its own. One without is refused before anything is asked.
func TestAQueryIsOfFilters(t *testing.T) {
	t.Parallel()
	s := demo(30)
	p := platform(t, s, nil)
	list, _ := pull(t, p, alert.Pull{Query: `_filter_severity="high"`})
	if len(list) == 0 || len(list) == 30 {
		t.Errorf("%d", len(list))
	}
	before := len(s.Requests())
	for _, query := range []string{`_filter_severity=high`, `page_size=0`, `_filter_severity="high"&_filter_severity="low"`, `%zz`} {
		if _, err := p.Pull(t.Context(), alert.Pull{Query: query}, nil); err == nil {
			t.Error(query)
		}
	}
	if len(s.Requests()) != before {
		t.Error("it was asked")
	}
}

func TestWhatGoesWrongWithAPullIsAnError(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		fault fault.Fault
		says  string
	}{
		"a wrong token":             {fault.Denied, "answered 401"},
		"too many requests":         {fault.Busy, ""},
		"failed in the body of 200": {fault.Failed, "the asset is not configured"}, // trap
		"failed, with the token":    {fault.Echo, "REDACTED"},
		"a page for people":         {fault.Portal, "HTML"},
		"cut":                       {fault.Cut, ""},
		"hung up":                   {fault.HangUp, ""},
		"an answer that has no end": {fault.Endless, "too large"},
	} {
		for _, n := range []int{1, 2} {
			s := demo(5)
			s.Fault = func(i int) fault.Fault {
				if i == n {
					return row.fault
				}
				return fault.None
			}
			p := platform(t, s, nil)
			count := 0
			_, err := p.Pull(t.Context(), alert.Pull{}, func(alert.Pulled) error { count++; return nil })
			if row.says == "" && (err != nil || count != 5) || row.says != "" && (err == nil || !strings.Contains(err.Error(), row.says)) {
				t.Errorf("%s, request %d: %d, %v", name, n, count, err)
			}
			if err != nil && strings.Contains(err.Error(), token) {
				t.Errorf("the token is in the error: %v", err)
			}
		}
	}
}

func TestWhatTheTokenMayIsFoundOut(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		lacks []string
		wrong bool
		bad   string
		hint  string
	}{
		"all there":   {},
		"may not see": {lacks: []string{fake.ViewContainers}, bad: "view containers", hint: "Containers: View"},
		"may not set": {lacks: []string{fake.EditContainers}, bad: "edit containers", hint: "Containers: Edit"},
		"wrong token": {wrong: true, bad: "auth", hint: "automation user"},
	} {
		s := demo(3)
		s.Lacks = row.lacks
		p := platform(t, s, func(set *splunksoar.Settings) {
			if set.Now = time.Now; row.wrong {
				set.Token = web.NewSecret("another")
			}
		})
		var bad, hints []string
		for _, f := range p.Examine(t.Context()) {
			if !f.OK {
				bad, hints = append(bad, f.Name), append(hints, f.Hint)
			}
		}
		if strings.Join(bad, " ") != row.bad || !strings.Contains(strings.Join(hints, "\n"), row.hint) {
			t.Errorf("%s: %v %v", name, bad, hints)
		}
	}
}
