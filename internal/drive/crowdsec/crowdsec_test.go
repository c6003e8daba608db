package crowdsec_test

import (
	"context"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/internal/drive/crowdsec"
	fake "github.com/seed-959697dd/soc/internal/fake/crowdsec"
	"github.com/seed-959697dd/soc/internal/web"
	"github.com/seed-959697dd/soc/respond"
)

const password = "hunter2hunter2"

type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func lapi(t *testing.T) (*crowdsec.API, *fake.Server, *clock) {
	t.Helper()
	c := &clock{time.Date(2026, 3, 3, 4, 0, 0, 0, time.UTC)}
	s := &fake.Server{Machine: "soc", Password: password, Now: c.now}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	a, err := crowdsec.New(crowdsec.Settings{URL: server.URL, Password: web.NewSecret(password), Now: c.now, Sleep: func(context.Context, time.Duration) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	return a, s, c
}

// roundTrip bans an address and a range, and takes both back. It is the same with the fake and the real one.
func roundTrip(t *testing.T, a *crowdsec.API, now time.Time) {
	t.Helper()
	for _, value := range []string{"203.0.113.9", "2001:db8::9", "198.51.100.0/24"} {
		target := respond.Target{Type: respond.IP, Value: value}
		order := respond.Order{Key: "k1", Action: "block-ip", Target: target, Until: now.Add(2 * time.Hour)}
		before, err := a.Probe(t.Context(), "block-ip", target)
		if err != nil || before.Done {
			t.Fatal(value, before, err)
		}
		for range 2 {
			if err := a.Do(t.Context(), order); err != nil {
				t.Fatal(value, err)
			}
		}
		if s, err := a.Probe(t.Context(), "block-ip", target); err != nil || !s.Done || !strings.Contains(s.Detail, "banned for another") || !strings.Contains(s.Detail, "h") {
			t.Fatal(value, s, err)
		}
		for range 2 {
			if err := a.Undo(t.Context(), order); err != nil {
				t.Fatal(value, err)
			}
		}
		if after, err := a.Probe(t.Context(), "block-ip", target); err != nil || after.Digest() != before.Digest() {
			t.Error(value, after, err)
		}
	}
}

func TestABanStandsAndIsTakenBack(t *testing.T) {
	t.Parallel()
	a, s, c := lapi(t)
	roundTrip(t, a, c.at)
	if n := strings.Count(strings.Join(s.Seen, "\n"), "login"); n != 1 {
		t.Errorf("it signed in %d times", n)
	}
	if n := strings.Count(strings.Join(s.Seen, "\n"), "POST /v1/alerts"); n != 3 {
		t.Errorf("%d alerts for three bans, each asked for twice", n)
	}
}

// A duration counts from stop_at: told at four, for two hours, it is over at six and not before.
func TestTheTimeIsOver(t *testing.T) {
	t.Parallel()
	a, s, c := lapi(t)
	order := respond.Order{Target: respond.Target{Type: respond.IP, Value: "203.0.113.9"}, Until: c.at.Add(2 * time.Hour)}
	if err := a.Do(t.Context(), order); err != nil {
		t.Fatal(err)
	}
	c.at = c.at.Add(2*time.Hour - time.Second)
	if s, err := a.Probe(t.Context(), "block-ip", order.Target); err != nil || !s.Done {
		t.Error(s, err)
	}
	c.at = c.at.Add(2 * time.Second)
	if s, err := a.Probe(t.Context(), "block-ip", order.Target); err != nil || s.Done {
		t.Error(s, err)
	}
	if n := strings.Count(strings.Join(s.Seen, "\n"), "login"); n != 2 {
		t.Errorf("its token is over: signed in %d times", n)
	}
	if err := a.Do(t.Context(), order); err == nil {
		t.Error("a ban that is over before it begins")
	}
	order.Until = time.Time{}
	if err := a.Do(t.Context(), order); err == nil {
		t.Error("a ban without an end")
	}
}

func TestOthersBansStay(t *testing.T) {
	t.Parallel()
	a, s, c := lapi(t)
	s.Ban(fake.Decision{Origin: "crowdsec", Scope: "Ip", Type: "ban", Value: "203.0.113.9", Until: c.at.Add(time.Hour)})
	order := respond.Order{Target: respond.Target{Type: respond.IP, Value: "203.0.113.9"}, Until: c.at.Add(2 * time.Hour)}
	if s, err := a.Probe(t.Context(), "block-ip", order.Target); err != nil || s.Done || !strings.Contains(s.Detail, "1 of others") {
		t.Error(s, err)
	}
	if err := a.Do(t.Context(), order); err != nil {
		t.Fatal(err)
	}
	if err := a.Undo(t.Context(), order); err != nil {
		t.Fatal(err)
	}
	if got := s.InForce("203.0.113.9"); !slices.Equal(got, []string{"crowdsec"}) {
		t.Errorf("in force afterwards: %v", got)
	}
}

func TestATokenThatIsForgottenIsRenewed(t *testing.T) {
	t.Parallel()
	a, s, c := lapi(t)
	order := respond.Order{Target: respond.Target{Type: respond.IP, Value: "203.0.113.9"}, Until: c.at.Add(2 * time.Hour)}
	if err := a.Do(t.Context(), order); err != nil {
		t.Fatal(err)
	}
	s.Forget()
	if s, err := a.Probe(t.Context(), "block-ip", order.Target); err != nil || !s.Done {
		t.Error(s, err)
	}
}

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	a, s, c := lapi(t)
	s.Password = "another"
	order := respond.Order{Target: respond.Target{Type: respond.IP, Value: "203.0.113.9"}, Until: c.at.Add(time.Hour)}
	if err := a.Do(t.Context(), order); err == nil || !strings.Contains(err.Error(), "incorrect Username or Password") || strings.Contains(err.Error(), password) {
		t.Error(err)
	}
	for _, v := range []string{"", "*", "all", "203.0.113.9&type=ban", "host.example"} {
		order.Target.Value = v
		if err := a.Do(t.Context(), order); err == nil || !strings.Contains(err.Error(), "is no address") {
			t.Errorf("%q: %v", v, err)
		}
	}
	if _, err := crowdsec.New(crowdsec.Settings{URL: "https://lapi.example"}); err == nil {
		t.Error("without a password")
	}
}
