package web

import (
	"context"
	"net/http"
	"strconv"
	"time"
)

// again says whether and after how long the request is sent once more; n attempts failed before this one.
func (c *Client) again(r *Request, e *Error, n int) (time.Duration, bool) {
	if n >= c.set.Retries || !r.repeatable() || !e.passing() {
		return 0, false
	}
	wait := max(c.backoff(n), e.After)
	return wait, wait <= c.set.Patience
}

func (r *Request) repeatable() bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPut, http.MethodDelete, http.MethodOptions:
		return true
	}
	return r.Repeatable
}

// backoff doubles from half a second to eight; jitter takes away up to a half, so that many clients do not come back as one.
func (c *Client) backoff(n int) time.Duration {
	full := 500 * time.Millisecond << min(n, 4)
	return full/2 + time.Duration(float64(full/2)*c.set.Random())
}

// after reads Retry-After: seconds, or a date, which is told by the Date of the same answer, so that clocks need not agree.
// Source: RFC 9110, section 10.2.3.
func (r *Response) after() time.Duration {
	const most = 365 * 24 * time.Hour
	text := r.Header.Get("Retry-After")
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return time.Duration(max(0, min(n, int64(most/time.Second)))) * time.Second
	}
	until, err := http.ParseTime(text)
	now, unknown := http.ParseTime(r.Header.Get("Date"))
	if err != nil || unknown != nil {
		return 0
	}
	return max(0, min(until.Sub(now), most))
}

// wait takes the turn to start an attempt; the turn comes back when the pace allows the next.
func (c *Client) wait(ctx context.Context) error {
	if c.turn == nil {
		return ctx.Err()
	}
	select {
	case <-c.turn:
		time.AfterFunc(c.set.Every, func() { c.turn <- struct{}{} })
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
