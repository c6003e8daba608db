package entra_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/internal/entra"
	fake "github.com/seed-959697dd/soc/internal/fake/entra"
	"github.com/seed-959697dd/soc/internal/fake/fault"
	"github.com/seed-959697dd/soc/internal/web"
)

const (
	secret = "s3cret~with+odd=signs"
	scope  = "https://service.example"
)

// clock is one that a test moves.
type clock struct{ at atomic.Int64 }

func (c *clock) now() time.Time          { return day.Add(time.Duration(c.at.Load())) }
func (c *clock) advance(d time.Duration) { c.at.Add(int64(d)) }

func open(t *testing.T, d *fake.Door, change func(*entra.Settings)) (*entra.Client, *entra.Login, *clock) {
	t.Helper()
	c := &clock{}
	d.Tenant, d.ClientID, d.Secret, d.Now = "t1", "app1", secret, c.now
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.Serve(w, r, func(string) string { return scope }, func(fake.Request) fake.Answer { return fake.Answer{Status: 200, Doc: map[string]any{"ok": true}} })
	}))
	t.Cleanup(srv.Close)
	asleep := func(ctx context.Context, wait time.Duration) error { c.advance(wait); return ctx.Err() }
	set := entra.Settings{URL: srv.URL, Tenant: "t1", ClientID: "app1", Secret: web.NewSecret(secret), Now: c.now, Sleep: asleep}
	if change != nil {
		change(&set)
	}
	l, err := entra.NewLogin(set)
	if err != nil {
		t.Fatal(err)
	}
	cl, err := entra.NewClient(l, entra.Service{URL: srv.URL, Scope: scope, Sleep: asleep, Patience: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	return cl, l, c
}

// A token is used until shortly before it ends, and one that the service no longer takes is fetched anew, once.
func TestATokenIsRenewed(t *testing.T) {
	t.Parallel()
	d := &fake.Door{}
	c, _, now := open(t, d, nil)
	ask := func(logins int) {
		t.Helper()
		v, _, err := c.Do(t.Context(), web.Request{Path: []string{"x"}}, nil)
		if err != nil || !v.Get("ok").Bool() || d.Logins() != logins {
			t.Fatalf("%v, %d logins, want %d", err, d.Logins(), logins)
		}
	}
	ask(1)
	now.advance(54 * time.Minute)
	ask(1)
	now.advance(time.Minute)
	ask(2)
	d.Revoke() // trap: a token that looks good and is not: 401
	ask(3)
	d.Fault = func(int) fault.Fault { return fault.Denied }
	if _, _, err := c.Do(t.Context(), web.Request{Path: []string{"x"}}, nil); entra.Status(err) != 401 || d.Logins() != 4 {
		t.Errorf("%v after %d logins", err, d.Logins())
	}
}

// Trap: 429 with Retry-After is waited for.
func TestThrottlingIsWaitedFor(t *testing.T) {
	t.Parallel()
	d := &fake.Door{Fault: func(n int) fault.Fault {
		if n < 3 {
			return fault.Busy
		}
		return fault.None
	}}
	c, _, now := open(t, d, nil)
	if _, _, err := c.Do(t.Context(), web.Request{Path: []string{"x"}}, nil); err != nil || now.now().Sub(day) < 4*time.Second {
		t.Errorf("%v after %s", err, now.now().Sub(day))
	}
}

// Trap: a redirect to another host would take the token there.
func TestARedirectElsewhereIsRefused(t *testing.T) {
	t.Parallel()
	c, _, _ := open(t, &fake.Door{Elsewhere: func(int) bool { return true }}, nil)
	if _, _, err := c.Do(t.Context(), web.Request{Path: []string{"x"}}, nil); !errors.Is(err, web.ErrRedirect) {
		t.Errorf("%v", err)
	}
}

// The secret stands in no error, though the login shows what it got.
func TestALoginThatIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*entra.Settings)
		says   string
	}{
		"another secret": {func(s *entra.Settings) { s.Secret = web.NewSecret("wrong~secret") }, "AADSTS7000215"},
		"another app":    {func(s *entra.Settings) { s.ClientID = "app2" }, "AADSTS700016"},
		"another tenant": {func(s *entra.Settings) { s.Tenant = "t2" }, "AADSTS90002"},
	} {
		cl, _, _ := open(t, &fake.Door{Echo: true}, c.change)
		_, _, err := cl.Do(t.Context(), web.Request{Path: []string{"x"}}, nil)
		if !errors.Is(err, entra.ErrLogin) || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), "wrong~secret") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRolesOfAToken(t *testing.T) {
	t.Parallel()
	d := &fake.Door{Roles: []string{"SecurityAlert.Read.All"}}
	_, l, _ := open(t, d, nil)
	token, err := l.Token(t.Context(), scope)
	if err != nil {
		t.Fatal(err)
	}
	if roles, ok := entra.Roles(token); !ok || len(roles) != 1 || roles[0] != "SecurityAlert.Read.All" {
		t.Errorf("%v %v", roles, ok)
	}
	for _, odd := range []string{"", "opaque", "a.b.c", "a.!!.c"} {
		if _, ok := entra.Roles(web.NewSecret(odd)); ok {
			t.Errorf("%q was read", odd)
		}
	}
}

func TestWhatALoginNeeds(t *testing.T) {
	t.Parallel()
	whole := entra.Settings{URL: "https://login.example", Tenant: "t", ClientID: "c", Secret: web.NewSecret("s")}
	for name, change := range map[string]func(*entra.Settings){
		"tenant": func(s *entra.Settings) { s.Tenant = "" }, "client_id": func(s *entra.Settings) { s.ClientID = "" },
		"client_secret": func(s *entra.Settings) { s.Secret = web.Secret{} }, "plain http": func(s *entra.Settings) { s.URL = "http://login.example" },
	} {
		s := whole
		change(&s)
		if _, err := entra.NewLogin(s); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"", "public", "government", "china"} {
		if c, err := entra.Clouds(name); err != nil || c.Login == "" || c.Graph == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := entra.Clouds("mars"); err == nil {
		t.Error("there is a cloud on mars")
	}
}
