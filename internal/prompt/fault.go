package prompt

import (
	"context"
	"errors"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/prompt/redact"
)

// Why there is no answer to count. Any other error is the model's or its connection's.
var (
	ErrMalformed = errors.New("the answer is not of the asked shape")
	ErrTruncated = errors.New("the answer was cut off")
	ErrLeaked    = errors.New("the answer repeats a mark of the prompt: the model followed the alert, or was made to recite")
	ErrResidue   = redact.ErrResidue
)

// Gap is what a failure leaves in a verdict. It is never nothing found.
func Gap(model string, err error) alert.Gap {
	g := alert.Gap{Check: Check, Source: model, Class: alert.Failed, Reason: err.Error()}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		g.Reason = "no answer in time"
	case errors.Is(err, ErrTruncated):
		g.Class = alert.Partial
	}
	return g
}

// Gap is what is missing because the model was not shown the whole alert; ok is false when it was.
func (l Left) Gap(model string) (g alert.Gap, ok bool) {
	return alert.Gap{Check: Check, Source: model, Class: alert.Partial, Reason: l.Sentence()}, l != Left{}
}
