package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"
)

// What can be wrong with an answer, for errors.Is.
var (
	ErrHTML     = errors.New("answered HTML: a proxy's or a sign-in page, not the service")
	ErrType     = errors.New("answered another content type")
	ErrTooLarge = errors.New("the answer is too large")
	ErrCut      = errors.New("the answer was cut off")
	ErrRedirect = errors.New("refused to be redirected")
	ErrTimeout  = errors.New("no whole answer in time")
	ErrLink     = errors.New("refused to follow a link")
)

// Error is a request that brought no usable answer. Its text names the host and never the address, the query or a secret.
type Error struct {
	Host   string
	Status int           // of the answer, 0 when none came
	What   string        // what went wrong, without the host
	Detail string        // what the service said about it: one short line, empty when nothing
	After  time.Duration // how long the service asks to be left alone (Retry-After), 0 when it does not say
	Err    error         // the cause; nil for an answer that is an error by its status
}

func (e *Error) Error() string {
	if e.Detail != "" {
		return e.Host + ": " + e.What + ": " + e.Detail
	}
	return e.Host + ": " + e.What
}

func (e *Error) Unwrap() error { return e.Err }

// passing tells a fault after which the same request may well succeed.
func (e *Error) passing() bool {
	switch e.Status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return lost(e.Err)
}

// lost tells a connection that stood and broke. Reset, broken pipe and the like have other numbers on every system; that
// reading or writing failed, and not for lack of time, is what they have in common.
func lost(err error) bool {
	var op *net.OpError
	if errors.As(err, &op) {
		return (op.Op == "read" || op.Op == "write") && !op.Timeout()
	}
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// fault makes an error of what the HTTP library says. A url.Error is taken off: its text holds the address with its query.
func (c *Client) fault(ctx context.Context, r *Request, err error) *Error {
	var outer *url.Error
	if errors.As(err, &outer) {
		err = outer.Err
	}
	if cause := context.Cause(ctx); cause != nil {
		err = cause // says which of the deadlines it was
	}
	return c.failure(r, 0, err)
}

func (c *Client) failure(r *Request, status int, err error) *Error {
	text := c.line(r, err.Error())
	return &Error{Host: c.base.Host, Status: status, What: text, Err: quiet{text, err}}
}

// quiet is a cause that can be asked what it is, and whose own text, which may hold anything, is not shown.
type quiet struct {
	text  string
	cause error
}

func (q quiet) Error() string        { return q.text }
func (q quiet) Is(target error) bool { return errors.Is(q.cause, target) }
func (q quiet) As(target any) bool   { return errors.As(q.cause, target) }

// refusal makes an error of an answer's status.
func (c *Client) refusal(r *Request, resp *Response) *Error {
	e := &Error{Host: c.base.Host, Status: resp.Status, What: fmt.Sprintf("answered %d %s", resp.Status, http.StatusText(resp.Status)), After: resp.after()}
	switch {
	case resp.html():
		e.Detail = "an HTML page"
	case c.set.Detail != nil:
		e.Detail = c.line(r, c.set.Detail(resp.Body))
	default:
		e.Detail = c.line(r, string(resp.Body))
	}
	return e
}

// Clean makes one short line without secrets of what a service says in the body of an answer that is no error by its status. Secrets of
// single requests are named, those of the settings are known.
func (c *Client) Clean(text string, secrets ...Header) string {
	return c.line(&Request{Secrets: secrets}, text)
}

// line makes one short line without secrets of a text that somebody else wrote.
func (c *Client) line(r *Request, text string) string {
	const most = 200
	text = scrub(text, c.set.Secrets, r.Secrets)
	end := ""
	if len(text) > most {
		text, end = text[:most], " ..."
	}
	blank := func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }
	return strings.Join(strings.FieldsFunc(strings.ToValidUTF8(text, ""), blank), " ") + end
}
