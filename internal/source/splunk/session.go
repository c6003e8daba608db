package splunk

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/internal/web"
)

// as gives a request a session where there is one, and a new one when the old has come to its end.
func (c *Client) as(ctx context.Context, r *web.Request, send func() error) error {
	if c.set.User == "" {
		return send()
	}
	for again := false; ; again = true {
		key, err := c.session(ctx, again)
		if err != nil {
			return err
		}
		r.Secrets = []web.Header{{Name: "Authorization", Prefix: "Splunk ", Value: key}}
		if err = send(); again || status(err) != http.StatusUnauthorized {
			return err
		}
	}
}

// session returns the key of the session, of a new one when wanted.
func (c *Client) session(ctx context.Context, anew bool) (web.Secret, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.key.Reveal() != "" && !anew {
		return c.key, nil
	}
	form := url.Values{"username": {c.set.User}, "password": {c.set.Password.Reveal()}, "output_mode": {"json"}}
	resp, err := c.http.Do(ctx, web.Request{
		Method: http.MethodPost, Path: place("services/auth/login"), Header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"},
		Body: []byte(form.Encode()), Repeatable: true,
	})
	if n := status(err); n != 0 {
		// What it says about the password may hold the password.
		return web.Secret{}, &web.Error{Host: host(c.set.URL), Status: n, What: fmt.Sprintf("answered %d %s to the login of %s", n, http.StatusText(n), c.set.User)}
	}
	if err != nil {
		return web.Secret{}, err
	}
	c.key = web.NewSecret(gjson.GetBytes(resp.Body, "sessionKey").String())
	if c.key.Reveal() == "" {
		return web.Secret{}, errors.New("splunk: the answer to a login names no session")
	}
	return c.key, nil
}

func host(address string) string {
	if u, err := url.Parse(address); err == nil {
		return u.Host
	}
	return "splunk"
}
