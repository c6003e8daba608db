package casebook_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/triage"
)

// worked makes a book in which people did things, and returns its path and first two cases.
func worked(t *testing.T) (b *casebook.Book, path string, cases []string) {
	t.Helper()
	path = newPath(t)
	b = open(t, path)
	for _, p := range triageInto(t, b, export(0, 2, 1)) {
		cases = append(cases, p.caseID)
	}
	steps := []func() (string, error){
		func() (string, error) { return b.Note(t.Context(), cases[0], "analyst-1", "asked the owner") },
		func() (string, error) {
			return b.Decide(t.Context(), cases[0], triage.Decision{Disposition: triage.FalsePositive, Reason: "a test", Certainty: triage.Asserted, By: "analyst-1"})
		},
		func() (string, error) { return b.Reopen(t.Context(), cases[0], "analyst-2", "no test at all") },
		func() (string, error) {
			return b.Decide(t.Context(), cases[0], triage.Decision{Disposition: triage.TruePositive, Reason: "stolen token", Certainty: triage.Confirmed, By: "analyst-2"})
		},
		func() (string, error) { return b.Note(t.Context(), cases[1], "analyst-2", "next") },
	}
	for _, step := range steps {
		if id, err := step(); err != nil || !slices.Contains(cases, id) {
			t.Fatal(id, err)
		}
	}
	return b, path, cases
}

func TestTheJournalTellsWhatPeopleDid(t *testing.T) {
	t.Parallel()
	b, _, cases := worked(t)
	if err := b.Holds(t.Context()); err != nil {
		t.Fatal(err)
	}
	previous := ""
	var did []string
	err := b.Journal(t.Context(), 1, func(r *casebook.Record) error {
		doc := string(r.AppendJSON(nil))
		// The chain can be checked from the documents alone: each hash is over its document without the hash.
		bare := strings.Replace(doc, `,"hash":"`+r.Hash+`"`, "", 1)
		sum := sha256.Sum256([]byte(bare))
		if r.Hash != "sha256:"+hex.EncodeToString(sum[:]) || r.Previous != previous {
			t.Errorf("record %d does not chain: %s", r.Seq, doc)
		}
		previous = r.Hash
		did = append(did, r.By+" "+strings.Split(string(r.What), `"`)[3])
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"soc keep", "analyst-1 note", "analyst-1 close", "analyst-2 reopen", "analyst-2 close", "analyst-2 note"}; !slices.Equal(did, want) {
		t.Errorf("the journal says %v, want %v", did, want)
	}
	if seq, hash, err := b.Head(t.Context()); seq != 6 || hash != previous || err != nil {
		t.Errorf("head %d %s %v", seq, hash, err)
	}
	var stands []string
	err = b.Decisions(t.Context(), cases[0], func(d *casebook.Decided) error {
		if !d.Undone {
			stands = append(stands, d.Disposition+" "+d.By)
		}
		return nil
	})
	if err != nil || !slices.Equal(stands, []string{"true_positive analyst-2"}) {
		t.Errorf("decisions that stand: %v %v", stands, err)
	}
}

func TestVerifyFindsWhatWasDoneToTheBook(t *testing.T) {
	t.Parallel()
	rows := map[string]string{
		"a record changed":                 `UPDATE journal SET what = replace(what, 'a test', 'a fact') WHERE seq = 3`,
		"its author changed":               `UPDATE journal SET who = 'nobody' WHERE seq = 2`,
		"its time changed":                 `UPDATE journal SET at = at + 1 WHERE seq = 2`,
		"a record cut out":                 `DELETE FROM journal WHERE seq = 3`,
		"the first cut off":                `DELETE FROM journal WHERE seq = 1`,
		"the last cut off":                 `DELETE FROM journal WHERE seq = 6`,
		"all cut off":                      `DELETE FROM journal`,
		"two swapped":                      `UPDATE journal SET seq = CASE seq WHEN 3 THEN -4 WHEN 4 THEN -3 END WHERE seq IN (3, 4); UPDATE journal SET seq = -seq WHERE seq < 0`,
		"the rest renumbered":              `DELETE FROM journal WHERE seq = 3; UPDATE journal SET seq = seq - 1 WHERE seq > 3`,
		"the head changed":                 `UPDATE head SET hash = 'sha256:00'`,
		"the last cut off, head too":       `DELETE FROM journal WHERE seq = 6; UPDATE head SET seq = 5, hash = (SELECT hash FROM journal WHERE seq = 5)`,
		"a decision changed":               `UPDATE decisions SET disposition = 'false_positive'`,
		"a decision's author changed":      `UPDATE decisions SET who = 'nobody' WHERE seq = 5`,
		"a decision removed":               `DELETE FROM decisions WHERE seq = 5`,
		"a decision added":                 `INSERT INTO decisions SELECT seq, 'v-0', case_id, disposition, reason, certainty, who, at, undone FROM decisions WHERE seq = 5`,
		"a decision under nobody's record": `INSERT INTO decisions SELECT 1, verdict, case_id, disposition, reason, certainty, who, at, undone FROM decisions WHERE seq = 5`,
		"a decision taken back by nobody":  `UPDATE decisions SET undone = 77 WHERE seq = 5`,
		"a note changed":                   `UPDATE notes SET text = 'nothing'  WHERE seq = 2`,
		"a note removed":                   `DELETE FROM notes WHERE seq = 2`,
		"a note added":                     `INSERT INTO notes SELECT 4, case_id, who, at, text FROM notes WHERE seq = 2`,
	}
	for name, statement := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, path, _ := worked(t)
			for s := range strings.SplitSeq(statement, ";") {
				run(t, path, s)
			}
			if err := b.Holds(t.Context()); !errors.Is(err, casebook.ErrJournal) {
				t.Errorf("verify says %v", err)
			}
		})
	}
}

func TestACaseIsFoundByWhatPeopleType(t *testing.T) {
	t.Parallel()
	b := open(t, newPath(t))
	var ids []string
	for _, p := range triageInto(t, b, export(0, 300, 1)) {
		ids = append(ids, p.caseID)
	}
	id := ids[0]
	rows := map[string]struct {
		name string
		want error
	}{
		"its id":               {id, nil},
		"without its c-":       {id[2:], nil},
		"its beginning":        {id[:14], nil},
		"the id of a verdict":  {"v-" + id[2:], nil},
		"a letter many share":  {id[2:3], casebook.ErrAmbiguous},
		"what nobody has":      {"c-zzz", casebook.ErrNoCase},
		"a verdict nobody has": {"v-zzz", casebook.ErrNoCase},
		"a wildcard":           {"%", casebook.ErrNoCase},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			c, err := b.Case(t.Context(), row.name)
			if !errors.Is(err, row.want) {
				t.Fatalf("error %v, want %v", err, row.want)
			}
			if err == nil && c.ID != id {
				t.Errorf("found %s, want %s", c.ID, id)
			}
		})
	}
}
