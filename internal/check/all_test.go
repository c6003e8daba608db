package check_test

import (
	"sync"
	"testing"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/check"
	"github.com/seed-959697dd/soc/triage"
)

func everything() *alert.Alert {
	return with(alert.SlotTitle, "Suspicious process", alert.SlotMessage, "a process was started", alert.SlotEventCode, "1",
		alert.SlotProvider, "Microsoft-Windows-Sysmon/Operational", alert.EntitySlot(alert.Actor, alert.Process), `C:\Users\Public\svchost.exe`,
		alert.SlotParent, `C:\Program Files\Microsoft Office\WINWORD.EXE`,
		alert.EntitySlot(alert.Actor, alert.Command), `svchost.exe /c vssadmin delete shadows /all & whoami & net view`,
		alert.EntitySlot(alert.Target, alert.File), `C:\Users\Public\invoice.pdf.exe`)
}

func TestAllHaveNamesOfTheirOwn(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, c := range check.All() {
		if c.Name() == "" || seen[c.Name()] {
			t.Errorf("the name %q is empty or taken", c.Name())
		}
		seen[c.Name()] = true
	}
}

func TestAllKeepTheLawOfReceipts(t *testing.T) {
	t.Parallel()
	n := 0
	for _, c := range check.All() {
		n += len(run(t, c, everything()))
	}
	if n < 5 {
		t.Errorf("%d signals about an obvious attack", n)
	}
}

func TestAllSayTheSameFromTwoGoroutines(t *testing.T) {
	t.Parallel()
	checks := check.All()
	say := func() (total triage.Weight) {
		a := everything()
		for range 50 {
			for _, c := range checks {
				c.Check(a, func(s triage.Signal) { total += s.Weight })
			}
		}
		return total
	}
	var wg sync.WaitGroup
	var other triage.Weight
	wg.Go(func() { other = say() })
	mine := say()
	wg.Wait()
	if mine != other {
		t.Errorf("%d and %d from the same checks", mine, other)
	}
}

// ordinaryLogon is what a queue is full of.
func ordinaryLogon() *alert.Alert {
	return with(alert.SlotRuleName, "Windows logon success.", alert.SlotEventCode, "4624", alert.SlotProvider, "Security",
		alert.SlotMessage, "An account was successfully logged on. Subject: Security ID: S-1-5-18 Account Name: WS-12$ Logon Type: 5",
		alert.SlotLogonType, "5", alert.EntitySlot(alert.Target, alert.User), "SYSTEM", alert.EntitySlot(alert.Target, alert.Host), "ws-12.example.com",
		alert.EntitySlot(alert.Actor, alert.Process), `C:\Windows\System32\services.exe`)
}

// BenchmarkAll is measured against two microseconds for a typical alert.
func BenchmarkAll(b *testing.B) {
	checks, a := check.All(), ordinaryLogon()
	b.ReportAllocs()
	for b.Loop() {
		for _, c := range checks {
			c.Check(a, func(triage.Signal) {})
		}
	}
}

// BenchmarkFirstAlert is what a run over one alert pays.
func BenchmarkFirstAlert(b *testing.B) {
	a := everything()
	for b.Loop() {
		for _, c := range check.All() {
			c.Check(a, func(triage.Signal) {})
		}
	}
}

func BenchmarkConstruction(b *testing.B) {
	for b.Loop() {
		check.All()
	}
}

// A check that has nothing to say makes no garbage.
func TestSilenceAllocatesNothing(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector allocates; the plain run holds this")
	}
	a := with(alert.SlotRuleName, "Process created", alert.SlotEventCode, "1", alert.SlotProvider, "Microsoft-Windows-Sysmon/Operational",
		alert.EntitySlot(alert.Actor, alert.Process), `C:\Windows\System32\svchost.exe`, alert.SlotParent, `C:\Windows\System32\services.exe`,
		alert.EntitySlot(alert.Actor, alert.Command), `C:\Windows\system32\svchost.exe -k netsvcs -p -s Schedule`, alert.EntitySlot(alert.Target, alert.Host), "ws-12.example.com",
		alert.EntitySlot(alert.Target, alert.URL), "/images/logo.svg?v=3", alert.EntitySlot(alert.Target, alert.Domain), "www.example.com", alert.EntitySlot(alert.Source, alert.IP), "10.1.2.3")
	for _, c := range check.All() {
		say := func(s triage.Signal) { t.Errorf("%s is not silent: %s", c.Name(), s.Sentence) }
		c.Check(a, say)
		c.Check(a, say) // what comes twice is remembered
		if n := testing.AllocsPerRun(100, func() { c.Check(a, say) }); n != 0 {
			t.Errorf("%s allocates %v times", c.Name(), n)
		}
	}
}
