package casebook

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"math"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

// runs compares what the runs' records say about their rows with the digests that the book keeps of those.
func (c *chain) runs(ctx context.Context) error {
	none := digestText(sha256.New()) // of a record that wrote no verdict anew
	h, at, next := sha256.New(), int64(0), c.sums
	lost := func(to int64) {
		for ; len(next) > 0 && next[0].seq < to; next = next[1:] {
			if next[0].sum != none {
				c.finding(next[0].seq, "kept", "", "the digests of the record's verdicts are gone")
			}
		}
	}
	end := func() {
		lost(at)
		switch {
		case at == 0:
		case len(next) == 0 || next[0].seq != at:
			c.finding(at, "kept", "", "digests of verdicts that the record does not speak of")
		default:
			if digestText(h) != next[0].sum {
				c.finding(at, "kept", "", "the digests of the record's verdicts were changed")
			}
			next = next[1:]
		}
	}
	err := c.each(ctx, `SELECT seq, verdict, precedent, digest FROM kept ORDER BY seq, verdict, precedent`, func(scan func(...any) error) error {
		var seq int64
		var digest []byte
		var k keptRow
		if err := scan(&seq, &k.verdict, &k.precedent, &digest); err != nil {
			return err
		}
		copy(k.digest[:], digest)
		if seq != at {
			end()
			at, h = seq, sha256.New()
		}
		k.into(h)
		return nil
	})
	end()
	lost(math.MaxInt64)
	return err
}

// verdicts compares each verdict with the digest of when it was written.
func (c *chain) verdicts(ctx context.Context) error {
	const query = `SELECT v.id, v.fingerprint, v.format, v.rule, v.host, v.title, v.first_time, v.last_time, v.received,
		v.route, v.would_close, v.disposition, v.severity, v.probability, v.score, v.document, v.run, v.case_id, k.digest
		FROM verdicts v LEFT JOIN kept k ON k.seq = v.run AND k.verdict = v.id AND k.precedent = ''`
	var room []byte
	err := c.each(ctx, query, func(scan func(...any) error) error {
		r := wholeRow{row: &row{}}
		var would int64
		var id sql.NullString
		var kept []byte
		if err := scan(&r.id, &r.fingerprint, &r.format, &r.rule, &r.host, &r.title, &r.first, &r.last, &r.received,
			&r.rank, &would, &r.disposition, &r.severity, &r.probability, &r.score, &r.document, &r.run, &id, &kept); err != nil {
			return err
		}
		c.proof.Verdicts++
		r.wouldClose = would == 1
		r.parties = c.rows.parties[r.id]
		delete(c.rows.parties, r.id)
		r.digest = r.row.sum()
		sum := r.digest
		if c.rows.lots[r.run] != nil {
			if !c.stretched(r.id, r.run, r.first, r.last) || c.lacks(r.id, r.run, r.parties) {
				c.finding(r.run, "verdicts", r.id, "was changed since the record was written")
			}
			c.whole(&r)
			sum, room = r.sum(room)
		} else if kept != nil {
			c.proof.Partly++
		}
		if number(r.wouldClose) != would {
			sum[0]++ // neither yes nor no
		}
		c.compare("verdicts", r.id, r.run, kept, sum[:])
		c.belongs(r.row, id)
		return nil
	})
	if err == nil && c.proof.Verdicts < c.count.verdicts {
		c.finding(0, "verdicts", "", fmt.Sprintf("the journal tells of %d, the book holds %d", c.count.verdicts, c.proof.Verdicts))
	}
	if err != nil {
		return err
	}
	// A verdict counts its alerts.
	return c.each(ctx, `SELECT v.id FROM verdicts v LEFT JOIN (SELECT verdict, SUM(copies) AS n FROM alerts GROUP BY verdict) a ON a.verdict = v.id
		WHERE v.count <> COALESCE(a.n, 0) ORDER BY v.id`, func(scan func(...any) error) error {
		var id string
		err := scan(&id)
		c.finding(0, "verdicts", id, "counts more alerts than the book holds of it, or fewer")
		return err
	})
}

// belongs checks the case that a verdict is in: its own until people merge or split, and none while nobody needs to look.
func (c *chain) belongs(r *row, id sql.NullString) {
	want, ok := c.replay.moved[r.id]
	if !ok {
		want = triage.CaseOf(r.id)
	}
	switch {
	case id.Valid && id.String != want:
		c.finding(0, "verdicts", r.id, "is in case "+id.String+", and the journal tells of "+want)
	case id.Valid && r.rank == 0:
		c.finding(0, "verdicts", r.id, "is in a case, and was closed without")
	}
}

// compare holds a row against the digest that its record kept of it.
func (c *chain) compare(where, id string, record int64, kept, is []byte) {
	switch {
	case kept == nil && c.before > 0 && record <= c.before:
		c.proof.Untold++
	case kept == nil:
		c.finding(0, where, id, "no record of the journal tells of it")
	case !bytes.Equal(kept, is):
		c.finding(record, where, id, "was changed since the record was written")
	}
}

func (c *chain) closings(ctx context.Context) error {
	const query = `SELECT p.precedent, p.verdict, p.score, p.threshold, p.q, p.picked, p.at, p.seq, k.digest
		FROM closings p LEFT JOIN kept k ON k.seq = p.seq AND k.verdict = p.verdict AND k.precedent = p.precedent`
	return c.each(ctx, query, func(scan func(...any) error) error {
		var one closedGroup
		var verdict string
		var picked, at, seq int64
		var digest []byte
		if err := scan(&one.precedent, &verdict, &one.score, &one.Threshold, &one.Q, &picked, &at, &seq, &digest); err != nil {
			return err
		}
		c.proof.Closings++
		one.Picked = picked == 1
		sum := one.digest(at)
		if number(one.Picked) != picked {
			sum[0]++ // neither yes nor no
		}
		c.compare("closings", verdict, seq, digest, sum[:])
		return nil
	})
}

// gone finds rows that were removed, and such as were put back to what an earlier record had written.
func (c *chain) gone(ctx context.Context) error {
	for _, row := range [...]struct{ where, query string }{
		{"verdicts", `SELECT k.verdict, MAX(k.seq), v.run FROM kept k LEFT JOIN verdicts v ON v.id = k.verdict
			WHERE k.precedent = '' GROUP BY k.verdict, v.run HAVING v.run IS NULL OR v.run <> MAX(k.seq) ORDER BY 1`},
		{"closings", `SELECT k.verdict, MAX(k.seq), p.seq FROM kept k LEFT JOIN closings p ON p.verdict = k.verdict AND p.precedent = k.precedent
			WHERE k.precedent <> '' GROUP BY k.verdict, k.precedent, p.seq HAVING p.seq IS NULL OR p.seq <> MAX(k.seq) ORDER BY 1`},
	} {
		err := c.each(ctx, row.query, func(scan func(...any) error) error {
			var id string
			var last int64
			var has sql.NullInt64
			if err := scan(&id, &last, &has); err != nil {
				return err
			}
			if has.Valid {
				c.finding(last, row.where, id, "is not what the record wrote last")
			} else {
				c.finding(last, row.where, id, "is missing")
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// alerts compares the alerts that are judged, and counts them.
func (c *chain) alerts(ctx context.Context) error {
	err := c.members(ctx)
	if err == nil && c.proof.Alerts != c.count.alerts {
		c.finding(0, "alerts", "", fmt.Sprintf("the journal tells of %d, the book holds %d", c.count.alerts, c.proof.Alerts))
	}
	return err
}

// members holds the alerts that are judged against their digests, and against what the records tell of them.
func (c *chain) members(ctx context.Context) error {
	var room []byte
	err := c.each(ctx, `SELECT seq, digest, id, verdict, input, received, copies, body FROM alerts`, func(scan func(...any) error) error {
		var seq int64
		var a alertRow
		var body []byte
		if err := scan(&seq, &a.digest, &a.id, &a.verdict, &a.input, &a.received, &a.copies, &body); err != nil {
			return err
		}
		c.proof.Alerts++
		if body != nil || seq > 0 { // an earlier version kept no bytes of some
			c.holds("alerts", a.id, a.digest, body)
		}
		room = c.member(seq, &a, room)
		return nil
	})
	c.lost()
	return err
}

// holds compares the bytes of an alert with its digest.
func (c *chain) holds(where, id string, digest, body []byte) {
	raw, err := c.zip.unpack(body)
	if is := alert.DigestOf(raw); err != nil || body == nil || !bytes.Equal(is[:], digest) {
		c.finding(0, where, id, "is not what was received")
	}
}
