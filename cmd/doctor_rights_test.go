package cmd_test

import (
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/internal/fake/defender"
	"github.com/seed-959697dd/soc/internal/fake/elastic"
	"github.com/seed-959697dd/soc/internal/fake/sentinel"
	"github.com/seed-959697dd/soc/internal/fake/splunk"
	"github.com/seed-959697dd/soc/internal/fake/splunksoar"
	"github.com/seed-959697dd/soc/internal/fake/xsoar"
)

// A right that is missing is found, and the hint names it as the product does: the role or the capability to grant.
func TestDoctorNamesTheMissingRight(t *testing.T) {
	t.Parallel()
	for _, one := range []struct {
		product string
		lacks   string
		take    func(server any)
		check   string // that fails
		hint    string
	}{
		{"splunk", "search", func(s any) {
			s.(*splunk.Server).Set(splunk.Options{Token: "splunk-secret-token", Now: noon, Capabilities: []string{"edit_notable_events"}})
		}, "search", "grant the capability search:"},
		{"splunk", "edit", func(s any) {
			s.(*splunk.Server).Set(splunk.Options{Token: "splunk-secret-token", Now: noon, Capabilities: []string{"search"}})
		}, "edit_notable_events", "grant the capability edit_notable_events:"},
		{"splunk", "role", func(s any) {
			s.(*splunk.Server).Set(splunk.Options{Token: "splunk-secret-token", Now: noon, Roles: []string{"user"}})
		}, "ess_analyst", "inherit ess_analyst"},
		{"sentinel", "reading", func(s any) { s.(*sentinel.Server).Reader, s.(*sentinel.Server).Responder = false, false }, "Microsoft Sentinel Reader", `--role "Microsoft Sentinel Reader"`},
		{"sentinel", "writing", func(s any) { s.(*sentinel.Server).Responder = false }, "Microsoft Sentinel Responder", `--role "Microsoft Sentinel Responder"`},
		{"sentinel", "logs", func(s any) { s.(*sentinel.Server).Logs = false }, "Log Analytics Reader", `--role "Log Analytics Reader"`},
		{"defender", "reading", func(s any) { s.(*defender.Server).Door.Roles = []string{"ThreatHunting.Read.All"} }, "SecurityAlert.Read.All", "application permission SecurityAlert.Read.All"},
		{"defender", "writing", func(s any) {
			s.(*defender.Server).Door.Roles = []string{"SecurityAlert.Read.All", "ThreatHunting.Read.All"}
		}, "SecurityAlert.ReadWrite.All", "application permission SecurityAlert.ReadWrite.All"},
		{"defender", "hunting", func(s any) { s.(*defender.Server).Door.Roles = []string{"SecurityAlert.ReadWrite.All"} }, "ThreatHunting.Read.All", "application permission ThreatHunting.Read.All"},
		{"elastic", "reading", func(s any) { s.(*elastic.Server).Lacks = []string{elastic.ReadAlerts} }, "index read", `"privileges": ["read"]`},
		{"elastic", "writing", func(s any) { s.(*elastic.Server).Lacks = []string{elastic.WriteAlerts} }, "alerts write", "Security: All"},
		{"elastic", "maintenance", func(s any) { s.(*elastic.Server).Lacks = []string{elastic.WriteAlerts} }, "index maintenance", `"privileges": ["maintenance"]`},
		{"elastic", "cases", func(s any) { s.(*elastic.Server).Lacks = []string{elastic.ReadCases} }, "cases", "Cases: All"},
		{"elastic", "logs", func(s any) { s.(*elastic.Server).Lacks = []string{elastic.ReadLogs} }, "logs read", `"privileges": ["read"]`},
		{"splunksoar", "reading", func(s any) { s.(*splunksoar.Server).Lacks = []string{splunksoar.ViewContainers} }, "view containers", "Containers: View"},
		{"splunksoar", "writing", func(s any) { s.(*splunksoar.Server).Lacks = []string{splunksoar.EditContainers} }, "edit containers", "Containers: Edit"},
		{"xsoar", "reading", func(s any) { s.(*xsoar.Server).Lacks = []string{xsoar.ReadIncidents} }, "read incidents", "Investigations: View:"},
		{"xsoar", "writing", func(s any) { s.(*xsoar.Server).Lacks = []string{xsoar.EditIncidents} }, "edit incidents", "Investigations: View/Edit:"},
	} {
		t.Run(one.product+"/"+one.lacks, func(t *testing.T) {
			t.Parallel()
			v := vendors()[one.product](3, noon())
			one.take(v.server)
			d := v.desk(t)
			out := d.says("doctor --json", 0, "!"+v.secret)
			for line := range strings.Lines(out) {
				if gjson.Get(line, "name").Str == "source desk "+one.check {
					if gjson.Get(line, "ok").Bool() || !strings.Contains(gjson.Get(line, "hint").Str, one.hint) {
						t.Errorf("it says %s", line)
					}
					return
				}
			}
			t.Errorf("nothing of %s in %s", one.check, out)
		})
	}
}
