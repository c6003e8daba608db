package casebook

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
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
	err := c.each(ctx, `SELECT digest, case_id, author, document FROM plans ORDER BY digest`, func(scan func(...any) error) error {
		var digest, id, author string
		var document []byte
		if err := scan(&digest, &id, &author, &document); err != nil {
			return err
		}
		r := c.replay.plans[digest]
		delete(c.replay.plans, digest)
		p, err := respond.ReadPlan(document)
		switch {
		case r == nil:
			c.finding(0, "plans", digest, "no record of the journal tells of it")
		case err != nil || p.Digest != digest || p.Case != id || gjson.GetBytes(r.What, "case").Str != id || author != r.By || p.Author != author:
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
	err := c.each(ctx, `SELECT plan, who, document FROM approvals ORDER BY plan, who`, func(scan func(...any) error) error {
		var key approval
		var document []byte
		if err := scan(&key.plan, &key.who, &document); err != nil {
			return err
		}
		r := c.replay.approved[key]
		delete(c.replay.approved, key)
		a, err := respond.ReadApproval(document)
		switch {
		case r == nil:
			c.finding(0, "approvals", key.plan, "no record of the journal tells of one by "+key.who)
		case err != nil || a.Plan != key.plan || a.By != key.who || a.Signature != gjson.GetBytes(r.What, "signature").Str:
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
	err := c.each(ctx, `SELECT plan, seq, who, ended, why, rest FROM errands ORDER BY plan`, func(scan func(...any) error) error {
		var plan, who, why string
		var seq int64
		var ended sql.NullInt64
		var rest []byte
		if err := scan(&plan, &seq, &who, &ended, &why, &rest); err != nil {
			return err
		}
		told, ok := c.replay.errands[plan]
		delete(c.replay.errands, plan)
		switch {
		case !ok || told.given == nil:
			c.finding(0, "errands", plan, "no record of the journal tells of it")
		case told.given.Seq != seq || told.given.By != who:
			c.finding(told.given.Seq, "errands", plan, "says something else than the record")
		case ended.Valid != (told.ended != nil):
			c.finding(told.given.Seq, "errands", plan, "was carried out, or not, against what the records say")
		case told.ended != nil && !bytes.Equal(endWord(plan, why, rest), told.ended.What):
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

// steps compares how far each action has come with the records of its stages.
func (c *chain) steps(ctx context.Context) error {
	err := c.each(ctx, `SELECT seq, key, plan, item, stage, outcome, action, image, detail, undoing, failed FROM steps ORDER BY seq`, func(scan func(...any) error) error {
		var seq int64
		var key, plan, item, stage, outcome, action, image string
		var detail sql.NullString
		var undoing, botched sql.NullInt64
		if err := scan(&seq, &key, &plan, &item, &stage, &outcome, &action, &image, &detail, &undoing, &botched); err != nil {
			return err
		}
		list := c.replay.steps[key]
		delete(c.replay.steps, key)
		if len(list) == 0 {
			c.finding(0, "steps", key, "no record of the journal tells of it")
			return nil
		}
		last := list[len(list)-1]
		said := gjson.GetManyBytes(last.What, "plan", "item", "stage", "outcome", "detail")
		if list[0].Seq != seq || said[0].Str != plan || said[1].Str != item || said[2].Str != stage || said[3].Str != outcome || said[4].Str != gjson.ParseBytes(wire.String(nil, detail.String)).Str {
			c.finding(last.Seq, "steps", key, "says something else than the record")
		}
		if begun, failed := tookBack(list); begun != undoing.Valid || failed != botched.Valid {
			c.finding(last.Seq, "steps", key, "was taken back otherwise than the records say")
		}
		if gjson.GetBytes(list[0].What, "kept").Str != wayBack(action, image) {
			c.finding(list[0].Seq, "steps", key, "would be taken back otherwise than the record says")
		}
		return nil
	})
	for _, key := range slices.Sorted(maps.Keys(c.replay.steps)) {
		list := c.replay.steps[key]
		c.finding(list[len(list)-1].Seq, "steps", key, "is missing")
	}
	return err
}

// tookBack tells from the records of a step whether taking it back was begun, and whether that ever failed.
func tookBack(list []*Record) (begun, failed bool) {
	for _, r := range list {
		said := gjson.GetManyBytes(r.What, "stage", "outcome")
		begun = begun || said[0].Str == string(respond.UndoOpen)
		failed = failed || begun && said[0].Str == string(respond.Verified) && (said[1].Str == respond.FailedOutcome.String() || said[1].Str == respond.Unverified.String())
	}
	return begun, failed
}

// ladder compares levels, and what was called wrong, with their records.
func (c *chain) ladder(ctx context.Context) error {
	err := c.each(ctx, levelRows, func(scan func(...any) error) error {
		seq, l, err := scanLevel(scan)
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
