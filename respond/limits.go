package respond

import "fmt"

// Limits bound how much one plan, and all that is in force together, may take away. A zero field is its default; there is no "no limit".
type Limits struct {
	Each    int     // targets of one action in a plan, 20
	Share   float64 // of all hosts, or all users, that may be taken away at a time: 0.05, but always one
	Blind   int     // hosts, or users, that may be taken away at a time when nobody knows how many there are: 3
	Left    float64 // of the hosts or users of one role that must stay: 0.5, and never fewer than one
	Batch   int     // privileged accounts that may be taken away at a time: 1
	PerHour int     // actions begun within an hour, over all plans: 30
}

// WithDefaults fills in what is not set.
func (l Limits) WithDefaults() Limits {
	number := func(n *int, usual int) {
		if *n <= 0 {
			*n = usual
		}
	}
	number(&l.Each, 20)
	number(&l.Blind, 3)
	number(&l.Batch, 1)
	number(&l.PerHour, 30)
	if !(l.Share > 0 && l.Share <= 1) {
		l.Share = 0.05
	}
	if !(l.Left > 0 && l.Left <= 1) {
		l.Left = 0.5
	}
	return l
}

// tally counts what is taken away. The zero value is of nothing.
type tally struct {
	each       map[string]int // by action
	taken      map[TargetType]map[string]bool
	roles      map[string]int
	privileged map[string]bool
}

func (t *tally) add(i *Item, e Estate) {
	if t.each == nil {
		t.each, t.taken, t.roles, t.privileged = map[string]int{}, map[TargetType]map[string]bool{}, map[string]int{}, map[string]bool{}
	}
	t.each[i.Action]++
	if !takes(i.Action) || t.taken[i.Target.Type][i.Target.Value] {
		return
	}
	if t.taken[i.Target.Type] == nil {
		t.taken[i.Target.Type] = map[string]bool{}
	}
	t.taken[i.Target.Type][i.Target.Value] = true
	if e == nil {
		return
	}
	f, _ := e.Facts(i.Target)
	if f.Role != "" {
		t.roles[f.Role]++
	}
	if f.Privileged {
		t.privileged[i.Target.Value] = true
	}
}

// refuses says why one more is too many; empty when it is not.
func (l Limits) refuses(t *tally, i *Item, e Estate) string {
	l = l.WithDefaults()
	if t.each[i.Action]+1 > l.Each {
		return fmt.Sprintf("cap: more than %d times %s", l.Each, i.Action)
	}
	if !takes(i.Action) || t.taken[i.Target.Type][i.Target.Value] {
		return ""
	}
	kind, n := i.Target.Type, len(t.taken[i.Target.Type])
	count, f := 0, Facts{}
	if e != nil {
		count = e.Count(kind, "")
		f, _ = e.Facts(i.Target)
	}
	switch most := max(1, int(l.Share*float64(count))); {
	case count == 0 && n+1 > l.Blind:
		return fmt.Sprintf("cap: more than %d %ss at a time, of an unknown number", l.Blind, kind)
	case count > 0 && n+1 > most:
		return fmt.Sprintf("cap: more than %d of the %d %ss of the estate at a time", most, count, kind)
	case f.Privileged && len(t.privileged)+1 > l.Batch:
		return fmt.Sprintf("cap: more than %d privileged account at a time", l.Batch)
	case f.Role == "" || e == nil:
		return ""
	}
	all := e.Count(kind, f.Role)
	stay := max(1, l.Left*float64(all))
	if all > 0 && float64(all-t.roles[f.Role]-1) < stay {
		return fmt.Sprintf("floor: of %d with the role %s at least %.0f must stay", all, f.Role, stay)
	}
	return ""
}

// tooMany says why one action more is too many when so many were begun within the hour; empty when it is not.
func (l Limits) tooMany(hour int) string {
	if most := l.WithDefaults().PerHour; hour >= most {
		return fmt.Sprintf("cap: %d actions within the hour", most)
	}
	return ""
}

// limit refuses what goes beyond the caps, in the order of the plan: the first ones stay.
func (d *draft) limit() {
	var t tally
	kept := d.plan.Items[:0]
	for _, item := range d.plan.Items {
		if item.Class != Task {
			if why := d.set.Limits.refuses(&t, &item, d.set.Estate); why != "" {
				d.refuse(Want{Action: item.Action, Target: item.Target}, why)
				continue
			}
			t.add(&item, d.set.Estate)
		}
		kept = append(kept, item)
	}
	d.plan.Items = kept
}

// takes tells the actions that take a host or an account away from those who need it.
func takes(action string) bool {
	switch action {
	case "isolate-host", "disable-account", "force-mfa", "revoke-sessions", "detach-policy":
		return true
	}
	return false
}
