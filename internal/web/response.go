package web

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"strings"
)

// Response is a whole answer.
type Response struct {
	Status int
	Header http.Header
	Body   []byte               // at most Settings.MaxBody
	TLS    *tls.ConnectionState // nil over plain http
}

// Expect refuses an answer that is of none of the media types. HTML is named as such: the page of a proxy or a sign-in,
// which answers 200 to everything, must not pass for "nothing known". A type "+json" stands for all that end so.
func (c *Client) Expect(resp *Response, types ...string) error {
	got := resp.media()
	for _, t := range types {
		if got == t || strings.HasPrefix(t, "+") && strings.HasSuffix(got, t) {
			return nil
		}
	}
	e := &Error{Host: c.base.Host, Status: resp.Status, What: ErrType.Error(), Detail: c.line(&Request{}, got), Err: ErrType}
	if resp.html() {
		e.What, e.Detail, e.Err = ErrHTML.Error(), "", ErrHTML
	}
	return e
}

// JSON sends the request and decodes the answer's JSON into what into points at.
func (c *Client) JSON(ctx context.Context, r Request, into any) (*Response, error) {
	header := map[string]string{"Accept": "application/json"}
	maps.Copy(header, r.Header)
	r.Header = header
	resp, err := c.Do(ctx, r)
	if err != nil {
		return resp, err
	}
	if err := c.Expect(resp, "application/json", "text/json", "+json"); err != nil {
		return resp, err
	}
	if err := json.Unmarshal(resp.Body, into); err != nil {
		return resp, c.failure(&r, resp.Status, fmt.Errorf("answered JSON that does not fit: %w", err))
	}
	return resp, nil
}

// media is the content type without its parameters, in lower case.
func (r *Response) media() string {
	t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return t
}

// html tells a page for people, by its type or, where none is given, by its beginning.
func (r *Response) html() bool {
	switch r.media() {
	case "text/html", "application/xhtml+xml":
		return true
	case "":
		start := bytes.ToLower(bytes.TrimSpace(r.Body[:min(len(r.Body), 256)]))
		return bytes.HasPrefix(start, []byte("<!doctype html")) || bytes.HasPrefix(start, []byte("<html"))
	}
	return false
}
