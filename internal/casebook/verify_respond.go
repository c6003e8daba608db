package casebook

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/internal/wire"
	"github.com/seed-959697dd/soc/respond"
)

// approval names one: by the plan's digest and who gave it.
type approval struct{ plan, who string }

// plans compares each plan with its record. What a plan says is held by its own digest.
func (c *chain) plans(ctx context.Context) error {
	err := c.each(ctx, `SELECT digest, id, case_id, author, created, document FROM plans ORDER BY digest`, func(scan func(...any) error) error {
		var digest, name, id, author string
		var created sql.NullInt64
		var document []byte
		if err := scan(&digest, &name, &id, &author, &created, &document); err != nil {
			return err
		}
		r := c.replay.plans[digest]
		delete(c.replay.plans, digest)
		p, err := respond.ReadPlan(document)
		switch {
		case r == nil:
			c.finding(0, "plans", digest, "no record of the journal tells of it")
		case err != nil || p.Digest != digest || p.Case != id || gjson.GetBytes(r.What, "case").Str != id || author != r.By || p.Author != author || p.ID != name || nanos(p.Created) != created:
			c.finding(r.Seq, "plans", digest, "says something else than the record")
		}
		return nil
	})
	for _, digest := range slices.Sorted(maps.Keys(c.replay.plans)) {
		c.finding(c.replay.plans[digest].Seq, "plans", digest, "is missing")
	}
	return err
}

// approvals compares each approval with the last record of the person who gave it.
func (c *chain) approvals(ctx context.Context) error {
	err := c.each(ctx, `SELECT plan, who, at, document FROM approvals ORDER BY plan, who`, func(scan func(...any) error) error {
		var key approval
		var at sql.NullInt64
		var document []byte
		if err := scan(&key.plan, &key.who, &at, &document); err != nil {
			return err
		}
		r := c.replay.approved[key]
		delete(c.replay.approved, key)
		a, err := respond.ReadApproval(document)
		switch {
		case r == nil:
			c.finding(0, "approvals", key.plan, "no record of the journal tells of one by "+key.who)
		case err != nil || a.Plan != key.plan || a.By != key.who || nanos(a.At) != at || !c.approves(r, &a, document):
			c.finding(r.Seq, "approvals", key.plan, "says something else than the record")
		}
		return nil
	})
	for _, key := range slices.SortedFunc(maps.Keys(c.replay.approved), func(a, b approval) int { return cmp.Or(cmp.Compare(a.plan, b.plan), cmp.Compare(a.who, b.who)) }) {
		c.finding(c.replay.approved[key].Seq, "approvals", key.plan, "the one by "+key.who+" is missing")
	}
	return err
}

// errand is what the journal tells of one: by whom it was handed over last, and what became of it since.
type errand struct{ given, ended *Record }

// errands compares what a watch was to carry out, and what became of it, with the records.
func (c *chain) errands(ctx context.Context) error {
	err := c.each(ctx, `SELECT plan, seq, who, at, ended, why, rest FROM errands ORDER BY plan`, func(scan func(...any) error) error {
		var plan, who, why string
		var seq int64
		var at, ended sql.NullInt64
		var rest []byte
		if err := scan(&plan, &seq, &who, &at, &ended, &why, &rest); err != nil {
			return err
		}
		told, ok := c.replay.errands[plan]
		delete(c.replay.errands, plan)
		switch {
		case !ok || told.given == nil:
			c.finding(0, "errands", plan, "no record of the journal tells of it")
		case told.given.Seq != seq || told.given.By != who || at != nanos(told.given.At):
			c.finding(told.given.Seq, "errands", plan, "says something else than the record")
		case ended.Valid != (told.ended != nil):
			c.finding(told.given.Seq, "errands", plan, "was carried out, or not, against what the records say")
		case told.ended == nil && (why != "" || len(rest) > 0):
			c.finding(told.given.Seq, "errands", plan, "says something else than the record")
		case told.ended != nil && (ended != nanos(told.ended.At) || !bytes.Equal(endWord(plan, why, rest), told.ended.What)):
			c.finding(told.ended.Seq, "errands", plan, "says something else than the record")
		}
		return nil
	})
	for _, plan := range slices.Sorted(maps.Keys(c.replay.errands)) {
		if e := c.replay.errands[plan]; e.given != nil {
			c.finding(e.given.Seq, "errands", plan, "is missing")
		}
	}
	return err
}

// approves tells whether a document is the one that a record tells of. An earlier version told only what was signed and which risks.
func (c *chain) approves(r *Record, a *respond.Approval, document []byte) bool {
	said := gjson.GetManyBytes(r.What, "signature", "risks", "document")
	if !said[2].Exists() {
		c.proof.Partly++
		return a.Signature == said[0].Str && slices.Equal(a.Risks, textsOf(said[1]))
	}
	sum := sha256.Sum256(document)
	return a.Signature == said[0].Str && said[2].Str == "sha256:"+hex.EncodeToString(sum[:])
}

// steps compares how far each action has come with the records of its stages.
func (c *chain) steps(ctx context.Context) error {
	const query = `SELECT seq, key, plan, item, stage, outcome, action, image, started, ended, until, detail, undoing, failed FROM steps ORDER BY seq`
	err := c.each(ctx, query, func(scan func(...any) error) error {
		var s stepRow
		if err := scan(&s.seq, &s.key, &s.plan, &s.item, &s.stage, &s.outcome, &s.action, &s.image, &s.started, &s.ended, &s.until, &s.detail, &s.undoing, &s.failed); err != nil {
			return err
		}
		list := c.replay.steps[s.key]
		delete(c.replay.steps, s.key)
		if len(list) == 0 {
			c.finding(0, "steps", s.key, "no record of the journal tells of it")
			return nil
		}
		first, last := list[0], list[len(list)-1]
		now, then, back := s.compare(list)
		if !now {
			c.finding(last.Seq, "steps", s.key, "says something else than the record")
		}
		if !back {
			c.finding(last.Seq, "steps", s.key, "was taken back otherwise than the records say")
		}
		if gjson.GetBytes(first.What, "kept").Str != wayBack(s.action, s.image) {
			c.finding(first.Seq, "steps", s.key, "would be taken back otherwise than the record says")
		}
		if !then {
			c.proof.Partly++
		}
		return nil
	})
	for _, key := range slices.Sorted(maps.Keys(c.replay.steps)) {
		list := c.replay.steps[key]
		c.finding(list[len(list)-1].Seq, "steps", key, "is missing")
	}
	return err
}

// stepRow is a row of the steps.
type stepRow struct {
	seq                                            int64
	key, plan, item, stage, outcome, action, image string
	detail                                         sql.NullString
	started, ended, until, undoing, failed         sql.NullInt64
}

// compare tells whether the row is as the last of its records tells it, whether those tell when everything was, as an earlier version's did not,
// and whether it was taken back as they say.
func (s *stepRow) compare(list []*Record) (now, timed, back bool) {
	timed = true
	var undoing, failed sql.NullInt64
	var begun, botched bool
	var last stepSaid
	for i, r := range list {
		last = readStep(r.What)
		timed = timed && last.started.Valid
		switch {
		case last.stage == string(respond.UndoOpen):
			if begun = true; !undoing.Valid {
				undoing = last.ended
			}
		case begun && last.stage == string(respond.Verified) && (last.outcome == respond.FailedOutcome.String() || last.outcome == respond.Unverified.String()):
			if botched = true; last.ended.Valid {
				failed = last.ended
			}
		}
		if i == 0 && last.started.Valid && last.started != s.started {
			return false, true, true
		}
	}
	now = list[0].Seq == s.seq && last.plan == s.plan && last.item == s.item && last.stage == s.stage && last.outcome == s.outcome &&
		s.detail.Valid && last.detail == gjson.ParseBytes(wire.String(nil, s.detail.String)).Str
	if !timed {
		return now, false, begun == s.undoing.Valid && botched == s.failed.Valid
	}
	return now && last.ended == s.ended && last.until == s.until, true, undoing == s.undoing && failed == s.failed
}

// stepSaid is what a record says of a step. One that says nothing of when it was started is an earlier version's.
type stepSaid struct {
	plan, item, stage, outcome, detail string
	started, ended, until              sql.NullInt64
}

func readStep(what []byte) (s stepSaid) {
	gjson.ParseBytes(what).ForEach(func(k, v gjson.Result) bool {
		switch k.Str {
		case "plan":
			s.plan = v.Str
		case "item":
			s.item = v.Str
		case "stage":
			s.stage = v.Str
		case "outcome":
			s.outcome = v.Str
		case "detail":
			s.detail = v.Str
		case "started":
			s.started = timeOf(v)
		case "ended":
			s.ended = timeOf(v)
		case "until":
			s.until = timeOf(v)
		}
		return true
	})
	return s
}

// timeOf is a time of a record as a row has it.
func timeOf(v gjson.Result) sql.NullInt64 {
	t, _ := time.Parse(time.RFC3339Nano, v.Str) // absent: none
	return nanos(t)
}

// ladder compares levels, and what was called wrong, with their records.
func (c *chain) ladder(ctx context.Context) error {
	err := c.each(ctx, levelRows, func(scan func(...any) error) error {
		seq, l, err := scanLevel(scan)
		if errors.Is(err, errLevel) {
			c.finding(seq, "levels", l.Action+" "+l.Stratum, "says something else than the record")
			delete(c.replay.ladder, seq)
			return nil
		}
		if err != nil {
			return err
		}
		c.held(seq, "levels", l.Action+" "+l.Stratum, levelWord(&l.Grade, l.Document), l.By, l.At)
		return nil
	})
	if err != nil {
		return err
	}
	err = c.each(ctx, `SELECT seq, plan, item, who, at, reason FROM wrongs ORDER BY seq`, func(scan func(...any) error) error {
		var seq int64
		var plan, item, who, reason string
		var at sql.NullInt64
		if err := scan(&seq, &plan, &item, &who, &at, &reason); err != nil {
			return err
		}
		c.held(seq, "wrongs", plan+" "+item, wrongWord(plan, item, reason), who, instant(at))
		return nil
	})
	for _, seq := range slices.Sorted(maps.Keys(c.replay.ladder)) {
		c.finding(seq, c.replay.ladder[seq], "", "is missing")
	}
	return err
}

// held compares a row of the ladder's tables with its record.
func (c *chain) held(seq int64, table, id string, word []byte, by string, at time.Time) {
	r := c.told[seq]
	if c.replay.ladder[seq] != table {
		c.finding(0, table, id, "no record of the journal tells of it")
		return
	}
	delete(c.replay.ladder, seq)
	if !bytes.Equal(r.What, word) || r.By != by || !r.At.Equal(at) {
		c.finding(seq, table, id, "says something else than the record")
	}
}
