package render

import (
	"fmt"
	"time"

	"github.com/seed-959697dd/soc/internal/wire"
)

// StatusSource is how a system that alerts are taken from is doing.
type StatusSource struct {
	Name    string
	Seen    time.Time // when it was read without trouble; zero: never
	Until   time.Time // everything that was changed before is in the casebook; zero: nobody knows
	Waiting int64     // what arrived and was not judged yet
	Error   string    // what is wrong with it now; empty: nothing
	Since   time.Time // when that happened last
}

func (s *StatusSource) text(now time.Time) string {
	t := "never read"
	if !s.Seen.IsZero() {
		t = "read " + lasted(now.Sub(s.Seen)) + " ago"
	}
	if !s.Until.IsZero() {
		t += ", everything up to " + s.Until.UTC().Format(dateTime) + " UTC"
	}
	if s.Waiting > 0 {
		t += fmt.Sprintf(", %s not judged yet", Count(s.Waiting))
	}
	if s.Error != "" {
		t += fmt.Sprintf("; FAILS, last %s ago: %s", lasted(now.Sub(s.Since)), clean(s.Error))
	}
	return t
}

func (s *Status) appendSources(b []byte) []byte {
	if len(s.Sources) == 0 {
		return b
	}
	b = append(wire.Key(b, "sources"), '[')
	for i := range s.Sources {
		one := &s.Sources[i]
		b = wire.Text(append(wire.Comma(b), '{'), "name", one.Name)
		b = wire.Time(wire.Time(b, "seen", one.Seen), "until", one.Until)
		b = wire.Int(b, "waiting", one.Waiting)
		b = wire.Time(wire.Text(b, "error", one.Error), "failed", one.Since)
		b = append(b, '}')
	}
	return append(b, ']')
}

func (s *Status) sourcesText(b []byte, p Paper) []byte {
	for i := range s.Sources {
		name := ""
		if i == 0 {
			name = "sources"
		}
		b = p.field(b, name, clean(s.Sources[i].Name)+": "+s.Sources[i].text(s.At))
	}
	return b
}

func (s *Status) sourcesPrometheus(b []byte) []byte {
	if len(s.Sources) == 0 {
		return b
	}
	for _, g := range []struct {
		name, help string
		value      func(*StatusSource) (float64, bool)
	}{
		{"soc_source_seen_timestamp_seconds", "When a source was last read without trouble.", func(o *StatusSource) (float64, bool) { return float64(o.Seen.Unix()), !o.Seen.IsZero() }},
		{"soc_source_lag_seconds", "How far behind a source is read.", func(o *StatusSource) (float64, bool) { return s.At.Sub(o.Until).Seconds(), !o.Until.IsZero() }},
		{"soc_source_waiting", "What arrived from a source and was not judged yet.", func(o *StatusSource) (float64, bool) { return float64(o.Waiting), true }},
		{"soc_source_failing", "1 while a source cannot be read, or not whole.", func(o *StatusSource) (float64, bool) { return map[bool]float64{true: 1}[o.Error != ""], true }},
	} {
		b = gauge(b, g.name, g.help)
		for i := range s.Sources {
			if v, ok := g.value(&s.Sources[i]); ok {
				b = sample(b, g.name, v, label{"source", s.Sources[i].Name})
			}
		}
	}
	return b
}
