package render

import (
	"fmt"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/internal/wire"
	"github.com/seed-959697dd/soc/respond"
)

// Rung is how far one kind of action has come, and what is missing for more.
type Rung struct {
	respond.Grade
	Merit   respond.Merit
	Allows  respond.Level
	Missing []string // for the level after Allows
}

// Append appends the rung as text.
func (r *Rung) Append(b []byte, p Paper) []byte {
	b = p.wrap(b, 0, clean(r.Rung.String())+": level "+r.Level.String())
	if r.Because != "" && r.By != "" {
		b = p.wrap(b, 4, clean(r.Because)+", by "+clean(r.By)+" at "+moment(r.At))
	} else if r.Because != "" {
		b = p.wrap(b, 4, clean(r.Because))
	}
	b = p.wrap(b, 4, r.merit())
	if len(r.Missing) > 0 {
		b = p.wrap(b, 4, fmt.Sprintf("the record allows level %s; for more: %s", r.Allows, strings.Join(r.Missing, ", ")))
	} else {
		b = p.wrap(b, 4, "the record allows level "+r.Allows.String())
	}
	return b
}

func (r *Rung) merit() string {
	m := &r.Merit
	s := fmt.Sprintf("%s right in a row, %s of them under what is in force now, %s wrong ever; %s", Count(int64(m.Right)), Count(int64(m.Now)), Count(int64(m.Wrong)), Plural(int64(m.Drills), "verified rollback", "verified rollbacks"))
	if m.Drills > 0 {
		s += ", " + m.Slow.Round(time.Millisecond).String() + " at the 99th percentile"
	}
	return s
}

// AppendJSON appends the members of the rung to an object that is open.
func (r *Rung) AppendJSON(b []byte) []byte {
	b = wire.Text(wire.Text(b, "action", r.Action), "stratum", r.Stratum)
	b = wire.Int(wire.Int(b, "level", int64(r.Level)), "allows", int64(r.Allows))
	b = r.Merit.AppendJSON(wire.Key(b, "merit"))
	if len(r.Missing) > 0 {
		b = wire.Texts(b, "missing", r.Missing)
	}
	b = wire.Text(wire.Text(b, "because", r.Because), "by", r.By)
	return wire.Time(b, "at", r.At)
}
