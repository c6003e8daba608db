package respond

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-959697dd/soc/triage"
)

// Desk is a system in which people work on alerts or incidents, and in which it is written what became of them. Its methods are safe for
// concurrent use on different items, and may be called again after a crash.
type Desk interface {
	// Read tells what the system says of an item.
	Read(ctx context.Context, item string) (Entry, error)
	// Draft tells what the entry is to say, in the system's own words; an error when it has no words for that. It asks nobody.
	Draft(was Entry, c Change) (Entry, error)
	// Write makes the entry say what want says where that differs from was, and nothing else. When the item no longer says what was
	// says it writes nothing and is ErrOvertaken. An answer that is no error and says otherwise in its body is an error. What was
	// written, and what was overwritten, is known afterwards by Read alone.
	Write(ctx context.Context, item string, was, want Entry) error
	// Note adds a comment, which says key somewhere in it; one that is there with the same key is not added again where the
	// system lets comments be read. The text is plain and quotes alerts: where comments are markup the desk escapes it.
	Note(ctx context.Context, item, key, text string) error
}

// Entry is what a system says of an item, in its own words. An empty word is one that the system does not have or that is not set.
type Entry struct {
	Status      string   `json:"status,omitempty"`
	Disposition string   `json:"disposition,omitempty"` // and the reason where the system joins the two: TruePositive/SuspiciousActivity
	Severity    string   `json:"severity,omitempty"`
	Owner       string   `json:"owner,omitempty"`
	Tags        []string `json:"tags,omitempty"` // sorted
	// Revision is what the system compares to find out that somebody else was quicker. It tells nothing about the words.
	Revision string `json:"revision,omitempty"`
	// Held says why the item is a person's: "assigned to alice", "closed". Empty: nobody has begun to work on it.
	Held string `json:"held,omitempty"`
}

// Same tells whether two entries say the same, whatever their revisions.
func (e *Entry) Same(o *Entry) bool {
	return e.Status == o.Status && e.Disposition == o.Disposition && e.Severity == o.Severity && e.Owner == o.Owner && slices.Equal(e.Tags, o.Tags)
}

// Change is what is to be said of an item. The zero value of each is: leave it as it is.
type Change struct {
	Close       bool               // it is done with, as Disposition says
	Disposition triage.Disposition // undetermined says something only beside Close
	Severity    triage.Severity
	Owner       string
	Tags        []string // to be added
	// Unasked means that a run says so by itself: what the system does not take of the severity and of tags that begin with soc: is left out, the
	// comment says it. What a person asks for by name is done or refused.
	Unasked bool
}

// What a desk can answer, for errors.Is.
var (
	ErrOvertaken = errors.New("was changed by somebody else since it was read")
	ErrNoItem    = errors.New("the system does not have it any more")
)

// Inert writes a plain text so that a system that takes comments for Markdown or HTML shows it as it is: no link, image, mention or tag in it.
// What means something to either is a numeric character reference, which is text in both. Lines stay lines.
//
// Source: CommonMark 0.31.2, section 2.5: a character reference cannot stand for a sign of structure.
func Inert(text string) string {
	var b strings.Builder
	for _, r := range text {
		if strings.ContainsRune("&<>[](){}!*_`~#|\\@$\"'=", r) {
			b.WriteString("&#" + strconv.Itoa(int(r)) + ";")
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}
