package alert

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

var errTime = errors.New("not a time that is known")

// layouts are the ways of writing a time that occur beside ISO 8601, most frequent first. A fraction behind the seconds
// is accepted by time.Parse everywhere.
var layouts = [...]string{
	"Jan _2 15:04:05 2006", "Jan _2 2006 15:04:05", "Mon Jan _2 15:04:05 2006", "Mon Jan _2 15:04:05 -0700 2006",
	"02/Jan/2006:15:04:05 -0700", "02/Jan/2006:15:04:05", "2/Jan/2006 15:04:05", "02 Jan 2006 15:04:05", "02 Jan 2006 15:04:05 -0700",
	"Mon, 2 Jan 2006 15:04:05 -0700", "Mon, 2 Jan 2006 15:04:05", "Monday, 02-Jan-06 15:04:05",
	"1/2/2006 3:04:05 PM", "1/2/2006, 3:04:05 PM", "1/2/2006 15:04:05", "01/02/2006 15:04:05", "01/02/2006-15:04:05", "01/02/2006:15:04:05", "02-01-2006 15:04:05", "2.1.2006 15:04:05",
	"Jan 2, 2006 3:04:05 PM", "Jan 2, 2006, 3:04:05 PM", "Jan 2, 2006 @ 15:04:05", "Jan 2, 2006 15:04:05", "January 2, 2006 15:04:05", "Monday, January 2, 2006 3:04:05 PM",
	"20060102150405", "20060102 15:04:05", "20060102T150405Z", "2006-01-02-15:04:05", "2006-01-02-15.04.05", "2006-01-02_15:04:05", "2006/01/02:15:04:05", "06/01/02 15:04:05", "2 Jan 2006 15:04:05",
	"2006 Jan _2 15:04:05", "1/2/06 15:04:05", "1/2/06 15:04", "1/2/2006 15:04", "_2Jan2006 15:04:05",
	"2-Jan-2006 15:04:05", "Mon Jan 02 2006 15:04:05 GMT-0700", "Jan _2 2006 15:04:05 GMT-07:00", "Jan-02-2006 15:04:05", "2006-01-02 15:04:05 -0700", "2006-01-02",
}

// yearless are layouts without a year: it is now's, or the year before when that would lie more than a day ahead.
var yearless = [...]string{"Jan _2 15:04:05", "Mon Jan _2 15:04:05", "01/02-15:04:05", "2 Jan 15:04:05"}

// ParseTime reads a time as products write it: ISO 8601 and its relatives, seconds, milli-, micro- or nanoseconds since
// 1970, Windows file times, syslog and web-server times. zone holds for times without one; now gives the year where it is missing and may be zero.
func ParseTime(s string, zone *time.Location, now time.Time) (time.Time, error) {
	s = strings.Trim(s, `[]"' *.`)
	if len(s) < 6 || len(s) > 64 {
		return time.Time{}, errTime
	}
	if t, ok := isoTime(s, zone); ok {
		return t, nil
	}
	if t, ok := epoch(s); ok {
		return t, nil
	}
	if rest, named := zoneWord(s, zone); named != nil {
		s, zone = rest, named
		if t, ok := isoTime(s, zone); ok {
			return t, nil
		}
	}
	if i := strings.LastIndexByte(s, ','); i > 0 && i+4 == len(s) && digits(s[i+1:]) {
		s = s[:i] + "." + s[i+1:] // 10:00:00,123
	}
	if i := strings.LastIndexByte(s, ':'); i > 12 && i+4 == len(s) && digits(s[i+1:]) && strings.Count(s, ":") == 3 {
		s = s[:i] + "." + s[i+1:] // 10:00:00:123
	}
	if !mayBegin(s) {
		return time.Time{}, errTime
	}
	for _, l := range layouts {
		if t, err := time.ParseInLocation(l, s, zone); err == nil {
			return t.UTC(), nil
		}
	}
	for _, l := range yearless {
		if t, err := time.ParseInLocation(l, s, zone); err == nil && !now.IsZero() {
			t = t.AddDate(now.In(zone).Year(), 0, 0)
			if t.After(now.Add(24 * time.Hour)) {
				t = t.AddDate(-1, 0, 0)
			}
			return t.UTC(), nil
		}
	}
	return time.Time{}, errTime
}

// mayBegin rules out, cheaply, most words of a text: every layout begins with the name of a month or of a day, or with a number of
// some length that ends in some way. What time.Parse refuses costs an allocation.
func mayBegin(s string) bool {
	if len(s) < 6 { // without its zone
		return false
	}
	if !digit(s[0]) {
		switch strings.ToLower(s[:3]) {
		case "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "mon", "tue", "wed", "thu", "fri", "sat", "sun":
			return true
		}
		return false
	}
	n := 1
	for n < len(s) && digit(s[n]) {
		n++
	}
	switch n {
	case 1, 2:
		return n < len(s) && (strings.IndexByte("/-. ", s[n]) >= 0 || hasLetter(s[n:n+1]))
	case 4:
		return n < len(s) && strings.IndexByte("-/ ", s[n]) >= 0
	case 8:
		return n < len(s) && (s[n] == ' ' || s[n] == 'T')
	}
	return n == 14
}

// zoneHours are the zones that products name by a word, in hours from UTC. Go reads such a word but takes its offset for
// zero unless it is the machine's own zone.
var zoneHours = map[string]float64{
	"UTC": 0, "GMT": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "MSK": 3, "IST": 5.5, "SGT": 8, "JST": 9,
	"AEST": 10, "AEDT": 11, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
}

// zoneWord takes a zone's name out of a time: the last word, the one before a year at the end, or one in parentheses behind
// an offset, which says the same again. The zone is nil when there is none.
func zoneWord(s string, zone *time.Location) (string, *time.Location) {
	if i := strings.LastIndex(s, " ("); i > 0 && s[len(s)-1] == ')' {
		return s[:i], zone
	}
	last := strings.LastIndexByte(s, ' ')
	if last < 0 {
		return s, nil
	}
	word, year := s[last+1:], ""
	if len(word) == 4 && digits(word) {
		year = s[last:]
		if last = strings.LastIndexByte(s[:last], ' '); last < 0 {
			return s, nil
		}
		word = s[last+1 : len(s)-len(year)]
	}
	hours, ok := zoneHours[strings.ToUpper(word)]
	if !ok {
		return s, nil
	}
	rest := s[:last] + year
	if sign := strings.LastIndexAny(rest, "+-"); sign > 0 && rest[sign-1] == ' ' { // -0700 MST
		return rest, zone
	}
	return rest, time.FixedZone("", int(hours*3600))
}

// epoch reads a number of seconds, or of smaller units when that many seconds would be far in the future. The bounds
// are 1990 and 2100: anything else is no time.
func epoch(s string) (time.Time, bool) {
	whole, frac, _ := strings.Cut(s, ".")
	if len(whole) < 9 || len(whole) > 19 || !digits(whole) || !digits(frac) {
		return time.Time{}, false
	}
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return time.Time{}, false
	}
	if len(whole) == 18 && n > 116444736000000000 { // 100 ns since 1601, Windows
		return inRange(time.Unix(0, (n-116444736000000000)*100))
	}
	switch len(whole) {
	case 9, 10:
		frac = (frac + "000000000")[:9]
		ns, _ := strconv.ParseInt(frac, 10, 64)
		return inRange(time.Unix(n, ns))
	case 12, 13:
		return inRange(time.UnixMilli(n))
	case 15, 16:
		return inRange(time.UnixMicro(n))
	case 18, 19:
		return inRange(time.Unix(0, n))
	}
	return time.Time{}, false
}

func inRange(t time.Time) (time.Time, bool) {
	y := t.UTC().Year()
	return t.UTC(), y >= 1990 && y < 2100
}

// isoTime reads 2006-01-02T15:04:05.999Z with a blank or T between, slashes or dashes, with or without seconds, fraction, zone.
func isoTime(s string, zone *time.Location) (time.Time, bool) {
	if len(s) < 16 || s[4] != '-' && s[4] != '/' || s[7] != s[4] || s[10] != 'T' && s[10] != ' ' && s[10] != 't' || s[13] != ':' {
		return time.Time{}, false
	}
	y, ok1 := num(s[0:4])
	mo, ok2 := num(s[5:7])
	d, ok3 := num(s[8:10])
	h, ok4 := num(s[11:13])
	mi, ok5 := num(s[14:16])
	if !(ok1 && ok2 && ok3 && ok4 && ok5) || mo < 1 || mo > 12 || d < 1 || d > 31 || h > 23 || mi > 59 {
		return time.Time{}, false
	}
	sec, ns, i := 0, 0, 16
	if len(s) >= 19 && s[16] == ':' {
		var ok bool
		if sec, ok = num(s[17:19]); !ok || sec > 60 {
			return time.Time{}, false
		}
		i = 19
	}
	if i < len(s) && (s[i] == '.' || s[i] == ',' || s[i] == ':') && i >= 19 {
		unit := 100_000_000
		for i++; i < len(s) && s[i]-'0' <= 9; i++ {
			ns += int(s[i]-'0') * unit
			unit /= 10
		}
	}
	loc, ok := offset(strings.TrimSpace(s[i:]), zone)
	if !ok {
		return time.Time{}, false
	}
	return time.Date(y, time.Month(mo), d, h, mi, sec, ns, loc).UTC(), true
}

func num(s string) (int, bool) {
	n := 0
	for i := range len(s) {
		if s[i]-'0' > 9 {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, true
}

// offset reads Z, UTC, +01:00, +0100 or +01.
func offset(s string, zone *time.Location) (*time.Location, bool) {
	switch s {
	case "":
		return zone, true
	case "Z", "z", "UTC", "GMT", "+0000", "+00:00", "-0000", "-00:00", "+00":
		return time.UTC, true
	}
	if s[0] != '+' && s[0] != '-' || len(s) != 3 && len(s) != 5 && len(s) != 6 {
		return nil, false
	}
	h, ok := num(s[1:3])
	m, ok2 := 0, true
	if len(s) > 3 {
		m, ok2 = num(s[len(s)-2:])
	}
	if !ok || !ok2 || h > 14 || m > 59 {
		return nil, false
	}
	sec := h*3600 + m*60
	if s[0] == '-' {
		sec = -sec
	}
	return time.FixedZone("", sec), true
}
