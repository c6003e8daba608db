package web_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/seed-959697dd/soc/internal/web"
)

const key = "k3y/with+odd=signs"

// TestASecretShowsItself to nobody but the one who asks it to.
func TestASecretShowsItself(t *testing.T) {
	t.Parallel()
	secret := web.NewSecret(" " + key + "\n")
	if secret.Reveal() != key {
		t.Fatalf("revealed %q", secret.Reveal())
	}
	type inside struct {
		Open   web.Secret
		closed web.Secret
		list   []web.Header
	}
	in := inside{secret, secret, []web.Header{{Name: "Key", Value: secret}}}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%T %v"} {
		for _, v := range []any{secret, &secret, in, &in, in.list, map[string]web.Secret{"a": secret}, errors.Join(fmt.Errorf("x %v", secret))} {
			args := []any{v, v}[:strings.Count(verb, "%")]
			if text := fmt.Sprintf(verb, args...); leaks(text) {
				t.Errorf("%s of %T shows the secret", verb, v)
			}
		}
	}
	text, err := json.Marshal(in)
	if err != nil || leaks(string(text)) || !strings.Contains(string(text), `"Open":"REDACTED"`) {
		t.Errorf("JSON: %s, %v", text, err)
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "secret", secret, "in", in)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "secret", secret, "in", in)
	if leaks(log.String()) {
		t.Error("a log shows the secret")
	}
	if (web.Secret{}).Reveal() != "" || web.NewSecret(" \n").Reveal() != "" {
		t.Error("nothing is a secret")
	}
}

// leaks finds the key as it is, as URLs and base64 spell it, and in hexadecimal.
func leaks(text string) bool {
	for _, spelt := range []string{key, "k3y%2Fwith", "k3y%2fwith", "azN5L3dpdGgrb2RkPXNpZ25z", fmt.Sprintf("%x", key)} {
		if strings.Contains(text, spelt) {
			return true
		}
	}
	return false
}
