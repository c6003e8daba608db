package check

// lines reads command lines and scripts, and remembers those that come again and again: a queue is full of the same.
// Source: none of its own; its rules say theirs.
type lines struct {
	set    *ruleset
	hidden *decoder
	memo   *memory[lineReading]
}

// lineReading is what the rules find in a line, by offsets, and whether anything is hidden in it.
type lineReading struct {
	found []found
	hides bool
}

func newLines(set *ruleset, hidden *decoder) *lines {
	return &lines{set, hidden, newMemory[lineReading]()}
}

func (l *lines) read(text string) lineReading { return l.memo.get(text, l.look) }

func (l *lines) look(text string) (r lineReading) {
	r.found = l.set.all(text)
	l.hidden.layers(text, func(layer) { r.hides = true })
	return r
}
