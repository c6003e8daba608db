package baseline

import (
	"fmt"
	"slices"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

// What it takes to say something.
const (
	leastDays   = 14  // of history of the subject, before anything is new to it
	leastEvents = 30  // likewise
	leastHours  = 200 // events before an hour is unusual
	rareHour    = 100 // fewer than one in so many events, within an hour on either side, is unusual
	usualWithin = 60  // days back
	usualDays   = 20  // of those on which a value was seen, to be usual
	freshWithin = 28  // days back that tell how often new values come
	staleAfter  = 30  // days after the last one learned, a baseline is silent: too much may have changed
	mostSignals = 4   // of one alert
	faintest    = 100 // milli-nats; less is not worth a line
)

// Name is the name of the check.
func (b *Baseline) Name() string { return "baseline" }

// finding is what is unusual, or usual, about one fact.
type finding struct {
	fact
	weight triage.Weight
	count  uint32 // events with the value
	total  uint32 // events of the dimension
	days   int    // of history; or of the last usualWithin on which it was seen
	fresh  int    // values that were new within the last freshWithin
	since  day
}

// findings keeps the strongest.
type findings struct {
	list [mostSignals]finding
	n    int
}

func (l *findings) add(f finding) {
	at := l.n
	for at > 0 && abs(l.list[at-1].weight) < abs(f.weight) {
		at--
	}
	if at == mostSignals {
		return
	}
	l.n = min(l.n+1, mostSignals)
	copy(l.list[at+1:l.n], l.list[at:])
	l.list[at] = f
}

func abs(w triage.Weight) triage.Weight { return max(w, -w) }

// Check tells what is new or usual about an alert, by days before its own. An alert without a time, or one that came long after the
// last day learned, is left alone.
func (b *Baseline) Check(a *alert.Alert, note func(triage.Signal)) {
	at, ok := dayOf(a.Time)
	if !ok {
		return
	}
	last, ok := b.lastBefore(at)
	if !ok || at-last > staleAfter {
		return
	}
	var l facts
	l.read(a, b.countries)
	var best findings
	var fresh [kinds][dimensions]bool // what is new, as far as looked
	habitual := false                 // the address is
	theirs := outcomeOf(a) != failed
	for i := range l.n {
		f := &l.list[i]
		if f.kind == user && !theirs || implied(f, &fresh) {
			continue
		}
		found, ok := b.judge(f, at, last)
		switch {
		case !ok:
		case found.weight > 0:
			fresh[f.kind][f.dim] = true
			best.add(found)
		case f.dim != network || !habitual:
			habitual = habitual || f.dim == address
			best.add(found)
		}
	}
	for i := range best.n {
		f := &best.list[i]
		source := f.source()
		note(triage.Note(b.Name(), triage.Novelty, f.weight, f.sentence(), "", f.fields[:]...).From(source, source, source))
	}
}

// implied tells a fact that is new because something more general is.
func implied(f *fact, fresh *[kinds][dimensions]bool) bool {
	switch f.dim {
	case network:
		return fresh[user][country] || fresh[user][countryName]
	case pair:
		return fresh[everyone][process] || f.kind == host && (fresh[everyone][pair] || fresh[host][process])
	case process, domain, remote:
		return f.kind == host && fresh[everyone][f.dim]
	case hour, country, countryName, address, device, folder, call, region, activity, dimensions:
	}
	return false
}

// lastBefore is the last day learned before a day.
func (b *Baseline) lastBefore(at day) (day, bool) {
	s := b.find(everyone, activity, "")
	if s == nil {
		return 0, false
	}
	days := b.days[s.total.from:s.total.to]
	i, _ := slices.BinarySearch(days, at)
	if i == 0 {
		return 0, false
	}
	return days[i-1], true
}

// judge looks a fact up. It says nothing when there is too little to go by.
func (b *Baseline) judge(f *fact, at, last day) (finding, bool) {
	s := b.find(f.kind, f.dim, f.subject)
	if s == nil || s.crowded {
		return finding{}, false
	}
	found := finding{fact: *f, since: b.days[s.total.from], total: b.before(s.total, at)}
	if found.total < leastEvents || last < found.since || last-found.since+1 < leastDays {
		return finding{}, false
	}
	found.days = int(last-found.since) + 1
	if f.dim == hour {
		return b.judgeHour(found, s, at)
	}
	v := b.look(s, f.value)
	if found.count = b.before(v, at); found.count > 0 {
		return b.judgeKnown(found, v, at)
	}
	found.fresh = b.fresh(s, max(found.since+leastDays, (last+1).back(freshWithin)), last+1)
	found.weight = found.novelty() * 4 / triage.Weight(4+found.fresh)
	return found, found.weight >= faintest
}

// judgeKnown tells what was seen on many of the last days.
func (b *Baseline) judgeKnown(found finding, v run, at day) (finding, bool) {
	found.weight = found.habit()
	if found.weight == 0 || found.trust() == alert.Attacker {
		return finding{}, false
	}
	found.days = b.within(v, at.back(usualWithin), at)
	return found, found.days >= usualDays
}

func (b *Baseline) judgeHour(found finding, s *series, at day) (finding, bool) {
	h := slices.Index(hours[:], found.value)
	for _, near := range [...]int{h + 23, h, h + 1} {
		found.count += b.before(b.look(s, hours[near%24]), at)
	}
	found.weight = found.novelty()
	return found, found.total >= leastHours && uint64(found.count)*rareHour < uint64(found.total)
}

// trust is that of the least trusted field.
func (f *fact) trust() alert.Trust {
	t := alert.Estate
	for _, field := range f.fields {
		if field != nil {
			t = min(t, field.Trust)
		}
	}
	return t
}

// novelty is what a value that was never seen speaks for. How new values come to a subject counts in judge: what happens every
// week is no surprise. These weights are opinions, not yet measured on an estate's own decisions.
func (f *fact) novelty() triage.Weight {
	wide := f.kind == everyone
	switch f.dim {
	case hour:
		return 300
	case country, countryName:
		return 1200
	case network:
		return 700
	case device:
		return 500
	case process:
		return pick(wide, 900, 500)
	case pair:
		return pick(wide, 800, 400)
	case folder: // a copy, or an impostor
		return 500
	case domain, remote:
		return pick(wide, 700, 400)
	case call:
		return 700
	case region:
		return 1500
	case address, activity, dimensions: // a new address of a known network is nothing
	}
	return 0
}

// habit is what a value seen on many days speaks for, of those that an intruder does not share by chance.
func (f *fact) habit() triage.Weight {
	switch {
	case f.kind == everyone:
		return 0
	case f.dim == address:
		return -500
	case f.dim == pair, f.dim == domain, f.dim == remote, f.dim == call:
		return -400
	case f.dim == network, f.dim == device, f.dim == process:
		return -300
	}
	return 0
}

func pick(first bool, a, b triage.Weight) triage.Weight {
	if first {
		return a
	}
	return b
}

// source is the counts as a receipt names them.
func (f *finding) source() string {
	return fmt.Sprintf("baseline: %d of %d since %s", f.count, f.total, f.since.time().Format(time.DateOnly))
}
