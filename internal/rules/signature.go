package rules

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/seed-959697dd/soc/internal/sign"
	"github.com/seed-959697dd/soc/triage"
)

// promise is the context of a rule's signature: it holds for nothing else.
const promise = "soc policy rule v1"

// payload is what a signature covers: everything that decides what the rule does and for how long.
func (r Rule) payload() ([]byte, error) {
	r = r.trimmed()
	return json.Marshal([...]string{r.Name, r.Effect, r.When, r.Reason, r.Expires})
}

// Sign returns the signature of key over the rule. It refuses a rule that would not be trusted even with a signature: one
// that does not compile, that says no reason or no day of expiry, or that has expired.
func Sign(r Rule, key sign.Key, now time.Time) (string, error) {
	r = r.trimmed()
	if _, err := Compile([]Rule{r}, nil, now); err != nil {
		return "", err
	}
	if err := r.complete(now); err != nil {
		return "", fmt.Errorf("rule %q: %w", r.Name, err)
	}
	text, err := r.payload()
	if err != nil {
		return "", fmt.Errorf("rule %q: %w", r.Name, err)
	}
	return sign.Sign(key, promise, text), nil
}

// complete returns what keeps the rule from closing anything, whoever signs it.
func (r Rule) complete(now time.Time) error {
	switch {
	case r.Reason == "":
		return errors.New("it gives no reason")
	case r.Expires == "":
		return errors.New("it has no day of expiry")
	case r.expired(now):
		return fmt.Errorf("it expired after %s", r.Expires)
	}
	return nil
}

// allowance is what the rule says when it matches. Of a rule that is not to be trusted, By says why.
func allowance(r Rule, approvers sign.Approvers, now time.Time) *triage.Allowance {
	a := &triage.Allowance{Rule: r.Name, Until: r.Expires}
	by, err := r.verify(approvers, now)
	if err != nil {
		a.By = err.Error()
		return a
	}
	a.Signed, a.By = true, by
	return a
}

func (r Rule) verify(approvers sign.Approvers, now time.Time) (by string, err error) {
	if err := r.complete(now); err != nil {
		return "", err
	}
	if r.Signature == "" {
		return "", errors.New("it is not signed")
	}
	text, err := r.payload()
	if err != nil {
		return "", err
	}
	one, err := approvers.Verify(r.By, promise, text, r.Signature)
	switch {
	case errors.Is(err, sign.ErrUntrusted):
		return "", fmt.Errorf("its signer %q is not among the approvers", r.By)
	case err != nil:
		return "", errors.New("its signature does not hold")
	}
	return one.Name, nil
}
