package investigate

import "github.com/seed-959697dd/soc/alert"

// Tell says in one line what a record tells of, as the summary of an event does.
func Tell(a *alert.Alert) string { return summarize(traceOf(a)) }
