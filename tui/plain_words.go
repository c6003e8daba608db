package tui

import (
	"context"
	"strings"
)

// word is something that can be said.
type word struct {
	name, args, help string
	say              func(t *talk, ctx context.Context, rest string) error
}

func words() []word {
	return []word{
		{"list", "[N]", "the next N cases of the queue, numbered (20)", (*talk).sayList},
		{"filter", "[WORDS]", "only cases with these words: host:ws-12, user:, rule:, severity:high, -not; or a condition: severity == \"high\" && count > 3; none shows all", (*talk).sayFilter},
		{"sort", "need|oldest|newest|severity", "the order of the queue", (*talk).saySort},
		{"view", "open|snoozed|closed|all", "which cases are listed", (*talk).sayView},
		{"open", "N|CASE", "a case of the list: verdict, gaps, evidence, and the rest", (*talk).sayOpen},
		{"next", "", "the case behind the open one", (*talk).sayNext},
		{"raw", "[PATH]", "the raw alert of the open case, or the value at a path of it", (*talk).sayRaw},
		{"more", "", "the next verdicts of the open case, where it has many", (*talk).sayMore},
		{"timeline", "events|minutes|hours|phases", "how closely the timeline of the open case is told", (*talk).sayTimeline},
		{"report", "[FILE]", "the open case as a report, read out or written to a new file", (*talk).sayReport},
		{"ask", "KIND VALUE", "ask the logs for an entity or indicator, around the time of the open case: ask host ws-12", (*talk).sayAsk},
		{"investigate", "", "what else happened around the open case, from the logs", (*talk).sayInvestigate},
		{"describe", "[VERDICT]", "have the model describe the open case, its one verdict, or a verdict of it; its words decide nothing", (*talk).sayDescribe},
		{"views", "[NAME|-NAME]", "the views you keep; go to one, or forget one", (*talk).sayViews},
		{"keep", "NAME", "keep the present filter and order under a name", (*talk).sayKeep},
		{"group", "rule|host|user", "how many cases of the list share each", (*talk).sayGroup},
		{"mark", "N...|all|none", "cases of the list, to decide many with one reason", (*talk).sayMark},
		{"close", "AS [confirmed] REASON", "decide the marked cases, or the open one: true_positive, benign_positive, false_positive, undetermined", (*talk).sayClose},
		{"undo", "", "take back what was done last, step by step", (*talk).sayUndo},
		{"redo", "", "do again what was taken back", (*talk).sayRedo},
		{"assign", "[NAME|nobody]", "who looks after the marked cases, or the open one; without a name you", (*talk).sayAssign},
		{"snooze", "UNTIL", "put the marked cases, or the open one, aside: 90m, 4h, 3d, 18:00, tomorrow, friday, 2026-03-09; a new alert brings them back", (*talk).saySnooze},
		{"wake", "", "bring them back now", (*talk).sayWake},
		{"merge", "REASON", "make one case of the marked ones, the first keeps its name", (*talk).sayMerge},
		{"split", "VERDICT... because REASON", "take verdicts out of the open case into one of their own", (*talk).saySplit},
		{"note", "TEXT", "write a note on the open case", (*talk).sayNote},
		{"plan", "[make]", "the plan of the open case, or make one", (*talk).sayPlan},
		{"approve", "", "agree to the plan: each risk is asked for and accepted by typing its name; at level 3 of the ladder all by y", (*talk).sayApprove},
		{"execute", "", "carry the approved plan out; asks for the word again", (*talk).sayExecute},
		{"takeback", "", "take back what the plan did; asks for the word again", (*talk).sayTakeBack},
		{"writeback", "[execute|undo]", "what the systems would be told that the alerts of the open case came from; execute writes it, undo takes it back, each asks for a word", (*talk).sayWriteBack},
		{"help", "", "these words", (*talk).sayHelp},
		{"quit", "", "leave; the end of the input does the same", nil},
	}
}

func (t *talk) sayHelp(context.Context, string) error {
	for _, w := range words() {
		t.line("%s  %s", strings.TrimSpace(w.name+" "+w.args), w.help)
	}
	return nil
}
