package splunk_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/alert"
	fake "github.com/seed-959697dd/soc/internal/fake/splunk"
	"github.com/seed-959697dd/soc/investigate"
)

// shape is what a search does whatever its literals say: every quoted text is one Q. It is written from the Search Manual alone, and knows
// nothing of how the adapter quotes.
func shape(spl string) (shape string, literals []string, fault string) {
	var b strings.Builder
	for i := 0; i < len(spl); i++ {
		switch c := spl[i]; c {
		case '"':
			var text strings.Builder
			for i++; ; i++ {
				if i >= len(spl) {
					return "", nil, "a quote without an end"
				}
				if spl[i] == '"' {
					break
				}
				if spl[i] == '\\' { // Backslashes: it and the quote are escaped by one
					if i++; i >= len(spl) || spl[i] != '\\' && spl[i] != '"' {
						return "", nil, "a backslash that escapes nothing"
					}
				}
				text.WriteByte(spl[i])
			}
			literals = append(literals, text.String())
			b.WriteByte('Q')
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), literals, ""
}

// hostile makes values out of everything that means something in a search.
func hostile(r *rand.Rand) string {
	pieces := []string{
		`"`, `\`, `\"`, `\\"`, "|", "| delete", "[", "]", "[search index=* | outputlookup x]", "```", "``` | delete ```", "`", "`notable`", "`drop(\"x\")`", "*", "**", "?", "\n", "\r\n", "\t", "\x00",
		"\x1b[31m", "\u202e", "\u2028", "ü", "日本語", "\xff\xfe", "😀", "=", "!=", "(", ")", " OR ", " NOT ", " AND ", "host=*", "index=_internal", ",", ";", "$env:x$", "%22", "&quot;", "'", "<x>", "earliest=0",
		"alice", "C:\\Windows\\", "cmd.exe", "203.0.113.9", " ", "a", "0x41", "-", "--", "/", "#",
	}
	var b strings.Builder
	for range 1 + r.IntN(8) {
		b.WriteString(pieces[r.IntN(len(pieces))])
	}
	return b.String()
}

// Trap: a text from an alert stands in a search. Whatever it holds, it stays within its literals, and the search does what it did: ten
// thousand of them, of every kind, alone and with a host that is as bad.
func TestHostileValuesStayLiterals(t *testing.T) {
	t.Parallel()
	var sent string
	c := client(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		sent = r.PostForm.Get("search")
		_, _ = w.Write([]byte("{\"preview\":false}\n"))
	}), nil)
	r := rand.New(rand.NewPCG(20260301, 1))
	kinds := []investigate.Kind{"ip", "host", "user", "domain", "url", "file", "hash", "process", "process.key", "mail", "registry", "session", "connection", "no such kind | delete"}
	known := map[string]bool{}
	asked := 0
	for i := range 10_000 {
		kind := kinds[i%len(kinds)]
		term := investigate.Term{Kind: kind, Value: hostile(r)}
		if i%3 == 0 {
			term.Host = hostile(r)
		}
		sent = ""
		if _, err := c.Search(t.Context(), investigate.Query{Terms: []investigate.Term{term}}, func(*alert.Alert) error { return nil }); err != nil {
			t.Fatal(err)
		}
		if sent == "" {
			continue // nothing in it that could be searched for
		}
		asked++
		got, literals, fault := shape(sent)
		if fault != "" {
			t.Fatalf("%q as %s: %s", term.Value, sent, fault)
		}
		// What the literals say is of the value or of the host, but for the names of fields that are ours.
		for _, l := range literals {
			plain := strings.ReplaceAll(l, `\\`, `\`)
			if !strings.Contains(strings.ToValidUTF8(term.Value, " "), l) && !strings.Contains(strings.ToValidUTF8(term.Value, " "), plain) && !strings.Contains(strings.ToValidUTF8(term.Host, " "), strings.TrimSuffix(l, ".*")) {
				t.Fatalf("%q of %q stands in neither", l, term)
			}
			if strings.ContainsAny(strings.TrimSuffix(l, ".*"), "*\n\r\x00") {
				t.Fatalf("%q would match more than a value", l)
			}
		}
		known[got] = true
	}
	// Per kind there is one shape with the fields and one without them, either with a doubled backslash or none, and with a host or none.
	if most := len(kinds) * 8; len(known) > most {
		t.Errorf("%d shapes for %d kinds", len(known), len(kinds))
	}
	for s := range known {
		if strings.ContainsAny(s, "|[]`*\n\\'") && strings.ReplaceAll(s, "index=*", "") != strings.Map(func(r rune) rune {
			if strings.ContainsRune("|[]`*\n\\'", r) {
				return -1
			}
			return r
		}, strings.ReplaceAll(s, "index=*", "")) {
			t.Errorf("the search does something else: %s", s)
		}
	}
	if asked < 5_000 {
		t.Errorf("only %d were asked for", asked)
	}
}

// The same against a server that does what a search says: nothing is written, no search is refused, and the record that holds the value is
// found.
func TestHostileValuesAreFound(t *testing.T) {
	t.Parallel()
	s, c := server(t, fake.Options{}, nil)
	r := rand.New(rand.NewPCG(20260302, 1))
	var terms []investigate.Term
	for i := range 400 {
		value := strings.ToValidUTF8(strings.NewReplacer("\x00", "", "*", "+", "&", "+", "<", "+", ">", "+").Replace(hostile(r)), "") + fmt.Sprintf("mark%d", i)
		terms = append(terms, investigate.Term{Kind: "file", Value: value})
		s.Index(fake.Event{Index: "logs", Host: "h", Time: noon.Add(-time.Minute), Raw: fmt.Sprintf("event %d file %s end", i, value)})
	}
	_, a, err := ask(t, c, investigate.Query{Terms: terms, From: noon.Add(-time.Hour), To: noon})
	if err != nil || len(a.Gaps) > 0 || len(s.Ran()) > 0 {
		t.Fatal(a.Gaps, err, s.Ran())
	}
	for i, n := range a.Counts {
		if n != 1 {
			t.Errorf("%q was met %d times", terms[i].Value, n)
		}
	}
}

// Ids that come from elsewhere are quoted likewise.
func TestHostileIdsAreNoSearches(t *testing.T) {
	t.Parallel()
	var searches []string
	s := fake.New(fake.Options{Token: token, Now: clock})
	c := client(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/export") {
			_ = r.ParseForm()
			searches = append(searches, r.PostForm.Get("search"))
			_, _ = w.Write([]byte("{\"preview\":false}\n"))
			return
		}
		s.ServeHTTP(w, r)
	}), nil)
	r := rand.New(rand.NewPCG(20260303, 1))
	for range 500 {
		for _, item := range []string{"a@@notable@@" + strings.ReplaceAll(hostile(r), "@", ""), hostile(r) + "+17"} {
			_, _ = c.Read(t.Context(), item)
			_ = c.Note(t.Context(), item, "key", "text")
		}
	}
	known := map[string]bool{}
	for _, spl := range searches {
		got, _, fault := shape(spl)
		if known[got] = true; fault != "" {
			t.Fatalf("%s: %s", spl, fault)
		}
	}
	if len(searches) < 1000 || len(known) > 4 {
		t.Errorf("%d searches of %d shapes", len(searches), len(known))
	}
}
