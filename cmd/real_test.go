package cmd_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/internal/real/ollama"
)

// realModel is a real server with a real model; see internal/real/ollama.
func realModel(t *testing.T) *ollama.Server {
	t.Helper()
	if testing.Short() {
		t.Skip("asks a real model")
	}
	return ollama.Serve(t, "..", os.Getenv("SOC_REQUIRE_REAL") != "")
}

// TestRealModelStories runs the stories of testdata/script/real/model_*.txtar.
func TestRealModelStories(t *testing.T) {
	server := realModel(t)
	stories, err := filepath.Glob(filepath.Join("..", "testdata", "script", "real", "model_*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Files: stories,
		Setup: func(env *testscript.Env) error {
			env.Setenv("OLLAMA", server.URL)
			return setup(env)
		},
		RequireExplicitExec: true, RequireUniqueNames: true, UpdateScripts: os.Getenv("UPDATE") != "",
	})
}

// TestRealModelKilledInMidRun: the server dies while a run asks it. No verdict is lost; what was answered before stands, and every other
// question is a gap.
func TestRealModelKilledInMidRun(t *testing.T) {
	server := realModel(t)
	at, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	var chats atomic.Int32
	var front *httptest.Server
	through := httputil.NewSingleHostReverseProxy(at)
	through.ErrorHandler = func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) } // the connection breaks
	front = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/chat" && chats.Add(1) == 3 { // two may be answered
			server.Kill()
			_ = front.Listener.Close() // who comes now is refused, as by a process that is gone
		}
		through.ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	p := newPlace(t, fmt.Sprintf("models: {wide: {provider: ollama, url: %s, model: %s, num_thread: 1, timeout: 5m}}", front.URL, ollama.Wide))
	samples, err := filepath.Glob(filepath.Join("..", "testdata", "alert", "[a-c]*"))
	if err != nil {
		t.Fatal(err)
	}
	args := append([]string{"triage", "--no-book", "--json"}, samples...)
	out, _ := p.soc(args...)
	silent := verdicts(out)
	out, _ = p.soc(append(args, "--model", "wide", "--model-budget", "10m")...)
	asked := verdicts(out)
	if len(asked) != len(silent) {
		t.Fatalf("%d verdicts, %d without a model", len(asked), len(silent))
	}
	answers, gaps := 0, 0
	for id, v := range asked {
		if id == "" {
			continue
		}
		if gjson.Get(v, "score").Int() != gjson.Get(silent[id], "score").Int() {
			t.Errorf("%s: what the model invents counts", id)
		}
		switch m := gjson.Get(v, "model"); {
		case !m.Exists():
		case m.Get("answer").Exists():
			answers++
		case gjson.Get(v, `gaps.#(check=="model").class`).Str == "failed":
			gaps++
		default:
			t.Errorf("%s: neither an answer nor a gap: %s", id, v)
		}
	}
	if answers+gaps < 10 || gaps == 0 || answers > 2 {
		t.Errorf("%d answers, %d gaps", answers, gaps)
	}
	t.Logf("%d answers, then %d gaps", answers, gaps)
}
