package check_test

import (
	"testing"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/check"
	"github.com/seed-959697dd/soc/triage"
)

func mapped(ids ...string) *alert.Alert {
	a := with(alert.SlotTitle, "An alert")
	for _, id := range ids {
		add(a, alert.SlotTechnique, id)
	}
	return a
}

func TestTechniques(t *testing.T) {
	t.Parallel()
	tactic := func(s string) *alert.Alert { return with(alert.SlotTactic, s) }
	weighs(t, check.Techniques(), map[string]weighed{
		"credential dumping":                {1600, mapped("T1003")},
		"its memory variant":                {2000, mapped("T1003.001")},
		"a variant the table does not know": {1500, mapped("T1055.099")},
		"encryption for ransom":             {2500, mapped("T1486")},
		"defences switched off, since v19":  {1500, mapped("T1685")},
		"the same before v19":               {1500, mapped("T1562")},
		"a number nobody knows":             {100, mapped("T9999")},
		"three stages":                      {2200, mapped("T1059.001", "T1003.001", "T1021.002")},
		"a late tactic":                     {1200, tactic("Impact")},
		"a tactic with dashes":              {600, tactic("credential-access")},
		"a tactic in one word":              {700, tactic("LateralMovement")},
		"a tactic's id":                     {900, tactic("TA0011")},
		"the name that v19 retired":         {300, tactic("Defense Evasion")},
		"one of its heirs":                  {600, tactic("Defense Impairment")},
		"no technique":                      {0, mapped()},
		"a tactic that says nothing":        {0, tactic("Resource Development")},
		"no tactic at all":                  {0, tactic("Other")},
		"a tactic left open":                {0, tactic("none")},
	})
	atMost(t, check.Techniques(), map[string]weighed{
		"valid accounts, as every sign-in has them": {200, mapped("T1078")},
		"a look around":                 {200, mapped("T1082")},
		"a look at accounts":            {200, mapped("T1087")},
		"a scheduled task":              {300, mapped("T1053.005")},
		"sudo":                          {300, mapped("T1548.003")},
		"a changed file":                {300, mapped("T1565.001")},
		"two tags that mean one thing":  {400, mapped("T1059", "T1059.001")},
		"discovery alone, by its word":  {50, tactic("Discovery")},
		"reconnaissance, by its word":   {100, tactic("TA0043")},
		"a deleted file":                {300, mapped("T1070.004")},
		"a process list":                {100, mapped("T1057")},
		"a command line with its shell": {300, mapped("T1059.003")},
	})
}

func TestATechniqueIsCitedAsItIsWritten(t *testing.T) {
	t.Parallel()
	a := with(alert.SlotTechnique, "Credential Dumping (t1003/001)")
	a.Techniques = []string{"T1003.001"}
	got := run(t, check.Techniques(), a)
	if len(got) != 1 || got[0].Receipts[0].Value != "t1003/001" {
		t.Errorf("%+v", got)
	}
}

func BenchmarkTechniques(b *testing.B) {
	a, c := mapped("T1059.001", "T1003.001", "T1021.002"), check.Techniques()
	b.ReportAllocs()
	for b.Loop() {
		c.Check(a, func(triage.Signal) {})
	}
}
