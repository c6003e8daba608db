package ollama

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/seed-959697dd/soc/internal/web"
)

// What can be wrong besides the way there, for errors.Is.
var (
	ErrMissing    = errors.New("the model is not installed")
	ErrElsewhere  = errors.New("no Ollama answers at this address")
	ErrUnfinished = errors.New("the model broke off before the end of its answer")
	ErrTooLong    = errors.New("the prompt does not fit into the model's context")
	ErrAnswer     = errors.New("the answer is not one of Ollama's API")
)

// failure says what an error of the library means. For two of Ollama's faults there is nothing but the words of its message.
func (c *Client) failure(err error) error {
	var outer *url.Error // its text has the address that the library was told
	if errors.As(err, &outer) {
		err = outer.Err
	}
	var e *web.Error
	switch {
	case !errors.As(err, &e):
		return fmt.Errorf("ollama: %w: %.120q", ErrAnswer, err.Error())
	case e.Status == http.StatusNotFound && strings.Contains(e.Detail, "model"):
		return fmt.Errorf("ollama: %w: ollama pull %s: %w", ErrMissing, c.set.Model, err)
	case e.Status == http.StatusNotFound, e.Status == http.StatusMethodNotAllowed, errors.Is(err, web.ErrHTML), errors.Is(err, web.ErrType):
		return fmt.Errorf("ollama: %w: %w", ErrElsewhere, err)
	case e.Status == http.StatusBadRequest && strings.Contains(e.Detail, "context length"):
		return fmt.Errorf("ollama: %w: %w", ErrTooLong, err)
	}
	return fmt.Errorf("ollama: model %s: %w", c.set.Model, err)
}

// detail picks Ollama's message out of the body of an error; a body without one is not Ollama's.
func detail(body []byte) string {
	var e struct{ Error string }
	if json.Unmarshal(body, &e) != nil {
		return ""
	}
	return e.Error
}
