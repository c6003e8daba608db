package check_test

import (
	"testing"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/check"
	"github.com/seed-959697dd/soc/triage"
)

func rated(score int, a *alert.Alert) *alert.Alert {
	a.Severity.Score = score
	return a
}

func TestVendorRatings(t *testing.T) {
	t.Parallel()
	weighs(t, check.Vendor(), map[string]weighed{
		"critical":                          {1600, rated(95, ours(alert.SlotSeverity, "critical"))},
		"high":                              {900, rated(75, ours(alert.SlotSeverity, "high"))},
		"medium":                            {100, rated(50, ours(alert.SlotSeverity, "medium"))},
		"found malicious":                   {2000, ours(alert.SlotVerdict, "TruePositive")},
		"found malicious, spelled apart":    {2000, ours(alert.SlotStatus, "true_positive")},
		"found suspicious":                  {700, with(alert.SlotVerdict, "Suspicious")},
		"sure, by word":                     {300, with(alert.SlotConfidence, "High")},
		"sure, by fraction":                 {300, with(alert.SlotConfidence, "0.93")},
		"sure, of ten":                      {300, with(alert.SlotConfidence, "9")},
		"sure, of a hundred":                {300, with(alert.SlotConfidence, "90")},
		"no severity":                       {0, ours(alert.SlotSeverity, "purple")},
		"low on a stranger's word":          {0, rated(25, with(alert.SlotSeverity, "low"))},
		"harmless on a stranger's word":     {0, with(alert.SlotVerdict, "FalsePositive")},
		"neither sure nor unsure":           {0, ours(alert.SlotConfidence, "medium")},
		"sure of something unimportant":     {0, trusted(rated(5, with(alert.SlotConfidence, "high")), alert.Sensor)},
		"unsure on a stranger's word":       {0, with(alert.SlotConfidence, "low")},
		"still worked on":                   {0, ours(alert.SlotStatus, "In Progress")},
		"new":                               {0, ours(alert.SlotStatus, "new")},
		"resolved, nobody says how":         {0, ours(alert.SlotStatus, "resolved")},
		"undetermined":                      {0, ours(alert.SlotVerdict, "undetermined")},
		"a count":                           {0, ours(alert.SlotCount, "900")},
		"a word longer than any verdict is": {0, ours(alert.SlotVerdict, "maliciousmaliciousmaliciousmaliciousmaliciousmalicious")},
	})
}

func TestVendorLowersOnItsOwnWord(t *testing.T) {
	t.Parallel()
	atMost(t, check.Vendor(), map[string]weighed{
		"informational":        {-700, rated(5, ours(alert.SlotSeverity, "informational"))},
		"low":                  {-150, rated(25, ours(alert.SlotSeverity, "low"))},
		"harmless":             {-1500, ours(alert.SlotVerdict, "False Positive")},
		"expected":             {-1500, ours(alert.SlotVerdict, "InformationalExpectedActivity")},
		"not sure":             {-300, ours(alert.SlotConfidence, "0.1")},
		"not sure, as percent": {-300, ours(alert.SlotConfidence, "10%")},
	})
}

func TestALogsLevelIsNoRating(t *testing.T) {
	t.Parallel()
	logged := func(score int) *alert.Alert {
		a := rated(score, ours(alert.SlotSeverity, "4"))
		a.Format = "windows-event"
		return a
	}
	weighs(t, check.Vendor(), map[string]weighed{
		"information, as Windows writes attacks down too": {0, logged(5)},
		"an error, which is no attack":                    {0, logged(75)},
	})
}

func BenchmarkVendor(b *testing.B) {
	a, c := rated(75, ours(alert.SlotSeverity, "high", alert.SlotStatus, "new", alert.SlotConfidence, "87")), check.Vendor()
	b.ReportAllocs()
	for b.Loop() {
		c.Check(a, func(triage.Signal) {})
	}
}
