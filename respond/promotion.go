package respond

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/seed-959697dd/soc/internal/wire"
)

// Promotion is a person's word, with a signature, that a rung has a level: to what its merit allows, or lower.
type Promotion struct {
	Rung
	Level     Level
	Under     string // digest of what is in force: see Grade.Under
	Merit     Merit  // as the person saw it
	By, Key   string // the approver's name and public key
	At        time.Time
	Signature string
}

// PromotionContext is what a promotion's signature is made for: see internal/sign.
const PromotionContext = "soc level v1"

// Payload is what the signature covers, in its one spelling.
func (p *Promotion) Payload() []byte { return append(p.body(nil), '}') }

// AppendJSON appends the promotion as a document of kind promotion, version 1, on a line of its own.
func (p *Promotion) AppendJSON(b []byte) []byte {
	return append(wire.Text(p.body(b), "signature", p.Signature), '}', '\n')
}

func (p *Promotion) body(b []byte) []byte {
	b = append(b, `{"kind":"promotion","version":1`...)
	b = wire.Text(wire.Text(b, "action", p.Action), "stratum", p.Stratum)
	b = wire.Text(wire.Int(b, "level", int64(p.Level)), "under", p.Under)
	b = p.Merit.AppendJSON(wire.Key(b, "merit"))
	b = wire.Text(wire.Text(b, "by", p.By), "key", p.Key)
	return wire.Time(b, "at", p.At)
}

// AppendJSON appends what is known of a rung as an object.
func (m *Merit) AppendJSON(b []byte) []byte {
	b = wire.Int(wire.Int(append(b, '{'), "right", int64(m.Right)), "right_now", int64(m.Now))
	b = wire.Int(wire.Int(b, "wrong", int64(m.Wrong)), "rollbacks", int64(m.Drills))
	if m.Drills > 0 {
		b = wire.Float(b, "rollback_p99_seconds", m.Slow.Seconds())
	}
	return append(b, '}')
}

// ErrNoPromotion means that a document is no promotion.
var ErrNoPromotion = errors.New("no promotion of this program")

// ReadPromotion reads a document of kind promotion, version 1. Whether the signature holds is asked elsewhere.
func ReadPromotion(doc []byte) (p Promotion, err error) {
	var d struct {
		Kind            string
		Version         int
		Action, Stratum string
		Level           *Level
		Under           string
		By, Key         string
		At              time.Time
		Merit           struct {
			Right, Wrong, Rollbacks int
			Now                     int     `json:"right_now"`
			P99                     float64 `json:"rollback_p99_seconds"`
		}
		Signature string
	}
	if err := json.Unmarshal(doc, &d); err != nil || d.Kind != "promotion" || d.Version != 1 || d.Level == nil {
		return Promotion{}, ErrNoPromotion
	}
	p = Promotion{Rung: Rung{d.Action, d.Stratum}, Level: *d.Level, Under: d.Under, By: d.By, Key: d.Key, At: d.At.UTC(), Signature: d.Signature}
	p.Merit = Merit{Right: d.Merit.Right, Now: d.Merit.Now, Wrong: d.Merit.Wrong, Drills: d.Merit.Rollbacks, Slow: time.Duration(d.Merit.P99*1e9 + 0.5)}
	return p, nil
}
