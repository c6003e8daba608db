package query_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/internal/query"
)

func clock() time.Time { return time.Date(2026, 3, 3, 6, 0, 0, 0, time.UTC) }

func sample() *query.Case {
	return &query.Case{
		ID: "c-1", Title: "Lsass dumped", Route: "escalate", Severity: "high", State: "open", Disposition: "undetermined", Rule: "92900", Host: "ws-12.example.com",
		Source: "wazuh", Rules: []string{"92900"}, Hosts: []string{"ws-12", "dc-01"}, Sources: []string{"wazuh"}, Probability: 0.7, Score: 4200, Count: 12, Verdicts: 2,
		Opened: clock().Add(-5 * time.Hour), First: clock().Add(-6 * time.Hour),
	}
}

func TestAConditionHoldsOfACase(t *testing.T) {
	t.Parallel()
	rows := map[string]query.Answer{
		`severity == "high"`:                    {Holds: true},
		`severity in ["low", "medium"]`:         {},
		`rank >= 4 && route == "escalate"`:      {Holds: true},
		`age > duration("4h")`:                  {Holds: true},
		`opened < now - duration("6h")`:         {},
		`probability >= 0.5 && count > 10`:      {Holds: true},
		`host.startsWith("ws-")`:                {Holds: true},
		`glob(lower(title), "*lsass*")`:         {Holds: true},
		`"dc-01" in hosts`:                      {Holds: true},
		`hosts.exists(h, h.endsWith("02"))`:     {},
		`owner == ""`:                           {Holds: true},
		`user == "maria"`:                       {Lacking: "user"},
		`!(user == "maria")`:                    {Lacking: "user"}, // what is not known is not known to be otherwise
		`user == "maria" || host.contains("1")`: {Holds: true},     // it does not hang on the user
		`user == "maria" && count > 100`:        {},
		`has(user)`:                             {},
		`!has(user)`:                            {Holds: true},
		`has(host) && state == "open"`:          {Holds: true},
		`closed > opened`:                       {Lacking: "closed"},
		`users.all(u, u == "x")`:                {Lacking: "users"}, // of nothing all would hold
	}
	for text, want := range rows {
		q, err := query.Parse(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := q.Holds(sample(), clock()); got != want {
			t.Errorf("%s: %+v, want %+v", text, got, want)
		}
	}
}

func TestWhatCannotBeDecidedDoesNotHold(t *testing.T) {
	t.Parallel()
	q, err := query.Parse(`!inCIDR(host, "10.0.0.0/8")`)
	if err != nil {
		t.Fatal(err)
	}
	if got := q.Holds(sample(), clock()); got.Holds || got.Err == nil || got.Lacking != "" {
		t.Errorf("%+v", got)
	}
}

func TestAFaultHasItsPlace(t *testing.T) {
	t.Parallel()
	rows := map[string]struct {
		column int
		says   string
	}{
		`severity == `:                       {12, "mismatched input"},
		`colour == "red"`:                    {0, "colour: no such field; there are age, by"},
		`count > 3 && colour == "red"`:       {13, "colour: no such field"},
		`count > "3"`:                        {6, "these do not go together"},
		`severity >= "high"`:                 {0, "words have no order"},
		`count > 1 && severity == "hihg"`:    {25, "severity is one of informational, low"},
		`route in ["review", "excalate"]`:    {20, "route is one of close, review, escalate"},
		`"opne" == state`:                    {0, "state is one of"},
		`count + 1`:                          {0, "it is a int, not a condition"},
		`has(count > 1)`:                     {10, "has asks about one field"},
		strings.Repeat("x", 2001):            {2000, "longer than 2000"},
		`title == "` + "äöü" + `" && colour`: {18, "colour"},
	}
	for text, want := range rows {
		_, err := query.Parse(text)
		var fault *query.Fault
		if !errors.As(err, &fault) || fault.Column != want.column || !strings.Contains(fault.What, want.says) {
			t.Errorf("%.40s: %v", text, err)
		}
	}
}

func TestAQuerySaysWhatItReads(t *testing.T) {
	t.Parallel()
	q, err := query.Parse(`hosts.exists(h, h == host) && has(user)`)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{"hosts": true, "host": true, "user": true, "count": false, "h": false} {
		if q.Reads(name) != want {
			t.Errorf("%s: %v", name, !want)
		}
	}
}

// Whatever is typed: an expression that reads says the same of the same case, and one that does not names a place in what was typed.
func FuzzParse(f *testing.F) {
	for _, s := range []string{`severity == "high"`, `has(user) && users.exists(u, u == user)`, `age > duration("1h") || !(rank < 3)`, `[`, `1/0 == 1`, `title.matches("(a+)+b")`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, err := query.Parse(text)
		var fault *query.Fault
		switch {
		case errors.As(err, &fault):
			if fault.Column < 0 || fault.Column > len([]rune(text)) || fault.What == "" || strings.Contains(fault.What, "\n") {
				t.Errorf("%q: %+v", text, fault)
			}
			return
		case err != nil:
			t.Fatal(err)
		}
		one, two := q.Holds(sample(), clock()), q.Holds(sample(), clock())
		if one.Holds != two.Holds || one.Lacking != two.Lacking || one.Holds && (one.Lacking != "" || one.Err != nil) {
			t.Errorf("%q: %+v and %+v", text, one, two)
		}
	})
}

func BenchmarkHolds(b *testing.B) {
	for _, text := range []string{`severity == "high" && count > 3`, `host.startsWith("ws-") && (age > duration("4h") || "dc-01" in hosts)`} {
		b.Run(fmt.Sprintf("%.20s", text), func(b *testing.B) {
			q, err := query.Parse(text)
			if err != nil {
				b.Fatal(err)
			}
			c := sample()
			for b.Loop() {
				q.Holds(c, clock())
			}
		})
	}
}
