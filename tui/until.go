package tui

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// morning is the hour at which a day that is named begins, in UTC, as all times of the screen are.
const morning = 8

// longestSnooze is how long a case may be put aside: what comes later is nobody's shift any more.
const longestSnooze = 366 * 24 * time.Hour

var spell = regexp.MustCompile(`^(\d{1,4})\s*(m|min|h|d|w)$`)

// ParseUntil reads a time to come as people say it: 90m, 4h, 3d, 2w; 18:00; tomorrow or the name of a weekday, which mean eight o'clock;
// 2026-03-09, 2026-03-09 18:00. Times are in UTC.
func ParseUntil(text string, now time.Time) (time.Time, error) {
	at, err := parseUntil(strings.ToLower(strings.TrimSpace(text)), now.UTC())
	switch {
	case err != nil:
		return time.Time{}, err
	case !at.After(now):
		return time.Time{}, fmt.Errorf("%s: that time has passed", text)
	case at.Sub(now) > longestSnooze:
		return time.Time{}, fmt.Errorf("%s: more than a year away", text)
	}
	return at, nil
}

func parseUntil(text string, now time.Time) (time.Time, error) {
	day := time.Date(now.Year(), now.Month(), now.Day(), morning, 0, 0, 0, time.UTC)
	if m := spell.FindStringSubmatch(text); m != nil {
		n, err := strconv.Atoi(m[1])
		unit := map[string]time.Duration{"m": time.Minute, "min": time.Minute, "h": time.Hour, "d": 24 * time.Hour, "w": 7 * 24 * time.Hour}[m[2]]
		return now.Add(time.Duration(n) * unit).Truncate(time.Minute), err
	}
	if text == "tomorrow" {
		return day.AddDate(0, 0, 1), nil
	}
	for i := 1; i <= 7; i++ {
		then := day.AddDate(0, 0, i)
		if name := strings.ToLower(then.Weekday().String()); text == name || text == name[:3] {
			return then, nil
		}
	}
	if at, err := time.Parse("15:04", text); err == nil {
		then := time.Date(now.Year(), now.Month(), now.Day(), at.Hour(), at.Minute(), 0, 0, time.UTC)
		if !then.After(now) {
			then = then.AddDate(0, 0, 1)
		}
		return then, nil
	}
	if at, err := time.Parse(time.DateOnly, text); err == nil {
		return at.Add(morning * time.Hour), nil
	}
	for _, form := range []string{"2006-01-02 15:04", "2006-01-02t15:04", "2006-01-02t15:04:05z"} {
		if at, err := time.Parse(form, text); err == nil {
			return at, nil
		}
	}
	return time.Time{}, errors.New("until when? 90m, 4h, 3d, 18:00, tomorrow, friday, 2026-03-09 or 2026-03-09 18:00, in UTC")
}
