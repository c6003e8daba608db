package baseline

import "slices"

// Description is what a baseline knows, in figures.
type Description struct {
	Users, Hosts, Accounts int
	Values                 int
	Events                 int64  // learned from
	Days                   int    // on which there were any
	From, To               string // the first and the last of them, as 2006-01-02; empty when there are none
	Forgotten              int    // days that lay too far before To to be kept; known right after learning only
	Crowded                int    // dimensions of subjects that have too many values to call anything new
	Crowds                 []string
}

// maxCrowds bounds how many crowded dimensions are named.
const maxCrowds = 10

var dimensionNames = [dimensions]string{
	"hours", "countries", "countries by name", "addresses", "networks", "devices", "processes", "process pairs", "folders", "domains", "remote addresses", "calls", "regions", "activity",
}

// Describe counts what is known. The names in Crowds are an estate's own or an attacker's: they are for a terminal only through
// internal/term.
func (b *Baseline) Describe() Description {
	d := Description{Values: len(b.values), Forgotten: b.forgot}
	subjects := [kinds]map[uint32]bool{{}, {}, {}, {}, {}}
	for i := range b.series {
		s := &b.series[i]
		if s.dimension() != call { // whose subjects are users in one place
			subjects[s.kind()][s.subject()] = true
		}
		if s.dimension() == activity {
			d.Days = int(s.total.to - s.total.from)
			d.From, d.To = b.days[s.total.from].String(), b.days[s.total.to-1].String()
			d.Events = int64(b.sums[s.total.to-1])
		}
		if s.crowded {
			d.Crowded++
			if len(d.Crowds) < maxCrowds {
				d.Crowds = append(d.Crowds, dimensionNames[s.dimension()]+" of "+b.name(s))
			}
		}
	}
	d.Users, d.Hosts, d.Accounts = len(subjects[user]), len(subjects[host]), len(subjects[account])
	slices.Sort(d.Crowds)
	return d
}

func (b *Baseline) name(s *series) string {
	who := b.texts[s.subject()]
	switch s.kind() {
	case user:
		return "user " + who
	case host:
		return "host " + who
	case account:
		return "account " + who
	case program:
		return who
	case everyone, kinds:
	}
	return "the estate"
}
