package estate_test

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/seed-959697dd/soc/internal/estate"
)

func names(list []estate.Asset) (out []string) {
	for _, a := range list {
		out = append(out, a.Name)
	}
	slices.Sort(out)
	return out
}

// A response must not harm any of those that a name or a block may mean, not only the one that matters most.
func TestWhatANameOrABlockReaches(t *testing.T) {
	t.Parallel()
	e := load(t)
	for block, want := range map[string][]string{
		"10.20.0.0/24": {"bk-01"}, "10.20.40.0/25": {"infusion pumps"}, "10.20.40.7/32": {"infusion pumps"}, "2001:db8:40::/64": {"infusion pumps v6"}, "198.18.7.0/24": nil,
	} {
		got := names(e.Within(netip.MustParsePrefix(block)))
		for _, name := range want {
			if !slices.Contains(got, name) {
				t.Errorf("%s: %q lacks %s", block, got, name)
			}
		}
		if want == nil && got != nil {
			t.Errorf("%s: %q", block, got)
		}
	}
	for name, want := range map[string]int{"dc-01": 2, "dc-01.corp.example.com": 1, `LAB\DC-01$`: 1, "dc-01.evil.example.net": 0, "nobody": 0} {
		found := slices.DeleteFunc(e.Hosts(name), func(a estate.Asset) bool { return a.FQDN == "" })
		if len(found) != want {
			t.Errorf("%s: %+v", name, found)
		}
	}
	if got := names(e.Hosts("ws-01")); !slices.Contains(got, "ws-01") || !slices.Contains(got, "corporate") {
		t.Errorf("ws-01 and the range around it: %q", got)
	}
	for block, want := range map[string]bool{"10.20.40.0/25": true, "10.20.0.0/16": true, "10.20.41.0/24": false, "2001:db8:40::/64": false} {
		if got := e.Work()[0].On(block); got != want {
			t.Errorf("work on %s: %t", block, got)
		}
	}
	for name, want := range map[string]int{"nobody": 0, "": 0} {
		if got := e.Users(name); len(got) != want {
			t.Errorf("%q: %+v", name, got)
		}
	}
	var none *estate.Estate
	if none.Hosts("a") != nil || none.Users("a") != nil || none.Within(netip.MustParsePrefix("::/0")) != nil || none.Outside() != nil {
		t.Error("a nil estate knows something")
	}
	for _, name := range e.Outside() {
		if slices.Contains(e.Domains(), name) {
			t.Errorf("%s is no name outside", name)
		}
	}
}
