package baseline

import (
	"encoding/binary"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/wire"
)

// kind is the kind of subject of which something is usual.
type kind uint8

const (
	user     kind = iota
	host          // by its short name
	account       // of a cloud: account, subscription, project or tenant
	program       // by the base name of its image
	everyone      // the estate as a whole; it has no name
	kinds
)

// dimension is what is counted of a subject.
type dimension uint8

const (
	hour        dimension = iota // of the day, in UTC
	country                      // that a user came from, as ISO 3166 code
	countryName                  // as products write it that give no code: a name is never compared with a code
	address                      // that a user came from
	network                      // its /24 (IPv4) or /48 (IPv6)
	device                       // that a user was on
	process                      // base name of the image
	pair                         // parent>child, base names
	folder                       // that a program ran from, folded
	domain                       // outside, as far as somebody registered it
	remote                       // an address outside, where no name is told: the two are never compared
	call                         // service:operation, in the words of one cloud or product
	region                       // of a cloud
	activity                     // everything that was learned from, by day; it has no values
	dimensions
)

// fact is one thing that an alert or event tells: the subject has the value. The fields are what it was read from.
type fact struct {
	kind           kind
	dim            dimension
	subject, value string
	fields         [3]*alert.Field // of the value, then of the subject; nil when there are fewer
}

// maxFacts is more than one alert can tell.
const maxFacts = 20

// facts is what one alert tells, the general before the particular.
type facts struct {
	list [maxFacts]fact
	n    int
}

func (l *facts) add(k kind, d dimension, subject, value string, fields [3]*alert.Field) {
	if value == "" || subject == "" && k != everyone || l.n == maxFacts {
		return
	}
	l.list[l.n] = fact{k, d, cut(subject), cut(value), fields}
	l.n++
}

// Tally says what became of the events: Read = Used + Refused + Untimed + Silent.
type Tally struct {
	Read    int64
	Used    int64
	Refused int64 // failed or blocked: what was refused is no habit
	Untimed int64 // without a time, or with one before the year 2000 or after the end of learning
	Silent  int64 // nothing in it that is learned
}

func (t *Tally) add(u Tally) {
	t.Read += u.Read
	t.Used += u.Used
	t.Refused += u.Refused
	t.Untimed += u.Untimed
	t.Silent += u.Silent
}

// Facts is what a batch of events tells, in a form that outlives them and goes from one goroutine to another. The zero value is
// ready for use.
type Facts struct {
	b     []byte
	tally Tally
}

// Reset empties the facts and keeps their memory.
func (f *Facts) Reset() { f.b, f.tally = f.b[:0], Tally{} }

// Add reads one event. Countries name the country of an address where the event does not, and may be nil. until is the last
// moment that counts: a clock that runs ahead would make history of the future. Zero means no end.
func (f *Facts) Add(a *alert.Alert, c *Countries, until time.Time) {
	f.tally.Read++
	at, ok := dayOf(a.Time)
	if a.Time.IsZero() || !ok || !until.IsZero() && a.Time.After(until) {
		f.tally.Untimed++
		return
	}
	if outcomeOf(a) != done {
		f.tally.Refused++
		return
	}
	var l facts
	if l.read(a, c); l.n == 0 {
		f.tally.Silent++
		return
	}
	f.tally.Used++
	f.b = binary.BigEndian.AppendUint16(f.b, uint16(at))
	f.b = append(f.b, byte(l.n))
	for i := range l.n {
		t := &l.list[i]
		f.b = append(f.b, byte(t.kind), byte(t.dim))
		f.b = wire.AppendText(wire.AppendText(f.b, t.subject), t.value)
	}
}

// each hands over the facts event by event; the texts are views that nobody may keep.
func (f *Facts) each(event func(day), told func(k kind, d dimension, subject, value string, at day)) {
	for r := wire.NewReader(f.b); ; {
		head := r.Fixed(2)
		if r.Bad {
			return
		}
		at := day(binary.BigEndian.Uint16(head))
		event(at)
		for range r.Byte() {
			k, d := kind(r.Byte()), dimension(r.Byte())
			subject := r.Text()
			told(k, d, subject, r.Text(), at)
		}
	}
}
