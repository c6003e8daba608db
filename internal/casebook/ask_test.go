package casebook_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/query"
	"github.com/seed-959697dd/soc/triage"
)

// expression makes a condition of some depth, of what the database can decide and what it cannot.
func expression(r *rand.Rand, depth int) string {
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	if depth > 0 {
		switch r.IntN(4) {
		case 0:
			return "!(" + expression(r, depth-1) + ")"
		case 1:
			return "(" + expression(r, depth-1) + " || " + expression(r, depth-1) + ")"
		default:
			return "(" + expression(r, depth-1) + " && " + expression(r, depth-1) + ")"
		}
	}
	text, word := pick("title", "rule", "host", "user", "source", "owner", "by", "id"), fmt.Sprintf("%q", pick("ws-1", "ws-2", "user-1", "maria", "odd", "Odd process", "", "ä", "s"))
	compare := pick("==", "!=", "<", "<=", ">", ">=")
	switch r.IntN(12) {
	case 0:
		return text + " " + pick("==", "!=") + " " + word
	case 1:
		return text + "." + pick("startsWith", "endsWith", "contains") + "(" + word + ")"
	case 2:
		return pick("count", "verdicts", "score", "rank") + " " + compare + " " + pick("0", "1", "2", "1000")
	case 3:
		return pick("opened", "closed", "first", "last", "until") + " " + compare + " " + pick("now", `now - duration("1h")`, `timestamp("2026-03-01T10:00:01Z")`, "opened", "closed")
	case 4:
		return "age " + compare + ` duration("` + pick("0s", "1h", "30m") + `")`
	case 5:
		return word + " in " + pick("hosts", "users", "rules", "sources")
	case 6:
		return `severity in ["medium", "high"]`
	case 7:
		return "has(" + pick("user", "host", "closed", "until", "hosts", "users", "by") + ")"
	case 8:
		return "probability " + compare + " " + pick("0.05", "0.5", "1.0")
	case 9:
		return pick(`route == "review"`, `state != "open"`, `disposition == "false_positive"`)
	case 10:
		return text + " == " + pick("title", "rule", "host", "user", "by")
	}
	return pick(`glob(host, "ws-?")`, `lower(title) == "odd process"`, `users.all(u, u != "x")`, `inCIDR(host, "10.0.0.0/8")`, `count / 0 == 1`, `title.matches("^O")`)
}

// What the database decides is what each case says of itself, whatever is asked.
func TestTheDatabaseDecidesAsTheLanguageDoes(t *testing.T) {
	t.Parallel()
	b, now, list := shift(t, line("ws-1", "a", 1, "cmd.exe"), line("ws-1", "a2", 2, "cmd.exe"), line("ws-2", "b", 1, "evil.exe"), line("ws-3", "c", 1, "cmd.exe"), line("10.0.0.7", "d", 1, "cmd.exe"),
		`{"id":"e","timestamp":"2026-03-01T10:00:02Z","title":"Ödd","severity":"high"}`)
	_, err := b.Assign(t.Context(), list[0].caseID, "maria", "maria")
	if err == nil {
		_, err = b.Snooze(t.Context(), list[1].caseID, now.Add(time.Hour), "maria")
	}
	if err == nil {
		_, err = b.Merge(t.Context(), list[2].caseID, []string{list[3].caseID}, "maria", "one")
	}
	if err != nil {
		t.Fatal(err)
	}
	decide(t, b, list[4].caseID, triage.FalsePositive)
	*now = now.Add(10 * time.Minute)
	r, byDatabase, undecided, held := rand.New(rand.NewPCG(7, 9)), 0, 0, 0
	for range 400 {
		text := expression(r, r.IntN(4))
		q, err := query.Parse(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		want, wants, exact, err := b.AskEach(t.Context(), casebook.Look{State: "all"}, q)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		got, is, err := b.Ask(t.Context(), casebook.Look{State: "all"}, q)
		if err != nil || !slices.Equal(got, want) || is.Cases != wants.Cases || is.Why != wants.Why {
			t.Errorf("%s: the database finds %v %+v (%v), the language %v %+v", text, got, is, err, want, wants)
		}
		if exact {
			byDatabase++
		}
		undecided, held = undecided+is.Cases, held+len(got)
	}
	if byDatabase < 100 || byDatabase > 390 || undecided == 0 || held == 0 {
		t.Errorf("the test asks for too little: %d by the database, %d undecided, %d held", byDatabase, undecided, held)
	}
}
