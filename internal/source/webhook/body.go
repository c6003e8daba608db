package webhook

import (
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// What a body costs before it is known who sent it. Its signature is over all of it, so all of it has to be read first: of one address only some
// at a time, no longer than a body of that length takes on a bad line, and no more of all together than fits.
const (
	patience = 5                // seconds that a body has, whatever its length
	pace     = 64 << 10         // bytes a second that it has to come with beyond them
	look     = time.Second      // how often that is looked at
	piece    = 32 << 10         // bytes that are asked of the reserve at a time
	longest  = 90 * time.Second // that anything takes
)

var (
	errSlow = errors.New("the body came too slowly")
	errFull = errors.New("too much is under way")
)

// crowd bounds what is read at a time.
type crowd struct {
	most    int   // bodies
	each    int   // of one address
	reserve int64 // bytes of all

	mu    sync.Mutex
	from  map[string]int
	count int
	held  int64
}

// enter lets an address send a body, which ends with leave.
func (c *crowd) enter(address string) (leave func(), ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.count >= c.most || address != "" && c.from[address] >= c.each {
		return nil, false
	}
	c.count++
	if address != "" {
		c.from[address]++
	}
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.count--
		if address == "" {
			return
		}
		if c.from[address]--; c.from[address] == 0 {
			delete(c.from, address)
		}
	}, true
}

// take reserves memory; give returns it.
func (c *crowd) take(n int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.held+n > c.reserve {
		return false
	}
	c.held += n
	return true
}

func (c *crowd) give(n int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held -= n
}

// addressOf is where a request comes from, without the port.
func addressOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// read reads a body into reserved memory, which free gives back; it is called in any case.
func (in *intake) read(w http.ResponseWriter, r *http.Request) (body []byte, free func(), err error) {
	held := int64(0)
	free = func() { in.crowd.give(held) }
	from := http.MaxBytesReader(w, r.Body, in.set.Body)
	hurry := in.hurry(w)
	defer hurry.end()
	buf := make([]byte, piece)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			if !in.crowd.take(int64(n)) {
				return nil, free, errFull
			}
			held += int64(n)
			body = append(body, buf[:n]...)
			hurry.came(n)
		}
		switch {
		case errors.Is(err, io.EOF):
			return body, free, nil
		case err != nil && hurry.cut():
			return nil, free, errSlow
		case err != nil:
			return nil, free, err
		}
	}
}

// hurry cuts a connection off whose body does not come with the pace that it has to.
type hurry struct {
	rc    *http.ResponseController
	every time.Duration

	mu    sync.Mutex
	timer *time.Timer
	bytes int64
	looks int64
	slow  bool
	over  bool
}

func (in *intake) hurry(w http.ResponseWriter) *hurry {
	h := &hurry{rc: http.NewResponseController(w), every: in.look}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.timer = time.AfterFunc(h.every, h.check)
	return h
}

func (h *hurry) check() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.over {
		return
	}
	if h.looks++; h.bytes < (h.looks-patience)*pace || h.looks > int64(longest/look) {
		h.slow = true
		_ = h.rc.SetReadDeadline(time.Unix(1, 0)) // long over; a connection that takes no deadline has the server's
		return
	}
	h.timer.Reset(h.every)
}

func (h *hurry) came(n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.bytes += int64(n)
}

func (h *hurry) cut() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.slow
}

func (h *hurry) end() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.over = true
	h.timer.Stop()
}
