// Package abuseipdb asks AbuseIPDB what others have reported about a public address.
//
// It uses one call, GET /api/v2/check, with a key of any plan; the free one allows 1,000 a day. It sends the address, the key and
// for how many days back to look, nothing else: it reports nothing and does not fetch the reports' comments, which are other
// people's text. Neither private nor own addresses come here, triage.Desk sees to that. Start with Settings, New and Client.Service.
//
// Source: https://docs.abuseipdb.com (check endpoint, API daily rate limits).
package abuseipdb

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/web"
	"github.com/seed-959697dd/soc/triage"
)

// Name is how signals, gaps and policies call the service.
const Name = "abuseipdb"

// Settings need only the key.
type Settings struct {
	Key       web.Secret
	URL       string        // https://api.abuseipdb.com when empty
	CAFile    string        // PEM: the authorities to trust, in place of the system's
	Proxy     string        // http://HOST:PORT
	Timeout   time.Duration // of one attempt; 0 is 10 s
	Days      int           // how far back reports count, 1 to 365; 0 is 90
	Reserve   int           // checks of the day's quota that are left for people
	Questions int           // most addresses asked about in a run; 0 is no bound
	UserAgent string        // "soc" when empty

	// Sleep waits between attempts or returns the context's error; nil waits by the machine's clock.
	Sleep func(context.Context, time.Duration) error
}

// Client is a triage.Lookup.
type Client struct {
	web *web.Client
	set Settings
}

// New makes a client and asks nothing yet.
func New(s Settings) (*Client, error) {
	if s.Key.Reveal() == "" {
		return nil, errors.New("abuseipdb: no key")
	}
	if s.Days == 0 {
		s.Days = 90
	}
	if s.Days < 1 || s.Days > 365 {
		return nil, fmt.Errorf("abuseipdb: %d days back, which is not within 1 and 365", s.Days)
	}
	w, err := web.New(web.Settings{
		BaseURL: cmp.Or(s.URL, "https://api.abuseipdb.com"), CAFile: s.CAFile, Proxy: s.Proxy, UserAgent: s.UserAgent, Sleep: s.Sleep,
		Timeout: cmp.Or(s.Timeout, 10*time.Second), Patience: 5 * time.Second, MaxBody: 64 << 10,
		Secrets: []web.Header{{Name: "Key", Value: s.Key}}, Detail: detail,
	})
	if err != nil {
		return nil, fmt.Errorf("abuseipdb: %w", err)
	}
	return &Client{w, s}, nil
}

// Service is the client with what a triage.Desk has to know: it is told addresses only.
func (c *Client) Service() triage.Service {
	return triage.Service{Lookup: c, Types: []string{"ip"}, Questions: c.set.Questions}
}

// Name implements triage.Lookup.
func (*Client) Name() string { return Name }

// Look implements triage.Lookup with one call for each address. It ends at the first that fails.
func (c *Client) Look(ctx context.Context, in []alert.Indicator) ([]triage.Finding, error) {
	var found []triage.Finding
	for i, ip := range in {
		f, err := c.check(ctx, ip.Value)
		f.Indicator = i
		if err == nil || answered(err) {
			found = append(found, f)
		}
		if err != nil {
			return found, err
		}
	}
	return found, nil
}

// check asks about one address. When the answer says that the quota ends here, it comes with an error that says so.
func (c *Client) check(ctx context.Context, ip string) (triage.Finding, error) {
	var body struct{ Data report }
	resp, err := c.web.JSON(ctx, web.Request{
		Path:  []string{"api", "v2", "check"},
		Query: url.Values{"ipAddress": {ip}, "maxAgeInDays": {strconv.Itoa(c.set.Days)}},
	}, &body)
	if err != nil {
		return triage.Finding{}, failure(err)
	}
	f, err := body.Data.finding(ip, c.set.Days)
	if err != nil {
		return triage.Finding{}, err
	}
	return f, c.quota(resp.Header)
}

// errQuota comes with a whole answer: it is about the next question.
var errQuota = errors.New("the day's quota is used up, but for what is left to people")

func answered(err error) bool { return errors.Is(err, errQuota) }

// quota reads how many checks the day has left. The time of its end is told against the Date of the answer, so that clocks need not agree.
func (c *Client) quota(h http.Header) error {
	left, err := strconv.Atoi(h.Get("X-RateLimit-Remaining"))
	if err != nil || left > c.set.Reserve {
		return nil // a service that does not say is asked until it refuses
	}
	after := time.Hour
	reset, err := strconv.ParseInt(h.Get("X-RateLimit-Reset"), 10, 64)
	now, unknown := http.ParseTime(h.Get("Date"))
	if err == nil && unknown == nil {
		after = min(max(time.Unix(reset, 0).Sub(now), time.Minute), 24*time.Hour)
	}
	return &triage.LookupError{Shut: true, After: after, Err: errQuota}
}

// failure sorts the errors: a key that is refused stays refused for the run, a quota until it starts anew, and an address that
// the service does not take says nothing about the next one.
func failure(err error) error {
	var e *web.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Status {
	case http.StatusUnauthorized, http.StatusPaymentRequired, http.StatusForbidden:
		return &triage.LookupError{Shut: true, Err: err}
	case http.StatusTooManyRequests:
		return &triage.LookupError{Shut: true, After: max(e.After, time.Minute), Err: err}
	case http.StatusUnprocessableEntity:
		return &triage.LookupError{Err: err}
	}
	return err
}

// detail picks the message out of an error's body.
func detail(body []byte) string {
	var e struct{ Errors []struct{ Detail string } }
	if json.Unmarshal(body, &e) != nil || len(e.Errors) == 0 {
		return ""
	}
	return e.Errors[0].Detail
}
