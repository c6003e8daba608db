package render_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/internal/wire"
)

func TestChecksStandInTheOrderOfTheirUrgency(t *testing.T) {
	t.Parallel()
	list := []render.Check{
		{Name: "clock", OK: true, Detail: "2026-03-14T12:00:00Z"},
		{Name: "intel", Class: alert.Unconfigured, Detail: "no feed is imported", Hint: "soc intel import FILE"},
		{Name: "model with a long name", Class: alert.Failed, Detail: "connection refused", Hint: "ollama serve"},
		{Name: "policy", Class: alert.Partial, Detail: "no longer in force: rule a"},
	}
	want := `does not work
  model with a long name
                connection refused
                try: ollama serve
  policy        no longer in force: rule a

not set up
  intel         no feed is imported
                try: soc intel import FILE

in order
  clock         2026-03-14T12:00:00Z
`
	if got := string(render.Checks(nil, render.NewPaper(term.IO{Width: 80}), list)); got != want {
		t.Errorf("\n%s", got)
	}
	if list[0].Broken() || list[1].Broken() || !list[2].Broken() || !list[3].Broken() {
		t.Error("what nobody set up is broken, or what does not work is not")
	}
}

// TestAServerSpeaksToNoTerminal: the name of a model and the words of an error are a server's.
func TestAServerSpeaksToNoTerminal(t *testing.T) {
	t.Parallel()
	c := render.Check{Name: "ollama " + hostile, Class: alert.Failed, Detail: hostile, Hint: hostile}
	text := string(render.Checks(nil, render.NewPaper(term.IO{Width: 60}), []render.Check{c}))
	for _, line := range strings.Split(text, "\n") {
		if term.Width(line) > 60 {
			t.Errorf("a line of %d columns: %q", term.Width(line), line)
		}
	}
	doc := c.AppendJSON(nil)
	for _, r := range text + string(doc) {
		if r != '\n' && (unicode.IsControl(r) || wire.Hidden(r)) {
			t.Fatalf("%U is printed as it is", r)
		}
	}
	var back struct{ Kind, Name, Class, Detail, Hint string }
	if err := json.Unmarshal(doc, &back); err != nil || back.Kind != "check" || back.Class != "failed" || !strings.HasPrefix(back.Detail, "\x1b]0;owned") {
		t.Errorf("%+v %v", back, err)
	}
}
