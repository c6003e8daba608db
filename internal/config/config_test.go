package config_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/internal/config"
)

// write puts text into a new soc.yaml and returns its path.
func write(t testing.TB, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), config.FileName)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestMistakesAreNamedWithLineAndKey(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ text, want string }{
		"a misspelled key":            {"display: {}\npolcy: {}\n", `soc.yaml:2: unknown key "polcy" (nearest: policy)`},
		"a misspelled key below":      {"policy:\n  base_rat: 0.1\n", `soc.yaml:2: unknown key "base_rat" in policy (nearest: base_rate)`},
		"two letters changed about":   {"modesl: {}\n", `soc.yaml:1: unknown key "modesl" (nearest: models)`},
		"a key like no other":         {"kubernetes: {}\n", `soc.yaml:1: unknown key "kubernetes" (known here: approvers, assets, baseline, casebook, display, drivers, formats, identities, intel, models, notify, policy, precedent, respond, soar, sources, triage)`},
		"a word for a number":         {"policy: {base_rate: high}\n", `soc.yaml:1: policy.base_rate: wants a number, not "high"`},
		"no number at all":            {"policy: {base_rate: .nan}\n", `soc.yaml:1: policy.base_rate: wants a number, not ".nan"`},
		"too much":                    {"policy:\n  weights:\n    titles: 3.5\n", `soc.yaml:3: policy.weights.titles: 3.5 is not within 0 and 3`},
		"below what makes sense":      {"policy: {base_rate: 0}\n", `soc.yaml:1: policy.base_rate: 0 is not within 0.0001 and 0.9999`},
		"a fraction of a whole":       {"policy: {floor: 1.5}\n", `soc.yaml:1: policy.floor: wants a whole number, not "1.5"`},
		"a word that is none of them": {"policy: {autonomy: full}\n", `soc.yaml:1: policy.autonomy: wants one of observe, shadow, close, not "full"`},
		"a duration without a unit":   {"policy: {gap: 60}\n", `soc.yaml:1: policy.gap: wants a duration like 90s, 12h or 30d, not "60"`},
		"a duration out of range":     {"policy: {gap: 2d}\n", `soc.yaml:1: policy.gap: 2d is not within 1s and 24h`},
		"a text for a switch":         {"display: {ascii: \"yes\"}\n", `soc.yaml:1: display.ascii: wants true or false, not "yes"`},
		"a value for a block":         {"policy: strict\n", `soc.yaml:1: policy: wants keys below it, not one value`},
		"a value for a list":          {"formats: a.yaml\n", `soc.yaml:1: formats: wants a list, not one value`},
		"a list for a value":          {"display: {tz: [UTC]}\n", `soc.yaml:1: display.tz: wants one value, not a list`},
		"a hole in a list":            {"formats:\n  - a.yaml\n  -\n", `soc.yaml:3: formats: an empty entry`},
		"a key twice":                 {"policy: {}\nmodels: {}\npolicy: {}\n", `soc.yaml:3: policy stands twice`},
		"a name twice":                {"models:\n  a: {provider: ollama, model: m}\n  a: {provider: ollama, model: m}\n", `soc.yaml:3: models.a stands twice`},
		"a key that is needed":        {"models:\n  a: {model: m}\n", `soc.yaml:2: models.a: key provider is missing`},
		"a cascade of nobody":         {"models:\n  a: {provider: ollama, model: m}\n  p: {cascade: [a, nobody]}\n", `soc.yaml:3: models.p.cascade: no model is called "nobody"`},
		"a cascade misspelled":        {"models:\n  local: {provider: ollama, model: m}\n  p: {cascade: [locla, local]}\n", `soc.yaml:3: models.p.cascade: no model is called "locla" (nearest: local)`},
		"a cascade of itself":         {"models:\n  a: {provider: ollama, model: m}\n  p: {cascade: [a, p]}\n", `soc.yaml:3: models.p.cascade: names itself`},
		"cascades in a circle":        {"models:\n  a: {provider: ollama, model: m}\n  p: {cascade: [a, q]}\n  q: {cascade: [a, p]}\n", `soc.yaml:3: models.p.cascade: q is a cascade itself, which cannot be part of one`},
		"a cascade of one":            {"models:\n  a: {provider: ollama, model: m}\n  p: {cascade: [a]}\n", `soc.yaml:3: models.p.cascade: wants two models or more, the cheapest first`},
		"a model twice in a cascade":  {"models:\n  a: {provider: ollama, model: m}\n  p: {cascade: [a, a]}\n", `soc.yaml:3: models.p.cascade: names a twice`},
		"a cascade that is a model":   {"models:\n  a: {provider: ollama, model: m}\n  b: {provider: ollama, model: m}\n  p: {cascade: [a, b], url: \"http://h\"}\n", `soc.yaml:4: models.p.cascade: stands alone: the models that it names have keys of their own`},
		"a rule without a condition":  {"policy:\n  rules:\n    - {name: a, effect: deny}\n", `soc.yaml:3: policy.rules[0]: key when is missing`},
		"a day that is none":          {"policy: {rules: [{name: a, effect: deny, when: x, expires: 2026-02-30}]}\n", `soc.yaml:1: policy.rules[0].expires: "2026-02-30" is no date like 2026-12-31`},
		"an anchor":                   {"policy: &p {}\n", `soc.yaml:1: policy: anchors and aliases are not used here`},
		"a second document":           {"policy: {}\n---\npolicy: {}\n", `soc.yaml:2: a second document: one file holds one configuration`},
		"no keys at all":              {"- a\n", "soc.yaml:1: keys were expected, as in `policy:`"},
		"a password in a URL":         {"sources: {s: {type: splunk, url: \"https://u:hunter2@siem.example.com\"}}\n", `soc.yaml:1: sources.s.url: a URL in this file carries no user and no password`},
		"half a URL":                  {"sources: {s: {type: splunk, url: siem.example.com}}\n", `soc.yaml:1: sources.s.url: wants a URL like https://siem.example.com:8089`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := config.Load(write(t, row.text))
			if err == nil {
				t.Fatal("read without an error")
			}
			if got := err.Error()[strings.LastIndex(err.Error(), config.FileName):]; got != row.want {
				t.Errorf("\n got %s\nwant %s", got, row.want)
			}
		})
	}
}

func TestASecretIsRefusedAndNotShown(t *testing.T) {
	t.Parallel()
	const want = " looks like a secret, which has no place in this file"
	for text, key := range map[string]string{
		"models: {a: {provider: openai, model: m, api_key: hunter2}}":                  "models.a.api_key",
		"models: {a: {provider: openai, model: m, key: hunter2}}":                      "models.a.key",
		"models: {a: {provider: openai, model: m, headers: {Authorization: hunter2}}}": "models.a.headers.Authorization",
		"models: {a: {provider: openai, model: m, headers: {x-api-key: hunter2}}}":     "models.a.headers.x-api-key",
		"sources: {s: {type: splunk, token: hunter2}}":                                 "sources.s.token",
		"sources: {s: {type: sentinel, client_secret: hunter2}}":                       "sources.s.client_secret",
		"sources: {s: {type: elastic, bearer_token: hunter2}}":                         "sources.s.bearer_token",
		"drivers: {d: {type: ldap, password: hunter2}}":                                "drivers.d.password",
		"approvers: [{name: maria, key: \"soc-ed25519-private:hunter2\"}]":             "approvers[0].key",
		"sources: {s: {type: dir, user: \"-----BEGIN EC PRIVATE KEY----- hunter2\"}}":  "sources.s.user",
	} {
		_, err := config.Load(write(t, text))
		var e *config.Error
		if !errors.As(err, &e) || e.Msg != key+want || e.Hint == "" || e.Line != 1 || strings.Contains(err.Error()+e.Hint, "hunter2") {
			t.Errorf("%s: %v", text, err)
		}
	}
	for _, fine := range []string{
		"models: {a: {provider: openai, model: m, key_env: KEY, key_file: k, headers: {X-Title: soc}}}",
		"sources: {s: {type: sentinel, client_secret_env: S, token_file: t}}",
	} {
		if _, err := config.Load(write(t, fine)); err != nil {
			t.Errorf("%s: %v", fine, err)
		}
	}
}

// A secret that may be in a variable may be in the keyring.
func TestTheKeyringTakesTheVariablesPlace(t *testing.T) {
	t.Parallel()
	c, err := config.Load(write(t, "sources: {s: {type: splunk, token_keyring: soc/splunk}}\nmodels: {m: {provider: openai, model: m, key_keyring: soc/m}}"))
	if err != nil || c.Sources["s"].TokenEnv != config.Keyring+"soc/splunk" || c.Models["m"].KeyEnv != config.Keyring+"soc/m" {
		t.Errorf("%+v, %v", c, err)
	}
	for text, want := range map[string]string{
		"sources: {s: {type: splunk, token_keyring: splunk}}":            "wants SERVICE/USER",
		"sources: {s: {type: splunk, token_env: T, token_keyring: a/b}}": "named twice",
		"sources: {s: {type: splunk, token_keyring: a/b, token_env: T}}": "stands twice",
		"sources: {s: {type: splunk, path_keyring: a/b}}":                "unknown key",
		"sources: {s: {type: splunk, token_keyring: [a/b]}}":             "wants SERVICE/USER",
	} {
		if _, err := config.Load(write(t, text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestEverythingIsRead(t *testing.T) {
	t.Parallel()
	path := write(t, `
policy:
  base_rate: 0.02
  weights: {titles: 0.5}
  gap: 90s
  rules:
    - name: scanner
      effect: allow
      when: sensor.rule_id == "1"
      expires: 2026-06-30
models:
  local: {provider: ollama, url: "http://127.0.0.1:11434", model: "llama3.1:8b", timeout: 2m, num_thread: 1}
  remote: {provider: openai, model: big-one}
  pair: {cascade: [local, remote]}
triage: {lateness: 90s}
intel: {own: {type: list, path: lists/own.txt}}
approvers: [{name: maria, key: "soc-ed25519:AAAA"}]
casebook:
`)
	c, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	p := c.Policy
	if *p.BaseRate != 0.02 || p.Weights["titles"] != 0.5 || p.Gap.Duration != 90*time.Second || p.Cap != nil {
		t.Errorf("policy %+v", p)
	}
	if r := p.Rules[0]; r.Line != 7 || r.Expires != "2026-06-30" || r.When != `sensor.rule_id == "1"` {
		t.Errorf("rule %+v", r)
	}
	if got := c.Models["pair"]; strings.Join(got.Cascade, " ") != "local remote" || got.Line != 14 {
		t.Errorf("cascade %+v", got)
	}
	if c.Triage.Lateness.Duration != 90*time.Second || c.Models["local"].Timeout.Duration != 2*time.Minute {
		t.Errorf("durations %v, %v", c.Triage.Lateness, c.Models["local"].Timeout)
	}
	if got, want := c.Intel["own"].Path, filepath.Join(filepath.Dir(path), "lists", "own.txt"); got != want {
		t.Errorf("path %s, want %s: beside the file that names it", got, want)
	}
}

func TestDigestIsOfTheMeaning(t *testing.T) {
	t.Parallel()
	digest := func(text string, approvers ...config.Approver) string {
		c, err := config.Load(write(t, text))
		if err != nil {
			t.Fatal(err)
		}
		d, err := c.Policy.Digest(approvers)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	const rule = "rules: [{name: a, effect: deny, when: x}]"
	a, b := config.Approver{Name: "maria", Key: "a"}, config.Approver{Name: "maria", Key: "b"}
	base := digest("policy: {floor: 3, cap: 4000, weights: {a: 1, b: 2}}")
	if other := digest("# why\npolicy:\n  weights:\n    b: 2.0\n    a: 1\n\n  cap: 4000\n  floor: 3\n", a); other != base {
		t.Error("order, comments or approvers without rules changed the digest")
	}
	if digest("policy: {floor: 3, cap: 4000, weights: {a: 1, b: 2.5}}") == base {
		t.Error("another weight has the same digest")
	}
	if digest("policy: {"+rule+"}", a) == digest("policy: {"+rule+"}", b) {
		t.Error("other trusted keys have the same digest")
	}
	if digest("policy: {"+rule+"}", a) != digest("policy:\n\n  "+rule, a) {
		t.Error("the line of a rule changed the digest")
	}
}

func TestLoadPolicyTakesTheBlockOrTheWhole(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"floor: 7\n", "policy:\n  floor: 7\nmodels: {}\n"} {
		p, err := config.LoadPolicy(write(t, text))
		if err != nil || p.Floor == nil || *p.Floor != 7 {
			t.Errorf("%q: %+v, %v", text, p, err)
		}
	}
	if _, err := config.LoadPolicy(write(t, "flor: 7\n")); err == nil || !strings.HasSuffix(err.Error(), `soc.yaml:1: unknown key "flor" (nearest: floor)`) {
		t.Errorf("a misspelled key: %v", err)
	}
	if _, err := config.LoadPolicy(filepath.Join(t.TempDir(), "none.yaml")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

func TestKeysThatWereNeverObeyedSaySo(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"casebook: {no_raw: true}":         "casebook.no_raw is no key any more: alerts as received were always kept",
		"casebook: {keep: 90d}":            "casebook.keep is no key any more: closed cases were never deleted",
		"baseline: {history: 90d}":         "baseline.history is no key any more",
		"triage: {workers: 2}":             "triage.workers is no key any more",
		"triage: {limits: {depth: 10}}":    "triage.limits.depth is no key any more: an alert may be 64 levels deep",
		"triage: {limits: {keys: 100000}}": "triage.limits.keys is no key any more",
	} {
		_, err := config.Load(write(t, text))
		var e *config.Error
		if !errors.As(err, &e) || !strings.Contains(e.Msg, want) || e.Hint == "" || e.Line != 1 {
			t.Errorf("%s: %v", text, err)
		}
	}
}
