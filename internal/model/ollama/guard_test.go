package ollama_test

import (
	"encoding/json"
	"testing"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/prompt"
)

// TestWhatARealModelInventsIsDropped: it answers in the shape of a triage answer, about a sentence of a kind that it never learned, and
// what it cites stands nowhere in the alert. Its context is too small for the whole prompt, so it gets the sentence alone.
func TestWhatARealModelInventsIsDropped(t *testing.T) {
	t.Parallel()
	base, _ := serve(t)
	set, err := alert.NewSet(alert.Options{})
	if err != nil {
		t.Fatal(err)
	}
	const says = "Kernel module loaded from an unusual directory by an unattended upgrade"
	var a alert.Alert
	raw := []byte(`{"id":"a1","title":"` + says + `","host":{"name":"ws-12"},"time":"2026-01-05T10:00:00Z"}`)
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
	r := q.Request
	r.System, r.Shared, r.Alert = "", "", says
	// The schema of the answer, with bounds: a model of this size finds no end by itself.
	r.Schema = json.RawMessage(`{"type":"object","additionalProperties":false,"required":["claims","questions","verdict","confidence"],"properties":{` +
		`"claims":{"type":"array","minItems":1,"maxItems":1,"items":{"type":"object","additionalProperties":false,"required":["path","value","text"],` +
		`"properties":{"path":{"type":"string","maxLength":20},"value":{"type":"string","maxLength":20},"text":{"type":"string","maxLength":20}}}},` +
		`"questions":{"type":"array","maxItems":0,"items":{"type":"string"}},` +
		`"verdict":{"type":"string","enum":["malicious","suspicious","benign","unsure"]},"confidence":{"type":"integer","minimum":0,"maximum":99}}}`)
	answer, err := open(t, base, "soc-tiny", nil).Chat(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	reading, err := q.Read(answer)
	if err != nil || reading.Dropped != 1 || len(reading.Claims) != 0 {
		t.Errorf("%+v of %+v: %v", reading, answer, err)
	}
	t.Logf("it said %s", answer.Text)
}
