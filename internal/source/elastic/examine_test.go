package elastic_test

import (
	"strings"
	"testing"

	"github.com/seed-959697dd/soc/internal/fake/elastic"
	client "github.com/seed-959697dd/soc/internal/source/elastic"
	"github.com/seed-959697dd/soc/internal/web"
)

func findings(list []web.Finding) (bad []string, hints string) {
	for _, f := range list {
		if !f.OK {
			bad = append(bad, f.Name)
			hints += f.Hint + "\n"
		}
	}
	return bad, hints
}

func TestEachRightThatIsMissingIsNamed(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		lacks   []string
		version string
		bad     string
		hint    string
	}{
		"all there":           {},
		"an older one":        {version: "8.19.3", bad: "version", hint: `version: "8.19.3"`},
		"one before ES|QL":    {version: "8.12.0", bad: "version logs sample", hint: "8.15"},
		"alerts not read":     {lacks: []string{elastic.ReadAlerts}, bad: "index read sample", hint: `"privileges": ["read"]`},
		"alerts not written":  {lacks: []string{elastic.WriteAlerts}, bad: "index write index maintenance alerts write", hint: "Security: All"},
		"cases not read":      {lacks: []string{elastic.ReadCases}, bad: "cases", hint: "Cases: All"},
		"logs not to be read": {lacks: []string{elastic.ReadLogs}, bad: "logs read logs sample", hint: `"logs-*"`},
	} {
		s := demo(20)
		s.Lacks, s.Version = row.lacks, row.version
		bad, hints := findings(connect(t, s, nil).Examine(t.Context()))
		var list []string
		for _, b := range bad {
			if !strings.HasSuffix(b, "clock") { // of a server that answers by this machine's
				list = append(list, b)
			}
		}
		if strings.Join(list, " ") != row.bad || !strings.Contains(hints, row.hint) {
			t.Errorf("%s: %v, hints %s", name, list, hints)
		}
		if s.Alert(s.Alerts()[0], "kibana.alert.workflow_status") != "open" || len(s.Cases()) != 0 {
			t.Errorf("%s: it changed something", name)
		}
	}
}

func TestAWrongKeyEndsTheExamination(t *testing.T) {
	t.Parallel()
	s := demo(1)
	c := connect(t, s, func(set *client.Settings) { set.Key = web.NewSecret("wrong") })
	list := c.Examine(t.Context())
	if last := list[len(list)-1]; last.Name != "auth" || last.OK || last.Hint == "" || strings.Contains(last.Detail, "wrong") {
		t.Errorf("%+v", list)
	}
}
