package xsoar_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/drive/xsoar"
	"github.com/seed-959697dd/soc/internal/fake/fault"
	fake "github.com/seed-959697dd/soc/internal/fake/xsoar"
	"github.com/seed-959697dd/soc/internal/web"
)

func end() time.Time { return time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC) }

// demo fills a server; its fields are to be set before.
func demo(s *fake.Server, n int) *fake.Server {
	s.Now = clock
	return s.Demo(7, n, 7*time.Second, end())
}

func pull(t *testing.T, p *xsoar.Platform, q alert.Pull) ([]alert.Pulled, []alert.Gap) {
	t.Helper()
	var list []alert.Pulled
	gaps, err := p.Pull(t.Context(), q, func(one alert.Pulled) error { list = append(list, one); return nil })
	if err != nil {
		t.Fatal(err)
	}
	return list, gaps
}

// Trap: paths and headers differ with the version, the first page is 0, a search without a size finds nothing. What is changed while pages are
// read pushes nothing over an edge.
func TestTenThousandIncidentsArePulled(t *testing.T) {
	t.Parallel()
	for s, most := range map[*fake.Server]int{{Version: 6}: 1_050, {Version: 8, KeyID: "4", Advanced: true}: 10_050} {
		t.Run(fmt.Sprint("version ", s.Version), func(t *testing.T) {
			t.Parallel()
			demo(s, most)
			p := platform(t, s, func(set *xsoar.Settings) { set.Page = min(1000, most/10) })
			seen := map[string]bool{}
			n := 0
			_, err := p.Pull(t.Context(), alert.Pull{}, func(one alert.Pulled) error {
				if n++; n == 100 {
					s.Set("51", "owner", "alice")
				}
				seen[one.Item] = true
				return nil
			})
			if err != nil || len(seen) != most || n != most+1 {
				t.Errorf("%d of %d different, %v", len(seen), n, err)
			}
			for _, r := range s.Requests() {
				if size := gjson.Get(r.Body, "filter.size").Int(); size < 1 || size > 1000 || gjson.Get(r.Body, "filter.page").Int() != 0 {
					t.Error(r.Body)
				}
			}
		})
	}
}

func TestAnIncidentIsReadWithItsFields(t *testing.T) {
	t.Parallel()
	formats, err := alert.NewSet(alert.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, bare := range []bool{false, true} { // trap: version 6 leaves the custom fields out of lists
		s := demo(&fake.Server{Bare: bare}, 25)
		list, gaps := pull(t, platform(t, s, nil), alert.Pull{})
		if len(list) != 25 || len(gaps) != 0 {
			t.Fatal(len(list), gaps)
		}
		for _, one := range list {
			a := new(alert.Alert)
			if _, err := formats.NewParser().Parse(a, one.Raw, nil); err != nil {
				t.Fatal(err)
			}
			if a.Format != "xsoar-incident" || a.ID != one.Item || a.First(alert.EntitySlot(alert.Target, alert.Host)) == nil || a.First(alert.EntitySlot(alert.Source, alert.IP)) == nil {
				t.Errorf("%+v", a)
			}
		}
	}
	list, gaps := pull(t, platform(t, demo(&fake.Server{Bare: true, Lacks: []string{}, Fault: func(n int) fault.Fault {
		if n == 2 {
			return fault.Failed
		}
		return fault.None
	}}, 3), nil), alert.Pull{})
	if len(list) != 3 || len(gaps) != 1 {
		t.Errorf("%d, %v", len(list), gaps)
	}
}

// Following by marks: what is new and what was met again is told, what soc or a person wrote is not, and soc's own hand-overs neither.
func TestFollowingLosesNothing(t *testing.T) {
	t.Parallel()
	s := demo(&fake.Server{}, 40)
	p := platform(t, s, func(set *xsoar.Settings) { set.Page = 7 })
	first, _ := pull(t, p, alert.Pull{From: end().Add(-time.Hour)})
	editions := map[string]string{}
	for _, one := range first {
		editions[one.Item] = one.Edition
	}
	s.Set("45", "owner", "alice")
	s.Set("46", "closeReason", "Other")
	s.Set("47", "droppedCount", 3)
	s.Set("48", "labels", []any{map[string]any{"type": "Instance", "value": "edr_1"}, map[string]any{"type": "soc", "value": "seen"}})
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
	if fmt.Sprint(news) != "[47]" || repeats != 12 {
		t.Errorf("news %v, %d repeats", news, repeats)
	}
}

func TestWhatIsAskedForIsPulled(t *testing.T) {
	t.Parallel()
	s := demo(&fake.Server{}, 30)
	s.Set("50", "type", "Phishing")
	p := platform(t, s, nil)
	if list, _ := pull(t, p, alert.Pull{Query: "type:Phishing", To: clock().Add(time.Hour)}); len(list) != 1 || list[0].Item != "50" {
		t.Errorf("%v", list)
	}
	if list, _ := pull(t, p, alert.Pull{From: end().Add(-70 * time.Second), To: end().Add(-7 * time.Second)}); len(list) != 9 {
		t.Errorf("%d", len(list))
	}
	if list, gaps := pull(t, p, alert.Pull{Most: 5}); len(list) != 5 || len(gaps) != 1 {
		t.Errorf("%d, %v", len(list), gaps)
	}
}

func TestWhatGoesWrongWithAPullIsAnError(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		fault fault.Fault
		says  string
	}{
		"a wrong key":           {fault.Denied, "answered 401"},
		"too many requests":     {fault.Busy, ""},
		"an error in a 200":     {fault.Failed, "the asset is not configured"},
		"an error with the key": {fault.Echo, "no permission"},
		"a page for people":     {fault.Portal, "HTML"},
		"cut":                   {fault.Cut, ""},
		"hung up":               {fault.HangUp, ""},
	} {
		s := demo(&fake.Server{Fault: func(n int) fault.Fault {
			if n == 2 {
				return row.fault
			}
			return fault.None
		}}, 9)
		p := platform(t, s, func(set *xsoar.Settings) { set.Page = 4 })
		n := 0
		_, err := p.Pull(t.Context(), alert.Pull{}, func(alert.Pulled) error { n++; return nil })
		if row.says == "" && (err != nil || n != 9) || row.says != "" && (err == nil || !strings.Contains(err.Error(), row.says) || n != 4) {
			t.Errorf("%s: %d, %v", name, n, err)
		}
		if err != nil && strings.Contains(err.Error(), key) {
			t.Errorf("the key is in the error: %v", err)
		}
	}
}

func TestWhatTheKeyMayIsFoundOut(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		server *fake.Server
		change func(*xsoar.Settings)
		bad    string
		hint   string
	}{
		"all there, version 6":  {server: &fake.Server{Version: 6}},
		"all there, version 8":  {server: &fake.Server{Version: 8, KeyID: "4", Advanced: true}},
		"may not see":           {server: &fake.Server{Version: 6, Lacks: []string{fake.ReadIncidents}}, bad: "read incidents", hint: "View"},
		"may not set":           {server: &fake.Server{Version: 6, Lacks: []string{fake.EditIncidents}}, bad: "edit incidents", hint: "View/Edit"},
		"a wrong key":           {server: &fake.Server{Version: 6}, change: func(set *xsoar.Settings) { set.Key = web.NewSecret("another") }, bad: "auth", hint: "API Keys"},
		"version 8 taken for 6": {server: &fake.Server{Version: 8, KeyID: ""}, change: func(set *xsoar.Settings) { set.Version = 6 }, bad: "version", hint: `version: "8"`},
	} {
		s := demo(row.server, 3)
		p := platform(t, s, func(set *xsoar.Settings) {
			if set.KeyID == "" {
				set.KeyID = "0"
			}
			if row.change != nil {
				row.change(set)
			}
		})
		var bad, hints []string
		for _, f := range p.Examine(t.Context()) {
			if !f.OK && f.Name != "clock" { // the test's clock is another
				bad, hints = append(bad, f.Name), append(hints, f.Hint)
			}
		}
		if strings.Join(bad, " ") != row.bad || !strings.Contains(strings.Join(hints, "\n"), row.hint) {
			t.Errorf("%s: %v %v", name, bad, hints)
		}
	}
}
