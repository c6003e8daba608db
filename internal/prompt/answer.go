package prompt

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Bounds of an answer, in bytes and in members.
const (
	maxAnswer    = 16 << 10
	maxClaims    = 12
	maxQuestions = 12
	maxText      = 1 << 10
)

// answered is an answer as it was written, nothing of it checked against the alert.
type answered struct {
	claims     []Claim
	questions  []Query
	verdict    Verdict
	confidence int
	seen       []string
}

// parse reads one JSON object of exactly the schema's shape. encoding/json alone would take keys of another case, keys twice, and
// whatever follows the object.
func parse(text string) (answered, error) {
	var a answered
	switch {
	case len(text) > maxAnswer:
		return a, fmt.Errorf("%w: more than %d bytes", ErrMalformed, maxAnswer)
	case !utf8.ValidString(text):
		return a, fmt.Errorf("%w: not UTF-8", ErrMalformed)
	}
	r := reader{dec: json.NewDecoder(strings.NewReader(text))}
	r.dec.UseNumber()
	err := r.object(&a.seen, func(name string) error {
		switch name {
		case "claims":
			return r.array(maxClaims, func() error { return r.claim(&a.claims) })
		case "questions":
			return r.array(maxQuestions, func() error { return r.question(&a.questions) })
		case "verdict":
			return r.verdict(&a.verdict)
		case "confidence":
			return r.percent(&a.confidence)
		}
		return errUnknown
	}, "claims", "questions", "verdict", "confidence")
	if err == nil {
		if _, end := r.dec.Token(); !errors.Is(end, io.EOF) {
			err = errors.New("something follows the object")
		}
	}
	if err != nil {
		return answered{}, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return a, nil
}

var (
	errUnknown = errors.New("an unknown member")
	errShape   = errors.New("a value of another kind than the schema's")
	errLong    = errors.New("more or longer values than allowed")
)

// reader reads what is expected next and refuses everything else. No error repeats what a model wrote.
type reader struct{ dec *json.Decoder }

func (r *reader) delim(want json.Delim) error {
	t, err := r.dec.Token()
	if err != nil {
		return errors.New("no JSON object")
	}
	if d, ok := t.(json.Delim); !ok || d != want {
		return errShape
	}
	return nil
}

// object reads an object whose members are the required ones, each once.
func (r *reader) object(seen *[]string, member func(name string) error, required ...string) error {
	if err := r.delim('{'); err != nil {
		return err
	}
	for r.dec.More() {
		name, err := r.text()
		if err != nil {
			return err
		}
		if slices.Contains(*seen, name) {
			return errors.New("a member twice")
		}
		*seen = append(*seen, name)
		if err := member(name); err != nil {
			return err
		}
	}
	if len(*seen) != len(required) {
		return errors.New("a member is missing")
	}
	return r.delim('}')
}

func (r *reader) array(most int, item func() error) error {
	if err := r.delim('['); err != nil {
		return err
	}
	for n := 0; r.dec.More(); n++ {
		if n == most {
			return errLong
		}
		if err := item(); err != nil {
			return err
		}
	}
	return r.delim(']')
}

func (r *reader) text() (string, error) {
	t, err := r.dec.Token()
	if err != nil {
		return "", errors.New("broken JSON")
	}
	s, ok := t.(string)
	if !ok {
		return "", errShape
	}
	if len(s) > maxText {
		return "", errLong
	}
	return s, nil
}

func (r *reader) claim(list *[]Claim) error {
	var c Claim
	var seen []string
	err := r.object(&seen, func(name string) (err error) {
		switch name {
		case "path":
			c.path, err = r.text()
		case "value":
			c.Value, err = r.text()
		case "text":
			c.Text, err = r.text()
		default:
			err = errUnknown
		}
		return err
	}, "path", "value", "text")
	*list = append(*list, c)
	return err
}

func (r *reader) question(list *[]Query) error {
	s, err := r.text()
	if err == nil && !known(Query(s)) {
		err = errors.New("a question that is not in the catalogue")
	}
	if err == nil && !slices.Contains(*list, Query(s)) {
		*list = append(*list, Query(s))
	}
	return err
}

func (r *reader) verdict(v *Verdict) error {
	s, err := r.text()
	if err != nil {
		return err
	}
	if v.UnmarshalText([]byte(s)) != nil {
		return errors.New("a verdict that is none")
	}
	return nil
}

func (r *reader) percent(n *int) error {
	t, err := r.dec.Token()
	if err != nil {
		return errors.New("broken JSON")
	}
	num, ok := t.(json.Number)
	if !ok {
		return errShape
	}
	if *n, err = strconv.Atoi(num.String()); err != nil || *n < 0 || *n > 100 {
		return errors.New("a confidence that is not 0 to 100")
	}
	return nil
}
