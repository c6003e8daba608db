package check

import (
	"sync"

	"github.com/seed-959697dd/soc/triage"
)

// All returns every built-in check, in the order in which their signals are shown. It makes next to nothing: what a check
// reads with is made when an alert first needs it.
// Source: each check names its own.
func All() []triage.Check {
	t := newTables()
	return []triage.Check{
		Vendor(), outcomeOf(t), techniquesOf(t), titlesOf(t),
		commandsOf(t), scriptsOf(t), processesOf(t), filesOf(t), Persistence(), credentialsOf(t), authenticationOf(t), Events(),
		webRequestsOf(t), networksOf(t), Clouds(), Malwares(), mailsOf(t), Tampering(),
	}
}

// tables are what several checks read with.
type tables struct {
	kinds  func() map[string]kind
	tools  *ruleset
	hidden *decoder
	web    *webReader
	names  *nameReader
	titles *titleReader
}

func newTables() *tables {
	return &tables{sync.OnceValue(kindsOfProgram), newRuleset(tools), newDecoder(), newWebReader(), newNameReader(), newTitleReader()}
}
