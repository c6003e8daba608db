package feed

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/internal/intel/feed/read"
)

// Fetching bounds one download.
type Fetching struct {
	Timeout time.Duration // of the whole download; 5 minutes when 0
	Limit   int64         // bytes; 1 GiB when 0
	Header  http.Header   // sent to that host only: keys
	Agent   string
}

// ErrHost is a redirect to where nobody agreed to go.
var ErrHost = errors.New("redirects to another host")

// Fetch downloads a feed. It follows redirects on one host only and never from https to http, and refuses pages in place of feeds. Its
// errors name the address without what may be secret in it.
func Fetch(ctx context.Context, address string, o Fetching) (src read.Source, remove func(), err error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil {
		return src, nil, fmt.Errorf("%s: not an http or https address without a password", Shown(address))
	}
	name := Shown(address)
	if o.Timeout == 0 {
		o.Timeout = 5 * time.Minute
	}
	if o.Limit == 0 {
		o.Limit = 1 << 30
	}
	ctx, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return src, nil, fmt.Errorf("fetching %s: %w", name, stripped(err))
	}
	for key, values := range o.Header {
		req.Header[http.CanonicalHeaderKey(key)] = values
	}
	req.Header.Set("User-Agent", o.Agent)
	resp, err := (&http.Client{CheckRedirect: sameHost}).Do(req)
	if err != nil {
		return src, nil, fmt.Errorf("fetching %s: %w", name, stripped(err))
	}
	defer func() { _ = resp.Body.Close() }() // only read
	if err := refuse(resp); err != nil {
		return src, nil, fmt.Errorf("%s %w", name, err)
	}
	if resp.ContentLength > o.Limit {
		return src, nil, fmt.Errorf("fetching %s: it has more than %d MiB", name, o.Limit>>20)
	}
	return Spool(resp.Body, name, o.Limit) // a body shorter than announced is an error of the client's
}

// Shown is an address without what may be secret in it.
func Shown(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "the address"
	}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	return u.String()
}

// stripped takes the address off an error: its query may hold a key.
func stripped(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

func sameHost(req *http.Request, via []*http.Request) error {
	first := via[0].URL
	switch {
	case req.URL.Host != first.Host, first.Scheme == "https" && req.URL.Scheme != "https":
		return fmt.Errorf("%w: %s://%s", ErrHost, req.URL.Scheme, req.URL.Host)
	case len(via) > 5:
		return errors.New("more than 5 redirects")
	}
	return nil
}

// refuse tells answers that are no feed.
func refuse(resp *http.Response) error {
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("answered %s", resp.Status)
	}
	if typ, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")); strings.HasSuffix(typ, "html") {
		return errors.New("answered HTML, not a feed")
	}
	return nil
}
