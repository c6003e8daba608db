package triage

import (
	"context"
	"encoding/json"
	"time"

	"github.com/seed-959697dd/soc/alert"
)

// Lookup asks somebody else, who knows more than the alert and may be slow or absent, about indicators. It is safe for
// concurrent use. A Desk stands before it: it sees to caches, budgets and to what may leave the estate.
//
// Look returns what was found about the indicators and tells nobody anything but those. With a nil error, an indicator without a
// finding is one of which nothing is known. Beside an error, the findings that are there count and nothing may be concluded
// about the other indicators. The error's text holds no secret.
type Lookup interface {
	Name() string
	Look(ctx context.Context, in []alert.Indicator) ([]Finding, error)
}

// Finding is what a lookup knows about one indicator. One without a sentence says that it was asked about and nothing is known.
type Finding struct {
	Indicator int    // its place in the question
	Weight    Weight // positive towards malicious
	Hard      bool   // enough on its own to escalate
	By        string // what suppresses it: it is shown and counts nothing
	Sentence  string // for people, with its numbers, without a full stop
	Source    string // where a person reads on
}

// LookupError says how a failure is to be taken. Any other error counts as a failure of the service, of which a few in a row
// end the questions.
type LookupError struct {
	Shut  bool          // the service is not worth asking for now; else it is about this one question
	After time.Duration // how long Shut holds; 0 is for the whole run
	Err   error
}

func (e *LookupError) Error() string { return e.Err.Error() }
func (e *LookupError) Unwrap() error { return e.Err }

// Service is a lookup and how it may be used. Zero values have defaults where they say so.
type Service struct {
	Lookup
	Types     []string      // of the indicators that it may be told: ip, domain, url, md5, sha1, sha256, sha512, mail, cve
	Keep      time.Duration // how long an answer holds; 0 is a day
	KeepEmpty time.Duration // how long "nothing known" holds; 0 is six hours
	Questions int           // most indicators asked about in a run, those out of the cache not counted; 0 is no bound
	Parallel  int           // most questions under way at once; 0 is 4
	Failures  int           // failures in a row after which it is not asked any more; 0 is 5
	Pause     time.Duration // after which it is tried again; 0 is never in this run
}

func (s *Service) defaults() {
	if s.Keep <= 0 {
		s.Keep = 24 * time.Hour
	}
	if s.KeepEmpty <= 0 {
		s.KeepEmpty = 6 * time.Hour
	}
	if s.Parallel <= 0 {
		s.Parallel = 4
	}
	if s.Failures <= 0 {
		s.Failures = 5
	}
}

// recall reads an answer that was kept, when it still holds. One from the future does: a run may set its clock back.
func (s *Service) recall(kept Answers, in alert.Indicator, now time.Time) (reply, bool) {
	text, at, ok := kept.Recall(s.Name(), in.Type, in.Value)
	r := reply{at: at}
	if !ok || json.Unmarshal(text, &r.finding) != nil {
		return reply{}, false
	}
	keep := s.Keep
	if r.finding.Sentence == "" {
		keep = s.KeepEmpty
	}
	return r, now.Sub(at) < keep
}

func (s *Service) store(kept Answers, in alert.Indicator, r reply) {
	r.finding.Indicator = 0
	if text, err := json.Marshal(r.finding); err == nil { // a finding always marshals
		kept.Store(s.Name(), in.Type, in.Value, text, r.at)
	}
}
