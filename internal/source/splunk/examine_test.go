package splunk_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/internal/fake/fault"
	fake "github.com/seed-959697dd/soc/internal/fake/splunk"
	"github.com/seed-959697dd/soc/internal/source/splunk"
	"github.com/seed-959697dd/soc/internal/web"
)

// What is looked at, what is missing, and the exact name of what to grant.
func TestExamining(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		o      fake.Options
		change func(*splunk.Settings)
		want   []string // NAME ok|no: part of the detail or hint
	}{
		"all is well": {fake.Options{}, nil, []string{
			"reach ok: answers", "clock ok: agrees", "auth ok: soc_robot", "version ok: Splunk 9.4.1 with Enterprise Security 7.3: notables are pulled", "search ok:", "edit_notable_events ok:", "ess_analyst ok:",
			"statuses ok: Unassigned, New", "sample ok: was read",
		}},
		"version 8":       {fake.Options{Version: "8.4.0"}, nil, []string{"version ok: findings are pulled", "sample ok: was read"}},
		"another version": {fake.Options{Version: "8.4.0"}, func(s *splunk.Settings) { s.Version = "7" }, []string{"version no: Enterprise Security 8.4, and version in soc.yaml says 7", `version no: version: "8.4"`}},
		"only reading":    {fake.Options{Capabilities: []string{"search"}}, func(s *splunk.Settings) { s.Write = false }, []string{"search ok:", "sample ok:"}},
		"a wrong token":   {fake.Options{}, func(s *splunk.Settings) { s.Token = web.NewSecret("another-token-12345") }, []string{"reach ok:", "auth no: 401", "auth no: Settings > Tokens"}},
		"a wrong password": {fake.Options{User: "soc", Password: "right"}, func(s *splunk.Settings) {
			s.Token, s.User, s.Password = web.Secret{}, "soc", web.NewSecret("another-token-12345")
		}, []string{"auth no: to the login of soc", "auth no: check user"}},
		"no right to search": {fake.Options{Capabilities: []string{"edit_notable_events"}}, nil, []string{"search no: grant the capability search", "edit_notable_events ok:"}},
		"no right to write":  {fake.Options{Capabilities: []string{"search"}}, nil, []string{"edit_notable_events no: edit_notable_events = enabled"}},
		"no role":            {fake.Options{Roles: []string{"user"}}, nil, []string{"ess_analyst no: inherit ess_analyst"}},
		"an inherited role":  {fake.Options{Roles: []string{"soc_robot"}}, nil, []string{"ess_analyst ok:"}},
		"no such app":        {fake.Options{Version: "none"}, nil, []string{"version no: without Enterprise Security", "statuses no: search head"}},
		"a clock that is off": {fake.Options{}, func(s *splunk.Settings) { s.Now = func() time.Time { return noon.Add(10 * time.Minute) } }, []string{
			"clock no: 10m0s behind", "clock no: chronyc",
		}},
		"nobody": {fake.Options{}, func(s *splunk.Settings) { s.URL = "http://127.0.0.1:1" }, []string{"reach no: refused", "reach no: curl"}},
		"a page": {fake.Options{Fault: func(int) fault.Fault { return fault.Portal }}, nil, []string{"auth no: HTML"}},
	} {
		s := fake.New(func() fake.Options { c.o.Token, c.o.Now = token, clock; return c.o }())
		s.Stock(1, 10, noon.Add(-time.Hour))
		found := client(t, s, c.change).Examine(t.Context())
		var all strings.Builder
		for _, f := range found {
			ok := "no"
			if f.OK {
				ok = "ok"
			}
			fmt.Fprintf(&all, "%s %s: %s; %s\n", f.Name, ok, f.Detail, f.Hint)
			if !f.OK && f.Hint == "" {
				t.Errorf("%s: %s has no hint", name, f.Name)
			}
		}
		for _, w := range c.want {
			head, part, _ := strings.Cut(w, ":")
			hit := false
			for line := range strings.Lines(all.String()) {
				hit = hit || strings.HasPrefix(line, head+":") && strings.Contains(line, strings.TrimSpace(part))
			}
			if !hit {
				t.Errorf("%s: %q is missing in\n%s", name, w, all.String())
			}
		}
		if strings.Contains(all.String(), token) || strings.Contains(all.String(), "another-token") {
			t.Errorf("%s: a secret is shown in\n%s", name, all.String())
		}
		for _, r := range s.Requests() {
			if r.Path == "/services/notable_update" || r.Method == "POST" && strings.Contains(r.Path, "missioncontrol") {
				t.Errorf("%s: something was changed", name)
			}
		}
	}
}
