package estate_test

import (
	"os"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/internal/config"
	"github.com/seed-959697dd/soc/internal/estate"
)

func TestAChangedFileIsReadAgain(t *testing.T) {
	t.Parallel()
	path := file(t, "a.csv", "hostname\na\n")
	src, err := estate.Open(estate.Settings{Assets: []estate.HostFile{{Path: path}}})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Unix(1_772_500_000, 0)
	has := func(name string) (bool, error) {
		e, err := src.Current(now)
		_, answer := e.Host(name)
		return answer == estate.Listed, err
	}
	rewrite := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if ok, err := has("a"); !ok || err != nil {
		t.Fatalf("a: %t, %v", ok, err)
	}
	rewrite("hostname\nbb\n")
	if ok, _ := has("bb"); ok {
		t.Error("the file was asked again within the same instant")
	}
	now = now.Add(3 * time.Second)
	if ok, err := has("bb"); !ok || err != nil {
		t.Errorf("bb: %t, %v", ok, err)
	}
	rewrite("<html>maintenance</html>")
	now = now.Add(3 * time.Second)
	if ok, err := has("bb"); !ok || err == nil {
		t.Errorf("after a broken file: %t, %v", ok, err)
	}
	now = now.Add(3 * time.Second)
	if ok, err := has("bb"); !ok || err == nil {
		t.Errorf("the reason is forgotten: %t, %v", ok, err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	now = now.Add(3 * time.Second)
	if ok, err := has("bb"); !ok || err == nil {
		t.Errorf("after a lost file: %t, %v", ok, err)
	}
	rewrite("hostname\nccc\n")
	now = now.Add(3 * time.Second)
	if ok, err := has("ccc"); !ok || err != nil {
		t.Errorf("after it was mended: %t, %v", ok, err)
	}
}

// TestTheConfigurationFits holds the settings to the configuration's blocks: cmd converts one to the other.
func TestTheConfigurationFits(t *testing.T) {
	t.Parallel()
	host := estate.Host(config.Host{Name: "a", Line: 3})
	if host.Name != "a" || host.Line != 3 {
		t.Error(host)
	}
	_ = estate.Network(config.Network{})
	_ = estate.Maintenance(config.Maintenance{})
	_ = estate.User(config.User{})
	_ = estate.HostColumns(config.HostColumns{})
	_ = estate.HostValues(config.HostValues{})
	_ = estate.UserColumns(config.UserColumns{})
	_ = estate.UserValues(config.UserValues{})
}
