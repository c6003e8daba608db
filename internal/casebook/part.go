package casebook

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

// part is a verdict with some of its members, ready to be written. A large group comes in several parts, which share
// the row; whoever writes them does so one after the other.
type part struct {
	name    string // of the verdict, as it was printed
	row     *row
	members []member
}

type member struct {
	Key
	input  string
	seen   []triage.Sighting // none when the alert has no time
	copies int64
	body   []byte
}

// row is a verdict as its table holds it.
type row struct {
	id, caseID                      string
	fingerprint, format, rule, host string
	title, disposition, severity    string
	first, last                     time.Time
	rank                            int64
	wouldClose                      bool
	probability                     float64
	score                           int64
	document                        []byte
	parties                         []Party           // of a verdict with a case
	closing                         *closedGroup      // by a certificate
	tell                            *Telling          // nil: nothing
	digest                          [sha256.Size]byte // see sum
}

// rank is a route as the book orders it: what needs a person soonest is highest.
func rank(r triage.Route) int64 {
	switch r {
	case triage.Closed:
		return 0
	case triage.Escalate:
		return 2
	case triage.Review:
		return 1
	}
	return 1 // an unknown route is a person's to look at
}

func rowOf(v *triage.Verdict, z *zip) *row {
	about := gjson.GetManyBytes(v.Alert, "format", "title")
	r := &row{
		id: v.ID, caseID: v.Case, fingerprint: hex.EncodeToString(v.Fingerprint[:]), format: about[0].String(), title: about[1].String(),
		rule: strings.Clone(v.Rule), host: strings.Clone(v.Host), disposition: v.Disposition.String(), severity: v.Severity.String(),
		first: v.First, last: v.Last, rank: rank(v.Route), wouldClose: v.WouldClose, probability: v.Probability, score: int64(v.Score),
	}
	if v.Case != "" {
		r.parties = Parties(v.Alert)
	}
	if r.title == "" {
		r.title = strings.TrimSpace(strings.TrimPrefix(r.rule, r.format))
	}
	r.document = z.pack(v.AppendJSON(make([]byte, 0, len(v.Alert)+2048)))
	r.digest = r.sum()
	return r
}

// partSize bounds the members of one part.
const partSize = 500

// collector makes parts of a group's members.
type collector struct {
	alert  alert.Alert
	run    *Run
	row    *row
	days   bool  // the members' days may differ
	copies int64 // of all members together, less the members handed on
	part   *part
	bytes  int
}

func (c *collector) add(ctx context.Context, o *triage.Observation) error {
	m, err := c.member(o)
	if err != nil {
		return err
	}
	if c.part != nil && (len(c.part.members) >= partSize || c.bytes >= batchBytes) {
		if err := c.pass(ctx); err != nil {
			return err
		}
	}
	if c.part == nil {
		c.part, c.bytes = &part{name: c.row.id, row: c.row}, 0
	}
	c.part.members = append(c.part.members, m)
	c.bytes += len(m.body)
	c.copies--
	return nil
}

func (c *collector) pass(ctx context.Context) error {
	p := c.part
	c.part = nil
	return c.run.queue(ctx, p)
}

// end hands the last part on. Which member the byte-identical copies belong to is not told: the last one counts them.
func (c *collector) end(ctx context.Context) error {
	if c.part == nil {
		return nil
	}
	c.part.members[len(c.part.members)-1].copies += max(c.copies, 0)
	return c.pass(ctx)
}

// member copies what stays of an observation.
func (c *collector) member(o *triage.Observation) (member, error) {
	if err := o.Alert(&c.alert); err != nil {
		return member{}, err
	}
	key := c.run.b.engine.key
	m := member{Key: Key{ID: key(strings.Clone(o.ID)), Digest: c.alert.Digest}, input: string(c.alert.Input.AppendJSON(nil)), copies: 1, body: c.run.b.zip.pack(o.Raw)}
	at := c.row.first
	if c.days {
		if !c.alert.Time.IsZero() {
			at = c.alert.Time
		}
	}
	if !at.IsZero() {
		s := triage.Sighting{Kind: triage.OfRule, Subject: key(c.row.rule), Value: key(c.row.host), Day: day(at)}
		if o.Rule != c.row.rule || o.Host != c.row.host {
			s.Subject, s.Value = key(strings.Clone(o.Rule)), key(strings.Clone(o.Host))
		}
		m.seen = append(m.seen, s)
		for _, t := range o.Traits {
			m.seen = append(m.seen, triage.Sighting{Kind: triage.Kind(strings.Clone(string(t.Kind))), Subject: key(strings.Clone(t.Subject)), Value: key(strings.Clone(t.Value)), Day: s.Day})
		}
	}
	return m, nil
}

func (p *part) size() int {
	n := len(p.row.document)
	for i := range p.members {
		n += len(p.members[i].body) + 200
	}
	return n
}

func spread(v *triage.Verdict) bool { return day(v.First) != day(v.Last) }

// day is the number of days since 1970, UTC; floored, so that the days before are right too.
func day(t time.Time) int32 {
	s := t.Unix()
	d := s / 86400
	if s%86400 < 0 {
		d--
	}
	return int32(d)
}

// holder finds the verdict that holds the first member the book knows.
func (b *Book) holder(ctx context.Context, m *triage.Members) (h Holder, ok bool, err error) {
	keys := make([]Key, 0, 4)
	var a alert.Alert
	ask := func() error {
		h, ok, err = b.Known(ctx, keys...)
		keys = keys[:0]
		if ok && err == nil {
			return errFound
		}
		return err
	}
	err = m.Each(func(o *triage.Observation) error {
		if err := o.Alert(&a); err != nil {
			return err
		}
		if keys = append(keys, Key{strings.Clone(o.ID), a.Digest}); len(keys) == lookupSize {
			return ask()
		}
		return nil
	})
	if err == nil && len(keys) > 0 {
		err = ask()
	}
	if errors.Is(err, errFound) {
		err = nil
	}
	return h, ok, err
}

var errFound = errors.New("found")
