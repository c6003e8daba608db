package webhook_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/internal/drive/webhook"
	"github.com/seed-959697dd/soc/internal/web"
	"github.com/seed-959697dd/soc/respond"
)

// receiver is a program of the estate's: it checks signature and age, and keeps what is blocked.
type receiver struct {
	t       *testing.T
	blocked map[string]bool
	keys    map[string]int
	answer  string // in place of an answer, with a status of 200
	html    bool
}

func now() time.Time { return time.Unix(1772510400, 0) }

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	want := web.Sign(web.NewSecret("shared-key"), now(), body)
	if req.Header.Get("Soc-Signature") != want["Soc-Signature"] || req.Header.Get("Soc-Timestamp") != "1772510400" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	var d webhook.Document
	if err := json.Unmarshal(body, &d); err != nil || d.Kind != "order" || "/"+d.Do != req.URL.Path {
		r.t.Errorf("%s: %s", req.URL.Path, body)
	}
	r.keys[req.Header.Get("Idempotency-Key")]++
	w.Header().Set("Content-Type", "application/json")
	switch {
	case r.html:
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "<html>sign in</html>")
		return
	case r.answer != "":
		_, _ = io.WriteString(w, r.answer)
		return
	case d.Do == "do":
		r.blocked[d.Target.Value] = true
	case d.Do == "undo":
		delete(r.blocked, d.Target.Value)
	}
	list := []string{}
	for v := range r.blocked {
		list = append(list, v)
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"ok": true, "list": list})
}

func hook(t *testing.T, change func(*webhook.Settings)) (*webhook.Hook, *receiver) {
	t.Helper()
	r := &receiver{t: t, blocked: map[string]bool{}, keys: map[string]int{}}
	s := httptest.NewServer(r)
	t.Cleanup(s.Close)
	set := webhook.Settings{
		Actions: []string{"block-ip"}, Do: s.URL + "/do", Undo: s.URL + "/undo", Probe: s.URL + "/probe", Key: web.NewSecret("shared-key"), Now: now,
		InForce: respond.Reading{At: "list", Is: []string{"{target}"}}, Sleep: func(context.Context, time.Duration) error { return nil },
	}
	if change != nil {
		change(&set)
	}
	h, err := webhook.New(set)
	if err != nil {
		t.Fatal(err)
	}
	return h, r
}

var order = respond.Order{Key: "k1", Action: "block-ip", Target: respond.Target{Type: respond.IP, Value: "203.0.113.9"}, Until: now()}

func TestAnOrderIsSignedDoneAndTakenBack(t *testing.T) {
	t.Parallel()
	h, r := hook(t, nil)
	before, err := h.Probe(t.Context(), "block-ip", order.Target)
	if err != nil || before.Done {
		t.Fatal(before, err)
	}
	for range 2 {
		if err := h.Do(t.Context(), order); err != nil || !r.blocked["203.0.113.9"] {
			t.Fatal(err)
		}
	}
	if s, err := h.Probe(t.Context(), "block-ip", order.Target); err != nil || !s.Done {
		t.Fatal(s, err)
	}
	if err := h.Undo(t.Context(), order); err != nil || r.blocked["203.0.113.9"] {
		t.Fatal(err)
	}
	if after, err := h.Probe(t.Context(), "block-ip", order.Target); err != nil || after.Digest() != before.Digest() {
		t.Error(after, err)
	}
	if r.keys["do-k1"] != 2 || r.keys["undo-k1"] != 1 {
		t.Errorf("%v", r.keys)
	}
}

// A failure in the body of a 200 is a failure, and what cannot be read is no answer.
func TestA200ThatFails(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{`{"ok":false,"error":"no such firewall"}`, `{"success":false}`, `{"failed":true,"message":"shared-key is wrong"}`, `{"error":"` + strings.Repeat("x", 195) + `shared-key"}`, `{"error":"boom"}`, `not json`} {
		h, r := hook(t, nil)
		r.answer = answer
		err := h.Do(t.Context(), order)
		if err == nil || strings.Contains(err.Error(), "share") {
			t.Errorf("%s: %v", answer, err)
		}
		if _, err := h.Probe(t.Context(), "block-ip", order.Target); err == nil {
			t.Errorf("%s is taken for a state", answer)
		}
	}
	h, r := hook(t, nil)
	r.html = true
	if err := h.Do(t.Context(), order); err == nil || !strings.Contains(err.Error(), "HTML") {
		t.Error(err)
	}
	r.html, r.answer = false, `{"ok":true,"list":"unknown"}`
	if s, err := h.Probe(t.Context(), "block-ip", order.Target); err == nil {
		t.Errorf("an answer that says neither is taken for one: %+v", s)
	}
	other, _ := hook(t, func(set *webhook.Settings) { set.Key = web.NewSecret("another-key") })
	if err := other.Do(t.Context(), order); err == nil || !strings.Contains(err.Error(), "401") {
		t.Error(err)
	}
}

// P9: what declares no undo or no probe is a task.
func TestWithoutAWayBackItIsATask(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*webhook.Settings){"no undo": func(s *webhook.Settings) { s.Undo = "" }, "no probe": func(s *webhook.Settings) { s.Probe = "" }} {
		h, _ := hook(t, change)
		if ok, _ := h.Does("block-ip"); ok {
			t.Error(name)
		}
	}
	for name, set := range map[string]webhook.Settings{
		"another localhost": {Do: "http://localhost.evil.example/do", Key: web.NewSecret("k")},
		"plain http":        {Do: "http://soar.example/do", Key: web.NewSecret("k")}, "no key": {Do: "https://soar.example/do"},
		"no reading": {Do: "https://soar.example/do", Probe: "https://soar.example/probe", Key: web.NewSecret("k")}, "no address": {Key: web.NewSecret("k")},
	} {
		if _, err := webhook.New(set); err == nil {
			t.Error(name)
		}
	}
}
