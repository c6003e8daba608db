package cmd

import (
	"regexp"
	"time"

	"github.com/seed-959697dd/soc/alert"
)

// trouble is what is wrong with a source that is followed. The same is said once, something else when it comes, and once that it is over;
// after that it is news again.
type trouble struct {
	said  string
	since time.Time
	gone  bool   // it failed, rather than handed over less than there is
	unset string // what nobody set up, which is no trouble: it is said once
}

// soFar is what differs from one failure to the next although the failure is the same.
var soFar = regexp.MustCompile(`^the pull ended early, after \d+ records: |^nothing was pulled: `)

// news tells whether gaps say what was not said yet.
func (t *trouble) news(gaps []alert.Gap, now time.Time) bool {
	what, unset := "", ""
	for _, g := range gaps {
		if g.Class == alert.Unconfigured {
			unset += g.Source + "\x00" + g.Reason + "\n"
			continue
		}
		what += g.Source + "\x00" + string(g.Class) + "\x00" + soFar.ReplaceAllString(g.Reason, "") + "\n"
		t.gone = t.gone || g.Class == alert.Failed
	}
	fresh := unset != "" && unset != t.unset
	if t.unset = orElse(unset, t.unset); what == "" || what == t.said {
		return fresh
	}
	if t.said == "" {
		t.since = now
	}
	t.said = what
	return true
}

// over is what there is to say when there is no trouble any more; empty when there was none.
func (t *trouble) over(now time.Time, rest string) string {
	was := *t
	*t = trouble{unset: was.unset}
	if was.said == "" {
		return ""
	}
	span := was.since.UTC().Format(time.RFC3339) + ", " + now.Sub(was.since).Round(time.Second).String()
	if !was.gone {
		return "it hands over everything again, after trouble since " + span
	}
	return "it is back, after trouble since " + span + ": " + rest
}
