package check_test

import (
	"testing"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/check"
)

func TestNames(t *testing.T) {
	t.Parallel()
	asked := func(s string) *alert.Alert { return with(alert.SlotQuery, s) }
	weighs(t, check.Networks(), map[string]weighed{
		"made up":               {800, asked("xkqjzvwpfgth.com")},
		"made up with digits":   {800, asked("a8f3k2m9x7q1.net")},
		"carrying data":         {1100, asked("mzxw6ytboi4dqnrsgq3dknbthe4tambqgezdgnbvgy3tqojq.t.example.com")},
		"a digit for a letter":  {1200, asked("micros0ft.com")},
		"a letter exchanged":    {1200, asked("mircosoft.com")},
		"dressed as a sign-in":  {1200, asked("paypal-verify.example-host.paypal-verify.com")},
		"inside Tor":            {1300, asked("exampleexampleexample.onion")},
		"another script":        {250, asked("xn--bcher-kva.example")},
		"an abused corner":      {200, asked("shop.example.top")},
		"the real one":          {0, asked("www.microsoft.com")},
		"its sign-in":           {0, asked("login.microsoftonline.com")},
		"a paying country":      {0, asked("www.example.co.uk")},
		"a long ordinary name":  {0, asked("internationalconference.org")},
		"German":                {0, asked("wetterdienststelle.de")},
		"Spanish":               {0, asked("ayuntamientodemadrid.es")},
		"reverse lookup":        {0, asked("1.2.0.192.in-addr.arpa")},
		"a cluster's own":       {0, asked("kube-dns.kube-system.svc.cluster.local")},
		"a delivery network":    {0, asked("d3a8f3k2m9x7q1.cloudfront.net")},
		"a storage account":     {0, asked("x7q1a8f3k2m9.blob.core.windows.net")},
		"a block list's lookup": {0, asked("mzxw6ytboi4dqnrsgq3dknbthe4tambqgezdgnbvgy3tqojq.zen.spamhaus.org")},
		"abbreviations":         {0, asked("ntp.ubuntu.com")},
		"a service":             {0, asked("settings-win.data.example.com")},
		"a package mirror":      {0, asked("archive.ubuntu.com")},
		"digits only":           {0, asked("1234567890123.com")},
		"one label":             {0, asked("fileserver")},
		"time":                  {0, asked("0.pool.ntp.org")},
		"a phrase with numbers": {0, asked("web2print24.com")},
		"updates":               {0, asked("security.debian.org")},
		"a video service":       {0, asked("rr3.sn-4g5e6nzz.googlevideo.com")},
		"certificates":          {0, asked("ocsp.digicert.com")},
		"an antivirus":          {0, asked("update.eset.example.com")},
		"a company's host":      {0, asked("srv-fileshare-12.corp.example.com")},
	})
}
