package investigate

import "github.com/tidwall/gjson"

// gather puts cases whose alerts another one's pursuit found into that one, the strongest first: an event that was triaged, too, is no second case. It
// returns the trails and cases that are left; the others say where they went, see Case.Into. What hangs on an address, a name or an account alone
// stays apart: strangers may share it.
func (f *follower) gather(trails []*trail, cases []*Case) (left []*trail, kept []*Case) {
	for i, t := range trails {
		if cases[i].Into != "" {
			continue
		}
		left, kept = append(left, t), append(kept, cases[i])
		for j := i + 1; j < len(trails); j++ {
			if cases[j].Into == "" {
				f.fold(t, trails[j], cases[i], cases[j])
			}
		}
	}
	return left, kept
}

// fold puts one case into another when all its alerts are events there.
func (f *follower) fold(t, o *trail, into, k *Case) {
	if len(into.Members)+len(k.Members) > largestCase || len(o.own) < len(k.Members) {
		return
	}
	var through tie
	for i := range o.own {
		held, met := t.ties[i]
		if !met || !held.firm() {
			return
		}
		if through.why == "" || held.hop < through.hop || held.hop == through.hop && held.why < through.why {
			through = held
		}
	}
	first := into.about[0].Alert
	into.Links = append(append(into.Links, Reason{A: first, B: k.about[0].Alert, Because: "found in the logs: " + through.why, Weight: threshold}), k.Links...)
	for n := range k.Members {
		into.Members = append(into.Members, k.Members[n])
		into.about = append(into.about, k.about[n])
		into.add(&k.about[n], gjson.Parse(k.Members[n].Document), k.Members[n])
	}
	for i, s := range o.own {
		t.own[i] = s
	}
	k.Into = into.ID
}

// firm tells the relations that no two strangers have.
func (t tie) firm() bool {
	switch t.by {
	case "tree", "session", "connection", "credential", "request", "message":
		return true
	}
	return false
}
