package nats

import (
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/seed-959697dd/soc/internal/web"
)

// A server names others of its cluster, to which the client goes when it is gone. What is told this machine in the clear is not told them.
func TestASecretDoesNotFollowToOtherServersInTheClear(t *testing.T) {
	t.Parallel()
	for url, stays := range map[string]bool{"nats://127.0.0.1:4222": true, "nats://localhost:4222": true, "tls://127.0.0.1:4222": false, "nats://192.0.2.1:4222": false} {
		f, err := New(Settings{URL: url, Stream: "ALERTS", Token: web.NewSecret("t")})
		if err != nil {
			t.Fatal(err)
		}
		o := nats.GetDefaultOptions()
		for _, set := range f.options {
			if err := set(&o); err != nil {
				t.Fatal(err)
			}
		}
		if o.IgnoreDiscoveredServers != stays || o.Secure == stays {
			t.Errorf("%s: other servers are left out: %v, TLS: %v", url, o.IgnoreDiscoveredServers, o.Secure)
		}
	}
}
