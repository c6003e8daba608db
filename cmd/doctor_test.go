package cmd_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/cmd"
	"github.com/seed-959697dd/soc/internal/term"
)

func TestDoctorKeepsToItsSchema(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.soc("doctor")
	s.write("soc.yaml", "assets: {files: [gone.csv]}\nmodels: {far: {provider: openai, url: \"http://127.0.0.1:9/v1\", model: m}}\n")
	s.soc("doctor --config @soc.yaml")
	s.saw("check")
}

// TestWhereOllamaIs: OLLAMA_HOST is read as Ollama reads it, and an address to listen on everywhere is this machine's.
func TestWhereOllamaIs(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]string{
		"":                          "http://127.0.0.1:11434",
		"127.0.0.1:9":               "http://127.0.0.1:9",
		" \"127.0.0.1:9\" ":         "http://127.0.0.1:9",
		"0.0.0.0:9":                 "http://127.0.0.1:9",
		":9":                        "http://127.0.0.1:9",
		"[::]:9":                    "http://127.0.0.1:9",
		"[::1]:9":                   "http://[::1]:9",
		"http://127.0.0.1:9/ollama": "http://127.0.0.1:9/ollama",
		"ftp://127.0.0.1":           "OLLAMA_HOST is no address like 127.0.0.1:11434",
	} {
		var out strings.Builder
		cmd.Main(context.Background(), []string{"doctor", "--json"}, cmd.World{
			IO: term.IO{In: strings.NewReader(""), Out: &out, Err: &out, Width: 80},
			Env: func(name string) string {
				if name == "OLLAMA_HOST" {
					return host
				}
				return ""
			},
			Now: func() time.Time { return time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC) },
		})
		found := false
		for line := range strings.Lines(out.String()) {
			found = found || strings.Contains(line, `"name":"ollama"`) && strings.Contains(line, want)
		}
		if !found {
			t.Errorf("%q is not taken for %s:\n%s", host, want, out.String())
		}
	}
}

// TestAClockBeforeTheProgram would make nonsense of every age and expiry.
func TestAClockBeforeTheProgram(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	status := cmd.Main(context.Background(), []string{"doctor", "--json", "--strict"}, cmd.World{
		IO:  term.IO{In: strings.NewReader(""), Out: &out, Err: &out, Width: 80},
		Env: func(string) string { return "" },
		Now: func() time.Time { return time.Date(1970, 1, 1, 0, 4, 0, 0, time.UTC) },
	})
	if status != 4 || !strings.Contains(out.String(), `"name":"clock","ok":false,"class":"failed"`) {
		t.Errorf("status %d\n%s", status, out.String())
	}
}
