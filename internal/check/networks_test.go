package check_test

import (
	"testing"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/check"
	"github.com/seed-959697dd/soc/triage"
)

func flow(from, to, port string) *alert.Alert {
	return with(alert.EntitySlot(alert.Source, alert.IP), from, alert.EntitySlot(alert.Target, alert.IP), to, alert.SlotTargetPort, port)
}

func signed(signature, from, to string) *alert.Alert {
	return with(alert.SlotRuleName, signature, alert.EntitySlot(alert.Source, alert.IP), from, alert.EntitySlot(alert.Target, alert.IP), to)
}

func stopped(a *alert.Alert) *alert.Alert {
	a.Action = alert.Blocked
	return a
}

func sent(bytes string) *alert.Alert {
	a := flow("10.0.0.5", "203.0.113.9", "443")
	add(a, alert.SlotBytesOut, bytes)
	return a
}

func TestNetworks(t *testing.T) {
	t.Parallel()
	weighs(t, check.Networks(), map[string]weighed{
		"a listener of intruders":      {1300, flow("10.0.0.5", "203.0.113.9", "4444")},
		"an exploit from inside":       {1500, signed("ET EXPLOIT Sample Attempt", "10.0.0.5", "10.0.0.9")},
		"a scan outwards":              {1500, signed("ET SCAN Potential SSH Scan OUTBOUND", "10.0.0.5", "203.0.113.9")},
		"an exploit from the internet": {0, signed("ET EXPLOIT Sample Attempt", "203.0.113.9", "10.0.0.9")},
		"a house rule, inside":         {0, signed("ET POLICY Sample", "10.0.0.5", "10.0.0.9")},
		"an exploit to oneself":        {0, signed("ET EXPLOIT Sample Attempt", "10.0.0.5", "10.0.0.5")},
		"a chat relay":                 {900, flow("10.0.0.5", "203.0.113.9", "6667")},
		"a pool":                       {900, flow("10.0.0.5", "203.0.113.9", "3333")},
		"file sharing outwards":        {900, flow("10.0.0.5", "203.0.113.9", "445")},
		"remote desktop from outside":  {400, flow("203.0.113.9", "10.0.0.5", "3389")},
		"much data":                    {400, sent("2147483648")},
		"very much data":               {700, sent("21474836480")},
		"a program from an address":    {1500, link("http://203.0.113.9/a/update.exe")},
		"a page from an address":       {300, link("http://203.0.113.9/status")},
		"a tunnel":                     {1000, with(alert.SlotQuery, "abc.ngrok-free.app")},
		"a moving name":                {700, with(alert.SlotQuery, "home.duckdns.org")},
		"a bot's report":               {1000, link("https://api.telegram.org/bot123:abc/sendMessage")},
		"a paste":                      {800, link("https://pastebin.com/raw/AbCd")},
		"a script from a store":        {700, link("https://raw.githubusercontent.com/x/y/main/z.ps1")},
		"a catcher of exploits":        {1800, with(alert.SlotQuery, "c59h.oast.fun")},
		"the web":                      {0, flow("10.0.0.5", "203.0.113.9", "443")},
		"name service":                 {0, flow("10.0.0.5", "203.0.113.9", "53")},
		"files inside":                 {0, flow("10.0.0.5", "10.0.0.6", "445")},
		"desktop inside":               {0, flow("10.0.0.5", "10.0.0.6", "3389")},
		"odd port inside":              {0, flow("10.0.0.5", "10.0.0.6", "4444")},
		"multicast":                    {0, flow("10.0.0.5", "224.0.0.251", "5555")},
		"broadcast":                    {0, flow("10.0.0.5", "255.255.255.255", "4444")},
		"loopback":                     {0, flow("127.0.0.1", "127.0.0.1", "4444")},
		"a stranger turned away":       {0, stopped(flow("203.0.113.9", "10.0.0.5", "3389"))},
		"the web from outside":         {0, flow("203.0.113.9", "10.0.0.5", "443")},
		"mail from outside":            {0, flow("203.0.113.9", "10.0.0.5", "25")},
		"little data":                  {0, sent("2147483")},
		"an internal address in a URL": {0, link("http://10.0.0.8/setup.exe")},
		"a named download":             {0, link("https://download.example.com/setup.exe")},
		"a code store's page":          {0, link("https://raw.githubusercontent.com/x/y/main/README.md")},
		"profile.io is not file.io":    {0, link("https://www.profile.io/")},
		"no port":                      {0, with(alert.EntitySlot(alert.Source, alert.IP), "10.0.0.5")},
		"a port that is a word":        {0, flow("10.0.0.5", "203.0.113.9", "https")},
	})
}

func BenchmarkNetworks(b *testing.B) {
	a := flow("10.0.0.5", "203.0.113.9", "443")
	add(a, alert.SlotQuery, "settings-win.data.example.com")
	add(a, alert.EntitySlot(alert.Target, alert.URL), "https://settings-win.data.example.com/v1/settings")
	c := check.Networks()
	b.ReportAllocs()
	for b.Loop() {
		c.Check(a, func(triage.Signal) {})
	}
}
