package web

import "context"

// Finding is one thing found out about a service: that it answers, that its certificate is trusted, that a key is accepted, that a right
// is there.
type Finding struct {
	Name   string // what was looked at: reach, tls, auth, clock, version, sample, or the right by the service's own name
	OK     bool
	Detail string // what was found, or what went wrong
	Hint   string // how to mend it: a command, or the exact role, capability or permission to grant
}

// Examiner finds out whether a service can be used the way it is set up. It changes nothing there.
type Examiner interface {
	// Examine looks at one thing after the other and stops where what follows cannot work.
	Examine(ctx context.Context) []Finding
}
