package investigate

import (
	"context"
	"time"

	"github.com/seed-959697dd/soc/alert"
)

// Source is a place with logs: a folder, a SIEM.
type Source interface {
	// Search hands over every record that holds one of the terms within the window, in any order and from one goroutine at a time.
	// It may hand over more than was asked for: whoever asks looks into the record. found may keep the record, nobody else writes to
	// it. An error of found ends the search and is returned. What could not be read, was cut off or left out is a gap of the answer,
	// never an error and never silence; the error is for what makes every further question pointless, ctx included.
	Search(ctx context.Context, q Query, found func(*alert.Alert) error) (Answer, error)
}

// Query asks for records with any of the terms.
type Query struct {
	Terms    []Term
	From, To time.Time // both included; zero: open. A record without a time is in every window.
	// Most bounds the records that one term alone may bring; 0: no bound. A term that meets more is common: its count goes on, its
	// further records are left out.
	Most int
}

// Term is a value that a record must hold.
type Term struct {
	Kind  Kind
	Value string // as some record wrote it; letter case, and how a format escapes or quotes it, do not matter
	// Host scopes the values that only one machine understands: a process id, a logon id. Empty: any.
	Host string
}

// Kind is what a term's value is: the name of an entity type of alert documents, or of a key (see alert.SlotProcessKey and its neighbours).
type Kind string

// Answer is what a source says beside the records.
type Answer struct {
	Counts  []int64 // records that met each term of the query, those left out included
	Gaps    []alert.Gap
	Covered []Covered // what was looked through
}

// Covered is what one input reaches over. Without it, nothing found cannot be told from nothing collected.
type Covered struct {
	Input string
	// Times are moments of records at even distances in the input, sorted, at most 4,096: enough to see where it has a hole.
	Times []time.Time
	// Records in the input, 0: unknown.
	Records int64
}
