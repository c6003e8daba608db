package report_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/investigate"
)

type object = map[string]any

// needed are the properties that an object must have beside those that all have. Source: STIX 2.1, parts 4 to 6.
var needed = map[string][]string{
	"identity": {"name"}, "incident": {"name"}, "grouping": {"context", "object_refs"}, "observed-data": {"first_observed", "last_observed", "number_observed", "object_refs"},
	"indicator": {"pattern", "pattern_type", "valid_from"}, "attack-pattern": {"name"}, "relationship": {"relationship_type", "source_ref", "target_ref"},
	"ipv4-addr": {"value"}, "ipv6-addr": {"value"}, "domain-name": {"value"}, "url": {"value"}, "email-addr": {"value"}, "user-account": {"account_login"}, "directory": {"path"},
	"file": nil, "windows-registry-key": {"key"},
}

var (
	idShape   = regexp.MustCompile(`^([a-z0-9-]+)--[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	timeShape = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$`)
	// One comparison: a path, and a string whose quotes and backslashes are escaped.
	patternShape = regexp.MustCompile(`^\[(ipv4-addr:value|ipv6-addr:value|domain-name:value|url:value|email-addr:value|file:hashes\.(MD5|'SHA-1'|'SHA-256'|'SHA-512')) = '([^'\\]|\\'|\\\\)*'\]$`)
)

// bundleOf reads a bundle and checks it against the rules of STIX 2.1 that can be told from its bytes.
func bundleOf(t *testing.T, out string) []object {
	t.Helper()
	var b struct {
		Type, ID string
		Objects  []object
	}
	dec := json.NewDecoder(strings.NewReader(out))
	if err := dec.Decode(&b); err != nil || dec.More() {
		t.Fatalf("%v: %.200s", err, out)
	}
	if m := idShape.FindStringSubmatch(b.ID); b.Type != "bundle" || m == nil || m[1] != "bundle" {
		t.Errorf("bundle %s %s", b.Type, b.ID)
	}
	ids := map[string]object{}
	for _, o := range b.Objects {
		id, _ := o["id"].(string)
		if ids[id] != nil {
			t.Errorf("twice %s", id)
		}
		ids[id] = o
	}
	for _, o := range b.Objects {
		valid(t, o, ids)
	}
	return b.Objects
}

func valid(t *testing.T, o object, ids map[string]object) {
	t.Helper()
	kind, _ := o["type"].(string)
	id, _ := o["id"].(string)
	want, known := needed[kind]
	if m := idShape.FindStringSubmatch(id); m == nil || m[1] != kind || !known || o["spec_version"] != "2.1" {
		t.Errorf("%v", o)
	}
	observable := len(want) == 1 && (want[0] == "value" || want[0] == "account_login" || want[0] == "path" || want[0] == "key") || kind == "file"
	if !observable {
		want = append(slices.Clone(want), "created", "modified")
	}
	for _, name := range want {
		if v, ok := o[name]; !ok || v == "" {
			t.Errorf("%s has no %s", id, name)
		}
	}
	times := map[string]time.Time{}
	for name, v := range o {
		switch {
		case strings.HasSuffix(name, "_ref"):
			refers(t, id, v, ids)
		case strings.HasSuffix(name, "_refs"):
			list, _ := v.([]any)
			if len(list) == 0 {
				t.Errorf("%s: %s is empty", id, name)
			}
			for _, r := range list {
				refers(t, id, r, ids)
			}
		case slices.Contains([]string{"created", "modified", "first_observed", "last_observed", "valid_from"}, name):
			s, _ := v.(string)
			at, err := time.Parse(time.RFC3339Nano, s)
			if err != nil || !timeShape.MatchString(s) {
				t.Errorf("%s: %s %q", id, name, s)
			}
			times[name] = at
		case v == nil || v == "":
			t.Errorf("%s: %s is empty", id, name)
		}
	}
	if times["modified"].Before(times["created"]) || times["last_observed"].Before(times["first_observed"]) {
		t.Errorf("%s: %v", id, times)
	}
	switch kind {
	case "observed-data":
		if n, _ := o["number_observed"].(float64); n < 1 || n > 999_999_999 {
			t.Errorf("%s: observed %v times", id, n)
		}
		list, _ := o["object_refs"].([]any)
		for _, r := range list {
			if ref, _ := r.(string); ids[ref]["created"] != nil {
				t.Errorf("%s observes %s, which is no observable", id, ref)
			}
		}
	case "indicator":
		if p, _ := o["pattern"].(string); !patternShape.MatchString(p) || o["pattern_type"] != "stix" {
			t.Errorf("%s: pattern %q", id, p)
		}
	case "grouping":
		if o["context"] != "suspicious-activity" {
			t.Errorf("%s: %v", id, o["context"])
		}
	case "file":
		if o["name"] == nil && o["hashes"] == nil {
			t.Errorf("%s has neither name nor hashes", id)
		}
	case "attack-pattern":
		refs, _ := o["external_references"].([]any)
		ref, _ := refs[0].(object)
		if ref["source_name"] != "mitre-attack" || ref["external_id"] == nil {
			t.Errorf("%s: %v", id, refs)
		}
	}
}

func refers(t *testing.T, id string, v any, ids map[string]object) {
	t.Helper()
	if ref, _ := v.(string); ids[ref] == nil {
		t.Errorf("%s refers to %q, which is not in the bundle", id, ref)
	}
}

func TestBundle(t *testing.T) {
	t.Parallel()
	out := written(t, "stix", night(t))
	n := map[string]int{}
	var patterns []string
	for _, o := range bundleOf(t, out) {
		n[fmt.Sprint(o["type"])]++
		if p, ok := o["pattern"].(string); ok {
			patterns = append(patterns, p)
		}
		if d, ok := o["description"].(string); ok && o["type"] == "grouping" && !strings.Contains(d, "1 warning-listed") {
			t.Errorf("%q", d)
		}
	}
	if n["incident"] != 1 || n["grouping"] != 1 || n["observed-data"] != 3 || n["attack-pattern"] != 2 {
		t.Errorf("%v", n)
	}
	slices.Sort(patterns)
	if want := []string{"[ipv4-addr:value = '203.0.113.40']", "[ipv4-addr:value = '203.0.113.9']", "[url:value = 'http://203.0.113.9/a']"}; !slices.Equal(patterns, want) {
		t.Errorf("%q", patterns)
	}
	if again := written(t, "stix", night(t)); again != out {
		t.Error("the same case leads to other bytes")
	}
}

func TestBundleOfSeveralAndOfNone(t *testing.T) {
	t.Parallel()
	bundleOf(t, written(t, "stix", night(t), hostileCase(t, "127.0.0.1:9")))
	if list := bundleOf(t, written(t, "stix")); len(list) != 0 {
		t.Errorf("%v", list)
	}
}

// Observables have the ids that every program gives them: two of these stand in the specification.
func TestObservablesHaveTheIdsOfEverybody(t *testing.T) {
	t.Parallel()
	k := caseOf(t, nil, told{id: "v-1a", alert: "a1", title: "t", vendor: "V", input: "i", gap: "g", things: []thing{
		{"ip", "source", "198.51.100.3", "a"}, {"domain", "target", "example.com", "b"}, {"ip", "target", "2001:db8::1", "c"},
	}})
	out := written(t, "stix", k)
	bundleOf(t, out)
	for _, want := range []string{
		"ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4", "ipv6-addr--6469e3a9-b053-5e34-a025-9396ae051d26", "domain-name--bedb4899-d24b-5401-bc86-8f6b4cc18ec7",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %s in %s", want, out)
		}
	}
}

// A pattern cannot be left by what an attacker wrote.
func TestPatternsAreClosed(t *testing.T) {
	t.Parallel()
	for _, value := range []string{`http://a.example/' OR '1'='1`, `http://a.example/\`, `http://a.example/\'] OR [file:name = 'x`} {
		k := night(t)
		k.Indicators = append(k.Indicators, investigate.Indicator{Type: "url", Value: value, Defanged: value, Verdict: "malicious", Receipts: []investigate.Receipt{{Alert: "a1", Path: "u", Value: value}}})
		k.Recommended = append(k.Recommended, investigate.Advice{Action: "block-url", Target: investigate.Target{Type: "url", Value: value}, Phase: investigate.Containment})
		for _, o := range bundleOf(t, written(t, "stix", k)) {
			if p, _ := o["pattern"].(string); strings.Contains(p, "OR") {
				t.Errorf("%q became a pattern: %s", value, p)
			}
		}
	}
}
