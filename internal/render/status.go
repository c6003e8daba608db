package render

import (
	"fmt"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/triage"
)

// Status is how triage is doing here, in figures: what soc status prints as text, as a document and for Prometheus.
type Status struct {
	At, Since time.Time // Since is zero when everything counts
	Autonomy  triage.Autonomy
	Alarms    []StatusAlarm
	Alerts    int64
	Groups    int64
	Handled   Share // without a person
	ByRule    int64
	ByCert    int64
	Would     int64 // groups that would be closed
	ToVerdict Took
	ToDecide  Took
	Touches   int64 // decisions, notes and reopenings
	Open      []Waiting
	Decided   []Outcome
	Sources   []StatusSource
	Precedent *StatusPrecedent // the last one used, nil without any
	Audits    *StatusAudits    // of what it closed
	Maturity  []Share          // the shares whose mean it is
	Missing   []Missing
	Levels    []Rung    // of responses, of which something is known
	Unknown   []Missing // what could not be found out: it stands before what is missing
}

// StatusAlarm is a drift alarm that stands.
type StatusAlarm struct {
	Precedent, Reason string
	At                time.Time
}

// Share is a part of a whole, with Wilson's 95 % interval where it has one.
type Share struct {
	Name      string
	Part, Of  int64
	Low, High float64
}

// Value is 0 where there is nothing to be a part of.
func (s *Share) Value() float64 {
	if s.Of == 0 {
		return 0
	}
	return float64(s.Part) / float64(s.Of)
}

// Took is how long something took.
type Took struct {
	N        int
	P50, P95 time.Duration
}

// Waiting counts the open cases of one route and age: open for less than a day, a week, a month, or more.
type Waiting struct {
	Route, Age string
	Cases      int64
}

// Outcome counts the cases that were decided as one disposition.
type Outcome struct {
	Disposition string
	Cases       int64
}

// StatusPrecedent is the precedent that triage used last.
type StatusPrecedent struct {
	Digest, At, Labels, By string
	Holds                  string // why it may not close, empty when it may
	Since                  time.Time
	Alpha, Delta           float64
	Strata                 []triage.Stratum
}

// StatusAudits is what became of the groups that a precedent closed.
type StatusAudits struct {
	Closed, Picked, Decided, Attacks int64 // Picked are among Closed, Decided among Picked
	Missed                           int64 // attacks among those not picked that came to light otherwise
	Estimate, Low, High              float64
	Drift, AlarmAt                   float64
	Proof, ProofAt                   float64
}

// Missing is what would bring triage further here, with the command.
type Missing struct{ What, Command string }

// MaturityFormula is how the maturity is computed from its shares.
const MaturityFormula = "mean of five shares: groups handled without a person, cases decided, decisions confirmed, strata certified to close, audits decided"

// Mature is the maturity: see MaturityFormula.
func (s *Status) Mature() float64 {
	sum := 0.0
	for i := range s.Maturity {
		sum += s.Maturity[i].Value()
	}
	return sum / float64(max(1, len(s.Maturity)))
}

// PerThousand is how often a person touched a case for a thousand alerts.
func (s *Status) PerThousand() float64 {
	if s.Alerts == 0 {
		return 0
	}
	return 1000 * float64(s.Touches) / float64(s.Alerts)
}

// Append appends the status as text, alarms first.
func (s *Status) Append(b []byte, p Paper) []byte {
	for _, a := range s.Alarms {
		b = p.heading(b, "ALARM: "+clean(a.Reason))
		b = p.wrap(b, 2, "nothing is closed under precedent "+clean(a.Precedent)+" until a person takes it back: soc learn --restore --by NAME --reason TEXT")
	}
	since := "of everything in the casebook"
	if !s.Since.IsZero() {
		since = "since " + s.Since.UTC().Format(dateTime) + " UTC"
	}
	b = p.heading(b, "triage "+since)
	b = p.field(b, "autonomy", string(s.Autonomy))
	b = p.field(b, "alerts", fmt.Sprintf("%s in %s", Count(s.Alerts), Plural(s.Groups, "group", "groups")))
	b = p.field(b, "handled", s.Handled.text()+" without a person")
	b = p.field(b, "", fmt.Sprintf("%s by rules, %s by certificate; %s more would be closed", Count(s.ByRule), Count(s.ByCert), Count(s.Would)))
	b = p.field(b, "alert age", s.ToVerdict.text())
	b = p.field(b, "to decision", s.ToDecide.text())
	b = p.field(b, "touches", fmt.Sprintf("%s, %.1f for 1,000 alerts", Count(s.Touches), s.PerThousand()))
	b = p.field(b, "open cases", waiting(s.Open))
	b = p.field(b, "decided", outcomes(s.Decided))
	b = s.sourcesText(b, p)
	b = s.appendPromise(b, p)
	for i := range s.Levels {
		r := &s.Levels[i]
		name := ""
		if i == 0 {
			name = "levels"
		}
		b = p.field(b, name, fmt.Sprintf("%s: %s, allowed %s (%s)", clean(r.Rung.String()), r.Level, r.Allows, r.merit()))
	}
	b = p.field(b, "maturity", fmt.Sprintf("%.0f %%, the %s", 100*s.Mature(), MaturityFormula))
	for i := range s.Maturity {
		b = p.line(b, 13, fmt.Sprintf("%5.1f %% %s (%s of %s)", 100*s.Maturity[i].Value(), s.Maturity[i].Name, Count(s.Maturity[i].Part), Count(s.Maturity[i].Of)))
	}
	if len(s.Missing) > 0 {
		b = p.heading(append(b, '\n'), "what is missing")
	}
	for _, m := range s.Missing {
		b = p.wrap(b, 2, clean(m.What))
		b = p.wrap(b, 4, clean(m.Command))
	}
	return b
}

// appendPromise says what the last precedent promises and what its audits found.
func (s *Status) appendPromise(b []byte, p Paper) []byte {
	pr := s.Precedent
	if pr == nil {
		return p.field(b, "precedent", "none was used")
	}
	signed := "signed by nobody"
	if pr.By != "" {
		signed = "signed by " + clean(pr.By)
	}
	b = p.field(b, "precedent", fmt.Sprintf("%s, learned %s, labels %s, %s", clean(pr.Digest), clean(pr.At), clean(pr.Labels), signed))
	if pr.Holds != "" {
		b = p.field(b, "", "it closes nothing: "+clean(pr.Holds))
	}
	for i := range pr.Strata {
		st := &pr.Strata[i]
		b = p.field(b, "", clean(st.Name)+": marks "+boundText(&st.Groups, pr.Alpha, st.Delta, "groups")+"; closes "+boundText(&st.Incidents, pr.Alpha, st.Delta, "incidents"))
	}
	a := s.Audits
	if a == nil || a.Closed == 0 {
		return p.field(b, "audits", "nothing was closed under it yet")
	}
	b = p.field(b, "audits", fmt.Sprintf("%s of %s closed groups picked, %s decided, %s of them attacks; %s more closed groups turned out to be attacks",
		Count(a.Picked), Count(a.Closed), Count(a.Decided), Count(a.Attacks), Count(a.Missed)))
	if a.Decided > 0 {
		b = p.field(b, "", fmt.Sprintf("attacks among closed groups: %.3g %% (95 %% interval %.3g to %.3g %%)", 100*a.Estimate, 100*a.Low, 100*a.High))
		b = p.field(b, "", fmt.Sprintf("drift %.3g of %.3g, proof %.3g of %.3g", a.Drift, a.AlarmAt, a.Proof, a.ProofAt))
	}
	return b
}

func boundText(bound *triage.Bound, alpha, delta float64, of string) string {
	if !bound.Certified {
		return fmt.Sprintf("nothing yet, %d more attack %s needed for %.3g %%", bound.Needs, of, 100*alpha)
	}
	return fmt.Sprintf("below %s, where at most %.2f %% of attack %s lie (%d of %d, confidence %.3g %%)", Score(bound.Threshold), 100*bound.Upper, of, bound.K, bound.N, 100*(1-delta))
}

func (s *Share) text() string {
	if s.Of == 0 {
		return "0 of 0 groups"
	}
	return fmt.Sprintf("%s of %s groups, %.1f %% (95 %% interval %.1f to %.1f %%)", Count(s.Part), Count(s.Of), 100*s.Value(), 100*s.Low, 100*s.High)
}

func (t *Took) text() string {
	if t.N == 0 {
		return "no figures yet"
	}
	return fmt.Sprintf("%s in the median, %s at the 95th percentile, of %s", lasted(t.P50), lasted(t.P95), Count(int64(t.N)))
}

// lasted is a duration as people say it, in its two largest units.
func lasted(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%d d %d h", d/(24*time.Hour), d%(24*time.Hour)/time.Hour)
	case d >= time.Hour:
		return fmt.Sprintf("%d h %d min", d/time.Hour, d%time.Hour/time.Minute)
	case d >= time.Minute:
		return fmt.Sprintf("%d min %d s", d/time.Minute, d%time.Minute/time.Second)
	}
	return fmt.Sprintf("%.3g s", d.Seconds())
}

func waiting(list []Waiting) string {
	var parts []string
	for _, w := range list {
		parts = append(parts, fmt.Sprintf("%s %s (%s)", Count(w.Cases), w.Route, ages(w.Age)))
	}
	if parts == nil {
		return "none"
	}
	return strings.Join(parts, ", ")
}

func ages(word string) string {
	if word == "more" {
		return "older than a month"
	}
	return "within a " + word
}

func outcomes(list []Outcome) string {
	var parts []string
	for _, o := range list {
		parts = append(parts, Count(o.Cases)+" "+o.Disposition)
	}
	if parts == nil {
		return "none"
	}
	return strings.Join(parts, ", ")
}
