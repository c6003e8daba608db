package estate_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/seed-959697dd/soc/internal/estate"
)

const samples = "../../testdata/estate/"

// settings name the samples and a few entries written by hand.
func settings() estate.Settings {
	return estate.Settings{
		File: "soc.yaml",
		Assets: []estate.HostFile{
			{Path: samples + "assets.csv"},
			{Path: samples + "subnets.csv"},
			{
				Path: samples + "cloud.json",
				Columns: estate.HostColumns{
					Name: []string{"name"}, Address: []string{"network.privateIp"}, Criticality: []string{"tier"},
				},
				Values: estate.HostValues{Criticality: map[string]string{"1": "critical", "3": "low"}},
			},
		},
		Identities: []estate.UserFile{{Path: samples + "users.csv"}, {Path: samples + "identities.ndjson"}},
		Hosts:      []estate.Host{{Name: "hv-*", Role: "hypervisor", Criticality: "high", Line: 4}, {Name: "web-1", Owner: "web team", Line: 5}},
		Networks:   []estate.Network{{CIDR: "10.90.0.0/16", Name: "lab", Environment: "lab", Line: 8}},
		Users:      []estate.User{{Name: "t0-*", Privileged: true, Line: 11}},
		Maintenance: []estate.Maintenance{{
			Hosts: []string{"web-1", "10.20.40.0/24"}, From: "2026-03-03T01:00:00Z", Until: "2026-03-03T03:00:00Z", Reason: "patches", Line: 14,
		}},
		Domains: []string{"corp.example.com", "example.com"},
	}
}

func load(t testing.TB) *estate.Estate {
	t.Helper()
	e, err := estate.Load(settings())
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// file writes an inventory and returns its path.
func file(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
