package baseline

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxShown bounds a name in a sentence, in bytes.
const maxShown = 80

// sentence says what was found, with its numbers.
func (f *finding) sentence() string {
	who, what := shown(f.subject), shown(f.value)
	switch {
	case f.dim == hour:
		h := slices.Index(hours[:], f.value)
		return fmt.Sprintf("%s is seldom active between %s:00 and %s:00 UTC: %d of %d events in %d days", who, hours[(h+23)%24], hours[(h+2)%24], f.count, f.total, f.days)
	case f.count > 0:
		return fmt.Sprintf("%s is usual for %s: seen on %d of the last %d days", strings.Replace(what, ">", " starting ", 1), who, f.days, usualWithin)
	}
	s := fmt.Sprintf("%s in %d days (0 of %d)", f.never(who, what), f.days, f.total)
	if f.fresh > 0 {
		s += fmt.Sprintf(", where %d others were new in the last %d", f.fresh, freshWithin)
	}
	return s
}

func (f *finding) never(who, what string) string {
	switch f.dim {
	case country:
		return who + " never came from country " + strings.ToUpper(what)
	case countryName:
		return who + " never came from country " + what
	case network:
		return who + " never came from network " + what
	case device:
		return who + " was never seen on " + what
	case call:
		return who + " never called " + what
	case region:
		return "account " + who + " never used region " + what
	case process:
		return f.whoever(who, " never ran ", "no host ran ") + what
	case domain, remote:
		return f.whoever(who, " never contacted ", "no host contacted ") + what
	case folder:
		return who + " never ran from " + what
	case pair:
		parent, child, _ := strings.Cut(f.value, ">")
		return shown(parent) + " never started " + shown(child) + " on " + f.whoever(who, "", "any host")
	case hour, address, activity, dimensions:
	}
	return who + " never had " + what
}

// whoever words a fact about one subject, or about everyone.
func (f *finding) whoever(who, one, all string) string {
	if f.kind == everyone {
		return all
	}
	return who + one
}

// shown is a name as a sentence shows it.
func shown(s string) string {
	if len(s) <= maxShown {
		return s
	}
	n := maxShown
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "..."
}
