package render

import (
	"fmt"
	"strconv"
	"time"

	"github.com/seed-959697dd/soc/triage"
)

// Count writes a number with commas between the thousands.
func Count(n int64) string {
	s := strconv.FormatInt(n, 10)
	start := 0
	if n < 0 {
		start = 1
	}
	for i := len(s) - 3; i > start; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Plural is "1 alert" or "7 alerts".
func Plural(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Count(n) + " " + many
}

// Score writes milli-nats with their sign, as the evidence table adds them up.
func Score(w triage.Weight) string { return fmt.Sprintf("%+d", w) }

const (
	dateTime = "2006-01-02 15:04:05"
	justTime = "15:04:05"
)

// Span writes two times in UTC to the second, the second one without what it shares with the first.
func Span(first, last time.Time) string {
	switch {
	case first.IsZero():
		return "no time"
	case last.Sub(first) < time.Second:
		return first.UTC().Format(dateTime)
	case first.UTC().Format(time.DateOnly) == last.UTC().Format(time.DateOnly):
		return first.UTC().Format(dateTime) + " to " + last.UTC().Format(justTime)
	}
	return first.UTC().Format(dateTime) + " to " + last.UTC().Format(dateTime)
}

// standing is how far the score can be believed, in words, and the chance that the verdict is of an attack once it
// rests on decisions of this estate.
func standing(calibrated bool, probability float64) string {
	if !calibrated {
		return "uncalibrated"
	}
	return fmt.Sprintf("p %.3f", probability)
}
