// Package entra is what stands before the fake services of Microsoft: the token endpoint with tokens that run out, the check of a token's
// audience, errors in their shape, and what goes wrong between a client and such a service. It is for tests and for trying.
//
// It has one application with one secret, issues tokens that look like JWTs and are not signed, and knows no user. Start with Door.
//
// Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow and reference-error-codes
package entra

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/seed-959697dd/soc/internal/fake/fault"
)

// Door lets requests in. Set its fields before it answers; it is safe for concurrent use then.
type Door struct {
	Tenant, ClientID, Secret string
	Life                     time.Duration // of a token; 0 is an hour
	Roles                    []string      // application permissions that tokens name
	Opaque                   bool          // tokens cannot be read
	Echo                     bool          // an error of the login shows what it got
	Now                      func() time.Time
	Fault                    func(n int) fault.Fault   // what goes wrong with the n-th request to a service, from 1
	Elsewhere                func(n int) bool          // the n-th is redirected to another host
	Before                   func(method, path string) // is called before a request is looked at, to meddle

	mu       sync.Mutex
	requests []Request
	logins   int
	tokens   map[string]grant
}

type grant struct {
	audience string
	until    time.Time
}

// Request is one as it arrived at a service.
type Request struct {
	Method, Path string
	Host         string
	Query        url.Values
	Header       http.Header
	Body         string
}

// Answer is what a service answers. A nil Doc has no body.
type Answer struct {
	Status int
	Doc    any
	After  string // Retry-After
}

// Filter reads a filter of conditions joined by and: NAME OPERATOR VALUE, where value is a time or a text in quotes; names may have steps, as
// properties/severity has. What it returns tells whether an object meets it; ok is false for a filter that is none.
func Filter(text string) (meets func(value func(name string) any) bool, ok bool) {
	type condition struct {
		name, op, text string
		at             time.Time
		quoted         bool
	}
	var list []condition
	for c := range strings.SplitSeq(text, " and ") {
		f := strings.SplitN(strings.Trim(c, "() "), " ", 3)
		if len(f) != 3 || !slices.Contains([]string{"eq", "ne", "ge", "gt", "le", "lt"}, f[1]) {
			return nil, false
		}
		one := condition{name: f[0], op: f[1], quoted: strings.HasPrefix(f[2], "'"), text: strings.Trim(f[2], "'")}
		var err error
		if one.at, err = time.Parse(time.RFC3339Nano, f[2]); err != nil && !one.quoted {
			return nil, false
		}
		list = append(list, one)
	}
	return func(value func(name string) any) bool {
		for _, c := range list {
			n := 0
			switch v := value(c.name).(type) {
			case time.Time:
				n = v.Compare(c.at)
			case string:
				n = strings.Compare(v, c.text)
			default:
				return false
			}
			if !holds(c.op, n) {
				return false
			}
		}
		return true
	}, true
}

func holds(op string, n int) bool {
	switch op {
	case "eq":
		return n == 0
	case "ne":
		return n != 0
	case "ge":
		return n >= 0
	case "gt":
		return n > 0
	case "le":
		return n <= 0
	default:
		return n < 0
	}
}

// Refuse makes an error in the shape of the platform.
func Refuse(status int, code, message string) Answer {
	return Answer{Status: status, Doc: map[string]any{"error": map[string]any{"code": code, "message": message}}}
}

// Requests returns what arrived at the services so far.
func (d *Door) Requests() []Request {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.requests)
}

// Logins tells how often a token was asked for.
func (d *Door) Logins() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.logins
}

// Revoke ends all tokens.
func (d *Door) Revoke() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.tokens = nil
}

// Serve answers a login itself, and lets answer do the rest. audience names the service of a path, as its scope does.
func (d *Door) Serve(w http.ResponseWriter, r *http.Request, audience func(path string) string, answer func(Request) Answer) {
	body, _ := io.ReadAll(io.LimitReader(r.Body, 16<<20))
	if strings.HasSuffix(r.URL.Path, "/oauth2/v2.0/token") {
		d.login(w, r, body)
		return
	}
	req := Request{r.Method, r.URL.Path, r.Host, r.URL.Query(), r.Header.Clone(), string(body)}
	d.mu.Lock()
	d.requests = append(d.requests, req)
	n := len(d.requests)
	d.mu.Unlock()
	wrong := fault.None
	if d.Fault != nil {
		wrong = d.Fault(n)
	}
	refuse := func(w http.ResponseWriter, status int, message string) {
		write(w, Refuse(status, "TooManyRequests", message), fault.None)
	}
	switch {
	case d.Elsewhere != nil && d.Elsewhere(n):
		http.Redirect(w, r, "https://elsewhere.example"+r.URL.Path, http.StatusFound)
		return
	case wrong.Before(w, r, r.Header.Get("Authorization"), refuse):
		return
	case !d.admits(r.Header.Get("Authorization"), audience(r.URL.Path)):
		write(w, Refuse(http.StatusUnauthorized, "InvalidAuthenticationToken", "Access token has expired or is not yet valid."), fault.None)
		return
	}
	if d.Before != nil {
		d.Before(r.Method, r.URL.Path)
	}
	write(w, answer(req), wrong)
}

func write(w http.ResponseWriter, a Answer, wrong fault.Fault) {
	if a.After != "" {
		w.Header().Set("Retry-After", a.After)
	}
	if a.Doc == nil {
		w.WriteHeader(a.Status)
		return
	}
	text, _ := json.Marshal(a.Doc) // maps of plain values
	if wrong.Damaged(w, text) {
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(a.Status)
	_, _ = w.Write(text) // who hung up needs no answer
}

func (d *Door) admits(header, audience string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	g, ok := d.tokens[strings.TrimPrefix(header, "Bearer ")]
	return ok && strings.HasPrefix(header, "Bearer ") && g.audience == audience && d.Now().Before(g.until)
}

// login answers the token endpoint.
func (d *Door) login(w http.ResponseWriter, r *http.Request, body []byte) {
	form, err := url.ParseQuery(string(body))
	tenant, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	scope, ok := strings.CutSuffix(form.Get("scope"), "/.default")
	status, code, text := 0, "", ""
	switch {
	case err != nil || r.Method != http.MethodPost || form.Get("grant_type") != "client_credentials":
		status, code, text = http.StatusBadRequest, "unsupported_grant_type", "AADSTS70003: The app requested an unsupported grant type."
	case tenant != d.Tenant:
		status, code, text = http.StatusBadRequest, "invalid_request", "AADSTS90002: Tenant '"+tenant+"' not found."
	case form.Get("client_id") != d.ClientID:
		status, code, text = http.StatusBadRequest, "unauthorized_client", "AADSTS700016: Application with identifier '"+form.Get("client_id")+"' was not found in the directory."
	case form.Get("client_secret") != d.Secret:
		status, code, text = http.StatusUnauthorized, "invalid_client", "AADSTS7000215: Invalid client secret provided."
	case !ok:
		status, code, text = http.StatusBadRequest, "invalid_scope", "AADSTS1002012: The provided value for scope is not valid."
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if status != 0 {
		if d.Echo {
			text += " Got " + form.Get("client_secret")
		}
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(map[string]any{"error": code, "error_description": text + "\r\nTrace ID: 0", "error_codes": []int{0}})
		return
	}
	life := d.Life
	if life == 0 {
		life = time.Hour
	}
	d.mu.Lock()
	d.logins++
	token := d.mint(scope, d.Now().Add(life))
	if d.tokens == nil {
		d.tokens = map[string]grant{}
	}
	d.tokens[token] = grant{scope, d.Now().Add(life)}
	d.mu.Unlock()
	_ = json.NewEncoder(w).Encode(map[string]any{"token_type": "Bearer", "expires_in": int(life / time.Second), "access_token": token})
}

func (d *Door) mint(audience string, until time.Time) string {
	if d.Opaque {
		return fmt.Sprintf("opaque-%d", d.logins)
	}
	claims, _ := json.Marshal(map[string]any{"aud": audience, "exp": until.Unix(), "tid": d.Tenant, "appid": d.ClientID, "roles": d.Roles, "uti": d.logins})
	enc := base64.RawURLEncoding
	return enc.EncodeToString([]byte(`{"typ":"JWT","alg":"none"}`)) + "." + enc.EncodeToString(claims) + "." + enc.EncodeToString([]byte("unsigned"))
}
