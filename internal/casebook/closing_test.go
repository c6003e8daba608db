package casebook_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/learn"
	"github.com/seed-959697dd/soc/triage"
)

const certificate = "sha256:c0ffee"

// backups are alerts of a rule that nobody ever found an attack behind, each on its own host.
func backups(from, to int) (lines []string) {
	for i := from; i < to; i++ {
		lines = append(lines, fmt.Sprintf(`{"_id":"b%d","_source":{"timestamp":"2026-03-01T10:%02d:%02d.000+0000","rule":{"level":3,"id":"7001","description":"Backup finished"},`+
			`"agent":{"id":"%d","name":"Host-%d"},"manager":{"name":"siem"},"location":"syslog","data":{"srcuser":"user-%d"}}}`, i, i/60%60, i%60, i, i, i))
	}
	return lines
}

// closingPolicy closes the rule's alerts under a certificate.
func closingPolicy() triage.Policy {
	p := triage.DefaultPolicy()
	bound := triage.Bound{N: 300, Upper: 0.01, Certified: true, Threshold: 10_000}
	record := triage.Record{False: 5000, Decided: 5000}
	p.Autonomy, p.Floor = triage.Close, 100
	p.Precedent = &triage.Precedent{
		Digest: certificate, Trusted: "sam", Base: -3000, Strength: 8, All: record, Rules: map[string]triage.Record{"wazuh 7001": record},
		Strata: []triage.Stratum{{Name: triage.AllStrata, Delta: 0.05, Groups: bound, Incidents: bound}},
	}
	return p
}

// closeInto triages lines into the book under the certificate. asked is RunInfo.Close.
func closeInto(t testing.TB, b *casebook.Book, lines []string, asked func(*triage.Verdict) *casebook.Closing) (out []printed, documents map[string]string) {
	t.Helper()
	if err := b.Use(t.Context(), casebook.Certified{Digest: certificate, Alpha: 0.02, Delta: 0.05, Document: []byte(`{}`)}); err != nil {
		t.Fatal(err)
	}
	run, err := b.Begin(t.Context(), casebook.RunInfo{Command: "triage", Close: asked})
	if err != nil {
		t.Fatal(err)
	}
	set, err := alert.NewSet(alert.Options{Now: clock()})
	if err != nil {
		t.Fatal(err)
	}
	policy := closingPolicy()
	groups := triage.NewGroups(policy.Gap, "")
	defer groups.Close()
	if err := observe(set.NewParser(), groups, lines); err != nil {
		t.Fatal(err)
	}
	documents = map[string]string{}
	err = triage.Judge(context.WithoutCancel(t.Context()), groups, &policy, &triage.Standing{}, 2, func(text []byte, v *triage.Verdict, m *triage.Members) ([]byte, printed, error) {
		err := run.Keep(t.Context(), v, m)
		return v.AppendJSON(text), printed{v.ID, v.Case, v.Route.String()}, err
	}, func(text []byte, p printed) error {
		out, documents[p.id] = append(out, p), string(text)
		return nil
	})
	if err == nil {
		err = run.End(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	return out, documents
}

// picks closes everything and looks at a share of q again.
func picks(q float64) func(*triage.Verdict) *casebook.Closing {
	return func(v *triage.Verdict) *casebook.Closing {
		return &casebook.Closing{Threshold: 10_000, Q: q, Picked: learn.Audited([]byte("key"), v.ID, q)}
	}
}

func routes(list []printed) (closed, review int) {
	for _, p := range list {
		if p.route == "close" {
			closed++
		} else {
			review++
		}
	}
	return closed, review
}

// The share of closed groups that are looked at again follows the probability, and the book knows which and why.
func TestThePickedShareFollowsItsProbability(t *testing.T) {
	t.Parallel()
	for _, q := range []float64{0, 0.01, 0.05, 0.2, 1} {
		t.Run(fmt.Sprint(q), func(t *testing.T) {
			t.Parallel()
			const n = 1500
			b := open(t, newPath(t))
			out, _ := closeInto(t, b, backups(0, n), picks(q))
			closed, review := routes(out)
			if spare := 4*math.Sqrt(n*q*(1-q)) + 1e-9; math.Abs(float64(review)-n*q) > spare || closed+review != n {
				t.Errorf("%d of %d were picked with probability %v", review, n, q)
			}
			a, err := b.Account(t.Context(), certificate)
			if err != nil || a.Closed != n || a.Picked != int64(review) || len(a.Audits) != 0 {
				t.Errorf("the account says %+v, %v", a, err)
			}
			if cases, err := b.Count(t.Context(), casebook.Query{}); err != nil || cases != review {
				t.Errorf("%d cases for %d picked groups, %v", cases, review, err)
			}
		})
	}
}

// Nothing in the document of a group that was picked differs from one that was left to a person for another reason.
func TestAPickedGroupLooksLikeAnyOther(t *testing.T) {
	t.Parallel()
	lines := backups(0, 20)
	_, picked := closeInto(t, open(t, newPath(t)), lines, picks(1))
	_, barred := closeInto(t, open(t, newPath(t)), lines, func(*triage.Verdict) *casebook.Closing { return nil })
	_, never := closeInto(t, open(t, newPath(t)), lines, nil)
	for id, doc := range picked {
		if doc != barred[id] || doc != never[id] {
			t.Fatalf("picked, barred and never asked differ:\n%s\n%s\n%s", doc, barred[id], never[id])
		}
		if strings.Contains(doc, "closed_by") || strings.Contains(doc, `"would_close":true`) || !strings.Contains(doc, `"route":"review"`) {
			t.Fatalf("it tells what it is: %s", doc)
		}
	}
}

func TestTheSameExportIsClosedOnce(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	b := open(t, path)
	lines := backups(0, 200)
	const everything = `SELECT * FROM closings ORDER BY 1, 2`
	first, _ := closeInto(t, b, lines, picks(0.2))
	before := state(t, path) + state(t, path, everything, `SELECT * FROM journal`, `SELECT * FROM parties ORDER BY 1, 2, 3`)
	again, _ := closeInto(t, b, lines, picks(0.2))
	if after := state(t, path) + state(t, path, everything, `SELECT * FROM journal`, `SELECT * FROM parties ORDER BY 1, 2, 3`); after != before || !slices.Equal(first, again) {
		t.Errorf("the second time something changed:\n%s\n%s", before, after)
	}
	// One that was picked stays a person's even when nobody would be picked any more, decided or not.
	i := slices.IndexFunc(first, func(p printed) bool { return p.route == "review" })
	decide(t, b, first[i].caseID, triage.FalsePositive)
	third, _ := closeInto(t, b, lines, picks(0))
	if !slices.Equal(first, third) {
		t.Error("a group that was picked was closed later")
	}
}

func decide(t testing.TB, b *casebook.Book, id string, d triage.Disposition) {
	t.Helper()
	if _, err := b.Decide(t.Context(), id, triage.Decision{Disposition: d, Reason: "looked at it", Certainty: triage.Confirmed, By: "analyst-1"}); err != nil {
		t.Fatal(err)
	}
}

func openParties(t *testing.T, b *casebook.Book) (got []string) {
	t.Helper()
	open, err := b.OpenParties(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for p := range open {
		got = append(got, p.Kind+" "+p.Value)
	}
	slices.Sort(got)
	return got
}

func TestOpenPartiesAreThoseOfOpenCases(t *testing.T) {
	t.Parallel()
	b := open(t, newPath(t))
	list := triageInto(t, b, append(backups(0, 2), strings.ReplaceAll(backups(2, 3)[0], "user-2", `CORP\\SYSTEM`)))
	if _, err := b.Decide(t.Context(), list[1].caseID, triage.Decision{Disposition: triage.FalsePositive, Reason: "a test", Certainty: triage.Asserted, By: "ann"}); err != nil {
		t.Fatal(err)
	}
	if got, want := openParties(t, b), []string{"host host-0", "host host-2", "user user-0"}; !slices.Equal(got, want) {
		t.Errorf("open parties %v, want %v", got, want)
	}
	decided, err := b.DecidedCases(t.Context())
	if _, ok := decided[list[1].caseID]; !ok || len(decided) != 1 || err != nil {
		t.Errorf("decided %v, %v", decided, err)
	}
}

// An audit is a case, and nothing speaks against its host: it must not end closing there. Once a person has taken it up it is a case like any other.
func TestAnAuditBarsNothingUntilAPersonTakesItUp(t *testing.T) {
	t.Parallel()
	b := open(t, newPath(t))
	out, _ := closeInto(t, b, backups(0, 2), picks(1))
	held, _ := closeInto(t, b, backups(2, 3), func(*triage.Verdict) *casebook.Closing { return nil })
	if got := openParties(t, b); len(got) != 0 {
		t.Errorf("open parties %v", got)
	}
	for _, p := range []printed{out[0], held[0]} {
		decide(t, b, p.caseID, triage.TruePositive)
		if _, err := b.Reopen(t.Context(), p.caseID, "ann", "who else?"); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := openParties(t, b), []string{"host host-0", "host host-2", "user user-0", "user user-2"}; !slices.Equal(got, want) {
		t.Errorf("open parties %v, want %v", got, want)
	}
}

func TestWhoTakesPart(t *testing.T) {
	t.Parallel()
	rows := map[string]struct{ entities, want string }{
		"hosts and users":                     {`{"type":"host","role":"target","value":"WS-1"},{"type":"user","role":"actor","value":"Ann"},{"type":"ip","role":"source","value":"10.0.0.1"}`, "host ws-1, user ann"},
		"not who only watched":                {`{"type":"host","role":"observer","value":"siem"},{"type":"user","role":"actor","value":"ann"}`, "user ann"},
		"not who is everywhere":               {`{"type":"host","role":"target","value":"a"},{"type":"user","role":"actor","value":"root"},{"type":"user","role":"actor","value":"A$"}`, "host a"},
		"without a host the estate's address": {`{"type":"ip","role":"source","value":"10.0.0.1"},{"type":"ip","role":"target","value":"203.0.113.9"},{"type":"ip","role":"observer","value":"10.0.0.7"}`, "ip 10.0.0.1"},
		"nobody":                              {`{"type":"ip","role":"target","value":"203.0.113.9"},{"type":"url","value":"x"}`, ""},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, p := range casebook.Parties([]byte(`{"entities":[` + row.entities + `]}`)) {
				got = append(got, p.Kind+" "+p.Value)
			}
			if s := strings.Join(got, ", "); s != row.want {
				t.Errorf("%q, want %q", s, row.want)
			}
		})
	}
}

func TestTheAuditKeyStays(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	one, err := open(t, path).AuditKey(t.Context())
	if err != nil || len(one) != 32 {
		t.Fatal(one, err)
	}
	two, err := open(t, path).AuditKey(t.Context())
	if err != nil || string(one) != string(two) {
		t.Error("another key", err)
	}
	if other, err := open(t, newPath(t)).AuditKey(t.Context()); err != nil || string(other) == string(one) {
		t.Error("two books have one key", err)
	}
}
