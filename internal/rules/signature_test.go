package rules_test

import (
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/internal/rules"
	"github.com/seed-959697dd/soc/internal/sign"
)

// signed is the scanner rule with a good signature of the trusted key.
func signed(t testing.TB) rules.Rule {
	t.Helper()
	r := scanner()
	signature, err := rules.Sign(r, keyOf(t, "a"), now)
	if err != nil {
		t.Fatal(err)
	}
	r.By, r.Signature = "maria", signature
	return r
}

func TestASignedRuleMayClose(t *testing.T) {
	t.Parallel()
	for _, by := range []string{"maria", keyOf(t, "a").Public().String()} {
		r := signed(t)
		r.By = by
		got := compile(t, r).Match(sample())
		if got == nil || !got.Signed || got.Rule != "scanner" || got.By != "maria" || got.Until != "2026-06-30" {
			t.Errorf("by %s: %+v", by, got)
		}
	}
	r := signed(t)
	r.When += "\n" // a YAML block ends in one
	if got := compile(t, r).Match(sample()); got == nil || !got.Signed {
		t.Errorf("a newline behind the condition: %+v", got)
	}
}

func TestWhatBreaksASignature(t *testing.T) {
	t.Parallel()
	other, err := rules.Sign(scanner(), keyOf(t, "b"), now)
	if err != nil {
		t.Fatal(err)
	}
	const broken = "its signature does not hold"
	for name, row := range map[string]struct {
		change func(*rules.Rule)
		why    string
	}{
		"another condition":        {func(r *rules.Rule) { r.When = "true" }, broken},
		"a wider range":            {func(r *rules.Rule) { r.When = strings.ReplaceAll(r.When, "/24", "/16") }, broken},
		"another name":             {func(r *rules.Rule) { r.Name = "scanners" }, broken},
		"another reason":           {func(r *rules.Rule) { r.Reason += "s" }, broken},
		"a later day":              {func(r *rules.Rule) { r.Expires = "2026-07-30" }, broken},
		"a bit of the signature":   {func(r *rules.Rule) { r.Signature = "A" + r.Signature[1:] }, broken},
		"half the signature":       {func(r *rules.Rule) { r.Signature = r.Signature[:44] }, broken},
		"another key's signature":  {func(r *rules.Rule) { r.Signature = other }, broken},
		"a key nobody trusts":      {func(r *rules.Rule) { r.By, r.Signature = keyOf(t, "b").Public().String(), other }, "is not among the approvers"},
		"a name nobody trusts":     {func(r *rules.Rule) { r.By = "mallory" }, `its signer "mallory" is not among the approvers`},
		"nobody's name":            {func(r *rules.Rule) { r.By = "" }, "is not among the approvers"},
		"no signature":             {func(r *rules.Rule) { r.Signature = "" }, "it is not signed"},
		"no reason":                {func(r *rules.Rule) { r.Reason = " " }, "it gives no reason"},
		"no day of expiry":         {func(r *rules.Rule) { r.Expires = "" }, "it has no day of expiry"},
		"moved between two fields": {func(r *rules.Rule) { r.Name, r.Reason = r.Name+r.Reason[:1], r.Reason[1:] }, broken},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := signed(t)
			row.change(&r)
			got := compile(t, r).Match(sample())
			if got == nil || got.Signed || !strings.Contains(got.By, row.why) {
				t.Errorf("%+v, want unsigned because %s", got, row.why)
			}
		})
	}
}

func TestASignatureEndsWithItsLastDay(t *testing.T) {
	t.Parallel()
	r := signed(t)
	for at, want := range map[string]bool{"2026-06-30T23:59:59Z": true, "2026-07-01T00:00:00Z": false, "2026-07-01T01:00:00+02:00": true} {
		moment, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		s, err := rules.Compile([]rules.Rule{r}, trusted(t), moment)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Match(sample()); got == nil || got.Signed != want {
			t.Errorf("%s: %+v", at, got)
		}
	}
	if _, err := rules.Sign(r, keyOf(t, "a"), time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)); err == nil || err.Error() != `rule "scanner": it expired after 2026-06-30` {
		t.Errorf("an expired rule was signed: %v", err)
	}
}

func TestAnotherPromiseIsNoRule(t *testing.T) {
	t.Parallel()
	r := signed(t)
	text := `["scanner","allow","` + strings.ReplaceAll(r.When, `"`, `\"`) + `","` + r.Reason + `","2026-06-30"]`
	r.Signature = sign.Sign(keyOf(t, "a"), "soc plan approval v1", []byte(text))
	if got := compile(t, r).Match(sample()); got == nil || got.Signed {
		t.Errorf("a plan's approval closed alerts: %+v", got)
	}
	text = strings.ReplaceAll(text, "&", `\u0026`)
	r.Signature = sign.Sign(keyOf(t, "a"), "soc policy rule v1", []byte(text))
	if got := compile(t, r).Match(sample()); got == nil || !got.Signed {
		t.Errorf("the signed text has changed, and every signature of every estate with it: %+v", got)
	}
}

func TestASignedRuleGoesBeforeAnUnsignedOne(t *testing.T) {
	t.Parallel()
	draft := scanner()
	draft.Name = "draft"
	if got := compile(t, draft, signed(t)).Match(sample()); got == nil || got.Rule != "scanner" || !got.Signed {
		t.Errorf("%+v", got)
	}
}
