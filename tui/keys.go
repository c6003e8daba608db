package tui

import "slices"

// act is something a person can do with a key. The keymap below is the only place that ties keys to acts: dispatch, help line, help page and
// palette are made of it, so that none of them can lie.
type act uint8

const (
	noAct act = iota
	actUp
	actDown
	actPageUp
	actPageDown
	actTop
	actBottom
	actOpen
	actBack
	actClear
	actMark
	actMarkAll
	actFilter
	actSort
	actGroup
	actState
	actViews
	actTrue
	actBenign
	actFalse
	actUndetermined
	actUndo
	actRedo
	actTake
	actAssign
	actSnooze
	actMerge
	actSplit
	actZoomIn
	actZoomOut
	actReport
	actPivot
	actPursue
	actSummary
	actWords
	actStop
	actToFile
	actNote
	actRaw
	actNextSection
	actPrevSection
	actNextCase
	actPrevCase
	actPlan
	actCopy
	actSearch
	actNextMatch
	actPrevMatch
	actFold
	actAsReceived
	actMake
	actApprove
	actApply
	actTakeBack
	actWriteBack
	actNextPlan
	actHelp
	actPalette
	actTheme
	actSuspend
	actQuit
)

// place is a screen, as a bit.
type place uint8

const (
	onQueue place = 1 << iota
	onCase
	onRaw
	onPlan
	onPage
	onWrite
	onCases    = onQueue | onCase
	everywhere = onQueue | onCase | onRaw | onPlan | onPage | onWrite
)

// binding ties keys to an act on some screens. The first key is the one that help shows.
type binding struct {
	act   act
	keys  []string
	short string // for the help line; empty: not there
	help  string
	on    place
}

func bindings() []binding {
	return []binding{
		{actOpen, []string{"enter", "l", "right"}, "open", "open the case, or what stands behind the line: the raw alert, a similar case, a filter", onQueue | onCase | onPage},
		{actBack, []string{"esc", "h", "left", "q"}, "back", "go back", onCase | onRaw | onPlan | onPage | onWrite},
		{actClear, []string{"esc"}, "", "drop the marks; else go back to the view before, or to all cases", onQueue},
		{actTrue, []string{"t"}, "true", "decide: true positive", onCases},
		{actBenign, []string{"b"}, "benign", "decide: benign positive", onCases},
		{actFalse, []string{"f"}, "false", "decide: false positive", onCases},
		{actUndetermined, []string{"x"}, "undetermined", "decide: undetermined, it cannot be told", onCases},
		{actUndo, []string{"u"}, "undo", "take back what you did last, step by step", onCases},
		{actMark, []string{" "}, "", "mark the verdict under the cursor, to split it off", onCase},
		{actMark, []string{" "}, "mark", "mark the case or the group, to decide many with one reason", onQueue},
		{actMarkAll, []string{"a"}, "", "mark all that the filter shows, or none", onQueue},
		{actFilter, []string{"/"}, "filter", "filter: words, host:ws-12, -not, or a condition: severity == \"high\" && count > 3", onQueue},
		{actSort, []string{"s"}, "", "sort: what needs a person, oldest, newest, severity", onQueue},
		{actGroup, []string{"o"}, "group", "group by rule, host, user, or not", onQueue},
		{actState, []string{"v"}, "", "view open, snoozed, closed or all cases", onQueue},
		{actViews, []string{"w"}, "", "the views you keep: pick one, keep this one under a name, forget one", onQueue},
		{actNote, []string{"n"}, "note", "write a note on the case", onCases},
		{actPlan, []string{"p"}, "plan", "the plan of response", onCases},
		{actWriteBack, []string{"W"}, "", "write back: what the systems would be told that the alerts came from; nothing is written yet", onCases},
		{actRedo, []string{"U", "ctrl+r"}, "", "do again what was taken back, step by step", onCases},
		{actTake, []string{"c"}, "take", "take the case: assign it to you, or give it back", onCases},
		{actAssign, []string{"C"}, "", "assign the case to a name, or to nobody", onCases},
		{actSnooze, []string{"z"}, "snooze", "snooze: put the case aside until a time, or bring it back; a new alert brings it back, too", onCases},
		{actMerge, []string{"M"}, "", "merge: make one case of the marked ones, after a look at what it would be", onQueue},
		{actSplit, []string{"S"}, "", "split: take the marked verdicts, or the one under the cursor, into a case of their own", onCase},
		{actRaw, []string{"r"}, "raw", "the raw alert", onCase},
		{actNextSection, []string{"tab"}, "section", "the next section, or pane", onCase},
		{actPrevSection, []string{"shift+tab"}, "", "the section before", onCase},
		{actNextCase, []string{"]", "J"}, "", "the next case of the queue", onCase},
		{actPrevCase, []string{"[", "K"}, "", "the case before", onCase},
		{actZoomIn, []string{"+", "="}, "", "the timeline closer: phases, hours, minutes, events", onCase},
		{actZoomOut, []string{"-"}, "", "the timeline from further away: events, minutes, hours, phases; holes stay", onCase},
		{actReport, []string{"R"}, "report", "the case as a report, to read or to write to a file", onCase},
		{actToFile, []string{"Y"}, "", "write to a file: the section under the cursor, or the whole page", onCase | onPage},
		{actPivot, []string{"i"}, "ask", "ask the logs for the entity or indicator under the cursor, in the background", onCase},
		{actPursue, []string{"I"}, "", "investigate the case: what else happened, from the logs, in the background", onCase},
		{actSummary, []string{"d"}, "", "have the model describe the case, or its one verdict; its words decide nothing", onCase},
		{actWords, []string{"D"}, "", "have the model describe the verdict under the cursor, or the strongest", onCase},
		{actStop, []string{"X"}, "", "stop what is being asked in the background", onCases | onPage | onWrite},
		{actCopy, []string{"y"}, "", "copy the line, indicators defanged, to the terminal's clipboard (OSC 52)", onCase | onRaw | onPage},
		{actSearch, []string{"/"}, "search", "search", onRaw | onPage},
		{actNextMatch, []string{"n"}, "next", "the next place that was searched for", onRaw | onPage},
		{actPrevMatch, []string{"N"}, "", "the place before", onRaw | onPage},
		{actFold, []string{" ", "enter"}, "fold", "fold and unfold", onRaw},
		{actAsReceived, []string{"tab"}, "as received", "the bytes as they were received, or the JSON that paths resolve in", onRaw},
		{actMake, []string{"m"}, "make", "make a plan of the case", onPlan},
		{actApprove, []string{"a"}, "approve", "agree to the plan: each risk by typing its name; at level 3 of the ladder all by y", onPlan},
		{actApply, []string{"e"}, "execute", "carry the approved plan out, by typing the word", onPlan},
		{actTakeBack, []string{"u"}, "undo", "take back what the plan did, by typing the word", onPlan},
		{actApply, []string{"e"}, "execute", "write what is shown, by typing the word", onWrite},
		{actTakeBack, []string{"u"}, "undo", "take back what was written about the case, by typing the word", onWrite},
		{actNextPlan, []string{"tab"}, "", "the next plan of the case, the latest first", onPlan},
		{actUp, []string{"k", "up"}, "", "up", everywhere},
		{actDown, []string{"j", "down"}, "", "down", everywhere},
		{actPageUp, []string{"pgup", "ctrl+b"}, "", "a page up", everywhere},
		{actPageDown, []string{"pgdown", "ctrl+f"}, "", "a page down", everywhere},
		{actTop, []string{"g", "home"}, "", "to the top", everywhere},
		{actBottom, []string{"G", "end"}, "", "to the end", everywhere},
		{actPalette, []string{":", "ctrl+p"}, "", "all that can be done here, by name", everywhere},
		{actTheme, []string{"T"}, "", "the next theme: dark, light, contrast, plain", everywhere},
		{actSuspend, []string{"ctrl+z"}, "", "suspend; fg in the shell comes back", everywhere},
		{actHelp, []string{"?"}, "help", "this page", everywhere},
		{actQuit, []string{"q"}, "quit", "quit; the queue is found where it was left", onQueue},
		{actQuit, []string{"ctrl+c"}, "", "quit from anywhere", everywhere},
	}
}

// pressed finds what a key does on a screen.
func pressed(key string, on place) act {
	for _, b := range bindings() {
		if b.on&on != 0 && slices.Contains(b.keys, key) {
			return b.act
		}
	}
	return noAct
}

// keyName is a key as help shows it.
func keyName(key string) string {
	if key == " " {
		return "space"
	}
	return key
}
