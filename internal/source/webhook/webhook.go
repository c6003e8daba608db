// Package webhook takes alerts that other programs post: one JSON value, several lines of them, an array, whatever alert/stream reads. A
// sender is known by a key with which it signs each body (internal/web.Sign), or by a bearer token. It is told 202 only when everything it
// sent is on this side's disk; 503 asks it to send again.
//
// A signed body is taken once: the same signature within ten minutes is told 202 and is not taken again. What the same sender sends again
// under a new signature, or with a token, is recognised by its bytes later on. It knows no users and serves nothing else. Beyond this machine it speaks TLS only.
// Start with New and Hook.Feed.
package webhook

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/alert/stream"
	"github.com/seed-959697dd/soc/internal/web"
)

// Settings say where it listens and who may send. A zero field means its default.
type Settings struct {
	Listen   string // HOST:PORT
	Token    web.Secret
	Key      web.Secret    // that bodies are signed with; with both, either will do
	CertFile string        // PEM: the server's certificate; needed beyond this machine
	KeyFile  string        // PEM: its key
	Body     int64         // most bytes of one body, 4 MiB
	Together int           // most bodies that are being kept at a time, 16; four times as many are read, half as many of one address
	Memory   int64         // most bytes of all bodies that are being read or kept, 32 MiB
	Wait     time.Duration // how long a sender waits until what it sent is kept, 30 s
	Now      func() time.Time
	Limits   stream.Limits
	Ready    func(address string) // told where it listens; may be nil
	Log      io.Writer            // told what goes wrong with connections, a message at a time; nil: nobody is
}

// Hook is the receiver. One Feed at a time.
type Hook struct {
	set  Settings
	cert *tls.Certificate
	look time.Duration // how often the pace of a body is looked at

	mu   sync.Mutex
	seen map[string]time.Time // signatures of what was taken
}

var (
	_ alert.Feeder = (*Hook)(nil)
	_ web.Examiner = (*Hook)(nil)
)

// New makes a Hook. It listens to nothing yet.
func New(s Settings) (*Hook, error) {
	host, _, err := net.SplitHostPort(s.Listen)
	switch {
	case err != nil:
		return nil, fmt.Errorf("webhook: listen: %q is no host:port", s.Listen)
	case s.Token.Reveal() == "" && s.Key.Reveal() == "":
		return nil, errors.New("webhook: whoever reaches it could send: token_env or signing_key_env has to name a secret")
	case (s.CertFile == "") != (s.KeyFile == ""):
		return nil, errors.New("webhook: cert_file and key_file belong together")
	case s.CertFile == "" && !here(host):
		return nil, fmt.Errorf("webhook: listen: beyond this machine alerts and secrets travel under TLS only: %s needs cert_file and key_file", s.Listen)
	}
	h := &Hook{set: s, look: look, seen: map[string]time.Time{}}
	if s.CertFile != "" {
		pair, err := tls.LoadX509KeyPair(s.CertFile, s.KeyFile)
		if err != nil {
			return nil, fmt.Errorf("webhook: reading the certificate %s: %w", s.CertFile, err)
		}
		h.cert = &pair
	}
	if h.set.Body <= 0 {
		h.set.Body = 4 << 20
	}
	if h.set.Together <= 0 {
		h.set.Together = 16
	}
	if h.set.Memory <= 0 {
		h.set.Memory = 32 << 20
	}
	if h.set.Wait <= 0 {
		h.set.Wait = 30 * time.Second
	}
	return h, nil
}

// here tells this machine's own addresses.
func here(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.IsLoopback()
}

// Feed implements alert.Feeder. Its items are the digests of what came.
func (h *Hook) Feed(ctx context.Context, found func(alert.Fed) error) error {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", h.set.Listen)
	if err != nil {
		return fmt.Errorf("webhook: %w", err)
	}
	if h.set.Ready != nil {
		h.set.Ready(l.Addr().String())
	}
	if h.cert != nil {
		l = tls.NewListener(l, &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{*h.cert}})
	}
	in := &intake{Hook: h, found: found, room: make(chan struct{}, h.set.Together), broken: make(chan error, 1)}
	in.crowd = &crowd{most: 4 * h.set.Together, each: max(h.set.Together/2, 1), reserve: h.set.Memory, from: map[string]int{}}
	server := &http.Server{
		Handler: in, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: longest, WriteTimeout: longest + 2*h.set.Wait, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10,
		ErrorLog: web.ErrorLog(h.set.Log), BaseContext: func(net.Listener) context.Context { return ctx },
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	select {
	case err = <-ended:
		return fmt.Errorf("webhook: %w", err)
	case err = <-in.broken:
	case <-ctx.Done():
	}
	soon, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if server.Shutdown(soon) != nil {
		_ = server.Close() // who is still sending keeps what it has
	}
	<-ended
	return err
}

// Examine implements web.Examiner. It does not keep what it tries: another process may be listening there, as it should.
func (h *Hook) Examine(ctx context.Context) []web.Finding {
	how := "http, this machine only"
	if h.cert != nil {
		how = "https"
	}
	list := []web.Finding{{Name: "auth", OK: true, Detail: h.senders()}}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", h.set.Listen)
	if err != nil {
		return append(list, web.Finding{Name: "listen", OK: inUse(err), Detail: err.Error(), Hint: "soc triage --from NAME --follow"})
	}
	_ = l.Close() // nothing was accepted
	return append(list, web.Finding{Name: "listen", OK: true, Detail: h.set.Listen + " is free, " + how, Hint: "soc triage --from NAME --follow"})
}

func (h *Hook) senders() string {
	switch {
	case h.set.Token.Reveal() == "":
		return "senders sign"
	case h.set.Key.Reveal() == "":
		return "senders have a token"
	}
	return "senders sign or have a token"
}
