package web

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Stream bounds an answer that is read line by line.
type Stream struct {
	Idle    time.Duration // longest wait for a further byte, the first included; 0 is the client's Timeout. The whole may take longer
	MaxLine int64         // bytes of one line; 0 is the client's MaxBody
	MaxBody int64         // bytes of all lines together; 0 is no bound: they are not kept
}

// Lines sends the request and hands over the lines of the answer as they arrive, without their ends and without the empty ones. A line
// is valid until each returns. What Client.Do promises about certificates, redirects and secrets holds here too; a further attempt is
// made only while no line was handed over. An error of each ends it and is returned as it is. Every other error that comes after sending
// is an *Error: the lines before it are whole, the one in which the answer broke off is not handed over.
func (c *Client) Lines(ctx context.Context, r Request, s Stream, each func(line []byte) error) error {
	target, err := c.target(r.Path, r.Query)
	if err != nil {
		return err
	}
	if err := c.discreet(r.Secrets); err != nil {
		return err
	}
	if r.Method == "" {
		r.Method = http.MethodGet
	}
	if s.Idle <= 0 {
		s.Idle = c.set.Timeout
	}
	if s.MaxLine <= 0 {
		s.MaxLine = c.set.MaxBody
	}
	for n := 0; ; n++ {
		l := lines{c: c, r: &r, s: s, each: each}
		l.attempt(ctx, target)
		switch {
		case l.refused != nil:
			return l.refused
		case l.fault == nil:
			return nil
		case l.begun:
			return l.fault
		}
		if wait, again := c.again(&r, l.fault, n); !again || c.set.Sleep(ctx, wait) != nil {
			return l.fault
		}
	}
}

// lines is one attempt.
type lines struct {
	c    *Client
	r    *Request
	s    Stream
	each func([]byte) error

	begun   bool
	fault   *Error
	refused error // by each
}

func (l *lines) attempt(ctx context.Context, target string) {
	c := l.c
	if err := c.wait(ctx); err != nil {
		l.fault = c.fault(ctx, l.r, err)
		return
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	idle := time.AfterFunc(l.s.Idle, func() { cancel(fmt.Errorf("%w (nothing for %s)", ErrTimeout, l.s.Idle)) })
	defer idle.Stop()
	req, err := http.NewRequestWithContext(ctx, l.r.Method, target, bytes.NewReader(l.r.Body))
	if err != nil {
		l.fault = c.fault(ctx, l.r, err)
		return
	}
	c.dress(req, l.r)
	raw, err := c.http.Do(req)
	if err != nil {
		l.fault = c.fault(ctx, l.r, err)
		return
	}
	defer func() { _ = raw.Body.Close() }()
	body := bufio.NewReaderSize(&patient{raw.Body, idle, l.s.Idle}, 64<<10)
	resp := &Response{Status: raw.StatusCode, Header: raw.Header, TLS: raw.TLS}
	if resp.Status/100 != 2 {
		resp.Body, _ = io.ReadAll(io.LimitReader(body, c.set.MaxBody)) // what there is of it is in the error
		l.fault = c.refusal(l.r, resp)
		return
	}
	if resp.media() == "" {
		resp.Body, _ = body.Peek(256)
	}
	if resp.html() {
		l.fault = c.failure(l.r, resp.Status, ErrHTML)
		return
	}
	if err := l.read(body); err != nil {
		l.fault = c.fault(ctx, l.r, err)
	}
}

// patient reads, and lets time pass only while it waits.
type patient struct {
	from io.Reader
	idle *time.Timer
	wait time.Duration
}

func (p *patient) Read(b []byte) (int, error) {
	p.idle.Reset(p.wait)
	n, err := p.from.Read(b)
	p.idle.Stop()
	return n, err
}

// read hands the lines over. It returns what kept it from reading; what each said is in refused.
func (l *lines) read(body *bufio.Reader) error {
	var whole []byte
	all := int64(0)
	for {
		part, err := body.ReadSlice('\n')
		all += int64(len(part))
		switch {
		case l.s.MaxBody > 0 && all > l.s.MaxBody:
			return fmt.Errorf("%w: more than %d bytes", ErrTooLarge, l.s.MaxBody)
		case int64(len(bytes.TrimRight(part, "\r\n"))+len(whole)) > l.s.MaxLine:
			return fmt.Errorf("%w: a line of more than %d bytes", ErrTooLarge, l.s.MaxLine)
		case errors.Is(err, bufio.ErrBufferFull):
			whole = append(whole, part...)
			continue
		case err != nil && !errors.Is(err, io.EOF):
			return fmt.Errorf("%w after %d bytes: %w", ErrCut, all, err)
		}
		line := part
		if len(whole) > 0 {
			whole = append(whole, part...)
			line = whole
		}
		if line = bytes.TrimSpace(line); len(line) > 0 {
			l.begun = true
			if l.refused = l.each(line); l.refused != nil {
				return nil
			}
		}
		if err != nil {
			return nil
		}
		whole = whole[:0]
	}
}
