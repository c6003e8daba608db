package triage

import (
	"strings"

	"github.com/seed-959697dd/soc/alert/indicator"
	"github.com/seed-959697dd/soc/internal/wire"
)

// Prose is text for people that somebody wrote who is not trusted: a model. It decides nothing and nothing counts it. What is left of it
// rests on places that hold; what the sentences make of them is their author's.
type Prose struct {
	By        string     // the model, as the configuration calls it
	Sentences []Sentence // those that are grounded
	Dropped   int        // those that are not
	Cached    bool
}

// Sentence is one sentence of prose, and what it rests on.
type Sentence struct {
	Text  string
	Cites []Cite
	Part  string // of a longer text to which it belongs; empty where there is one
}

// Cite names a place. At is a path of an alert, or the name of something that has a number: signal 2, event 3. Value is the text that is
// found there.
type Cite struct{ At, Value string }

// Grounds are what prose may rest on.
type Grounds struct {
	// Resolve finds what a citation names, and returns the citation as it is to be shown. It is false when nothing is there, or something
	// else.
	Resolve func(Cite) (Cite, bool)
	// Knows tells whether an indicator stands in what may be cited: a sentence that names another address, file or account rests on nothing.
	// Nil asks for none.
	Knows func(value string) bool
	// Says is all that a resolved citation stands for. When it is set, every value that a sentence names (an address, host, account, hash,
	// time, technique, file or number) must stand in that of its own citations: see spoken. Nil asks for none.
	Says func(Cite) string
	// Names are the hosts, accounts and programs that may be spoken of, in small letters: one that looks like a word is known by them only.
	Names []string
}

// Ground keeps the sentences that hold: with one citation at least, all of which resolve, and with no indicator that nobody knows. It
// counts the others. It is a pure function of its arguments and theirs.
func (g *Grounds) Ground(list []Sentence) (kept []Sentence, dropped int) {
	for _, s := range list {
		if s, ok := g.ground(s); ok {
			kept = append(kept, s)
		} else {
			dropped++
		}
	}
	return kept, dropped
}

func (g *Grounds) ground(s Sentence) (Sentence, bool) {
	if strings.TrimSpace(s.Text) == "" || len(s.Cites) == 0 {
		return s, false
	}
	cites := make([]Cite, len(s.Cites))
	for i, c := range s.Cites {
		var ok bool
		if cites[i], ok = g.Resolve(c); !ok {
			return s, false
		}
	}
	known := true
	if g.Knows != nil {
		indicator.Scan([]byte(s.Text), func(f indicator.Found) bool {
			known = g.Knows(string(f.Value))
			return known
		})
	}
	s.Cites = cites
	return s, known && g.held(&s)
}

// AppendJSON appends the prose as the member "prose" of a document.
func (p *Prose) AppendJSON(b []byte) []byte {
	b = wire.Text(append(wire.Key(b, "prose"), '{'), "by", p.By)
	b = append(wire.Key(b, "sentences"), '[')
	for _, s := range p.Sentences {
		b = wire.Text(append(wire.Comma(b), '{'), "part", s.Part)
		b = wire.Text(b, "text", s.Text)
		b = append(wire.Key(b, "cites"), '[')
		for _, c := range s.Cites {
			b = wire.Text(append(wire.Comma(b), '{'), "at", c.At)
			b = append(wire.Text(b, "value", c.Value), '}')
		}
		b = append(b, "]}"...)
	}
	b = wire.Int(append(b, ']'), "dropped", int64(p.Dropped))
	return append(wire.Bool(b, "cached", p.Cached), '}')
}
