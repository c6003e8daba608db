package investigate

import (
	"time"

	"github.com/seed-959697dd/soc/alert"
)

// Event is a record of a log that belongs to a case, and why.
type Event struct {
	Record  *alert.Alert // as its source wrote it; its place, digest, time and fields are the event's
	Summary string       // what happened, in one line
	Why     string       // what ties it to the case
	// By is the relation that Why puts into words: tree (of processes), session, connection, address, name, url, file, hash, credential,
	// account, message, request, or alert for the record that an alert was itself.
	By         string
	Alert      string   // the id of the alert that this record was, too: it is shown once, see Records
	Asked      string   // who asked for it, when it was not found by rule but looked up for a model: By is asked then. See Consult
	Phase      string   // the ATT&CK tactic it stands for, spelled as ATT&CK's short names: credential-access; empty: none known
	Techniques []string // ATT&CK ids: those the record names and those that its evidence stands for
	Evidence   int32    // milli-nats that the checks find in it above nothing
	Hop        int      // questions between the case's alerts and the event
}

// Hole is a stretch of time that a source says nothing about. It is no sign that nothing happened.
type Hole struct {
	Source   string
	From, To time.Time
	Reason   string
}

// Skew is how far the clock of one source is from another's, measured on records that tell of the same thing.
type Skew struct {
	Source, Against string
	Ahead           time.Duration // of Source; negative: behind
	Pairs           int
}

// Artifact is a piece of evidence with the digest of its bytes.
type Artifact struct {
	Name   string
	Digest alert.Digest
	Bytes  int64
	From   string // where its bytes stood: source, line and offset, or a path the user named
	Body   []byte // nil when the bytes stay where they are
}

// Finding is a sentence that stands on evidence: it cites events by their number in the case, from 1, and alerts by id. See Check.
type Finding struct {
	Part     Part
	Phase    string // of what happened, as in Event; empty where no tactic is known, and in other parts
	Sentence string
	Cites    []string // "event 3", "alert a1", "gap 2"
}

// Advice is an action of the response catalogue that the case calls for. It does nothing.
type Advice struct {
	Action string // its name in the catalogue: isolate-host, block-ip, ...
	Target Target
	Phase  string // containment, eradication or recovery
	Why    string
	Risk   string
	Cites  []string // as in Finding
}

// Target is what an action is aimed at.
type Target struct{ Type, Value string }
