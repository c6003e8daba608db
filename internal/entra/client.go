package entra

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/internal/web"
)

// Service is one that takes tokens.
type Service struct {
	URL      string
	Scope    string // without the /.default
	CAFile   string
	Timeout  time.Duration // of one attempt
	MaxBody  int64
	Patience time.Duration // longest that a throttled request waits
	Retries  int           // after the first attempt; 0 is 4: throttling is how these services are used
	Sleep    func(context.Context, time.Duration) error
}

// Client speaks to a service. It is safe for concurrent use.
type Client struct {
	http  *web.Client
	login *Login
	scope string
}

// NewClient makes a client. It connects to nothing.
func NewClient(l *Login, s Service) (*Client, error) {
	if err := web.Confidential(s.URL); err != nil {
		return nil, err
	}
	if s.Retries == 0 {
		s.Retries = 4
	}
	c, err := web.New(web.Settings{
		BaseURL: s.URL, CAFile: s.CAFile, Timeout: s.Timeout, MaxBody: s.MaxBody, Patience: s.Patience, Sleep: s.Sleep, Detail: detail,
		Retries: s.Retries,
	})
	return &Client{c, l, s.Scope}, err
}

// detail is the message of an error in the shape that ARM, Log Analytics and Graph share, and of the innermost one.
func detail(body []byte) string {
	v := gjson.GetBytes(body, "error")
	text := v.Get("code").String() + ": " + v.Get("message").String()
	for in := v.Get("innererror"); in.Exists(); in = in.Get("innererror") {
		if m := in.Get("message").String(); m != "" {
			text = in.Get("code").String() + ": " + m
		}
	}
	return strings.Trim(text, ": ")
}

// Code is the code of an error in that shape.
func Code(resp *web.Response) string {
	if resp == nil {
		return ""
	}
	return gjson.GetBytes(resp.Body, "error.code").String()
}

// Status is that of the answer that an error is about, 0 when none came.
func Status(err error) int {
	var fault *web.Error
	if errors.As(err, &fault) {
		return fault.Status
	}
	return 0
}

// Do sends a request with a token and returns the JSON of the answer; body is sent as JSON unless it is nil. A token that is not taken is
// fetched anew, once.
func (c *Client) Do(ctx context.Context, r web.Request, body any) (gjson.Result, *web.Response, error) {
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return gjson.Result{}, nil, err
		}
		header := map[string]string{"Content-Type": "application/json"}
		for k, v := range r.Header {
			header[k] = v
		}
		r.Body, r.Header = text, header
	}
	for again := true; ; again = false {
		t, err := c.login.Token(ctx, c.scope)
		if err != nil {
			return gjson.Result{}, nil, err
		}
		r.Secrets = []web.Header{{Name: "Authorization", Prefix: "Bearer ", Value: t}}
		var raw json.RawMessage
		resp, err := c.http.JSON(ctx, r, &raw)
		if again && Status(err) == http.StatusUnauthorized {
			c.login.forget(c.scope, t)
			continue
		}
		if err != nil && resp != nil && resp.Status/100 == 2 && len(resp.Body) == 0 { // 204, or a 200 that says nothing
			return gjson.Result{}, resp, nil
		}
		return gjson.ParseBytes(raw), resp, err
	}
}

// AboutItem tells a refusal that is about what was asked for, so that the same may be asked of something else. Throttling, a token that is
// not taken, a right that is missing, a service that is busy and a connection that broke are not.
func AboutItem(err error) bool {
	s := Status(err)
	return s/100 == 4 && s != http.StatusTooManyRequests && s != http.StatusUnauthorized && s != http.StatusForbidden
}
