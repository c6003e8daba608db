package config_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-959697dd/soc/internal/config"
)

func TestInventoriesAreNamedShortOrWhole(t *testing.T) {
	t.Parallel()
	path := write(t, `
assets:
  files:
    - assets.csv
    - path: cmdb.json
      columns: {name: hostname, address: [ip, mgmt_ip], criticality: tier}
      values: {criticality: {"1": critical, "2": high}, protected: {"Do not touch": true}}
  domains: [corp.example.com]
  hosts:
    - {name: "dc-*", role: domain-controller, environment: production, aliases: [ldap], cloud_ids: [i-0a1b2c3d]}
  networks:
    - {cidr: 10.9.0.0/16, environment: lab, owner: research}
  maintenance:
    - {hosts: [db-1], from: 2026-03-03T01:00:00Z, until: 2026-03-03T03:00:00Z}
identities:
  files: [users.csv, {path: saas.ndjson, columns: {upn: login, privileged: kind}, values: {privileged: {Owner: true}}}]
  users:
    - {name: bg-*, break_glass: true, vip: true, department: IT}
`)
	c, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Dir(path)
	want := config.Assets{
		Files: []config.HostFile{{Path: filepath.Join(dir, "assets.csv")}, {
			Path:    filepath.Join(dir, "cmdb.json"),
			Columns: config.HostColumns{Name: []string{"hostname"}, Address: []string{"ip", "mgmt_ip"}, Criticality: []string{"tier"}},
			Values:  config.HostValues{Criticality: map[string]string{"1": "critical", "2": "high"}, Protected: map[string]bool{"Do not touch": true}},
		}},
		Domains:     []string{"corp.example.com"},
		Hosts:       []config.Host{{Name: "dc-*", Role: "domain-controller", Environment: "production", Aliases: []string{"ldap"}, CloudIDs: []string{"i-0a1b2c3d"}, Line: 10}},
		Networks:    []config.Network{{CIDR: "10.9.0.0/16", Environment: "lab", Owner: "research", Line: 12}},
		Maintenance: []config.Maintenance{{Hosts: []string{"db-1"}, From: "2026-03-03T01:00:00Z", Until: "2026-03-03T03:00:00Z", Line: 14}},
	}
	if diff := cmp.Diff(want, c.Assets); diff != "" {
		t.Errorf("assets (-want +got)\n%s", diff)
	}
	users := config.Identities{
		Files: []config.UserFile{{Path: filepath.Join(dir, "users.csv")}, {
			Path:    filepath.Join(dir, "saas.ndjson"),
			Columns: config.UserColumns{UPN: []string{"login"}, Privileged: []string{"kind"}}, Values: config.UserValues{Privileged: map[string]bool{"Owner": true}},
		}},
		Users: []config.User{{Name: "bg-*", BreakGlass: true, VIP: true, Department: "IT", Line: 18}},
	}
	if diff := cmp.Diff(users, c.Identities); diff != "" {
		t.Errorf("identities (-want +got)\n%s", diff)
	}
}

func TestMistakesAboutTheEstate(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"assets: {files: [{columns: {name: a}}]}":                               "soc.yaml:1: assets.files[0]: key path is missing",
		"assets: {files: [\"\"]}":                                               "soc.yaml:1: assets.files[0]: key path is missing",
		"assets: {files: a.csv}":                                                "soc.yaml:1: assets.files: wants a list, not one value",
		"assets: {files: [[a.csv]]}":                                            "soc.yaml:1: assets.files[0]: wants keys below it, not a list",
		"assets: {files: [{path: a, columns: {hostname: a}}]}":                  `soc.yaml:1: unknown key "hostname" in assets.files[0].columns (known here: address, aliases, cidr`,
		"assets: {files: [{path: a, columns: {addresss: a}}]}":                  `soc.yaml:1: unknown key "addresss" in assets.files[0].columns (nearest: address)`,
		"assets: {files: [{path: a, values: {criticality: {\"1\": highest}}}]}": `soc.yaml:1: assets.files[0].values.criticality.1: wants one of unknown, low, medium, high, critical, not "highest"`,
		"assets: {maintenance: [{from: a, until: b}]}":                          `soc.yaml:1: assets.maintenance[0].from: "a" is no time like 2026-12-31T22:00:00Z`,
		"identities: {files: [{path: a, columns: {address: a}}]}":               `soc.yaml:1: unknown key "address" in identities.files[0].columns (known here: `,
	} {
		_, err := config.Load(write(t, text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n got %v\nwant %s", text, err, want)
		}
	}
}
