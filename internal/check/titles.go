package check

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

// What the name of a detection says. The engineer who wrote the rule chose its words, so they carry what he meant; an
// attacker may have been quoted in them, so words that lower count only where the format declares the field's text the
// product's own.
//
// Source: naming of the Emerging Threats and Snort rule sets (classtypes of classification.config), the Wazuh, Sigma,
// Elastic and Microsoft Defender rule catalogues' vocabulary, ATT&CK tactic and technique names.

type titles struct {
	reader *titleReader
	slots  *slotTable
}

// Titles reads rule names, titles, categories and threat names.
func Titles() triage.Check { return titlesOf(newTables()) }

func titlesOf(t *tables) triage.Check {
	return &titles{t.titles, slotsOf(alert.SlotTitle, alert.SlotRuleName, alert.SlotCategory)}
}

func (*titles) Name() string { return "titles" }

func (c *titles) Check(a *alert.Alert, note func(triage.Signal)) {
	var seen [4]string
	n := 0
	classed := classedOnly(a)
	for i := range a.Fields {
		f := &a.Fields[i]
		if c.slots[f.Slot] == 0 || classed && !strings.HasSuffix(string(f.Path), "RuleName") {
			continue
		}
		if f.Value == seen[0] || f.Value == seen[1] || f.Value == seen[2] || f.Value == seen[3] {
			continue
		}
		seen[n%len(seen)] = f.Value
		n++
		r := c.reader.read(f.Value)
		w, hit := r.worst, r.raised
		if f.Trust > alert.Attacker {
			if w = r.sum(); r.hedged && w > r.filed {
				w = max(r.filed, w/2)
			}
			if w <= 0 {
				hit = r.lowered
			}
		}
		if w != 0 && hit.phrase >= 0 {
			note(triage.Note("titles", triage.Detection, w, c.reader.lexicon().phrases[hit.phrase].says, f.Value[hit.start:hit.end], f))
		}
	}
}

// classedOnly tells a raw event of Sysmon. What it is called is its class: nobody found anything when a thread was started or a process opened. Only
// RuleName, which the estate's own configuration gives it, is a word about this one.
func classedOnly(a *alert.Alert) bool {
	if !strings.HasPrefix(a.Format, "windows-event") && a.Format != "winlogbeat" && a.Format != "azure-windows-event" {
		return false
	}
	f, code := eventCode(a)
	return f != nil && journalOf(a, code) == sysmon
}

// titleReading is what a title says, by offsets: it is kept in a memory and must not keep the title alive.
type titleReading struct {
	worst   triage.Weight // of the words that raise
	filed   triage.Weight // of the rule set's own filing alone, which no doubt about the event lowers
	least   triage.Weight // of the words that lower
	excuse  bool          // a word that turns the others' meaning: an update about malware is no malware
	hedged  bool          // the product's author was not sure: "may be used to", "possible"
	raised  textHit
	lowered textHit
}

// sum is the reading of a title whose words are the product's own.
func (r titleReading) sum() triage.Weight {
	switch {
	case r.excuse:
		return r.least
	case r.worst >= 1000:
		return r.worst // a grave word is not talked away by a mild one
	}
	return r.worst + r.least
}

// A textHit is one phrase of a list at a place of a text.
type textHit struct{ phrase, start, end int32 }

type titleReader struct {
	lexicon func() *titleWords
	memo    *memory[titleReading]
	unsure  *memory[bool] // apart, as a text that is asked for twice in a row is taken for one that comes again and again
}

type titleWords struct {
	finder  *finder
	phrases []titlePhrase
}

type titlePhrase struct {
	*titleGroup
	length      int
	front, back bool // must stand at the beginning or the end of a word
}

func newTitleReader() *titleReader {
	return &titleReader{sync.OnceValue(newTitleWords), newMemory[titleReading](), newMemory[bool]()}
}

func newTitleWords() *titleWords {
	t := &titleWords{}
	var words []string
	for _, group := range titleLexicon() {
		for p := range strings.SplitSeq(group.words, "|") {
			word := strings.Trim(p, " ")
			forms := []string{word}
			if joined := strings.ReplaceAll(word, " ", ""); len(joined) > 8 && joined != word {
				forms = append(forms, joined)
			}
			for _, form := range forms {
				words = append(words, form)
				t.phrases = append(t.phrases, titlePhrase{&group, len(form), strings.HasPrefix(p, " "), strings.HasSuffix(p, " ")})
			}
		}
	}
	t.finder = newFinder(plainWords(words))
	return t
}

// read weighs a title. Several words that raise add a little to the strongest.
func (r *titleReader) read(s string) titleReading { return r.memo.get(s, r.weigh) }

func (r *titleReader) hedged(s string) bool { return r.weigh(s).hedged }

// doubts tells whether the product's own words for the alert are unsure. An attacker's cannot make them so.
func (r *titleReader) doubts(a *alert.Alert) bool {
	for i := range a.Fields {
		f := &a.Fields[i]
		if (f.Slot == alert.SlotTitle || f.Slot == alert.SlotRuleName) && f.Trust > alert.Attacker {
			return r.unsure.get(f.Value, r.hedged)
		}
	}
	return false
}

// hits are the phrases of a title by where they end, the longest first.
func (t *titleWords) hits(s string) []textHit {
	var room [16]textHit
	hits := room[:0]
	t.finder.each(blankSeparated(s), func(id, end int) {
		if p := &t.phrases[id]; p.front && !wordEdge(s, end-p.length) || p.back && !wordEdge(s, end) {
			return
		}
		hits = append(hits, textHit{int32(id), int32(end - t.phrases[id].length), int32(end)})
	})
	slices.SortFunc(hits, func(a, b textHit) int {
		return int(cmp.Or(a.end-b.end, a.start-b.start, a.phrase-b.phrase))
	})
	return hits
}

func (r *titleReader) weigh(s string) titleReading {
	words := r.lexicon()
	t := titleReading{raised: textHit{phrase: -1}, lowered: textHit{phrase: -1}}
	best, more := triage.Weight(0), triage.Weight(0)
	for _, h := range words.hits(s) {
		p := &words.phrases[h.phrase]
		t.excuse, t.hedged = t.excuse || p.role == excuse, t.hedged || p.role == hedge
		if p.role == filing {
			t.filed = max(t.filed, p.weight)
		}
		switch w := p.weight; {
		case w > best:
			more += best / 8
			best, t.raised = w, h
		case w > 0:
			more += w / 8
		case w < 0 && (w < t.least || t.lowered.phrase < 0):
			t.least, t.lowered = w, h
		}
	}
	t.worst = best + min(more, 500)
	return t
}

// blankSeparated writes brute-force and brute_force with a blank; every byte stays in its place.
func blankSeparated(s string) string {
	b := []byte(s)
	for i, c := range b {
		switch c {
		case '_', '-', '\t', '\n', '\r', '+':
			b[i] = ' '
		}
	}
	return string(b)
}

// wordEdge tells whether a word may begin or end between s[i-1] and s[i].
func wordEdge(s string, i int) bool {
	return i == 0 || i == len(s) || !isAlnum(s[i-1]) || !isAlnum(s[i]) || s[i-1]-'a' <= 25 && s[i]-'A' <= 25
}

func isAlnum(c byte) bool { return c|0x20-'a' <= 25 || c-'0' <= 9 }
