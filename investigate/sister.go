package investigate

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/alert"
)

// maxSisters bounds the other remote shells of one account that come into a case, the nearest in time first.
const maxSisters = 16

// remoteShell tells the programs in which Windows runs what somebody sends from another machine, one for each shell: a tool that works this way
// opens one for every command, each in a session of its own. Source: Microsoft, Windows Remote Management; ATT&CK T1021.006.
func remoteShell(image string) bool {
	switch program(image) {
	case "winrshost", "wsmprovhost":
		return true
	}
	return false
}

// otherShells follows what else the account of a remote shell of the case sent to the same machine about then.
func (f *follower) otherShells(t *trace, hop int) {
	users := t.values(alert.EntitySlot(alert.Actor, alert.User), foldUser)
	if t.host == "" || t.at.IsZero() || len(users) == 0 {
		return
	}
	f.want(&lead{
		fact: fact("process", t.common, t.host), terms: []Term{{Kind: "process", Value: fileOf(t.actor.image), Host: t.host}},
		why: "another remote shell of " + users[0] + " on " + t.host + " within half an hour", hop: hop + 1, at: t.at, times: []time.Time{t.at}, host: t.host, users: users,
	})
}

// sisters takes in the remote shells that an account opened near those of the case.
func (f *follower) sisters(l *lead) {
	var list []int
	for _, i := range f.index[l.fact] {
		t := f.traces[i]
		same := slices.ContainsFunc(t.values(alert.EntitySlot(alert.Actor, alert.User), foldUser), func(u string) bool { return slices.Contains(l.users, u) })
		if t.is(start) && t.common == strings.ToLower(l.value()) && same && l.close(t.at, window) && f.stakes[t.actorNode] == nil {
			list = append(list, i)
		}
	}
	slices.SortStableFunc(list, func(a, b int) int { return cmp.Compare(l.distance(f.traces[a]), l.distance(f.traces[b])) })
	if over := len(list) - maxSisters; over > 0 {
		f.shelved["times "+l.why] += over
		list = list[:maxSisters]
	}
	for _, i := range list {
		if f.join(i, "account", l.why, l.hop) {
			f.stakeOut(f.traces[i].actorNode, stake{why: l.why, hop: l.hop})
		}
	}
}

// distance is the time between a record and the nearest of the lead's.
func (l *lead) distance(t *trace) time.Duration {
	best := time.Duration(1<<63 - 1)
	for _, at := range l.times {
		best = min(best, t.at.Sub(at).Abs())
	}
	return best
}
