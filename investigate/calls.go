package investigate

import (
	"cmp"
	"slices"
	"strings"

	"github.com/seed-959697dd/soc/alert"
)

// sameCredential takes in the calls that were made with a credential, and the one that made it.
func (f *follower) sameCredential(l *lead, i int, t *trace) {
	if slices.Contains(t.values(alert.SlotNewCredential, asIs), l.value()) {
		if f.join(i, l.by(), "the credential "+l.value()+" of the case, which it made", l.hop) {
			f.maker(l, t)
		}
		return
	}
	if l.addr.IsValid() && t.source.addr != l.addr {
		f.shelved["calls with "+l.value()+" from other addresses than "+l.addr.String()]++
		return
	}
	if f.join(i, l.by(), l.why, l.hop) {
		f.calls(i, t, l)
	}
}

// maker follows the credential with which another was made, where both were used from one address.
func (f *follower) maker(l *lead, t *trace) {
	for _, v := range t.values(alert.SlotCredential, asIs) {
		if t.source.addr.IsValid() {
			f.credential(v, "the credential that made "+l.value()+", used from the same address", l.hop, t).addr = t.source.addr
		}
	}
}

func (f *follower) credential(v, why string, hop int, t *trace) *lead {
	l := &lead{fact: fact("credential", v, ""), terms: []Term{{Kind: "credential", Value: v}}, why: why, hop: hop + 1, at: t.at}
	f.want(l)
	return l
}

// lasting tells keys that do not run out by themselves: what was done with one elsewhere may be its owner's.
// Source: AWS, IAM identifiers: AKIA begins the id of a long-term access key.
func lasting(credential string) bool { return strings.HasPrefix(credential, "AKIA") }

// calls follows the credentials and accounts that a call of the case made, and where it came from.
func (f *follower) calls(i int, t *trace, l *lead) {
	for _, v := range t.values(alert.SlotNewCredential, asIs) {
		f.credential(v, "the credential that "+operation(t.a)+" of the case made", l.hop, t)
	}
	if makesAccount(operation(t.a)) && succeeds(t.a) >= 0 {
		for _, v := range t.values(alert.EntitySlot(alert.Target, alert.User), foldUser) {
			f.want(&lead{fact: fact("user", v, ""), terms: []Term{{Kind: "user", Value: v}}, why: "the account " + v + ", which the case made or changed", hop: l.hop + 1, at: t.at})
		}
	}
	if outside(t.source.addr) && l.kind() != "ip" {
		f.address(&lead{fact: fact("ip", t.source.addr.String(), ""), why: "from " + t.source.addr.String() + ", where calls of the case came from", hop: l.hop + 1, at: t.at, hostile: true}, t.source.addr)
	}
}

// neighbour takes in the calls of others from an address of the case: those that stand out, and the first of each. Several may share it.
func (f *follower) neighbour(l *lead, i int, t *trace) {
	who := cmp.Or(t.a.Text(alert.SlotCredential), t.a.Text(alert.EntitySlot(alert.Actor, alert.User)))
	if c := f.leads[fact("credential", who, "")]; c != nil && (!c.addr.IsValid() || c.addr == t.source.addr) {
		return // it comes with its own credential
	}
	key := "calls with " + who + ", which only read, " + l.why
	if f.ways[key]++; f.ways[key] > 1 && readOnly(operation(t.a)) && t.a.Severity.Score < finding {
		f.shelved[key]++
		return
	}
	why := l.why
	if !l.hostile {
		why = "from " + l.value() + ", the other end of what an alert of the case tells of"
	}
	if f.join(i, l.by(), "a call of another identity "+why, l.hop) && l.alarm {
		f.calls(i, t, l)
	}
}

// finding is the severity, of 100, from which on a record of a call is what a product found in it, and not the call alone.
const finding = 40

// readOnly tells calls that look without taking.
func readOnly(op string) bool {
	op = op[strings.LastIndexByte(op, '.')+1:]
	for _, verb := range [...]string{"Describe", "List", "Get", "Head", "Lookup", "Batch", "list", "get", "watch"} {
		if strings.HasPrefix(op, verb) {
			return true
		}
	}
	return false
}

func operation(a *alert.Alert) string { return a.Text(alert.SlotOperation) }

// makesAccount tells calls after which another account can be used.
func makesAccount(op string) bool {
	switch op {
	case "CreateUser", "CreateLoginProfile", "UpdateLoginProfile", "CreateAccessKey", "Add user.", "google.iam.admin.v1.CreateServiceAccount", "google.iam.admin.v1.CreateServiceAccountKey", "user.lifecycle.create":
		return true
	}
	return false
}
