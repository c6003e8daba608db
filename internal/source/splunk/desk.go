package splunk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/seed-959697dd/soc/respond"
	"github.com/seed-959697dd/soc/triage"
)

// nobody is how Splunk spells that nobody is responsible.
const nobody = "unassigned"

// state is what Splunk says of an item, by its ids.
type state struct{ status, owner, urgency, disposition, revision string }

// Read implements respond.Desk. Status and disposition are the site's own words.
func (c *Client) Read(ctx context.Context, item string) (respond.Entry, error) {
	w, err := c.vocabulary(ctx)
	if err != nil {
		return respond.Entry{}, err
	}
	_, s, err := c.look(ctx, item)
	if err != nil {
		return respond.Entry{}, fmt.Errorf("reading %s: %w", item, err)
	}
	return w.entry(s), nil
}

func (c *Client) look(ctx context.Context, item string) (spot, state, error) {
	at, err := c.spot(ctx, item)
	if err != nil {
		return spot{}, state{}, err
	}
	var s state
	switch at.kind {
	case notableEvent:
		s, err = c.lookNotable(ctx, at)
	case finding, investigation:
		s, err = c.lookMission(ctx, &at)
	}
	return at, s, err
}

func (w *words) entry(s state) respond.Entry {
	e := respond.Entry{Status: label(w.statuses, s.status), Severity: s.urgency, Owner: s.owner, Revision: s.revision}
	if s.disposition != "" && !slices.ContainsFunc(w.dispositions, func(o word) bool { return o.id == s.disposition && o.begins }) {
		e.Disposition = label(w.dispositions, s.disposition)
	}
	if e.Owner == nobody {
		e.Owner = ""
	}
	begun := s.status != "" && !slices.ContainsFunc(w.statuses, func(o word) bool { return o.id == s.status && o.begins })
	switch {
	case e.Owner != "":
		e.Held = "assigned to " + e.Owner
	case begun:
		e.Held = strings.ToLower(e.Status)
	}
	return e
}

// Draft implements respond.Desk. It needs the words of the site, which Read brings. There are no tags: what a run's own and that of
// a decision would say stands in the note and is left out, another is an error.
func (c *Client) Draft(was respond.Entry, ch respond.Change) (want respond.Entry, err error) {
	c.mu.Lock()
	w := c.words
	c.mu.Unlock()
	if w == nil {
		return was, errors.New("splunk's statuses and dispositions are not known yet: read an item first")
	}
	for _, t := range ch.Tags {
		if t != "soc:decided" && !(ch.Unasked && strings.HasPrefix(t, "soc:")) {
			return was, fmt.Errorf("splunk has no tags on alerts: %q cannot be said there, but in a comment", t)
		}
	}
	want = was
	want.Revision, want.Held = "", ""
	if ch.Close {
		if want.Status, err = w.ending(); err != nil {
			return was, err
		}
	}
	if ch.Close || ch.Disposition != triage.Undetermined {
		if want.Disposition, err = w.disposition(ch.Disposition); err != nil {
			return was, err
		}
	}
	if ch.Severity != triage.NoSeverity {
		want.Severity = ch.Severity.String()
	}
	want.Owner = cmp.Or(ch.Owner, want.Owner)
	return want, nil
}

// Write implements respond.Desk. What is there already is not written again, so that it may be called after a crash. Every change carries a
// comment that says what was changed: sites can ask for one, and from version 8.4 on a finding may not be changed without.
func (c *Client) Write(ctx context.Context, item string, was, want respond.Entry) error {
	w, err := c.vocabulary(ctx)
	if err != nil {
		return err
	}
	at, s, err := c.look(ctx, item)
	if err != nil {
		return fmt.Errorf("reading %s: %w", item, err)
	}
	now := w.entry(s)
	switch {
	case now.Same(&want):
		return nil
	case !now.Same(&was):
		return fmt.Errorf("%s %w: it is %s now", item, respond.ErrOvertaken, told(now))
	}
	ch, err := w.change(was, want)
	if err != nil {
		return fmt.Errorf("writing to %s: %w", item, err)
	}
	if at.kind == notableEvent {
		err = c.writeNotable(ctx, at, ch)
	} else {
		err = c.writeMission(ctx, at, ch)
	}
	if err != nil {
		return fmt.Errorf("writing to %s: %w", item, err)
	}
	return nil
}

// change is what is to be set, by Splunk's ids; empty what stays.
type change struct{ status, owner, urgency, disposition, comment string }

func (w *words) change(was, want respond.Entry) (ch change, err error) {
	var said []string
	differs := func(what, a, b string) bool {
		if a != b {
			said = append(said, fmt.Sprintf("%s %s to %s", what, cmp.Or(a, "none"), cmp.Or(b, "none")))
		}
		return a != b
	}
	if differs("status", was.Status, want.Status) {
		if ch.status, err = id("status", w.statuses, want.Status); err != nil {
			return ch, err
		}
	}
	if differs("disposition", was.Disposition, want.Disposition) {
		if ch.disposition, err = w.unset(want.Disposition); err != nil {
			return ch, err
		}
	}
	if differs("urgency", was.Severity, want.Severity) {
		if ch.urgency = want.Severity; ch.urgency == "" {
			return ch, errors.New("an urgency cannot be taken away")
		}
	}
	if differs("owner", was.Owner, want.Owner) {
		ch.owner = cmp.Or(want.Owner, nobody)
	}
	if !slices.Equal(was.Tags, want.Tags) {
		return ch, errors.New("splunk has no tags")
	}
	ch.comment = "changed by soc: " + strings.Join(said, ", ")
	return ch, nil
}

// unset is the id of a disposition, or of the one that says nothing.
func (w *words) unset(label string) (string, error) {
	if label != "" {
		return id("disposition", w.dispositions, label)
	}
	for _, o := range w.dispositions {
		if o.begins && !o.off {
			return o.id, nil
		}
	}
	return "", errors.New("a disposition cannot be taken away here")
}

// told says an entry in a few words.
func told(e respond.Entry) string {
	list := []string{e.Status}
	for _, s := range []string{e.Disposition, e.Severity, e.Held} {
		if s != "" && !strings.EqualFold(s, e.Status) {
			list = append(list, s)
		}
	}
	return strings.Join(list, ", ")
}

// Note implements respond.Desk.
func (c *Client) Note(ctx context.Context, item, key, text string) error {
	at, err := c.spot(ctx, item)
	if err != nil {
		return fmt.Errorf("writing to %s: %w", item, err)
	}
	if !strings.Contains(text, key) {
		text += "\n\n[" + key + "]"
	}
	if at.kind == notableEvent {
		err = c.noteNotable(ctx, at, key, text)
	} else {
		err = c.noteMission(ctx, at, key, text)
	}
	if err != nil {
		return fmt.Errorf("writing a note to %s: %w", item, err)
	}
	return nil
}

// gone tells an answer that there is no such item.
func gone(err error) error {
	if status(err) == http.StatusNotFound {
		return fmt.Errorf("%w: %w", respond.ErrNoItem, err)
	}
	return err
}
