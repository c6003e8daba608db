package alert

import (
	"context"
	"time"
)

// Puller is a system that holds alerts and hands them over when asked: a SIEM, an XDR, a SOAR platform.
type Puller interface {
	// Pull hands over what was changed within the window, the oldest change first, one at a time. An error of found ends it and is
	// returned. What the system left out, cut off or could not read is a gap of the answer; the error is for what ends the pull. What
	// found got before it stays valid, and a later pull may begin at the last change that it saw.
	Pull(ctx context.Context, p Pull, found func(Pulled) error) ([]Gap, error)
}

// Pull says which alerts are asked for.
type Pull struct {
	From, To time.Time // of the change, by the system's clock: From is included, To is not; a zero To is now
	Query    string    // in the system's own language, as a person wrote it; it narrows down
	Most     int       // how many at most, 0: all. That there were more is a gap.
}

// Pulled is one alert, or an incident with its alerts, as a system hands it over.
type Pulled struct {
	// Raw is one JSON value as it was received. Nobody writes to it afterwards.
	Raw []byte
	// View is JSON made of Raw where Raw is none: the row of a CSV file. Nil for everything else.
	View []byte
	// Item names it within the system: what is written back goes to this id.
	Item string
	// Edition tells apart what an item said at different times. New evidence makes a new one; a status, an owner, a tag or a comment,
	// by whomever, does not: what soc writes back must not come back as news.
	Edition string
	// Changed is when, by the system's clock.
	Changed time.Time
}

// Feeder is a system that sends alerts of its own accord: a queue, a folder that fills, a program that calls.
type Feeder interface {
	// Feed hands over what arrives, one at a time, until ctx ends, which is no error. An error of found ends it and is returned.
	Feed(ctx context.Context, found func(Fed) error) error
}

// Fed is what a Feeder hands over.
type Fed struct {
	Pulled
	// Fault says why Raw cannot be an alert, where the feeder knows that: it was cut off, it is too long. It is counted as rejected.
	Fault string
	// Gaps are trouble on the way to it. One without Raw tells of nothing else.
	Gaps []Gap
	// Kept is called once, from any goroutine, when the alert is on this side's disk, or with the error why it is not. Until then the
	// sender keeps it, and sends it again should this process die.
	Kept func(error)
}
