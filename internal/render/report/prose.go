package report

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/seed-959697dd/soc/alert/indicator"
	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/investigate"
)

// maxText bounds one text of a report, in characters: a command line may be as long as an alert.
const maxText = 1500

// prose makes text of a case fit for people's eyes: defanged, with what hides or acts as visible escapes, and not endless. It knows the
// names of the case's own machines and accounts, and inner addresses: they stay as they are.
type prose struct {
	scan  indicator.Scanner
	plain *strings.Replacer
}

func newProse(k *investigate.Case, records []investigate.Record) *prose {
	p := &prose{}
	var pairs []string
	spare := func(name string) {
		if disarmed := string(p.scan.Defang(nil, []byte(name))); disarmed != name {
			pairs = append(pairs, disarmed, name)
		}
	}
	for _, names := range [][]string{k.Hosts, k.Users} {
		for _, name := range names {
			if !strings.ContainsAny(name, "@/:") && !strings.HasPrefix(strings.ToLower(name), "www.") {
				spare(name)
			}
		}
	}
	for i := range records {
		for _, t := range records[i].Things {
			if t.Type == "ip" && investigate.Inside(t.Value) {
				spare(t.Value)
			}
		}
	}
	p.plain = strings.NewReplacer(pairs...)
	return p
}

// again takes back what was defanged twice, because its writer had done it already.
var again = strings.NewReplacer("[[.]]", "[.]", "[[@]]", "[@]", "[[:]]", "[:]", "hxxxp", "hxxp", "hXXxp", "hXXp")

// text is the choke point of everything that people read.
func (p *prose) text(s string) string {
	s = again.Replace(p.plain.Replace(string(p.scan.Defang(nil, []byte(s)))))
	return term.Clean(shorten(s))
}

// shorten cuts a text that nobody would read to its end, and says so.
func shorten(s string) string {
	n := utf8.RuneCountInString(s)
	if n <= maxText {
		return s
	}
	at := 0
	for range maxText {
		_, size := utf8.DecodeRuneInString(s[at:])
		at += size
	}
	return s[:at] + fmt.Sprintf(" ... and %d characters more", n-maxText)
}

const clock = "2006-01-02 15:04:05"

// moment is a time in UTC to the second.
func moment(t time.Time) string {
	if t.IsZero() {
		return "no time"
	}
	return t.UTC().Format(clock)
}

// span is two times, the second without the day it shares with the first.
func span(first, last time.Time) string {
	switch {
	case last.Sub(first) < time.Second:
		return moment(first)
	case first.UTC().Format(time.DateOnly) == last.UTC().Format(time.DateOnly):
		return moment(first) + " to " + last.UTC().Format(time.TimeOnly)
	}
	return moment(first) + " to " + moment(last)
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// spaced writes a phase or a word of a document as people do.
func spaced(word string) string { return strings.NewReplacer("-", " ", "_", " ").Replace(word) }
