package ollama

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"strings"

	"github.com/seed-959697dd/soc/internal/web"
)

// carrier lets the library speak through internal/web, so that its limits, its TLS and its care for secrets hold here too. A status
// other than 2xx becomes a *web.Error.
type carrier struct {
	web    *web.Client
	header map[string]string
}

// RoundTrip implements http.RoundTripper.
func (c carrier) RoundTrip(req *http.Request) (*http.Response, error) {
	var body []byte
	if req.Body != nil {
		defer func() { _ = req.Body.Close() }()
		var err error
		if body, err = io.ReadAll(req.Body); err != nil {
			return nil, err
		}
	}
	header := map[string]string{"Content-Type": "application/json", "Accept": "application/json"}
	maps.Copy(header, c.header)
	resp, err := c.web.Do(req.Context(), web.Request{
		Method: req.Method, Path: strings.Split(strings.Trim(req.URL.Path, "/"), "/"), Query: req.URL.Query(), Header: header, Body: body,
	})
	if err != nil {
		return nil, err
	}
	if err := c.web.Expect(resp, "application/json", "application/x-ndjson"); err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: resp.Status, Header: resp.Header, Body: io.NopCloser(bytes.NewReader(resp.Body)), Request: req,
	}, nil
}
