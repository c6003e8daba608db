package casebook_test

import (
	"crypto/sha256"
	"slices"
	"strings"
	"testing"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/triage"
)

func TestTheSameExportAgainAddsNothing(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	b := open(t, path)
	lines := append(export(0, 40, 3), export(0, 5, 1)...) // five byte-identical copies
	first := triageInto(t, b, lines)
	if len(first) != 40 {
		t.Fatalf("%d groups, want 40", len(first))
	}
	before := state(t, path) + state(t, path, `SELECT * FROM journal`)
	again := triageInto(t, b, lines)
	if !slices.Equal(first, again) {
		t.Errorf("printed other ids the second time:\n%v\n%v", first, again)
	}
	if after := state(t, path) + state(t, path, `SELECT * FROM journal`); after != before {
		t.Errorf("the book changed:\n%s\n%s", before, after)
	}
	if got := state(t, path, `SELECT SUM(count), (SELECT SUM(copies) FROM alerts), (SELECT COUNT(*) FROM alerts) FROM verdicts`); got != "125|125|120|\n" {
		t.Errorf("counts %q", got)
	}
}

func TestExportsInPiecesEndInTheSameBook(t *testing.T) {
	t.Parallel()
	whole, pieces := newPath(t), newPath(t)
	lines := export(0, 30, 1)
	triageInto(t, open(t, whole), lines)
	b := open(t, pieces)
	triageInto(t, b, lines[10:])
	triageInto(t, b, lines[:20])
	const what = `SELECT id, case_id, host, count FROM verdicts ORDER BY 1`
	if a, b := state(t, whole, what, `SELECT * FROM sightings ORDER BY 1, 2, 3, 4`), state(t, pieces, what, `SELECT * FROM sightings ORDER BY 1, 2, 3, 4`); a != b {
		t.Errorf("the books differ:\n%s\n%s", a, b)
	}
}

func TestALaterExportJoinsTheVerdictThatHoldsAMember(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	b := open(t, path)
	first := triageInto(t, b, []string{line("ws-1", "a-2", 2, "cmd.exe"), line("ws-1", "a-3", 3, "cmd.exe")})[0]
	// The next export reaches back further, so that the group begins with another alert.
	second := triageInto(t, b, []string{line("ws-1", "a-1", 1, "cmd.exe"), line("ws-1", "a-2", 2, "cmd.exe"), line("ws-1", "a-4", 4, "cmd.exe")})[0]
	if first.id != second.id || first.caseID != second.caseID {
		t.Errorf("the group changed its name: %v, then %v", first, second)
	}
	if got := state(t, path, `SELECT count, (last_time - first_time) / 1000000000, (SELECT COUNT(*) FROM cases), (SELECT SUM(count) FROM sightings) FROM verdicts`); got != "4|3|1|4|\n" {
		t.Errorf("the verdict holds %q", got)
	}
	id, caseID, ok, err := b.VerdictOf(t.Context(), "a-4", digestOf(line("ws-1", "a-4", 4, "cmd.exe")))
	if err != nil || !ok || id != first.id || caseID != first.caseID {
		t.Errorf("VerdictOf = %s %s %v %v", id, caseID, ok, err)
	}
	if _, _, ok, err := b.VerdictOf(t.Context(), "a-5", digestOf("x")); ok || err != nil {
		t.Errorf("an alert nobody saw is known: %v %v", ok, err)
	}
}

func TestWeakerEvidenceDoesNotLowerAVerdict(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	b := open(t, path)
	mild := line("ws-1", "a-2", 2, "cmd.exe")
	triageInto(t, b, []string{line("ws-1", "a-1", 1, "evil.exe"), mild})
	const evidence = `SELECT route, score, hex(document) FROM verdicts`
	before := state(t, path, evidence)
	triageInto(t, b, []string{mild, line("ws-1", "a-3", 3, "cmd.exe")})
	if after := state(t, path, evidence); after != before {
		t.Errorf("the verdict changed:\n%s\n%s", before, after)
	}
	if got := state(t, path, `SELECT count FROM verdicts`); got != "3|\n" {
		t.Errorf("it holds %q alerts, want 3", got)
	}
}

func TestAClosedCaseOpensOnlyForMoreAndWorse(t *testing.T) {
	t.Parallel()
	mild, more, worse := line("ws-1", "a-1", 1, "cmd.exe"), line("ws-1", "a-2", 2, "cmd.exe"), line("ws-1", "a-3", 3, "evil.exe")
	rows := map[string]struct {
		lines []string
		want  string
	}{
		"the same alert":                       {[]string{mild}, "closed|1|"},
		"more of the same":                     {[]string{mild, more}, "closed|1|"},
		"a worse alert beside it":              {[]string{mild, worse}, "open|2|"},
		"a worse alert, of which it knew none": {[]string{worse}, "closed|1|"}, // a case of its own
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := newPath(t)
			b := open(t, path)
			first := triageInto(t, b, []string{mild})[0]
			if _, err := b.Decide(t.Context(), first.caseID, triage.Decision{Disposition: triage.FalsePositive, Reason: "known", Certainty: triage.Confirmed, By: "analyst-1"}); err != nil {
				t.Fatal(err)
			}
			triageInto(t, b, row.lines)
			if got := state(t, path, `SELECT status, route FROM cases WHERE id = '`+first.caseID+`'`); got != row.want+"\n" {
				t.Errorf("the case is %q, want %q", got, row.want)
			}
			reopened := strings.Contains(state(t, path, `SELECT what FROM journal`), `"reopened":["`+first.caseID+`"]`)
			if reopened != strings.HasPrefix(row.want, "open") {
				t.Errorf("the journal says reopened: %v", reopened)
			}
			if err := b.Holds(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestALargeGroupComesInParts(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	b := open(t, path)
	lines := make([]string, 0, 6000)
	for i := range 6000 {
		lines = append(lines, line("ws-1", "a-"+string(rune('a'+i%26))+strings.Repeat("x", i/26), i%60, "cmd.exe"))
	}
	triageInto(t, b, lines)
	want := "6000|1|6000|\n"
	const what = `SELECT SUM(count), COUNT(*), (SELECT COUNT(*) FROM alerts) FROM verdicts`
	if got := state(t, path, what); got != want {
		t.Errorf("kept %q, want %q", got, want)
	}
	triageInto(t, b, lines)
	if got := state(t, path, what); got != want {
		t.Errorf("kept %q the second time, want %q", got, want)
	}
}

func TestSightingsAreTheFirstDays(t *testing.T) {
	t.Parallel()
	b := open(t, newPath(t))
	late := strings.ReplaceAll(line("ws-1", "a-9", 1, "cmd.exe"), "2026-03-01", "2026-03-05")
	triageInto(t, b, []string{late})
	triageInto(t, b, []string{line("ws-1", "a-1", 1, "cmd.exe"), line("ws-2", "a-2", 1, "cmd.exe")})
	var got []triage.Sighting
	if err := b.Sightings(t.Context(), func(s triage.Sighting) error { got = append(got, s); return nil }); err != nil {
		t.Fatal(err)
	}
	const first = 20513 // 2026-03-01
	want := []triage.Sighting{{Kind: triage.OfRule, Subject: "generic r-1", Value: "ws-1", Day: first}, {Kind: triage.OfRule, Subject: "generic r-1", Value: "ws-2", Day: first}}
	if !slices.Equal(got, want) {
		t.Errorf("sightings %v, want %v", got, want)
	}
}

func TestTheBytesComeBack(t *testing.T) {
	t.Parallel()
	b := open(t, newPath(t))
	l := line("ws-1", "a-1", 1, "cmd.exe")
	p := triageInto(t, b, []string{l})[0]
	raw, err := b.Raw(t.Context(), digestOf(l))
	if err != nil || string(raw) != l {
		t.Errorf("raw %q %v, want %q", raw, err, l)
	}
	n := 0
	err = b.Verdicts(t.Context(), p.caseID, func(v *casebook.Verdict) error {
		n++
		if !strings.Contains(string(v.Document), `"id":"`+p.id+`"`) {
			t.Errorf("a document without its id: %s", v.Document)
		}
		return nil
	})
	if err != nil || n != 1 {
		t.Errorf("%d verdicts, %v", n, err)
	}
}

func digestOf(s string) alert.Digest { return sha256.Sum256([]byte(s)) }
