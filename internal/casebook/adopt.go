package casebook

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Adoption is cases that a machine found to be one. From are put into Into, each for a reason of its own.
type Adoption struct {
	Into string
	From []Joining
}

// Joining is a case, and why it belongs with the other.
type Joining struct{ Case, Reason string }

// Adopted is what became of the adoptions: the cases that are parts of another one now. What is not in it stays as it is, because a person
// closed one of the two or took them apart, or because there is no such case any more.
type Adopted struct {
	Into map[string]string // by the case that was put into another
	Kept int               // cases that stay
}

// adoptAtOnce bounds the cases that one transaction joins: others want to write, too.
const adoptAtOnce = 500

// Adopt makes one case of several, as Merge does, in the name of the program. A person's word stands above it: closed cases are left alone, and what was
// taken apart stays apart, also by way of a third case. Split takes it back, for good. It may be repeated, and other processes may do the same at
// the same time: what is joined already is no write. Cut short, it leaves whole joinings behind.
func (b *Book) Adopt(ctx context.Context, list []Adoption) (Adopted, error) {
	a := Adopted{Into: map[string]string{}}
	for len(list) > 0 {
		n, cases := 0, 0
		for n < len(list) && (n == 0 || cases+len(list[n].From) <= adoptAtOnce) {
			cases += len(list[n].From)
			n++
		}
		var some Adopted
		err := b.write(ctx, "joining cases", func(ctx context.Context, tx *sql.Tx) error {
			some = Adopted{Into: map[string]string{}} // what is rolled back did not happen
			return adopt(ctx, tx, b.now(), list[:n], &some)
		})
		if err != nil {
			return a, err
		}
		for from, into := range some.Into {
			a.Into[from] = into
		}
		a.Kept += some.Kept
		list = list[n:]
	}
	return a, nil
}

func adopt(ctx context.Context, tx *sql.Tx, now time.Time, list []Adoption, a *Adopted) error {
	g, err := regrouped(ctx, tx)
	if err != nil {
		return err
	}
	for i := range list {
		into := g.at(list[i].Into)
		var joined, why []string
		for _, j := range list[i].From {
			from := g.at(j.Case)
			if from == into { // somebody was faster
				continue
			}
			ok, err := joinable(ctx, tx, g, into, from)
			if err != nil {
				return err
			}
			if !ok {
				a.Kept++
				continue
			}
			_, what, err := join(ctx, tx, now, into, from, program, j.Reason)
			if err != nil {
				return err
			}
			g.take(what)
			joined, why = append(joined, from), append(why, j.Reason)
			a.Into[from] = into
		}
		if len(joined) == 0 {
			continue
		}
		if err := note(ctx, tx, now, into, program, adoptionNote(joined, why)); err != nil {
			return err
		}
		if err := stand(ctx, tx, into); err != nil {
			return err
		}
	}
	return nil
}

// program is in whose name the journal tells of what no person did.
const program = "soc"

// joinable tells whether both cases are there and open, and nobody took them apart.
func joinable(ctx context.Context, tx *sql.Tx, g *groups, into, from string) (bool, error) {
	if _, apart := g.apart[into][from]; apart {
		return false, nil
	}
	for _, c := range []string{into, from} {
		switch err := mustBe(ctx, tx, c, Opened); {
		case errors.Is(err, ErrClosed), errors.Is(err, sql.ErrNoRows):
			return false, nil
		case err != nil:
			return false, err
		}
	}
	return true, nil
}

// adoptionNote says which cases came and why the first did; the journal has the others' reasons.
func adoptionNote(joined, why []string) string {
	const shown = 8
	text := strings.Join(joined[:min(len(joined), shown)], ", ")
	if more := len(joined) - shown; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	word := "was"
	if len(joined) > 1 {
		word = "were"
	}
	text += " " + word + " found to belong to this case: " + why[0]
	if slices.ContainsFunc(why, func(w string) bool { return w != why[0] }) {
		text += ", and others"
	}
	return text
}
