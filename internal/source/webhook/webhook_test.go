package webhook_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/source/webhook"
	"github.com/seed-959697dd/soc/internal/web"
)

func noon() time.Time { return time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC) }

// rig is a hook that feeds, and what came.
type rig struct {
	t    *testing.T
	url  string
	mu   sync.Mutex
	came []alert.Fed
	kept error // what senders are told
}

func newRig(t *testing.T, set webhook.Settings, change ...func(*webhook.Hook)) *rig {
	t.Helper()
	r := &rig{t: t}
	ready := make(chan string, 1)
	set.Listen, set.Now, set.Ready = "127.0.0.1:0", noon, func(at string) { ready <- at }
	h, err := webhook.New(set)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range change {
		f(h)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- h.Feed(ctx, func(f alert.Fed) error {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.came = append(r.came, f)
			f.Kept(r.kept)
			return nil
		})
	}()
	r.url = "http://" + <-ready
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return r
}

func (r *rig) post(body string, headers map[string]string) int {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), http.MethodPost, r.url+"/any", strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	for k, v := range headers {
		req.Header.Set(k, v)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	return resp.StatusCode
}

func (r *rig) items() (list []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.came {
		list = append(list, string(r.came[i].Raw))
	}
	return list
}

func bearer(token string) map[string]string {
	return map[string]string{"Authorization": "Bearer " + token}
}

func TestWhoSends(t *testing.T) {
	t.Parallel()
	key := web.NewSecret("signing-secret")
	r := newRig(t, webhook.Settings{Token: web.NewSecret("token-secret"), Key: key})
	const body = `{"id":"1"}`
	forged := web.Sign(web.NewSecret("another"), noon(), []byte(body))
	for name, row := range map[string]struct {
		headers map[string]string
		want    int
	}{
		"nobody":                    {nil, 401},
		"a token":                   {bearer("token-secret"), 202},
		"another token":             {bearer("signing-secret"), 401},
		"an empty token":            {bearer(""), 401},
		"a signature":               {web.Sign(key, noon(), []byte(body)), 202},
		"by another key":            {forged, 401},
		"of another body":           {web.Sign(key, noon(), []byte(`{"id":"2"}`)), 401},
		"an old one":                {web.Sign(key, noon().Add(-6*time.Minute), []byte(body)), 401},
		"one that is still to come": {web.Sign(key, noon().Add(6*time.Minute), []byte(body)), 401},
		"without its time":          {map[string]string{"Soc-Signature": forged["Soc-Signature"]}, 401},
		"cut short":                 {map[string]string{"Soc-Timestamp": forged["Soc-Timestamp"], "Soc-Signature": forged["Soc-Signature"][:20]}, 401},
	} {
		if got := r.post(body, row.headers); got != row.want {
			t.Errorf("%s: %d, want %d", name, got, row.want)
		}
	}
	if got := r.items(); len(got) != 2 {
		t.Errorf("taken %q", got)
	}
	if got := r.post(body, web.Sign(key, noon(), []byte(body))); got != 202 || len(r.items()) != 2 {
		t.Errorf("the same again: %d, taken %q", got, r.items())
	}
}

func TestWhatIsSent(t *testing.T) {
	t.Parallel()
	r := newRig(t, webhook.Settings{Token: web.NewSecret("t"), Body: 200})
	for body, want := range map[string]int{
		"": 400, " \n": 400, strings.Repeat(" ", 100) + strings.Repeat("x", 200): 413, "{\"id\":\"1\"}\n{\"id\":\"2\"}\n": 202, `[{"id":"3"},{"id":"4"}]`: 202, "no alert": 202,
	} {
		if got := r.post(body, bearer("t")); got != want {
			t.Errorf("%q: %d, want %d", body, got, want)
		}
	}
	if got := r.items(); len(got) != 5 {
		t.Errorf("taken %q", got)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil || resp.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("GET: %v, %v", resp, err)
	}
	_ = resp.Body.Close()
}

// What cannot be kept stays with the sender, and is taken when it is sent again, also under the same signature.
func TestWhatCannotBeKept(t *testing.T) {
	t.Parallel()
	key := web.NewSecret("k")
	r := newRig(t, webhook.Settings{Key: key})
	r.kept = errors.New("no space left on device")
	const body = `{"id":"1"}`
	if got := r.post(body, web.Sign(key, noon(), []byte(body))); got != 503 {
		t.Errorf("%d, want 503", got)
	}
	r.mu.Lock()
	r.kept = nil
	r.mu.Unlock()
	if got := r.post(body, web.Sign(key, noon(), []byte(body))); got != 202 || len(r.items()) != 2 {
		t.Errorf("%d, taken %q", got, r.items())
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	secret := web.NewSecret("a-secret")
	for want, set := range map[string]webhook.Settings{
		"no host:port":    {Listen: "8080", Token: secret},
		"has to name":     {Listen: "127.0.0.1:8080"},
		"under TLS only":  {Listen: "0.0.0.0:8080", Token: secret},
		"belong together": {Listen: "127.0.0.1:8080", Token: secret, CertFile: "cert.pem"},
		"no such file":    {Listen: ":8080", Token: secret, CertFile: "none.pem", KeyFile: "none.pem"},
	} {
		if _, err := webhook.New(set); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "a-secret") {
			t.Errorf("%v, want %s", err, want)
		}
	}
	h, err := webhook.New(webhook.Settings{Listen: "127.0.0.1:0", Token: secret})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range h.Examine(t.Context()) {
		if !f.OK {
			t.Errorf("%+v", f)
		}
	}
}

// dial opens a connection and writes the beginning of a request.
func (r *rig) dial(head string) net.Conn {
	r.t.Helper()
	c, err := (&net.Dialer{}).DialContext(r.t.Context(), "tcp", strings.TrimPrefix(r.url, "http://"))
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = c.Close() })
	if _, err := io.WriteString(c, "POST / HTTP/1.1\r\nHost: hook\r\n"+head+"\r\n"); err != nil {
		r.t.Fatal(err)
	}
	return c
}

// statusOf is what a connection is answered; 0 when it is not.
func statusOf(c net.Conn) int {
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return 0
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}

func headersOf(h map[string]string) (text string) {
	for k, v := range h {
		text += k + ": " + v + "\r\n"
	}
	return text
}

// What cannot be signed is refused before a byte of its body comes; a made-up signature holds a place only as long as a body may take, and of
// one address only some; who has the token is taken meanwhile.
func TestMadeUpSignaturesHoldNobodyUp(t *testing.T) {
	t.Parallel()
	key := web.NewSecret("k")
	forged := headersOf(web.Sign(web.NewSecret("another"), noon(), []byte("x"))) + "Content-Length: 1000\r\n"
	r := newRig(t, webhook.Settings{Key: key, Token: web.NewSecret("t"), Together: 4})
	for name, head := range map[string]string{
		"none": "", "no hexadecimal": "Soc-Timestamp: 1773489600\r\nSoc-Signature: v1=zz\r\n", "no time": "Soc-Signature: v1=" + strings.Repeat("0", 64) + "\r\n",
		"an old one": headersOf(web.Sign(key, noon().Add(-time.Hour), nil)),
	} {
		if got := statusOf(r.dial(head + "Content-Length: 1000\r\n")); got != 401 {
			t.Errorf("%s: %d, want 401 before the body", name, got)
		}
	}
	if got := statusOf(r.dial("Authorization: Bearer t\r\nContent-Length: 999999999\r\n")); got != 413 {
		t.Errorf("a body that says how long it is: %d, want 413 before it comes", got)
	}
	// With four to be kept at a time two of one address are read: of three that send nothing one is sent away at once.
	answers := make(chan int, 3)
	for range 3 {
		c := r.dial(forged)
		go func() { answers <- statusOf(c) }()
	}
	if got := <-answers; got != 503 {
		t.Errorf("the third of one address: %d, want 503", got)
	}
	for range 8 {
		if got := r.post(`{"id":"1"}`, bearer("t")); got != 202 {
			t.Errorf("beside them, with the token: %d, want 202", got)
		}
	}
}

// A body that does not come is not waited for, and what all of them hold is bounded.
func TestSlowAndManyBodies(t *testing.T) {
	t.Parallel()
	r := newRig(t, webhook.Settings{Token: web.NewSecret("t")}, func(h *webhook.Hook) { h.Look(time.Millisecond) })
	c := r.dial("Authorization: Bearer t\r\nContent-Length: 100\r\n")
	if _, err := io.WriteString(c, `{"id"`); err != nil {
		t.Fatal(err)
	}
	if got := statusOf(c); got != 408 {
		t.Errorf("a slow body: %d, want 408", got)
	}
	r = newRig(t, webhook.Settings{Token: web.NewSecret("t"), Memory: 1000})
	if got := r.post(strings.Repeat("x", 1001), bearer("t")); got != 503 {
		t.Errorf("more than there is room for: %d, want 503", got)
	}
	if got := r.post(strings.Repeat("x", 1000), bearer("t")); got != 202 {
		t.Errorf("after that: %d, want 202", got)
	}
}
