// Package ollama runs a real Ollama server for a test, on a port and in directories of its own, with a real model that is small enough to
// lie beside the tests: soc-tiny, of testdata/model. Nothing of it is left when the test ends.
//
// It builds nothing: .ci/model.sh does, once, into .cache/bin. Without a server the test is skipped, or fails where the caller
// says that it is required. It is for tests only, and is no fake: for what a model should say see internal/fake/llm. Start with Serve;
// Tiny and Wide are the models.
package ollama

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// The models that a server has. Both are the same weights: Tiny holds 256 tokens, as it was trained, which is less than a prompt of soc.
// Wide claims to hold more. Positions that it never saw make it no wiser, but it reads a whole prompt and answers in the shape that it
// is held to; what it then cites is invented.
const (
	Tiny        = "soc-tiny"
	Wide        = "soc-tiny-wide"
	TinyContext = 256
	WideContext = 8192
)

// Version is the server's, as .ci/model.sh builds it.
const Version = "0.9.6"

// Server is one that runs. It is safe for concurrent use.
type Server struct {
	URL  string
	kill func()
}

// Kill ends the server at once, and the process that computes. Further calls do nothing.
func (s *Server) Kill() { s.kill() }

// Serve starts a server with both models. root is the repository's directory; without a server built there the test is skipped, or
// fails when it is required.
func Serve(t testing.TB, root string, required bool) *Server {
	t.Helper()
	bin, err := filepath.Abs(filepath.Join(root, ".cache", "bin", "ollama"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(bin); err != nil && required {
		t.Fatal(err)
	} else if err != nil {
		t.Skip("needs Ollama, which .ci/model.sh builds")
	}
	home, host := t.TempDir(), free(t)
	cmd := exec.Command(bin, "serve")
	cmd.Dir = home
	cmd.Env = []string{
		"HOME=" + home, "TMPDIR=" + home, "PATH=/usr/bin:/bin", "OLLAMA_HOST=" + host, "OLLAMA_MODELS=" + filepath.Join(home, "models"),
		"OLLAMA_NOHISTORY=1", "OLLAMA_NOPRUNE=1",
	}
	var log bytes.Buffer
	cmd.Stderr = &log
	group(cmd)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	gone := make(chan error, 1)
	go func() { gone <- cmd.Wait() }()
	ended := false
	s := &Server{URL: "http://" + host, kill: func() {
		if !ended {
			ended = true
			end(cmd)
			<-gone
		}
	}}
	t.Cleanup(s.kill)
	if err := s.wait(gone); err != nil {
		s.kill()
		t.Fatalf("%v\n%s", err, log.Bytes())
	}
	weights, err := os.ReadFile(filepath.Join(root, "testdata", "model", "soc-tiny", "soc-tiny-f16.gguf"))
	if err != nil {
		t.Fatal(err)
	}
	s.create(t, Tiny, TinyContext, weights)
	s.create(t, Wide, WideContext, widened(t, weights))
	return s
}

// free is an address of this machine that nobody listens at.
func free(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// wait returns once the server answers. It takes as long as a busy machine needs.
func (s *Server) wait(gone <-chan error) error {
	for range 600 {
		if resp, err := http.Get(s.URL + "/api/version"); err == nil {
			return resp.Body.Close()
		}
		select {
		case err := <-gone:
			return errors.Join(errors.New("the server ended before it answered"), err)
		case <-time.After(100 * time.Millisecond):
		}
	}
	return errors.New("the server does not answer")
}

// create makes a model of weights, with the template and the parameters of its Modelfile. One thread computes: with more of them a
// model slows down by a factor of hundreds as soon as anything else runs.
func (s *Server) create(t testing.TB, name string, context int, weights []byte) {
	t.Helper()
	sum := sha256.Sum256(weights)
	digest := "sha256:" + hex.EncodeToString(sum[:])
	s.post(t, "/api/blobs/"+digest, weights)
	body, err := json.Marshal(map[string]any{
		"model": name, "files": map[string]string{name + ".gguf": digest}, "stream": false, "template": "<|u|>{{ .Prompt }}<|a|>",
		"parameters": map[string]any{"temperature": 0, "num_ctx": context, "num_thread": 1, "stop": []string{"</s>"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.post(t, "/api/create", body)
}

func (s *Server) post(t testing.TB, path string, body []byte) {
	t.Helper()
	resp, err := http.Post(s.URL+path, "application/octet-stream", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	said, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close() // it was read
	if err != nil || resp.StatusCode/100 != 2 {
		t.Fatalf("%s: %s: %s %v", path, resp.Status, said, err)
	}
}

// widened is a copy of weights whose metadata say that the model holds WideContext tokens. In a GGUF file a key is followed by the type of its
// value, of which 4 is an unsigned number of 32 bits, and by the value.
func widened(t testing.TB, weights []byte) []byte {
	t.Helper()
	const key = "llama.context_length"
	at := bytes.Index(weights, []byte(key)) + len(key)
	if at < len(key) || binary.LittleEndian.Uint32(weights[at:]) != 4 || binary.LittleEndian.Uint32(weights[at+4:]) != TinyContext {
		t.Fatal("the weights do not say that the model holds 256 tokens")
	}
	wide := bytes.Clone(weights)
	binary.LittleEndian.PutUint32(wide[at+4:], WideContext)
	return wide
}
