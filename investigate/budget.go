package investigate

import "time"

// Budget bounds a pursuit. A zero field means its default.
type Budget struct {
	Hops    int           // questions to the source, one after the other; 6
	Events  int           // of one case; 2,000
	PerTerm int           // records that one value may bring; one that meets more is common: 400
	Terms   int           // of one question, all cases together; 4,096
	Records int           // held in memory, all cases together; 40,000
	Around  time.Duration // before the first and after the last alert of a case; 7 days
}

func (b Budget) withDefaults() Budget {
	set := func(n *int, d int) {
		if *n <= 0 {
			*n = d
		}
	}
	set(&b.Hops, 6)
	set(&b.Events, 2000)
	set(&b.PerTerm, 400)
	set(&b.Terms, 4096)
	set(&b.Records, 40_000)
	if b.Around <= 0 {
		b.Around = 7 * 24 * time.Hour
	}
	return b
}

// Bounds within one step of a pursuit.
const (
	maxHosts    = 8                // machines that have a value; one that more have is common
	sameFlow    = 15 * time.Minute // between two records of one connection: a system gives ports out again
	sameStart   = 2 * time.Minute  // between an alert and the start of the program it names without a key
	sameDeed    = 30 * time.Second // between an alert and what else a program did for the same end that works for everybody
	sameLogon   = 2 * time.Minute  // between a connection and the logon over it
	served      = 24 * time.Hour   // between an alert and what else a server started
	maxFailures = 40               // failed logons that a case lists; the others are counted
	maxPerNode  = 600              // records of one process
	maxWaysOut  = 64               // connections of one process that are looked for elsewhere
)
