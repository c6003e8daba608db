package estate

import (
	"strconv"
	"strings"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

// What raises, in milli-nats: judgement, not measured. None decides by itself; together with a hint they bring what matters to a
// person sooner.
const (
	atCritical     = 900
	atHigh         = 600
	isDC           = 900 // whatever its level; a critical one has mostWorth
	isTierZero     = 600
	isClinical     = 600
	isExposed      = 300
	mostWorth      = 1200
	usesBreakGlass = 2000
	usesPrivilege  = 600
	aimsPrivilege  = 500
	usesCritical   = 300
	aimsVIP        = 300
	signsInService = 1400
)

// machine says what a machine is worth.
func (e *Estate) machine(m sighting, note func(triage.Signal)) {
	a := &e.assets[m.id]
	w := worth(a, m.side)
	if w == 0 {
		return
	}
	s := triage.Note(checkName, triage.Assets, w, sentence(a, m), "", m.f).From(a.Place)
	s.Critical = a.crucial()
	note(s)
}

// worth is what a machine adds. As the source it adds two thirds: it may be the one that was taken, or the one that does its work.
func worth(a *Asset, at side) triage.Weight {
	var w triage.Weight
	switch a.Criticality {
	case Critical:
		w = atCritical
	case High:
		w = atHigh
	case Unknown, Low, Medium:
	}
	for _, t := range [...]struct {
		traits
		alone, more triage.Weight
	}{{domainController, isDC, 300}, {crownJewel, mostWorth, 300}, {tierZero, isTierZero, 200}, {clinical, isClinical, 200}} {
		if a.traits&t.traits != 0 {
			w = max(w+t.more, t.alone)
		}
	}
	if at == target && a.traits&exposed != 0 {
		w += isExposed
	}
	w = min(w, mostWorth)
	if at == source {
		w = w * 2 / 3
	}
	return w
}

// sentence names what is known about a machine.
func sentence(a *Asset, m sighting) string {
	var b strings.Builder
	b.WriteString([sides]string{"the source ", "the target "}[m.side])
	switch {
	case a.isRange():
		b.WriteString(m.f.Value + " lies in " + a.Name)
		if p := a.Networks[0].String(); p != a.Name && len(a.Networks) == 1 {
			b.WriteString(" " + p)
		}
		b.WriteString(", which is listed as ")
	case isPattern(a.Name):
		b.WriteString(m.f.Value + " is one of " + a.Name + ", which are listed as ")
	default:
		b.WriteString(a.label() + " is listed as ")
	}
	b.WriteString(strings.Join(a.virtues(), ", "))
	if a.Owner != "" {
		b.WriteString("; owner " + a.Owner)
	}
	several(&b, m.n)
	return b.String()
}

// label is the fullest name.
func (a *Asset) label() string {
	switch {
	case a.FQDN != "":
		return a.FQDN
	case a.Name != "":
		return a.Name
	case len(a.Addresses) > 0:
		return a.Addresses[0].String()
	case len(a.CloudIDs) > 0:
		return a.CloudIDs[0]
	}
	return "machine"
}

// virtues are the words for which a machine matters.
func (a *Asset) virtues() []string {
	var list []string
	if a.Criticality >= High {
		list = append(list, a.Criticality.String())
	}
	if a.Role != "" {
		list = append(list, a.Role)
	}
	for _, t := range [...]struct {
		traits
		word string
	}{{crownJewel, "crown-jewel"}, {clinical, "clinical"}, {exposed, "internet-facing"}} {
		if a.traits&t.traits != 0 && traitsOf(a.Role)&t.traits == 0 {
			list = append(list, t.word)
		}
	}
	for _, t := range a.Tags {
		if traitsOf(t)&(domainController|tierZero) != 0 && t != a.Role {
			list = append(list, t)
		}
	}
	return list
}

// several says that a name was not enough.
func several(b *strings.Builder, n int) {
	if n > 1 {
		b.WriteString("; " + strconv.Itoa(n) + " entries fit the name, the one that matters most counts")
	}
}

// account says what an account is worth, and whether it is used as it should be.
func (e *Estate) account(a *alert.Alert, m sighting, note func(triage.Signal)) {
	u := &e.accounts[m.id]
	if w, says := u.worth(m); w > 0 {
		var b strings.Builder
		b.WriteString(says)
		several(&b, m.n)
		s := triage.Note(checkName, triage.Assets, w, b.String(), "", m.f).From(u.Place)
		s.Critical = u.crucial()
		note(s)
	}
	if u.Service && m.n == 1 {
		e.signIn(a, m, note)
	}
}

func (u *Account) worth(m sighting) (w triage.Weight, says string) {
	name := u.label()
	if isPattern(name) {
		name = m.f.Value + ", one of " + name + ","
	}
	_, typ := m.f.Slot.Entity()
	does := " acts"
	if m.side == target {
		does = " is the target"
	}
	switch {
	case u.BreakGlass && typ == alert.User:
		return usesBreakGlass, "the break-glass account " + name + does + ", which is for emergencies only"
	case u.Privileged && m.side == source:
		w, says = usesPrivilege, "the privileged account "+name+does
	case u.Privileged:
		w, says = aimsPrivilege, "the privileged account "+name+does
	case u.VIP && m.side == target:
		w, says = aimsVIP, name+", listed as VIP,"+does
	}
	if u.crucial() {
		w += usesCritical
		if says == "" {
			says = "the account " + name + does
		}
		says += "; its loss would be critical"
	}
	return w, says
}

func (u *Account) label() string {
	for _, s := range [...]string{u.Name, u.UPN, u.SID, u.DN} {
		if s != "" {
			return s
		}
	}
	return strings.Join(append(u.Mail[:len(u.Mail):len(u.Mail)], u.Aliases...), ", ")
}

// signIn raises when a service's account sits at a screen. In a sign-in the account is the target where there is one.
func (e *Estate) signIn(a *alert.Alert, m sighting, note func(triage.Signal)) {
	kind := a.First(alert.SlotLogonType)
	if kind == nil {
		return
	}
	how := interactive(kind.Value)
	if how == "" || m.side == source && a.First(alert.EntitySlot(alert.Target, alert.User)) != nil {
		return
	}
	u := &e.accounts[m.id]
	says := "the service account " + u.label() + " signs in " + how + " (logon type " + kind.Value + ")"
	note(triage.Note(checkName, triage.Assets, signsInService, says, "", m.f, kind).From(u.Place))
}

// interactive knows the logon types of people: 2, 10 and 11.
// Source: Microsoft, event 4624, table of logon types.
func interactive(kind string) string {
	switch strings.ToLower(kind) {
	case "2", "interactive":
		return "at the machine"
	case "10", "remoteinteractive":
		return "by remote desktop"
	case "11", "cachedinteractive":
		return "at the machine, without the domain"
	}
	return ""
}
