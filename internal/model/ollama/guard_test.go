package ollama_test

import (
	"testing"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/model/ollama"
	"github.com/seed-959697dd/soc/internal/prompt"
	real "github.com/seed-959697dd/soc/internal/real/ollama"
)

// TestRealServerInventionsAreDropped: asked the whole question about an alert, the model answers in the shape of a triage answer, and what
// it cites stands nowhere in the alert. Nothing of it counts.
func TestRealServerInventionsAreDropped(t *testing.T) {
	t.Parallel()
	base := serve(t).URL
	set, err := alert.NewSet(alert.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var a alert.Alert
	raw := []byte(`{"id":"a1","title":"Kernel module loaded from an unusual directory by an unattended upgrade","host":{"name":"ws-12"},"time":"2026-01-05T10:00:00Z"}`)
	if _, err := set.NewParser().Parse(&a, raw, nil); err != nil {
		t.Fatal(err)
	}
	composer, err := prompt.New(prompt.Settings{Key: []byte("a key of thirty-two bytes, or so")})
	if err != nil {
		t.Fatal(err)
	}
	q, err := composer.Ask(&a, prompt.About{}, false)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := open(t, base, real.Wide, func(s *ollama.Settings) { s.NumCtx = 0 }).Chat(t.Context(), q.Request)
	if err != nil {
		t.Fatal(err)
	}
	reading, err := q.Read(answer)
	if err != nil || reading.Dropped == 0 || len(reading.Claims) != 0 {
		t.Errorf("%+v of %+v: %v", reading, answer, err)
	}
	if s, ok := prompt.Signal("tiny", reading, prompt.Ratios{}); ok {
		t.Errorf("it counts: %+v", s)
	}
	t.Logf("of %d tokens it made %s", answer.TokensIn, answer.Text)
}
