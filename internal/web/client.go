// Package web is the one HTTP client. Whoever here speaks to a service over HTTP does it through a Client: it checks
// certificates, bounds what it reads, waits as long as the service asks, repeats only what may be repeated, follows no
// redirect to another host, and shows no secret in any error.
//
// It knows no service and no noun of this program, keeps no cookies, and neither logs nor caches. Start with Settings,
// New and Client.Do; Client.JSON decodes an answer, Error says what went wrong, Secret holds a key.
package web

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// Client speaks to one service. It is safe for concurrent use and reuses its connections.
type Client struct {
	set  Settings
	base *url.URL
	http *http.Client
	turn chan struct{} // holds a token while an attempt may start; nil when there is no pace
}

// Request is one question.
type Request struct {
	Method     string            // GET when empty
	Path       []string          // below the base URL; each is one segment and is escaped
	Query      url.Values        //
	Link       string            // in place of both: an address that the service gave for what follows, on the same host, taken verbatim
	Header     map[string]string // nothing secret
	Secrets    []Header          // besides those of the settings
	Body       []byte            //
	Repeatable bool              // sending it twice does what sending it once does; GET, HEAD, PUT, DELETE and OPTIONS always are
}

// Do sends the request and reads the answer, with further attempts where one makes sense. A status other than 2xx is an
// error, and the answer is returned beside it. Every error that comes after sending is an *Error.
func (c *Client) Do(ctx context.Context, r Request) (*Response, error) {
	target, err := c.target(r.Path, r.Query)
	if r.Link != "" {
		target, err = r.Link, c.here(r.Link)
	}
	if err != nil {
		return nil, err
	}
	if err := c.discreet(r.Secrets); err != nil {
		return nil, err
	}
	if r.Method == "" {
		r.Method = http.MethodGet
	}
	for n := 0; ; n++ {
		resp, fault := c.attempt(ctx, &r, target)
		if fault == nil {
			return resp, nil
		}
		wait, again := c.again(&r, fault, n)
		if !again || c.set.Sleep(ctx, wait) != nil {
			return resp, fault
		}
	}
}

// target builds the address. The segments come from code and from typed values; one that would climb out of the base is refused.
func (c *Client) target(path []string, query url.Values) (string, error) {
	var b strings.Builder
	b.WriteString(strings.TrimSuffix(c.base.EscapedPath(), "/"))
	for _, s := range path {
		if s == "" || s == "." || s == ".." {
			return "", fmt.Errorf("web: %q is no segment of a path", s)
		}
		b.WriteByte('/')
		b.WriteString(url.PathEscape(s))
	}
	if len(query) > 0 {
		b.WriteByte('?')
		b.WriteString(strings.ReplaceAll(query.Encode(), "+", "%20")) // a blank that every server reads as one
	}
	return c.base.Scheme + "://" + c.base.Host + b.String(), nil
}

// here refuses a link that leads away from the service: whoever wrote it would be sent the key. The link is not shown, it may hold anything.
func (c *Client) here(link string) error {
	u, err := url.Parse(link)
	switch {
	case err != nil || u.User != nil || u.Fragment != "":
		return fmt.Errorf("%s: %w: it is no plain address", c.base.Host, ErrLink)
	case !strings.EqualFold(origin(u), origin(c.base)):
		return fmt.Errorf("%s: %w to %s", c.base.Host, ErrLink, c.line(&Request{}, u.Scheme+"://"+u.Host))
	}
	return nil
}

// origin names a service's scheme, host and port, the last also where it goes without saying: Azure writes it into its links.
func origin(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"https": "443", "http": "80"}[u.Scheme]
	}
	return u.Scheme + "://" + u.Hostname() + ":" + port
}

// attempt sends the request once.
func (c *Client) attempt(ctx context.Context, r *Request, target string) (*Response, *Error) {
	if err := c.wait(ctx); err != nil {
		return nil, c.fault(ctx, r, err)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, c.set.Timeout, fmt.Errorf("%w (%s)", ErrTimeout, c.set.Timeout))
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, r.Method, target, bytes.NewReader(r.Body))
	if err != nil {
		return nil, c.fault(ctx, r, err)
	}
	c.dress(req, r)
	raw, err := c.http.Do(req)
	if err != nil {
		return nil, c.fault(ctx, r, err)
	}
	defer func() { _ = raw.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(raw.Body, c.set.MaxBody+1))
	switch {
	case err != nil && ctx.Err() == nil:
		return nil, c.fault(ctx, r, fmt.Errorf("%w after %d bytes: %w", ErrCut, len(body), err))
	case err != nil:
		return nil, c.fault(ctx, r, err)
	case int64(len(body)) > c.set.MaxBody:
		return nil, c.fault(ctx, r, fmt.Errorf("%w: more than %d bytes", ErrTooLarge, c.set.MaxBody))
	}
	resp := &Response{Status: raw.StatusCode, Header: raw.Header, Body: body, TLS: raw.TLS}
	if resp.Status/100 != 2 {
		return resp, c.refusal(r, resp)
	}
	return resp, nil
}

func (c *Client) dress(req *http.Request, r *Request) {
	req.Header.Set("User-Agent", c.set.UserAgent)
	for name, value := range r.Header {
		req.Header.Set(name, value)
	}
	for _, list := range [][]Header{c.set.Secrets, r.Secrets} {
		for _, h := range list {
			req.Header.Set(h.Name, h.Prefix+h.Value.Reveal())
		}
	}
}

// redirect lets an answer point elsewhere on the same host: a key would follow it anywhere.
func (c *Client) redirect(req *http.Request, via []*http.Request) error {
	switch {
	case !strings.EqualFold(req.URL.Host, c.base.Host) || req.URL.Scheme != c.base.Scheme:
		return fmt.Errorf("%w to %s", ErrRedirect, c.line(&Request{}, req.URL.Scheme+"://"+req.URL.Host))
	case req.Method != via[0].Method:
		return fmt.Errorf("%w: a %s would become a %s", ErrRedirect, via[0].Method, req.Method)
	case len(via) > 5:
		return fmt.Errorf("%w more than 5 times", ErrRedirect)
	}
	return nil
}
