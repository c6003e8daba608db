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
)

// replay is what the tables should say of people's writes, by the journal.
type replay struct {
	stands   map[string]int64         // the record of the decision that stands on each verdict
	decided  map[said]int64           // each decision, and the record that took it back, 0 for none
	closed   map[string]shut          // closed cases
	since    map[string]sql.NullInt64 // when cases were opened that were not with their first verdict; not valid: an earlier version does not tell
	notes    map[int64]struct{}
	alarms   map[int64]int64    // each alarm, and the record that took it back
	uses     map[string][]int64 // the records of each precedent
	secrets  map[string][]byte  // by name, as the journal names them
	standing []int64            // alarms
	moved    map[string]string  // verdicts that were merged or split off, and the case they are in
	owners   map[string]tending // of cases that have one, or had
	asleep   map[string]string  // cases that are put aside, and until when
	put      map[string]int64   // the record by which a case was last put aside, or brought back
	plans    map[string]*Record // by digest
	approved map[approval]*Record
	errands  map[string]errand    // by plan
	steps    map[string][]*Record // by key, in order
	ladder   map[int64]string     // the table that a record of the ladder is about
}

// shut is what a case was closed as, and when.
type shut struct {
	as string
	at sql.NullInt64
}

// tending is who looks after a case, and the record that says so.
type tending struct {
	owner string
	seq   int64
}

// said is a decision on one verdict.
type said struct {
	seq     int64
	verdict string
}

func newReplay() replay {
	return replay{
		stands: map[string]int64{}, decided: map[said]int64{}, closed: map[string]shut{}, since: map[string]sql.NullInt64{}, put: map[string]int64{}, notes: map[int64]struct{}{},
		alarms: map[int64]int64{}, uses: map[string][]int64{}, secrets: map[string][]byte{},
		moved: map[string]string{}, owners: map[string]tending{}, asleep: map[string]string{}, plans: map[string]*Record{}, approved: map[approval]*Record{}, errands: map[string]errand{}, steps: map[string][]*Record{}, ladder: map[int64]string{},
	}
}

// person follows one record.
func (p *replay) person(r *Record, do string, what gjson.Result) {
	p.tended(r.Seq, do, what)
	switch do {
	case "close":
		p.takeBack(r.Seq, what)
		for _, v := range what.Get("verdicts").Array() {
			p.stands[v.Str], p.decided[said{r.Seq, v.Str}] = r.Seq, 0
		}
		p.closed[what.Get("case").Str] = shut{what.Get("disposition").Str, nanos(r.At)}
	case "reopen":
		p.takeBack(r.Seq, what)
		delete(p.closed, what.Get("case").Str)
	case "note":
		p.notes[r.Seq] = struct{}{}
	case "alarm":
		p.alarms[r.Seq] = 0
		p.standing = append(p.standing, r.Seq)
	case "restore":
		for _, seq := range p.standing {
			p.alarms[seq] = r.Seq
		}
		p.standing = nil
	case "precedent":
		p.uses[what.Get("digest").Str] = append(p.uses[what.Get("digest").Str], r.Seq)
	case "merge", "split":
		into := what.Get("case").Str
		if do == "split" {
			into = what.Get("into").Str
		}
		for _, v := range what.Get("verdicts").Array() {
			p.moved[v.Str] = into
		}
		p.since[into] = timeOf(what.Get("since"))
		if do == "merge" {
			delete(p.since, what.Get("from").Str)
		} else if what.Get("undo").Exists() {
			p.since[what.Get("case").Str] = timeOf(what.Get("rest"))
		}
	case "plan":
		p.plans[what.Get("plan").Str] = r
	case "approve":
		p.approved[approval{what.Get("plan").Str, r.By}] = r
	case "carry-out":
		p.errands[what.Get("plan").Str] = errand{given: r}
	case "carried-out":
		p.errands[what.Get("plan").Str] = errand{p.errands[what.Get("plan").Str].given, r}
	case "step":
		p.steps[what.Get("key").Str] = append(p.steps[what.Get("key").Str], r)
	case "level", "wrong":
		p.ladder[r.Seq] = do + "s"
	case "key":
		p.secrets[what.Get("name").Str] = r.What
	}
}

// tended follows who looks after which case, and which are put aside.
func (p *replay) tended(seq int64, do string, what gjson.Result) {
	id, from := what.Get("case").Str, what.Get("from").Str
	switch do {
	case "assign":
		p.owners[id] = tending{what.Get("owner").Str, seq}
	case "snooze":
		p.asleep[id], p.put[id] = what.Get("until").Str, seq
	case "close":
		delete(p.asleep, id)
	case "merge":
		for _, c := range []string{id, from} {
			delete(p.asleep, c)
		}
		delete(p.owners, from)
		delete(p.put, from)
	case "split":
		into := what.Get("into").Str
		p.owners[into] = p.owners[id]
		delete(p.put, into)
	}
}

func (p *replay) takeBack(seq int64, what gjson.Result) {
	for _, v := range what.Get("verdicts").Array() {
		if before, ok := p.stands[v.Str]; ok {
			p.decided[said{before, v.Str}] = seq
			delete(p.stands, v.Str)
		}
	}
}

// people compares decisions and notes with their records.
func (c *chain) people(ctx context.Context) error {
	if err := c.decisions(ctx); err != nil {
		return err
	}
	err := c.each(ctx, `SELECT seq, case_id, who, at, text FROM notes ORDER BY seq`, func(scan func(...any) error) error {
		var seq int64
		var id, who, text string
		var at sql.NullInt64
		if err := scan(&seq, &id, &who, &at, &text); err != nil {
			return err
		}
		c.proof.Notes++
		if _, ok := c.replay.notes[seq]; !ok {
			c.finding(0, "notes", id, "no record of the journal tells of it")
		} else if r := c.told[seq]; !bytes.Equal(noting(id, text), r.What) || who != r.By || at != nanos(r.At) {
			c.finding(seq, "notes", id, "says something else than the record")
		}
		delete(c.replay.notes, seq)
		return nil
	})
	for _, seq := range slices.Sorted(maps.Keys(c.replay.notes)) {
		c.finding(seq, "notes", gjson.GetBytes(c.told[seq].What, "case").Str, "is missing")
	}
	return err
}

// decisions puts each record of a decision together again from its rows.
func (c *chain) decisions(ctx context.Context) error {
	type decision struct {
		seq                                     int64
		verdicts                                []string
		id, disposition, reason, certainty, who string
		at                                      sql.NullInt64
		mixed                                   bool
	}
	var d decision
	end := func() {
		r := c.told[d.seq]
		switch {
		case d.seq == 0:
		case r == nil || gjson.GetBytes(r.What, "do").Str != "close":
			c.finding(0, "decisions", d.id, "no record of the journal tells of it")
		case d.mixed || !bytes.Equal(closing(d.id, d.verdicts, d.disposition, d.reason, d.certainty), r.What) || d.who != r.By || d.at != nanos(r.At):
			c.finding(d.seq, "decisions", d.id, "says something else than the record")
		}
	}
	const query = `SELECT seq, verdict, case_id, disposition, reason, certainty, who, at, undone FROM decisions ORDER BY seq, verdict`
	err := c.each(ctx, query, func(scan func(...any) error) error {
		var one decision
		var verdict string
		var undone sql.NullInt64
		if err := scan(&one.seq, &verdict, &one.id, &one.disposition, &one.reason, &one.certainty, &one.who, &one.at, &undone); err != nil {
			return err
		}
		c.proof.Decisions++
		if one.seq != d.seq {
			end()
			d = one
		}
		d.mixed = d.mixed || one.id != d.id || one.disposition != d.disposition || one.reason != d.reason || one.certainty != d.certainty || one.who != d.who || one.at != d.at
		d.verdicts = append(d.verdicts, verdict)
		key := said{one.seq, verdict}
		if back, ok := c.replay.decided[key]; ok && (back != undone.Int64 || undone.Valid != (back > 0)) {
			c.finding(max(back, undone.Int64), "decisions", verdict, "was taken back, or stands, against what the record says")
		}
		delete(c.replay.decided, key)
		return nil
	})
	end()
	for _, key := range slices.SortedFunc(maps.Keys(c.replay.decided), func(a, b said) int { return cmp.Or(cmp.Compare(a.seq, b.seq), cmp.Compare(a.verdict, b.verdict)) }) {
		c.finding(key.seq, "decisions", key.verdict, "is missing")
	}
	return err
}

// caseRow is a case, and the strongest of its verdicts.
type caseRow struct {
	Case
	status                       string
	route                        int64
	opened, closed, snoozed, own sql.NullInt64 // own: when the verdict that it is named after was received
	ownerSeq, snoozedSeq         int64
	title, severity, as          sql.NullString
	rank                         sql.NullInt64
	probability                  sql.NullFloat64
}

// cases compares each case with the records about it and with its verdicts. A verdict that is a person's belongs to a case.
func (c *chain) cases(ctx context.Context) error {
	const query = `SELECT c.id, c.status, c.opened, c.closed, c.title, c.severity, c.route, c.probability, c.disposition, c.owner, c.owner_seq, c.snoozed, c.snoozed_seq,
		v.title, v.severity, v.route, v.probability, v.disposition, (SELECT o.received FROM verdicts o WHERE o.id = 'v-' || substr(c.id, 3))
		FROM cases c LEFT JOIN verdicts v ON v.id = (SELECT w.id FROM verdicts w WHERE w.case_id = c.id ORDER BY w.route DESC, w.score DESC, w.id LIMIT 1) ORDER BY c.id`
	err := c.each(ctx, query, func(scan func(...any) error) error {
		var r caseRow
		if err := scan(&r.ID, &r.status, &r.opened, &r.closed, &r.Title, &r.Severity, &r.route, &r.Probability, &r.Disposition, &r.Owner, &r.ownerSeq, &r.snoozed, &r.snoozedSeq,
			&r.title, &r.severity, &r.rank, &r.probability, &r.as, &r.own); err != nil {
			return err
		}
		c.stands(&r)
		c.decided(&r)
		c.tended(&r)
		return nil
	})
	for _, id := range slices.Sorted(maps.Keys(c.replay.closed)) {
		c.finding(0, "cases", id, "was closed, and is open or missing")
	}
	if err != nil {
		return err
	}
	return c.each(ctx, `SELECT v.id FROM verdicts v LEFT JOIN cases c ON c.id = v.case_id WHERE v.route <> 0 AND c.id IS NULL ORDER BY v.id`, func(scan func(...any) error) error {
		var id string
		err := scan(&id)
		c.finding(0, "cases", id, "the case of this verdict is missing")
		return err
	})
}

// stands compares a case with its strongest verdict.
func (c *chain) stands(r *caseRow) {
	switch {
	case !r.rank.Valid:
		c.finding(0, "cases", r.ID, "has no verdict")
	case r.route != r.rank.Int64:
		c.finding(0, "cases", r.ID, "is less urgent, or more, than its verdicts")
	case r.Title != r.title.String || r.Severity != r.severity.String || r.Probability != r.probability.Float64 || r.status != Closed && r.Disposition != r.as.String:
		c.finding(0, "cases", r.ID, "says something else than the strongest of its verdicts")
	}
	since, told := c.replay.since[r.ID]
	if !told {
		since = r.own
	}
	switch {
	case since == r.opened && since.Valid:
	case told && !since.Valid, !told && c.until.Valid && r.opened.Int64 <= c.until.Int64:
		c.proof.Partly++
	default:
		c.finding(0, "cases", r.ID, "was opened at another time than the journal tells")
	}
}

// decided compares whether a case is closed, as what, and since when.
func (c *chain) decided(r *caseRow) {
	want, ok := c.replay.closed[r.ID]
	delete(c.replay.closed, r.ID)
	switch {
	case r.status == Closed && !ok:
		c.finding(0, "cases", r.ID, "is closed, and no record of the journal tells by whom")
	case r.status != Closed && ok:
		c.finding(0, "cases", r.ID, "was closed, and is open or missing")
	case r.status != Closed && r.status != Opened:
		c.finding(0, "cases", r.ID, "is neither open nor closed")
	case ok && want.as != r.Disposition:
		c.finding(0, "cases", r.ID, "was closed as "+want.as+", not as "+r.Disposition)
	case want.at != r.closed:
		c.finding(0, "cases", r.ID, "was closed at another time than the journal tells")
	}
}

// tended compares who looks after a case, and whether it is put aside.
func (c *chain) tended(r *caseRow) {
	want := c.replay.owners[r.ID]
	if want.owner != r.Owner {
		c.finding(0, "cases", r.ID, "belongs to "+quotedName(r.Owner)+", and the journal tells of "+quotedName(want.owner))
	}
	until, _ := time.Parse(time.RFC3339Nano, c.replay.asleep[r.ID])
	if r.snoozed != nanos(until) {
		c.finding(0, "cases", r.ID, "is put aside, or not, against what the journal tells")
	}
	if want.seq != r.ownerSeq || c.replay.put[r.ID] != r.snoozedSeq {
		c.finding(0, "cases", r.ID, "names another record than that which gave it its owner or put it aside")
	}
}

func quotedName(owner string) string {
	if owner == "" {
		return "nobody"
	}
	return owner
}

// watch compares what keeps closing honest: alarms, precedents and the key of the audits.
func (c *chain) watch(ctx context.Context) error {
	err := c.each(ctx, `SELECT seq, precedent, what, restored FROM alarms ORDER BY seq`, func(scan func(...any) error) error {
		var seq int64
		var precedent string
		var what []byte
		var restored sql.NullInt64
		if err := scan(&seq, &precedent, &what, &restored); err != nil {
			return err
		}
		c.proof.Alarms++
		switch back, ok := c.replay.alarms[seq]; {
		case !ok:
			c.finding(0, "alarms", precedent, "no record of the journal tells of it")
		case !bytes.Equal(what, c.told[seq].What) || precedent != gjson.GetBytes(what, "precedent").Str:
			c.finding(seq, "alarms", precedent, "says something else than the record")
		case back != restored.Int64 || restored.Valid != (back > 0):
			c.finding(max(back, restored.Int64), "alarms", precedent, "was taken back, or stands, against what the record says")
		}
		delete(c.replay.alarms, seq)
		return nil
	})
	for _, seq := range slices.Sorted(maps.Keys(c.replay.alarms)) {
		c.finding(seq, "alarms", gjson.GetBytes(c.told[seq].What, "precedent").Str, "is missing")
	}
	if err == nil {
		err = c.precedents(ctx)
	}
	if err == nil {
		err = c.secrets(ctx)
	}
	return err
}

func (c *chain) precedents(ctx context.Context) error {
	err := c.each(ctx, `SELECT digest, first, since, alpha, delta, document FROM precedents ORDER BY digest`, func(scan func(...any) error) error {
		var p Certified
		var first, since sql.NullInt64
		if err := scan(&p.Digest, &first, &since, &p.Alpha, &p.Delta, &p.Document); err != nil {
			return err
		}
		uses := c.replay.uses[p.Digest]
		delete(c.replay.uses, p.Digest)
		if len(uses) == 0 {
			c.finding(0, "precedents", p.Digest, "no record of the journal tells of it")
			return nil
		}
		last := c.told[uses[len(uses)-1]]
		if first != nanos(c.told[uses[0]].At) || since != nanos(last.At) ||
			gjson.GetBytes(last.What, "document").Exists() && !bytes.Equal(p.used(), last.What) {
			c.finding(last.Seq, "precedents", p.Digest, "says something else than the record")
		}
		return nil
	})
	for _, digest := range slices.Sorted(maps.Keys(c.replay.uses)) {
		c.finding(slices.Max(c.replay.uses[digest]), "precedents", digest, "is missing")
	}
	return err
}

func (c *chain) secrets(ctx context.Context) error {
	err := c.each(ctx, `SELECT name, value FROM secrets ORDER BY name`, func(scan func(...any) error) error {
		var name string
		var key []byte
		if err := scan(&name, &key); err != nil {
			return err
		}
		switch told, ok := c.replay.secrets[name]; {
		case !ok && c.before > 0:
			c.proof.Untold++
		case !bytes.Equal(told, keyMade(name, key)):
			c.finding(0, "secrets", name, "is another than the journal tells of")
		}
		delete(c.replay.secrets, name)
		return nil
	})
	for _, name := range slices.Sorted(maps.Keys(c.replay.secrets)) {
		c.finding(0, "secrets", name, "is missing")
	}
	return err
}
