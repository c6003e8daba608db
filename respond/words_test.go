package respond_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/respond"
)

// What an order fills in is never read as a placeholder, and never becomes another word.
func FuzzAnOrderStaysInItsWord(f *testing.F) {
	f.Add("203.0.113.9", "k")
	f.Add("{key}", "{target}")
	f.Add("a b\n{until} =x", "\x00")
	f.Fuzz(func(t *testing.T, value, key string) {
		words := respond.Words{"block", "ip={target}", "{key}", "plain"}
		got := words.Fill(respond.Order{Key: key, Target: respond.Target{Type: respond.IP, Value: value}})
		if !slices.Equal(got, []string{"block", "ip=" + value, key, "plain"}) {
			t.Errorf("%q", got)
		}
	})
}

func TestAnAnswerSaysYesNoOrNothing(t *testing.T) {
	t.Parallel()
	o := respond.Order{Target: respond.Target{Type: respond.IP, Value: "203.0.113.9"}}
	flag := respond.Reading{At: "data.0.blocked", Is: []string{"true", "yes"}, Not: []string{"false"}}
	list := respond.Reading{At: "list", Is: []string{"{target}"}}
	gone := respond.Reading{At: "ban.id", Is: []string{"7"}, Not: []string{"absent"}}
	for name, row := range map[string]struct {
		r      respond.Reading
		answer string
		want   string
	}{
		"yes":                               {flag, `{"data":[{"blocked":true}]}`, "yes"},
		"yes, as a word":                    {flag, `{"data":[{"blocked":"yes"}]}`, "yes"},
		"no":                                {flag, `{"data":[{"blocked":false}]}`, "no"},
		"neither":                           {flag, `{"data":[{"blocked":"pending"}]}`, "unknown"},
		"null":                              {flag, `{"data":[{"blocked":null}]}`, "unknown"},
		"nothing there":                     {flag, `{"data":[]}`, "unknown"},
		"no JSON":                           {flag, `sign in`, "unknown"},
		"nothing at all":                    {flag, ``, "unknown"},
		"in the list":                       {list, `{"list":["198.51.100.1","203.0.113.9"]}`, "yes"},
		"not in the list":                   {list, `{"list":["203.0.113.90"]}`, "no"},
		"an empty list":                     {list, `{"list":[]}`, "no"},
		"no list":                           {list, `{"lists":[]}`, "unknown"},
		"a text that looks like a list":     {list, `{"list":"203.0.113.90"}`, "unknown"},
		"absent means no, where it is said": {gone, `{"ban":{}}`, "no"},
		"within a text that holds JSON":     {flag, `{"data":"[{\"blocked\":true}]"}`, "yes"},
	} {
		s, err := row.r.State([]byte(row.answer), o)
		got := map[bool]string{true: "yes", false: "no"}[s.Done]
		if err != nil {
			got = "unknown"
		}
		if got != row.want {
			t.Errorf("%s: %s, want %s (%v)", name, got, row.want, err)
		}
	}
	for _, r := range []respond.Reading{{}, {At: "a"}, {At: "a..b", Is: []string{"x"}}, {Is: []string{"x"}}} {
		if r.Check() == nil {
			t.Errorf("%+v could tell", r)
		}
	}
}

func TestACaseToHandOver(t *testing.T) {
	t.Parallel()
	h, err := respond.ReadHandover([]byte(`{"kind":"case","version":1,"id":"c-1","title":"t","severity":"high","first_time":"2026-03-03T04:00:00Z",` +
		`"indicators":[{"type":"ip","role":"target","value":"203.0.113.9","verdict":"malicious","receipts":[{"alert":"a1"}]}],` +
		`"verdicts":[{"alert":{"id":"a1","entities":[{"type":"ip","role":"target","value":"203.0.113.9"},{"type":"host","role":"observer","value":"siem"},{"type":"host","role":"target","value":"ws-12"},{"type":"file","role":"actor","value":"x"}]}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	want := []respond.Exhibit{{Type: "ip", Role: "target", Value: "203.0.113.9", Verdict: "malicious", Alert: "a1"}, {Type: "host", Role: "target", Value: "ws-12", Alert: "a1"}}
	if !slices.Equal(h.Exhibits, want) || !h.First.Equal(time.Date(2026, 3, 3, 4, 0, 0, 0, time.UTC)) || !strings.HasPrefix(h.Digest, "sha256:") {
		t.Errorf("%+v", h)
	}
	var many strings.Builder
	for i := range respond.MaxExhibits + 7 {
		if i > 0 {
			many.WriteByte(',')
		}
		many.WriteString(`{"type":"domain","value":"` + strings.Repeat("a", i+1) + `.example"}`)
	}
	h, err = respond.ReadHandover([]byte(`{"kind":"case","version":1,"id":"c-1","indicators":[` + many.String() + `]}`))
	if err != nil || len(h.Exhibits) != respond.MaxExhibits || h.Left != 7 {
		t.Errorf("%d exhibits, %d left, %v", len(h.Exhibits), h.Left, err)
	}
	for _, doc := range []string{``, `{}`, `{"kind":"verdict","version":1,"id":"v-1"}`, `{"kind":"case","version":2,"id":"c-1"}`, `{"kind":"case","version":1}`, `{"kind":"case","version":1,"id":"c-1"`} {
		if _, err := respond.ReadHandover([]byte(doc)); err == nil {
			t.Errorf("%s is taken for a case", doc)
		}
	}
}
