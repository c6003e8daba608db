package render

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// CaseRow is a case as a line of the queue. Its texts are as the casebook has them; they are cleaned when a line is made.
type CaseRow struct {
	ID, Status, Route, Severity string
	Title, Rule, Host, User     string
	Disposition, By             string // of the person who closed it
	Score, Alerts, Verdicts     int64
	First, Last, Opened, Closed time.Time
	Owner                       string    // who looks after it; empty: nobody
	Until                       time.Time // put aside until then; it may have passed
}

// column is one of the queue: from which width on it is shown, and how wide it is; the last one takes what is left.
type column struct {
	name  string
	from  int
	width int
	text  func(r *CaseRow, now time.Time) (string, Tone)
}

func columns() []column {
	text := func(f func(r *CaseRow) string) func(*CaseRow, time.Time) (string, Tone) {
		return func(r *CaseRow, _ time.Time) (string, Tone) { return keep(f(r)), Plain }
	}
	return []column{
		{"ROUTE", 0, 8, func(r *CaseRow, _ time.Time) (string, Tone) { return r.standing() }},
		{"SEVERITY", 0, 8, func(r *CaseRow, _ time.Time) (string, Tone) { return brief(r.Severity), severityTone(r.Severity) }},
		{"WAITS", 0, 5, func(r *CaseRow, now time.Time) (string, Tone) { return r.waits(now), Plain }},
		{"SCORE", 130, 6, func(r *CaseRow, _ time.Time) (string, Tone) { return fmt.Sprintf("%+d", r.Score), Plain }},
		{"ALERTS", 92, 6, func(r *CaseRow, _ time.Time) (string, Tone) { return Count(r.Alerts), Plain }},
		{"LAST (UTC)", 110, 11, func(r *CaseRow, now time.Time) (string, Tone) { return latest(r.Last, now), Faint }},
		{"HOST", 0, 14, text(func(r *CaseRow) string { return shorter(r.Host) })},
		{"USER", 120, 18, text(func(r *CaseRow) string { return r.User })},
		{"CASE", 150, 18, text(func(r *CaseRow) string { return r.ID })},
		{"WHAT", 0, 0, text(func(r *CaseRow) string { return r.what() })},
	}
}

// CaseHead is the line over the queue.
func CaseHead(width int) Line {
	return caseLine(width, func(c *column) (string, Tone) { return c.name, Heading })
}

// Line is the case in one line of width columns.
func (r *CaseRow) Line(width int, now time.Time) Line {
	return caseLine(width, func(c *column) (string, Tone) { return c.text(r, now) })
}

func caseLine(width int, cell func(*column) (string, Tone)) Line {
	var l Line
	left := width
	for _, c := range columns() {
		if width < c.from || left <= 0 {
			continue
		}
		text, tone := cell(&c)
		w := c.width
		if w == 0 {
			w = left
		}
		if text = fit(text, min(w, left)); w < left {
			text += strings.Repeat(" ", min(2, left-w))
		}
		l.Pieces = append(l.Pieces, Piece{tone, text})
		left -= w + 2
	}
	return l
}

// Asleep tells whether the case is put aside at a moment.
func (r *CaseRow) Asleep(now time.Time) bool { return r.Status != "closed" && r.Until.After(now) }

// Moment is a time as people read it, to the minute, in UTC.
func Moment(t time.Time) string { return t.UTC().Format("Mon 2006-01-02 15:04") + " UTC" }

// standing is where a case stands, in one word.
func (r *CaseRow) standing() (string, Tone) {
	switch {
	case r.Status == "closed":
		return "closed", Faint
	case r.Route == "escalate":
		return "ESCALATE", Strong
	}
	return r.Route, Plain
}

// what is what the case is about, behind what it was found to be.
func (r *CaseRow) what() string {
	title := r.Title
	if title == "" {
		title = r.Rule
	}
	if r.Owner != "" {
		title = "@" + r.Owner + " " + title
	}
	if r.Status == "closed" {
		return strings.ReplaceAll(r.Disposition, "_", " ") + ", by " + r.By + ": " + title
	}
	return title
}

// waits is how long an open case has waited.
func (r *CaseRow) waits(now time.Time) string {
	d := now.Sub(r.Opened)
	switch {
	case r.Asleep(now):
		return "aside"
	case r.Opened.IsZero() || r.Status == "closed":
		return "-"
	case d < time.Minute:
		return "now"
	case d < time.Hour:
		return fmt.Sprintf("%d m", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return fmt.Sprintf("%d d", min(int(d.Hours()/24), 999))
}

// latest is a time to the minute in the year that runs, to the day before.
func latest(t, now time.Time) string {
	switch {
	case t.IsZero():
		return "no time"
	case t.UTC().Year() == now.UTC().Year():
		return t.UTC().Format("01-02 15:04")
	}
	return t.UTC().Format(time.DateOnly)
}

func brief(severity string) string {
	if severity == "informational" {
		return "info"
	}
	return severity
}

// shorter is a host without its domain; an address stays as it is.
func shorter(host string) string {
	name, _, _ := strings.Cut(host, ".")
	if name == "" || name[0] >= '0' && name[0] <= '9' || strings.Contains(host, ":") {
		return host
	}
	return name
}

// GroupLine is the head of several cases that share a rule, host or user, with the one of them that needs a person first.
func GroupLine(name string, n int, open bool, first *CaseRow) Line {
	sign := "+ "
	if open {
		sign = "- "
	}
	if name == "" {
		name = "(none)"
	}
	route, tone := first.standing()
	return Line{Pieces: []Piece{
		{Plain, sign},
		{Strong, keep(name)},
		{Plain, "  " + Plural(int64(n), "case", "cases") + ", first: "},
		{tone, route + " "},
		{severityTone(first.Severity), brief(first.Severity)},
		{Plain, " " + keep(first.Title)},
	}}
}

// Head is the first two lines of a case's screen: which one it is, and what it is about.
func (r *CaseRow) Head() []Line {
	route, tone := r.standing()
	text := "  " + Plural(r.Alerts, "alert", "alerts") + ", " + Span(r.First, r.Last)
	if r.Host != "" {
		text = "  " + keep(shorter(r.Host)) + " " + text
	}
	if r.Status != "closed" && !r.Until.IsZero() {
		text = "  snoozed until " + Moment(r.Until) + text
	}
	if r.Owner != "" {
		text = "  @" + keep(r.Owner) + text
	}
	return []Line{
		{Pieces: []Piece{{Strong, r.ID + "  "}, {tone, route}, {Plain, " "}, {severityTone(r.Severity), brief(r.Severity)}, {Plain, text}}},
		toned(Strong, keep(r.Title)),
	}
}

// Merged is what one case of several would be: what it would hold, and the cases, the one that keeps its name first marked. No more than most of
// the cases are named.
func Merged(rows []CaseRow, keepAt, most int) []string {
	var alerts, verdicts int64
	hosts, first, last := []string{}, time.Time{}, time.Time{}
	for i := range rows {
		r := &rows[i]
		alerts, verdicts = alerts+r.Alerts, verdicts+r.Verdicts
		if r.Host != "" && !slices.Contains(hosts, keep(shorter(r.Host))) {
			hosts = append(hosts, keep(shorter(r.Host)))
		}
		if first.IsZero() || !r.First.IsZero() && r.First.Before(first) {
			first = r.First
		}
		if r.Last.After(last) {
			last = r.Last
		}
	}
	list := []string{"Merge into " + rows[keepAt].ID, "it would hold " + Plural(alerts, "alert", "alerts") + " in " + Plural(verdicts, "verdict", "verdicts") + " on " + strings.Join(hosts[:min(len(hosts), shownNames)], ", ") + beyond(len(hosts), shownNames) + ", " + Span(first, last)}
	for i := range rows {
		if i == most {
			return append(list, "  and "+Plural(int64(len(rows)-i), "case", "cases")+" more")
		}
		sign := "+ "
		if i == keepAt {
			sign = "= "
		}
		list = append(list, sign+rows[i].ID+" "+keep(shorter(rows[i].Host))+": "+keep(rows[i].Title))
	}
	return list
}

// SectionHead is the line over a section.
func SectionHead(s *Section) Line {
	return Line{Pieces: []Piece{{Heading, s.Title}, {Faint, fmt.Sprintf(" %d", s.Count)}}}
}

// Spoken is the case as a sentence, for who hears the queue and does not see its columns.
func (r *CaseRow) Spoken(now time.Time) string {
	standing, _ := r.standing()
	text := strings.ToLower(standing) + ", " + brief(r.Severity) + ", " + Plural(r.Alerts, "alert", "alerts")
	if r.Host != "" {
		text += ", " + keep(shorter(r.Host))
	}
	if r.Status != "closed" {
		if r.Asleep(now) {
			text += ", snoozed until " + Moment(r.Until)
		} else {
			text += ", waits " + r.waits(now)
		}
	}
	return text + ": " + keep(r.what()) + " (" + r.ID + ")"
}
