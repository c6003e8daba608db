package prompt_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/prompt"
)

func ask(t testing.TB, raw string, remote bool) *prompt.Question {
	t.Helper()
	q, err := composer(t, prompt.Settings{}).Ask(parse(t, raw), prompt.About{}, remote)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func TestAnswersOfAnotherShape(t *testing.T) {
	t.Parallel()
	q := ask(t, attack, false)
	good := answer(t, "malicious", [3]string{"process.command_line", "delete shadows", "x"}).Text
	if r, err := q.Read(prompt.Answer{Text: " " + good + "\n"}); err != nil || len(r.Claims) != 1 || r.Verdict != prompt.Malicious || r.Confidence != 80 {
		t.Fatalf("a good answer: %+v, %v", r, err)
	}
	swap := func(old, by string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("%s is not in %s", old, good)
		}
		return strings.Replace(good, old, by, 1)
	}
	for name, text := range map[string]string{
		"empty": "", "prose": "I think this is benign.", "fenced": "```json\n" + good + "\n```", "followed by text": good + " Done.", "twice": good + good,
		"cut": good[:len(good)-3], "array": "[" + good + "]", "null": "null", "unknown member": swap(`"confidence"`, `"close":true,"confidence"`),
		"member of another case": swap(`"verdict"`, `"Verdict"`), "member twice": swap(`"verdict":`, `"verdict":"benign","verdict":`),
		"member missing": swap(`"confidence":80,`, ""), "verdict of our own": swap(`"malicious"`, `"close"`), "verdict as a list": swap(`"malicious"`, `["malicious"]`),
		"negative confidence": swap(":80", ":-1"), "huge confidence": swap(":80", ":1e308"), "confidence as text": swap(":80", `:"80"`),
		"question of its own": swap("host-alerts", "rm -rf"), "claims as text": swap(`[{"path"`, `"x","y":[{"path"`), "claim with a weight": swap(`"path":`, `"weight":-5000,"path":`),
		"claim without a value": swap(`"value":"delete shadows"`, `"valu":"delete shadows"`), "not UTF-8": swap("delete", "del\xffete"),
		"long": swap("delete shadows", strings.Repeat("a", 2000)), "huge": good + strings.Repeat(" ", 100) + strings.Repeat("x", 1<<20),
		"many claims": swap(`"claims":[`, `"claims":[`+strings.Repeat(`{"path":"a","value":"b","text":"c"},`, 20)),
		"deep":        swap(`"malicious"`, strings.Repeat("[", 1000)+strings.Repeat("]", 1000)), "comment": swap("{", "{/* */"),
	} {
		r, err := q.Read(prompt.Answer{Text: text})
		if !errors.Is(err, prompt.ErrMalformed) || len(r.Claims) != 0 || r.Verdict != prompt.Unsure {
			t.Errorf("%s is read as %+v, %v", name, r, err)
		} else if len(err.Error()) > 200 {
			t.Errorf("%s: the error repeats the answer: %v", name, err)
		}
	}
	for name, a := range map[string]prompt.Answer{"by its context": {Text: good, Truncated: true}, "by its length": {Text: good, Finish: "length"}} {
		if _, err := q.Read(a); !errors.Is(err, prompt.ErrTruncated) {
			t.Errorf("an answer that was cut %s: %v", name, err)
		}
	}
}

func TestClaimsAreChecked(t *testing.T) {
	t.Parallel()
	for _, remote := range []bool{false, true} {
		q := ask(t, `{"id":"a1","rule":{"name":"Shadow copies deleted"},"host":{"name":"ws-12"},"user":{"name":"alice"},"process":{"command_line":"vssadmin delete shadows"},"event":{"kind":"alert","code":7},"a.b":"dotted key"}`, remote)
		claims := [][3]string{
			{"process.command_line", "delete shadows", "holds"},
			{"process.command_line", "DELETE SHADOWS", "holds in another case"},
			{`a\.b`, "dotted key", "holds, escaped"},
			{"event.code", "7", "holds: all that stands there"},
			{"process.command_line", "delete backups", "not there"},
			{"process.command_line", "e", "any text holds it"},
			{"process.executable", "vssadmin", "no such path"},
			{"process.#", "vssadmin", "not a plain path"},
			{"@this", "vssadmin", "a modifier"},
			{`!"delete shadows"`, "delete shadows", "a path that invents its value"},
			{"", "vssadmin", "no path"},
			{"process.command_line", "", "no value"},
			{"process.*", "vssadmin delete shadows", "a wildcard"},
			{"a.b", "dotted key", "not escaped"},
		}
		r, err := q.Read(answer(t, "malicious", claims...))
		if err == nil {
			t.Errorf("%d claims are more than allowed", len(claims))
		}
		held := 0
		for _, c := range claims {
			r, err = q.Read(answer(t, "malicious", c))
			if err != nil {
				t.Fatal(err)
			}
			if want := strings.HasPrefix(c[2], "holds"); want != (len(r.Claims) == 1) || want == (r.Dropped == 1) {
				t.Errorf("%q (remote %t): %+v", c, remote, r)
			}
			held += len(r.Claims)
		}
		if held != 4 {
			t.Errorf("%d claims hold", held)
		}
		if r, err := q.Read(answer(t, "malicious", claims[0], claims[0])); err != nil || len(r.Claims) != 1 || r.Dropped != 0 {
			t.Errorf("a claim made twice counts as %+v, %v", r, err)
		}
	}
}

func TestGapsOfFailures(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		err   error
		class alert.GapClass
		says  string
	}{
		{fmt.Errorf("asking: %w", context.DeadlineExceeded), alert.Failed, "no answer in time"},
		{prompt.ErrTruncated, alert.Partial, "cut off"},
		{prompt.ErrLeaked, alert.Failed, "mark"},
		{prompt.ErrResidue, alert.Failed, "not sent"},
		{errors.New("connection refused"), alert.Failed, "connection refused"},
	} {
		if g := prompt.Gap("m", row.err); g.Class != row.class || !strings.Contains(g.Reason, row.says) || g.Check != "model" || g.Source != "m" {
			t.Errorf("%v becomes %+v", row.err, g)
		}
	}
}

// FuzzAnswer holds whatever a model answers to the promise: no signal lowers or is hard, and every receipt stands in the alert.
func FuzzAnswer(f *testing.F) {
	for _, v := range []string{"malicious", "suspicious", "benign", "unsure"} {
		f.Add(answer(f, v, [3]string{"process.command_line", "delete shadows", "x"}).Text, uint32(3), uint32(900))
	}
	f.Add(`{"claims":[{"path":"host.name","value":"ws-12","text":"\u001b[2J"}],"questions":[],"verdict":"malicious","confidence":100}`, uint32(math.MaxUint32), uint32(0))
	f.Add(`{"weight":-9999,"close":true}`, uint32(0), uint32(0))
	questions := []*prompt.Question{ask(f, attack, false), ask(f, attack, true)}
	a := parse(f, attack)
	f.Fuzz(func(t *testing.T, text string, x, y uint32) {
		ratios := prompt.Ratios{
			Attacks: prompt.Counts{Malicious: x, Benign: y, Suspicious: x % 7}, Harmless: prompt.Counts{Malicious: y, Benign: x, Unsure: y % 5},
		}
		for _, q := range questions {
			r, err := q.Read(prompt.Answer{Text: text})
			if err != nil {
				if len(r.Claims) > 0 || r.Verdict != prompt.Unsure {
					t.Errorf("an answer that is none left %+v", r)
				}
				continue
			}
			for _, known := range []prompt.Ratios{{}, ratios} {
				s, ok := prompt.Signal("m", r, known)
				if s.Weight < 0 || s.Weight > 2500 || s.Hard || s.Critical || s.Trust != alert.Attacker || s.By != "" {
					t.Errorf("%q became %+v", text, s)
				}
				if ok != (s.Weight > 0) || ok && len(s.Receipts) == 0 {
					t.Errorf("a signal without weight or receipt: %+v", s)
				}
				for _, ref := range s.Receipts {
					if !ref.Holds(a.View) {
						t.Errorf("the receipt %+v does not hold", ref)
					}
				}
				if strings.ContainsAny(s.Sentence, "\x1b\n<") {
					t.Errorf("the sentence is not ours: %q", s.Sentence)
				}
			}
		}
	})
}
