// Package xsoar hands cases over to Cortex XSOAR, carries actions out through its integrations, pulls its incidents as alerts and writes back
// to them. It speaks the API of version 6 (on premises: the key alone) and of version 8 and XSIAM (a prefix, the key's number, and for
// advanced keys a signature of each request). The key's role needs to search, create and edit incidents, and to run the declared commands.
//
// There is no call that runs a playbook on an incident that exists: it is set with the command !setPlaybook. It deletes nothing, and closes
// only incidents that are named by their ids. Start with New; Platform is a respond.Platform, an alert.Puller, a respond.Desk and a
// web.Examiner, and NewDriver makes a respond.Driver of it.
//
// Source: server_api_swagger.json of github.com/demisto/demisto-py, and its api_client.py for the keys.
package xsoar

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/internal/web"
)

// Settings name the platform.
type Settings struct {
	URL, CAFile string
	Version     int        // 6 or 8
	Key         web.Secret //
	KeyID       string     // of version 8
	Advanced    bool       // the key is an advanced one, of version 8
	Type        string     // of the incidents; empty: the platform's default
	Automation  bool       // the playbook of the incident's type may start on what arrives
	Page        int        // incidents of one answer to a pull, at most 1,000; 0: 100
	Timeout     time.Duration
	Now         func() time.Time
	// Sleep waits or returns the context's error; nil waits by the machine's clock.
	Sleep func(context.Context, time.Duration) error
}

// Platform speaks to XSOAR. It is safe for concurrent use.
type Platform struct {
	set  Settings
	http *web.Client
}

// New makes a client, or says what a version needs and does not have. It connects to nothing.
func New(set Settings) (*Platform, error) {
	switch {
	case set.Key.Reveal() == "":
		return nil, errors.New("xsoar needs an API key")
	case set.Version != 6 && set.Version != 8:
		return nil, fmt.Errorf("version: xsoar %d is not known; there are 6 and 8", set.Version)
	case set.Version == 8 && set.KeyID == "":
		return nil, errors.New("key_id: xsoar 8 needs the number of its key")
	case set.Version == 6 && set.Advanced:
		return nil, errors.New("key_type: xsoar 6 has no advanced keys")
	}
	if set.Page <= 0 || set.Page > 1000 {
		set.Page = 100
	}
	if set.Sleep == nil {
		set.Sleep = pause
	}
	w := web.Settings{
		BaseURL: set.URL, CAFile: set.CAFile, Timeout: set.Timeout, Sleep: set.Sleep, MaxBody: 32 << 20,
		Detail: func(body []byte) string {
			v := gjson.ParseBytes(body)
			return strings.TrimSpace(v.Get("detail").String() + " " + v.Get("title").String() + " " + v.Get("reply.err_msg").String())
		},
	}
	if !set.Advanced {
		w.Secrets = []web.Header{{Name: "Authorization", Value: set.Key}}
	} else {
		w.Retries = -1 // a signed request goes out once: its nonce is used up
	}
	c, err := web.New(w)
	if err != nil {
		return nil, err
	}
	return &Platform{set, c}, nil
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// call sends a document to a path of the API. again says that it may be sent twice. The answer is JSON.
func (p *Platform) call(ctx context.Context, doc any, again bool, path ...string) (gjson.Result, error) {
	r := web.Request{Method: http.MethodPost, Path: path, Repeatable: again, Header: map[string]string{"Content-Type": "application/json"}}
	if doc == nil {
		r.Method = http.MethodGet
	} else {
		var err error
		if r.Body, err = json.Marshal(doc); err != nil {
			return gjson.Result{}, fmt.Errorf("xsoar: %w", err)
		}
	}
	if p.set.Version == 8 {
		r.Path = append([]string{"public", "v1"}, path...)
		r.Header["x-xdr-auth-id"] = p.set.KeyID
	}
	body, err := p.send(ctx, r)
	if err != nil {
		return gjson.Result{}, err
	}
	v := gjson.ParseBytes(body)
	// XSOAR's own errors have an id, a status and a detail, and reach us with a status of success through some proxies.
	if text := v.Get("error").String(); v.IsObject() && text != "" && v.Get("status").Int() >= 400 {
		return v, fmt.Errorf("xsoar says: %s", p.quiet(text+" "+v.Get("detail").String()))
	}
	return v, nil
}

// send sends a request, with further attempts where one makes sense. Each attempt with an advanced key is signed anew: a nonce counts once.
func (p *Platform) send(ctx context.Context, r web.Request) (body json.RawMessage, err error) {
	if !p.set.Advanced {
		_, err = p.http.JSON(ctx, r, &body)
		return body, err
	}
	for n := 0; ; n++ {
		if err := p.sign(&r); err != nil {
			return nil, err
		}
		_, err := p.http.JSON(ctx, r, &body)
		var e *web.Error
		const most = 30 * time.Second
		if err == nil || n == 2 || !errors.As(err, &e) || !r.Repeatable || e.Status != http.StatusTooManyRequests && e.Status < 502 || e.After > most {
			return body, err
		}
		if err := p.set.Sleep(ctx, max(time.Second, e.After)); err != nil {
			return nil, err
		}
	}
}

// sign is how an advanced key vouches for a request: the key itself never travels.
func (p *Platform) sign(r *web.Request) error {
	var nonce [32]byte
	if _, err := rand.Read(nonce[:]); err != nil {
		return fmt.Errorf("xsoar: making a nonce: %w", err)
	}
	once, at := hex.EncodeToString(nonce[:]), strconv.FormatInt(p.set.Now().UnixMilli(), 10)
	sum := sha256.Sum256([]byte(p.set.Key.Reveal() + once + at))
	r.Header["x-xdr-nonce"], r.Header["x-xdr-timestamp"] = once, at
	r.Secrets = []web.Header{{Name: "Authorization", Value: web.NewSecret(hex.EncodeToString(sum[:]))}}
	return nil
}

// quiet makes a short text without the key of what the platform says.
func (p *Platform) quiet(text string) string {
	const most = 300
	text = strings.ReplaceAll(text, p.set.Key.Reveal(), "REDACTED")
	if len(text) > most {
		text = text[:most] + " ..."
	}
	return strings.TrimSpace(text)
}

// Probe asks for no incident at all: the cheapest question that needs key, version and prefix to be right.
func (p *Platform) Probe(ctx context.Context) error {
	v, err := p.call(ctx, search(map[string]any{"id": []string{"0"}}), true, "incidents", "search")
	if err == nil && !v.Get("total").Exists() {
		err = errors.New("xsoar: its answer to a search has no total; is the version right?")
	}
	return err
}

// search is a search for incidents. Without a size nothing is returned, and without a date some versions look at the last days only.
func search(filter map[string]any) map[string]any {
	filter["page"], filter["size"], filter["fromDate"] = 0, 5, "2010-01-01T00:00:00Z"
	return map[string]any{"filter": filter}
}
