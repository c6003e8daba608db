package respond_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/seed-959697dd/soc/respond"
)

func TestOpenC2(t *testing.T) {
	t.Parallel()
	hash := strings.Repeat("ab", 32)
	p := propose(respond.Settings{},
		want("block-ip", respond.IP, "9.9.9.9", "9.9.8.0/24", "2606:4700::1111"), want("block-domain", respond.Domain, "evil.example.net"), want("block-url", respond.URL, "http://evil.example.net/a"),
		want("block-url", respond.URL, "http://evil.example.net/\u00fc"), want("isolate-host", respond.Host, `CORP\WS-13$`), want("block-ip", respond.IP, "2606:4700:2::/64", "9.9.7.7/32"),
		want("block-hash", respond.Hash, hash, strings.Repeat("cd", 64)), want("isolate-host", respond.Host, "ws-12"), want("quarantine-file", respond.File, `C:\a.exe`),
		want("disable-account", respond.User, "alice"), want("quarantine-mail", respond.Mail, "m1"), want("rebuild", respond.Host, "ws-12"))
	got, none := map[string]any{}, []string{}
	ids := map[string]bool{}
	for i := range p.Items {
		item := &p.Items[i]
		b, ok := p.AppendOpenC2(nil, item)
		if !ok {
			none = append(none, item.Action+" "+item.Target.Value)
			continue
		}
		var c struct {
			Action  string
			Target  map[string]any
			Args    map[string]any
			Command string `json:"command_id"`
		}
		if err := json.Unmarshal(b, &c); err != nil || len(c.Target) != 1 || c.Args["response_requested"] != "complete" || c.Command != respond.KeyOf(p.Digest, item) || ids[c.Command] {
			t.Fatalf("%v %s", err, b)
		}
		ids[c.Command] = true
		if ms, timed := c.Args["duration"].(float64); timed != (item.TTL > 0) || timed && int64(ms) != item.TTL.Milliseconds() {
			t.Errorf("%s lasts %v, not %s", item.Action, c.Args["duration"], item.TTL)
		}
		got[item.Action+" "+item.Target.Value] = map[string]any{c.Action: c.Target}
		if action, target, err := respond.ReadOpenC2(b); action != item.Action || target != item.Target || err != nil {
			t.Errorf("%s comes back as %s %+v: %v", b, action, target, err)
		}
	}
	all := map[string]any{
		"block-ip 9.9.9.9": map[string]any{"deny": map[string]any{"ipv4_net": "9.9.9.9/32"}}, "block-ip 9.9.8.0/24": map[string]any{"deny": map[string]any{"ipv4_net": "9.9.8.0/24"}},
		"block-ip 2606:4700::1111":                 map[string]any{"deny": map[string]any{"ipv6_net": "2606:4700::1111/128"}},
		"block-domain evil.example.net":            map[string]any{"deny": map[string]any{"domain_name": "evil.example.net"}},
		"block-url http://evil.example.net/a":      map[string]any{"deny": map[string]any{"uri": "http://evil.example.net/a"}},
		"block-hash " + hash:                       map[string]any{"deny": map[string]any{"file": map[string]any{"hashes": map[string]any{"sha256": strings.ToUpper(hash)}}}},
		"block-ip 9.9.7.7":                         map[string]any{"deny": map[string]any{"ipv4_net": "9.9.7.7/32"}},
		"block-ip 2606:4700:2::/64":                map[string]any{"deny": map[string]any{"ipv6_net": "2606:4700:2::/64"}},
		"block-url http://evil.example.net/\u00fc": map[string]any{"deny": map[string]any{"iri": "http://evil.example.net/\u00fc"}},
		`isolate-host CORP\WS-13$`:                 map[string]any{"contain": map[string]any{"device": map[string]any{"device_id": `CORP\WS-13$`}}},
		"isolate-host ws-12":                       map[string]any{"contain": map[string]any{"device": map[string]any{"hostname": "ws-12"}}},
		`quarantine-file C:\a.exe`:                 map[string]any{"contain": map[string]any{"file": map[string]any{"path": `C:\a.exe`}}},
	}
	if !reflect.DeepEqual(got, all) {
		t.Errorf("%v", got)
	}
	if slices.Sort(none); !slices.Equal(none, []string{"block-hash " + strings.Repeat("cd", 64), "disable-account alice", "quarantine-mail m1", "rebuild ws-12"}) {
		t.Errorf("%q", none)
	}
}

// A command that asks for something else, or for more, than an action does is not taken for it.
func TestOpenC2ThatIsNotExactlyAnAction(t *testing.T) {
	t.Parallel()
	for doc, want := range map[string]string{
		`{"action":"deny","target":{"ipv4_connection":{"protocol":"tcp","dst_addr":"9.9.9.9"}}}`:               "deny ipv4_connection",
		`{"action":"allow","target":{"ipv4_net":"9.9.9.9"}}`:                                                   "allow ipv4_net",
		`{"action":"deny","target":{"ipv4_net":"9.9.9.9"},"args":{"slpf":{"direction":"ingress"}}}`:            "the argument slpf",
		`{"action":"deny","target":{"ipv4_net":"9.9.9.9"},"args":{"start_time":1}}`:                            "the argument start_time",
		`{"action":"deny","target":{"ipv4_net":"9.0.0.0/8"}}`:                                                  "no single target",
		`{"action":"deny","target":{"ipv4_net":["9.9.9.9"]}}`:                                                  "no single target",
		`{"action":"deny","target":{"ipv4_net":"9.9.9.9","ipv6_net":"::2"}}`:                                   "one target",
		`{"action":"contain","target":{"device":{"hostname":"a","device_id":"b"}}}`:                            "contain device",
		`{"action":"stop","target":{"process":{"name":"x"}}}`:                                                  "stop process",
		`{"action":"deny","target":{"file":{"name":"a","hashes":{"md5":"00000000000000000000000000000000"}}}}`: "deny file",
		`[]`: "no command of OpenC2",
	} {
		if action, _, err := respond.ReadOpenC2([]byte(doc)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %s, %v", doc, action, err)
		}
	}
	wrapped := `{"headers":{"request_id":"r"},"body":{"openc2":{"request":{"action":"deny","target":{"ipv4_net":"9.9.9.9/32"},"args":{"duration":500}}}}}`
	if action, target, err := respond.ReadOpenC2([]byte(wrapped)); action != "block-ip" || target.Value != "9.9.9.9" || err != nil {
		t.Errorf("%s %+v %v", action, target, err)
	}
}
