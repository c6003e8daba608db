package web

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"time"
)

// Settings say which service a client speaks to and how. Only BaseURL is needed. There is no switch that turns the check of
// certificates off, and the environment's proxy variables are not read.
type Settings struct {
	BaseURL   string        // https://HOST[:PORT][/PREFIX]; plain http carries no secrets, but to this machine
	CAFile    string        // PEM: the authorities to trust, in place of the system's
	CertFile  string        // PEM: the client's own certificate
	KeyFile   string        // PEM: its key
	Proxy     string        // http://HOST:PORT
	Timeout   time.Duration // of one attempt, the body included; 0 is 30 s
	MaxBody   int64         // bytes of an answer, decompressed; 0 is 8 MiB
	Retries   int           // after the first attempt; 0 is 2, less is none
	Patience  time.Duration // longest wait before another attempt: who asks for more gets none; 0 is 30 s
	Every     time.Duration // least time from the start of one attempt to the next; 0 is none
	UserAgent string        // "soc" when empty
	Secrets   []Header      // sent with every request

	// Detail picks the service's message out of the body of an error; nil takes the body's beginning.
	Detail func(body []byte) string
	// Sleep waits or returns the context's error; nil waits by the machine's clock.
	Sleep func(context.Context, time.Duration) error
	// Random returns the jitter of a wait, from 0 to 1; nil is the machine's chance.
	Random func() float64
}

// New makes a client. It reads the files that the settings name and connects to nothing.
func New(s Settings) (*Client, error) {
	base, err := address("the address", s.BaseURL)
	if err != nil {
		return nil, err
	}
	trust, err := s.trust()
	if err != nil {
		return nil, err
	}
	var proxy func(*http.Request) (*url.URL, error)
	if s.Proxy != "" {
		via, err := address("the proxy", s.Proxy)
		if err != nil {
			return nil, err
		}
		proxy = http.ProxyURL(via)
	}
	s.defaults()
	c := &Client{set: s, base: base}
	if err := c.discreet(s.Secrets); err != nil {
		return nil, err
	}
	if s.Every > 0 {
		c.turn = make(chan struct{}, 1)
		c.turn <- struct{}{}
	}
	c.http = &http.Client{CheckRedirect: c.redirect, Transport: &http.Transport{
		Proxy:                  proxy,
		DialContext:            (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		TLSClientConfig:        trust,
		ForceAttemptHTTP2:      true,
		TLSHandshakeTimeout:    10 * time.Second,
		MaxIdleConnsPerHost:    16,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}}
	return c, nil
}

func (s *Settings) defaults() {
	if s.Timeout <= 0 {
		s.Timeout = 30 * time.Second
	}
	if s.MaxBody <= 0 {
		s.MaxBody = 8 << 20
	}
	if s.Retries == 0 {
		s.Retries = 2
	}
	if s.Patience <= 0 {
		s.Patience = 30 * time.Second
	}
	if s.UserAgent == "" {
		s.UserAgent = "soc"
	}
	if s.Sleep == nil {
		s.Sleep = sleep
	}
	if s.Random == nil {
		s.Random = rand.Float64
	}
}

// address reads a URL of the settings. What does not parse is not shown: it may hold a password.
func address(what, text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return nil, fmt.Errorf("web: %s is no URL", what)
	case u.User != nil:
		return nil, fmt.Errorf("web: %s holds a user or password, which belong to a file or an environment variable", what)
	case u.Scheme != "https" && u.Scheme != "http" || u.Host == "":
		return nil, fmt.Errorf("web: %s is not of the form https://host/path", what)
	case u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("web: %s has a query or a fragment", what)
	}
	return u, nil
}

// Trust says whom TLS believes: the system's authorities, or those in a PEM file. It is for the protocols that are not HTTP.
func Trust(caFile string) (*tls.Config, error) {
	cfg := &tls.Config{MinVersion: tls.VersionTLS12}
	if caFile == "" {
		return cfg, nil
	}
	pem, err := os.ReadFile(caFile)
	if err != nil {
		return nil, fmt.Errorf("web: reading the authorities to trust: %w", err)
	}
	cfg.RootCAs = x509.NewCertPool()
	if !cfg.RootCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("web: %s holds no certificate in PEM form", caFile)
	}
	return cfg, nil
}

func (s *Settings) trust() (*tls.Config, error) {
	cfg, err := Trust(s.CAFile)
	if err != nil {
		return nil, err
	}
	if (s.CertFile == "") != (s.KeyFile == "") {
		return nil, errors.New("web: a client certificate needs both its file and its key's")
	}
	if s.CertFile != "" {
		pair, err := tls.LoadX509KeyPair(s.CertFile, s.KeyFile)
		if err != nil {
			return nil, fmt.Errorf("web: reading the client certificate %s: %w", s.CertFile, err)
		}
		cfg.Certificates = []tls.Certificate{pair}
	}
	return cfg, nil
}

// discreet refuses to send secrets where others can read along.
func (c *Client) discreet(secrets []Header) error {
	if len(secrets) == 0 || c.base.Scheme == "https" || c.base.Hostname() == "localhost" {
		return nil
	}
	if a, err := netip.ParseAddr(c.base.Hostname()); err == nil && a.IsLoopback() {
		return nil
	}
	return fmt.Errorf("web: a key is not sent to %s over plain http", c.base.Host)
}
