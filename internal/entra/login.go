// Package entra is what the services of Microsoft have in common: logging in as an application, with a token per service that is renewed
// before it ends; errors in one shape; lists that are walked by the time of the last change; throttling.
//
// An application has an id and a secret (client credentials); there is no login of a person, by a device code or by a certificate. The
// package knows no incident, alert or query: internal/source/sentinel and internal/source/defender do. Start with Login, Client and Walk.
//
// Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
package entra

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/internal/web"
)

// Settings name an application.
type Settings struct {
	URL      string // of the login, https://login.microsoftonline.com
	Tenant   string // its id or one of its domains
	ClientID string
	Secret   web.Secret
	CAFile   string
	Timeout  time.Duration // of one attempt
	Now      func() time.Time
	// Sleep waits or returns the context's error; nil waits by the machine's clock.
	Sleep func(context.Context, time.Duration) error
}

// Login gets tokens and keeps them. It is safe for concurrent use; who asks while a token is fetched waits for it.
type Login struct {
	set  Settings
	http *web.Client
	turn chan struct{} // holds a token while nobody asks for one
	kept map[string]token
	mu   sync.Mutex // of kept
}

type token struct {
	secret web.Secret
	until  time.Time
}

// ErrLogin means that the application was not let in.
var ErrLogin = errors.New("the login was refused")

// NewLogin makes a login, or says what is missing. It connects to nothing.
func NewLogin(set Settings) (*Login, error) {
	switch {
	case set.Tenant == "":
		return nil, errors.New("tenant: the id of the Entra tenant is missing")
	case set.ClientID == "":
		return nil, errors.New("client_id: the id of the application is missing")
	case set.Secret.Reveal() == "":
		return nil, errors.New("client_secret_env or client_secret_file: the application has no secret")
	}
	if err := web.Confidential(set.URL); err != nil {
		return nil, err
	}
	l := &Login{set: set, turn: make(chan struct{}, 1), kept: map[string]token{}}
	l.turn <- struct{}{}
	var err error
	l.http, err = web.New(web.Settings{BaseURL: set.URL, CAFile: set.CAFile, Timeout: set.Timeout, MaxBody: 1 << 20, Sleep: set.Sleep, Detail: l.detail})
	return l, err
}

// detail is what the login says about an error: its words are made of what was sent, so that the secret is taken out.
func (l *Login) detail(body []byte) string {
	v := gjson.ParseBytes(body)
	text, _, _ := strings.Cut(v.Get("error_description").String(), "\n")
	if text == "" {
		text = v.Get("error").String()
	}
	plain := l.set.Secret.Reveal()
	for _, spelt := range []string{plain, url.QueryEscape(plain), base64.StdEncoding.EncodeToString([]byte(plain))} {
		text = strings.ReplaceAll(text, spelt, "REDACTED")
	}
	return text
}

// Token returns a token for a service, named by its scope without the /.default.
func (l *Login) Token(ctx context.Context, scope string) (web.Secret, error) {
	if t, ok := l.known(scope); ok {
		return t, nil
	}
	select {
	case <-l.turn:
		defer func() { l.turn <- struct{}{} }()
	case <-ctx.Done():
		return web.Secret{}, ctx.Err()
	}
	if t, ok := l.known(scope); ok { // somebody else was faster
		return t, nil
	}
	asked := l.set.Now()
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {l.set.ClientID}, "client_secret": {l.set.Secret.Reveal()}, "scope": {scope + "/.default"}}
	var answer struct {
		Token string `json:"access_token"`
		Life  int64  `json:"expires_in"` // seconds
	}
	_, err := l.http.JSON(ctx, web.Request{
		Method: http.MethodPost, Path: []string{l.set.Tenant, "oauth2", "v2.0", "token"}, Body: []byte(form.Encode()), Repeatable: true,
		Header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"},
	}, &answer)
	var fault *web.Error
	if errors.As(err, &fault) && fault.Status/100 == 4 && fault.Status != http.StatusTooManyRequests {
		return web.Secret{}, fmt.Errorf("%w: %w", ErrLogin, err)
	}
	if err != nil {
		return web.Secret{}, err
	}
	if answer.Token == "" {
		return web.Secret{}, fmt.Errorf("%w: its answer has no token", ErrLogin)
	}
	life := time.Duration(min(answer.Life, 24*3600)) * time.Second
	t := token{web.NewSecret(answer.Token), asked.Add(life - min(5*time.Minute, life/2))} // renewed before it ends: clocks differ
	l.mu.Lock()
	l.kept[scope] = t
	l.mu.Unlock()
	return t.secret, nil
}

func (l *Login) known(scope string) (web.Secret, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	t, ok := l.kept[scope]
	return t.secret, ok && l.set.Now().Before(t.until)
}

// forget drops a token that a service did not take.
func (l *Login) forget(scope string, refused web.Secret) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if t, ok := l.kept[scope]; ok && t.secret.Reveal() == refused.Reveal() {
		delete(l.kept, scope)
	}
}

// Roles are the application permissions that a token names; ok is false where it cannot be read.
func Roles(t web.Secret) (roles []string, ok bool) {
	parts := strings.Split(t.Reveal(), ".")
	if len(parts) != 3 {
		return nil, false
	}
	claims, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil || !gjson.ValidBytes(claims) {
		return nil, false
	}
	for _, r := range gjson.GetBytes(claims, "roles").Array() {
		roles = append(roles, r.String())
	}
	return roles, true
}
