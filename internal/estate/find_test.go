package estate_test

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-959697dd/soc/internal/estate"
)

func TestAnySpellingFindsTheMachine(t *testing.T) {
	t.Parallel()
	e := load(t)
	for spelled, want := range map[string]string{
		"bk-01": "bk-01", "BK-01": "bk-01", "bk-01.": "bk-01", "bk-01$": "bk-01", `CORP\BK-01$`: "bk-01", `\\bk-01`: "bk-01",
		"bk-01.corp.example.com": "bk-01", "Bk-01.Corp.Example.COM.": "bk-01", "BK-01$@CORP.EXAMPLE.COM": "bk-01",
		"CN=BK-01,OU=Servers,DC=corp,DC=example,DC=com": "bk-01", `"bk-01"`: "bk-01",
		"10.20.0.5": "bk-01", "10.21.0.5": "bk-01", "::ffff:10.20.0.5": "bk-01",
		"nessus-1.corp.example.com": "nessus-1", // listed without a domain
		"10.20.1.11":                "ws-01",    // listed as an interface with its mask
		"10.20.1.12":                "corporate", "10.20.40.7": "infusion pumps", "2001:DB8:40::1": "infusion pumps v6",
		"i-0a1b2c3d4e5f60718": "pay-api-1", "arn:aws:ec2:eu-west-1:111122223333:instance/i-0a1b2c3d4e5f60718": "pay-api-1",
		"/SUBSCRIPTIONS/0000/resourcegroups/rg/providers/Microsoft.Compute/virtualMachines/vm-report": "vm-report",
		"HV-07": "hv-*", "hv-07.corp.example.com": "hv-*",
	} {
		if got, answer := e.Host(spelled); answer != estate.Listed || got.Name != want {
			t.Errorf("%s: %q, answer %d, want %q", spelled, got.Name, answer, want)
		}
	}
	for _, stranger := range []string{
		"", ".", "$", "@", "bk-02", "bk-01.evil.example.net", "bk-01.lab.example.com", "bk", "corporate", "10.19.0.5", "fe80::1%eth0", "i-0", "::", "10.20.0.5.6",
		"DC=corp,DC=example,DC=com", "CN=", `CORP\`, "xhv-07",
	} {
		if got, answer := e.Host(stranger); answer != estate.Unlisted {
			t.Errorf("%s: found %q", stranger, got.Name)
		}
	}
}

func TestANameOfTwoDomainsIsAmbiguous(t *testing.T) {
	t.Parallel()
	e := load(t)
	got, answer := e.Host("dc-01")
	if answer != estate.Ambiguous || got.Criticality != estate.Critical || got.FQDN != "dc-01.corp.example.com" {
		t.Errorf("dc-01: %+v, answer %d", got, answer)
	}
	for spelled, domain := range map[string]string{
		"dc-01.corp.example.com": "dc-01.corp.example.com", "dc-01.LAB.example.com": "dc-01.lab.example.com",
		`CORP\DC-01$`: "dc-01.corp.example.com", `LAB\DC-01$`: "dc-01.lab.example.com", "10.90.0.10": "dc-01.lab.example.com",
	} {
		if got, answer := e.Host(spelled); answer != estate.Listed || got.FQDN != domain {
			t.Errorf("%s: %s, answer %d", spelled, got.FQDN, answer)
		}
	}
}

func TestAnySpellingFindsTheAccount(t *testing.T) {
	t.Parallel()
	e := load(t)
	for spelled, want := range map[string]string{
		"ann": "ann", "ANN": "ann", `CORP\Ann`: "ann", `corp.example.com\ann`: "ann", `OTHERNAME\ann`: "ann", "ann@corp.example.com": "ann",
		"ann@CORP.EXAMPLE.COM": "ann", "S-1-5-21-1004336348-1177238915-682003330-1101": "ann", "s-1-5-21-1004336348-1177238915-682003330-1102": "adm-ann",
		"CN=Ann Example,OU=People,DC=corp,DC=example,DC=com": "ann", "adm-ann@example.com": "adm-ann",
		"arn:aws:iam::111122223333:user/adm-ann": "adm-ann", "arn:aws:sts::111122223333:assumed-role/adm-ann/anything": "adm-ann", "bg-01(uid=0)": "bg-01",
		"chief@example.com": "chief", "t0-x": "t0-*", `CORP\t0-x`: "t0-*", "bg-01": "bg-01",
	} {
		if got, answer := e.User(spelled); answer != estate.Listed || got.Name != want {
			t.Errorf("%s: %q, answer %d, want %q", spelled, got.Name, answer, want)
		}
	}
	if got, answer := e.User("ann@example.com"); answer != estate.Ambiguous || got.Name != "adm-ann" {
		t.Errorf("a mailbox of two accounts: %s, answer %d", got.Name, answer)
	}
	for _, stranger := range []string{
		"", "bob", "ann@example.net", "ann@com", `WS-01\svc-backup`, `NT AUTHORITY\ann`, `.\ann`, "S-1-5-18", "bg-01@gmail.example", "@", `\`,
		"arn:aws:sts::111122223333:assumed-role/reader/adm-ann",
	} {
		if got, answer := e.User(stranger); answer != estate.Unlisted {
			t.Errorf("%s: found %q", stranger, got.Name)
		}
	}
}

func TestSeveralInventoriesMakeOneEntry(t *testing.T) {
	t.Parallel()
	e := load(t)
	web, _ := e.Host("web-1.corp.example.com")
	if web.Owner != "web team" || web.Criticality != estate.High || web.Place != "soc.yaml:5, assets.csv:6" {
		t.Errorf("web-1: %+v", web)
	}
	svc, _ := e.User("svc-backup")
	if !svc.Service || svc.Owner != "infrastructure" || svc.UPN == "" || svc.Place != "users.csv:4, identities.ndjson:1" {
		t.Errorf("svc-backup: %+v", svc)
	}
	dc, _ := e.Host("ws-01")
	if dc.Criticality != estate.Medium || dc.Place != "assets.csv:8, subnets.csv:2" {
		t.Errorf("the range around a machine says what the machine does not: %+v", dc)
	}
	if pay, _ := e.Host("pay-api-1"); pay.Place != "cloud.json:4" || pay.Criticality != estate.Critical || !slices.Equal(pay.Tags, []string{"crown-jewel", "pci"}) {
		t.Errorf("pay-api-1: %+v", pay)
	}
}

func TestOwn(t *testing.T) {
	t.Parallel()
	e := load(t)
	var got []string
	for _, p := range e.Own() {
		got = append(got, p.String())
	}
	want := []string{"10.20.0.0/16", "10.21.0.5/32", "10.60.0.4/32", "10.60.0.5/32", "10.90.0.0/16", "198.51.100.20/32", "2001:db8:40::/48"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if d := e.Domains(); !slices.Equal(d, []string{"corp.example.com", "example.com"}) {
		t.Error(d)
	}
}

func TestNothingIsKnownOfNoEstate(t *testing.T) {
	t.Parallel()
	empty, err := estate.Load(estate.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range []*estate.Estate{nil, {}, empty} {
		_, host := e.Host("dc-01")
		_, addr := e.Address(netip.MustParseAddr("10.0.0.1"))
		_, user := e.User("ann")
		if host != estate.Unlisted || addr != estate.Unlisted || user != estate.Unlisted || e.Own() != nil || len(e.Domains()) > 0 {
			t.Error("something is known of nothing")
		}
	}
}
