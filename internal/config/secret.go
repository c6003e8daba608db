package config

import (
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// secretName tells a key that asks for a secret in the file, and what the key's name is without saying so.
func secretName(key string) (base string, ok bool) {
	k := strings.ToLower(strings.ReplaceAll(key, "-", "_"))
	switch k {
	case "api_key", "apikey", "access_key", "private_key", "key":
		return "key", true
	case "pass", "passwd", "pwd", "passphrase":
		return "password", true
	}
	for _, word := range []string{"client_secret", "password", "token", "secret"} {
		if k == word || strings.HasSuffix(k, "_"+word) {
			return word, true
		}
	}
	return "", false
}

// Keyring leads the name of a variable that is none: the secret is in the keyring of this machine, under SERVICE/USER. It stands where
// NAME_keyring: SERVICE/USER was written in the place of NAME_env.
const Keyring = "keyring:"

// keyringKey is the key whose place one that ends in _keyring takes: every secret that may be in a variable may be in the keyring.
func keyringKey(key string, names map[string]int) (at int, ok bool) {
	base, ok := strings.CutSuffix(key, "_keyring")
	if !ok {
		return 0, false
	}
	at, ok = names[base+"_env"]
	return at, ok
}

func (d *decoder) keyring(n *yaml.Node, v reflect.Value, path string) error {
	service, user, ok := strings.Cut(n.Value, "/")
	if n.Kind != yaml.ScalarNode || !ok || service == "" || user == "" {
		return d.fault(n.Line, "%s: wants SERVICE/USER, by which the keyring of this machine knows the secret", path)
	}
	if holdsSecret(n.Value) {
		return d.secret(n.Line, path)
	}
	v.SetString(Keyring + n.Value)
	return nil
}

// isSecretHeader tells a header that carries a credential.
func isSecretHeader(path, name string) bool {
	if !strings.HasSuffix(path, ".headers") || strings.HasPrefix(path, "intel.") { // a feed's headers name environment variables
		return false
	}
	name = strings.ToLower(name)
	_, secret := secretName(name)
	return secret || strings.HasSuffix(name, "-key") || slices.Contains([]string{"authorization", "proxy-authorization", "cookie"}, name)
}

// holdsSecret tells texts that are secrets wherever they stand.
func holdsSecret(s string) bool {
	return strings.Contains(s, "soc-ed25519-private:") || strings.Contains(s, "-----BEGIN ") && strings.Contains(s, "PRIVATE KEY")
}

// secret refuses what looks like a secret, and never shows it.
func (d *decoder) secret(line int, path string) error {
	return &Error{
		File: d.file, Line: line, Msg: path + " looks like a secret, which has no place in this file",
		Hint: "name an environment variable (a key that ends in _env) or a file (one that ends in _file)",
	}
}

// nearest returns the name that takes the fewest edits to get to from word, nothing when none is near.
func nearest(word string, names []string) string {
	best, least := "", max(2, len(word)/3)+1
	for _, name := range names {
		if n := edits(word, name); n < least {
			best, least = name, n
		}
	}
	return best
}

// edits is the Levenshtein distance in bytes, two letters changed about counting one.
func edits(a, b string) int {
	if len(a) > 64 {
		return len(a)
	}
	before, last, next := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		next[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			next[j] = min(last[j]+1, next[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				next[j] = min(next[j], before[j-2]+1)
			}
		}
		before, last, next = last, next, before
	}
	return last[len(b)]
}
