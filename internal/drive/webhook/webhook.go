// Package webhook carries actions out by posting what to do to an address of the estate's: a document, signed, with the same key for the
// same order. Doing, undoing and asking have an address each; without the last two an action is a task for a person.
//
// The receiver has to check the signature and its age, and to answer only when it is done. Start with New; Document is what is posted,
// web.Sign says how it is signed.
package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/internal/web"
	"github.com/seed-959697dd/soc/respond"
)

// Settings name the addresses and what they are for.
type Settings struct {
	Actions         []string
	Do, Undo, Probe string // addresses
	CAFile          string
	Key             web.Secret      // what bodies are signed with
	InForce         respond.Reading // in the answer of Probe
	Timeout         time.Duration   // of one request; 0: 30 s
	Now             func() time.Time
	Sleep           func(context.Context, time.Duration) error // nil waits by the machine's clock
}

// Document is what is posted.
type Document struct {
	Kind    string `json:"kind"` // order
	Version int    `json:"version"`
	Do      string `json:"do"` // do, undo, probe
	Key     string `json:"key,omitempty"`
	Action  string `json:"action"`
	Target  Aim    `json:"target"`
	Until   string `json:"until,omitempty"` // RFC 3339, in UTC
	Image   string `json:"image,omitempty"` // the state from before, for undo
}

// Aim is what an order is aimed at.
type Aim struct {
	Type  string `json:"type"`
	Value string `json:"value"`
}

// Hook is a respond.Driver.
type Hook struct {
	set             Settings
	do, undo, probe *web.Client
}

// New makes a driver, or says what is wrong with an address. It connects to nothing.
func New(set Settings) (*Hook, error) {
	if set.Key.Reveal() == "" {
		return nil, errors.New("a webhook needs a key to sign with: token_env or token_file")
	}
	h := &Hook{set: set}
	for _, one := range []struct {
		name, url string
		client    **web.Client
	}{{"url", set.Do, &h.do}, {"undo", set.Undo, &h.undo}, {"probe", set.Probe, &h.probe}} {
		if one.url == "" && one.name != "url" {
			continue
		}
		if err := web.Confidential(one.url); err != nil { // an order tells what was noticed
			return nil, fmt.Errorf("%s: %w", one.name, err)
		}
		c, err := web.New(web.Settings{BaseURL: one.url, CAFile: set.CAFile, Timeout: set.Timeout, Sleep: set.Sleep, MaxBody: 1 << 20})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", one.name, err)
		}
		*one.client = c
	}
	if h.probe != nil {
		if err := set.InForce.Check(); err != nil {
			return nil, err
		}
	}
	return h, nil
}

// Does implements respond.Driver.
func (h *Hook) Does(action string) (ok, ownTTL bool) {
	return h.undo != nil && h.probe != nil && slices.Contains(h.set.Actions, action), false
}

// Probe implements respond.Driver.
func (h *Hook) Probe(ctx context.Context, action string, t respond.Target) (respond.State, error) {
	o := respond.Order{Action: action, Target: t}
	body, err := h.post(ctx, h.probe, "probe", o)
	if err != nil {
		return respond.State{}, err
	}
	return h.set.InForce.State(body, o)
}

// Do implements respond.Driver.
func (h *Hook) Do(ctx context.Context, o respond.Order) error {
	_, err := h.post(ctx, h.do, "do", o)
	return err
}

// Undo implements respond.Driver.
func (h *Hook) Undo(ctx context.Context, o respond.Order) error {
	_, err := h.post(ctx, h.undo, "undo", o)
	return err
}

// ErrNone means that an address was not declared.
var ErrNone = errors.New("no address is declared for it")

// post sends an order and returns the answer, JSON or nothing. The same key may be sent twice: doing twice what is done is harmless by
// respond.Driver's word.
func (h *Hook) post(ctx context.Context, c *web.Client, do string, o respond.Order) ([]byte, error) {
	if c == nil {
		return nil, fmt.Errorf("%s: %w", do, ErrNone)
	}
	d := Document{Kind: "order", Version: 1, Do: do, Key: o.Key, Action: o.Action, Target: Aim{string(o.Target.Type), o.Target.Value}, Image: o.Image}
	if !o.Until.IsZero() {
		d.Until = o.Until.UTC().Format(time.RFC3339)
	}
	body, err := json.Marshal(d)
	if err != nil {
		return nil, err
	}
	header := web.Sign(h.set.Key, h.set.Now(), body)
	header["Content-Type"], header["Accept"] = "application/json", "application/json"
	if o.Key != "" {
		header["Idempotency-Key"] = do + "-" + o.Key
	}
	resp, err := c.Do(ctx, web.Request{Method: http.MethodPost, Header: header, Body: body, Repeatable: true})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", do, err)
	}
	if len(strings.TrimSpace(string(resp.Body))) == 0 {
		return nil, nil
	}
	if err := c.Expect(resp, "application/json", "text/json", "+json"); err != nil {
		return nil, fmt.Errorf("%s: %w", do, err)
	}
	if !gjson.ValidBytes(resp.Body) {
		return nil, fmt.Errorf("%s: the answer is no JSON", do)
	}
	return resp.Body, h.refused(do, gjson.ParseBytes(resp.Body))
}

// refused finds a failure in the body of an answer whose status says that all is well.
func (h *Hook) refused(do string, v gjson.Result) error {
	no := func(name string) bool { return v.Get(name).Exists() && !v.Get(name).Bool() }
	if !no("ok") && !no("success") && !v.Get("failed").Bool() && (v.Get("error").Type == gjson.Null || v.Get("error").String() == "") {
		return nil
	}
	const most = 200
	said := strings.TrimSpace(v.Get("error").String() + " " + v.Get("message").String())
	said = strings.ReplaceAll(said, h.set.Key.Reveal(), "REDACTED") // before it is cut, or half of the key stays
	said = strings.ToValidUTF8(said[:min(len(said), most)], "")
	return fmt.Errorf("%s: the answer says that it failed: %s", do, said)
}
