package openai

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"net/http"
	"strings"

	"github.com/seed-959697dd/soc/internal/web"
)

// carrier lets the library speak through internal/web, so that its limits, its TLS and its care for secrets hold here too. A status
// other than 2xx becomes an error.
type carrier struct {
	web    *web.Client
	header map[string]string
}

// refusal is an answer 400 or 422 with its body, which may name the member that the server does not know.
type refusal struct {
	err  *web.Error
	body []byte
}

func (r *refusal) Error() string { return r.err.Error() }
func (r *refusal) Unwrap() error { return r.err }

// Do implements the library's HTTPDoer.
func (c carrier) Do(req *http.Request) (*http.Response, error) {
	var body []byte
	if req.Body != nil {
		defer func() { _ = req.Body.Close() }()
		var err error
		if body, err = io.ReadAll(req.Body); err != nil {
			return nil, err
		}
	}
	// Outside a string there is no quotation mark without a backslash, so this is the member and nothing that somebody wrote.
	body = bytes.Replace(body, []byte(`,"temperature":1e-45`), []byte(`,"temperature":0`), 1)
	header := map[string]string{"Content-Type": "application/json", "Accept": "application/json"}
	maps.Copy(header, c.header)
	resp, err := c.web.Do(req.Context(), web.Request{
		Method: req.Method, Path: strings.Split(strings.Trim(req.URL.Path, "/"), "/"), Query: req.URL.Query(), Header: header, Body: body,
	})
	var e *web.Error
	switch {
	case resp != nil && errors.As(err, &e) && (e.Status == http.StatusBadRequest || e.Status == http.StatusUnprocessableEntity):
		return nil, &refusal{e, resp.Body}
	case err != nil:
		return nil, err
	}
	if err := c.web.Expect(resp, "application/json", "+json"); err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: resp.Status, Header: resp.Header, Body: io.NopCloser(bytes.NewReader(resp.Body)), Request: req,
	}, nil
}
