package check

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

// authentication reads sign-ins: failures as such are faint, their patterns and the strange successes are not.
// Source: ATT&CK T1110, T1078, T1550, T1621, T1021; Microsoft, events 4624, 4625, 4648, 4771, 4776 and the sign-in risk
// detections of Entra ID; OpenSSH's and PAM's log messages.
type authentication struct {
	words  *ruleset         // those of signInWords, then those of usualSignIns
	usual  int              // where the latter begin
	heard  *memory[[]found] // in texts that come again and again
	titles *titleReader
	names  map[string]triage.Weight // of users that password lists try
	slots  *slotTable
}

// Authentication returns the check of sign-ins.
func Authentication() triage.Check { return authenticationOf(newTables()) }

func authenticationOf(t *tables) triage.Check {
	return &authentication{
		newRuleset(signInWords, usualSignIns), len(signInWords()), newMemory[[]found](), t.titles, guessedNames(),
		slotsOf(alert.SlotRuleName, alert.SlotTitle, alert.SlotMessage, alert.SlotThreat),
	}
}

func (c *authentication) Name() string { return "authentication" }

// outcome of a sign-in.
type outcome uint8

const (
	noSignIn outcome = iota
	succeeded
	failed
)

func (c *authentication) Check(a *alert.Alert, note func(triage.Signal)) {
	event, code := eventCode(a)
	if signsIn(code) {
		if j := journalOf(a, code); j != security && j != anyWindows {
			code = 0
		}
	}
	h := hearing{c: c, a: a, note: note}
	for i := range a.Fields {
		f := &a.Fields[i]
		switch {
		case c.slots[f.Slot] == 0:
		case f.Slot != alert.SlotMessage: // comes again and again
			for _, said := range c.heard.get(f.Value, c.words.all) {
				h.take(f, said)
			}
		default:
			c.words.match(f.Value, func(said found) { h.take(f, said) })
		}
	}
	if signsIn(code) {
		h.got = max(h.got, c.windows(a, event, code, note))
	}
	if h.got != noSignIn {
		c.from(a, h.got, note)
	}
}

// hearing is what the texts of one alert say about sign-ins; each thing counts once.
type hearing struct {
	c    *authentication
	a    *alert.Alert
	note func(triage.Signal)
	said []string
	got  outcome
}

func (h *hearing) take(f *alert.Field, m found) {
	c := h.c
	if m.index >= c.usual { // they lower, and only where the product itself says so
		if f.Trust > alert.Attacker {
			c.note(h.note, m.weight, m.says, f.Value[m.from:m.to], f)
		}
		return
	}
	if m.weight == faintFailure {
		h.got = failed
	}
	if slices.Contains(h.said, m.says) {
		return
	}
	h.said = append(h.said, m.says)
	weight := m.weight
	if weight >= 1000 && f.Trust > alert.Attacker && repeats(f.Slot) && c.titles.read(f.Value).hedged {
		weight /= 2
	}
	c.note(h.note, weight, m.says, f.Value[m.from:m.to], f)
	if m.says == noSuchUser {
		c.guessed(h.a, h.note)
	}
}

// signsIn tells the numbers of the events that windows knows.
func signsIn(code int) bool {
	switch code {
	case 4624, 4625, 4771, 4776, 4648, 4740:
		return true
	}
	return false
}

// windows reads the events of Windows that tell of sign-ins.
func (c *authentication) windows(a *alert.Alert, event *alert.Field, code int, note func(triage.Signal)) outcome {
	switch code {
	case 4624:
		c.signedIn(a, event, note)
		return succeeded
	case 4625, 4771, 4776:
		c.refused(a, event, note)
		return failed
	case 4648:
		c.note(note, 300, "somebody used the password of another account", "", event, a.First(alert.EntitySlot(alert.Target, alert.User)))
	case 4740:
		c.note(note, 500, "an account was locked after too many failures", "", event)
	}
	return noSignIn
}

func (c *authentication) signedIn(a *alert.Alert, event *alert.Field, note func(triage.Signal)) {
	kind := a.First(alert.SlotLogonType)
	if kind == nil {
		return
	}
	user := a.First(alert.EntitySlot(alert.Target, alert.User))
	switch kind.Value {
	case "9":
		if by := eventData(a, kind, "LogonProcessName"); by != nil && strings.EqualFold(strings.TrimSpace(by.Value), "seclogo") {
			c.note(note, 1200, "a new session with other credentials, as pass-the-hash makes (or runas /netonly)", "", by, kind, event)
		}
	case "3":
		if user != nil && strings.EqualFold(user.Value, "ANONYMOUS LOGON") {
			c.note(note, 400, "somebody signed in over the network without a name", "", user, kind, event)
			return
		}
		length := eventData(a, kind, "KeyLength")
		if length == nil || length.Value != "0" {
			return
		}
		if by := eventData(a, kind, "LmPackageName"); by != nil && strings.HasPrefix(by.Value, "NTLM") {
			c.note(note, 500, "a network sign-in with NTLM and without a session key, as pass-the-hash makes", "", length, by, kind, event)
		}
	}
}

func (c *authentication) refused(a *alert.Alert, event *alert.Field, note func(triage.Signal)) {
	for f := range a.Each(alert.SlotResult) {
		switch strings.ToLower(f.Value) {
		case "0xc0000064", "0x6":
			c.note(note, 400, noSuchUser, "", f, event)
			c.guessed(a, note)
			return
		case "0xc0000072", "0x12":
			c.note(note, 700, "a sign-in to an account that is disabled", "", f, event)
			return
		case "0xc0000234":
			c.note(note, 500, "a sign-in to an account that is locked", "", f, event)
			return
		}
	}
	c.note(note, faintFailure, "a sign-in failed", "", event)
}

// from weighs where the sign-in came from, how often, and as whom.
func (c *authentication) from(a *alert.Alert, got outcome, note func(triage.Signal)) {
	source := a.First(alert.EntitySlot(alert.Source, alert.IP))
	public := source != nil && fromInternet(source.Value)
	user := a.First(alert.EntitySlot(alert.Target, alert.User))
	if user == nil {
		user = a.First(alert.EntitySlot(alert.Actor, alert.User))
	}
	if host := a.First(alert.EntitySlot(alert.Source, alert.Host)); host != nil && attackersHost(host.Value) {
		c.note(note, 3600, "the computer that signs in is named like a system for attacks", "", host)
	}
	kind := a.Text(alert.SlotLogonType)
	switch {
	case got == failed:
		c.often(a, note)
		if public {
			c.note(note, 300, "a sign-in from the internet failed", "", source)
		}
	case kind == "10" && source != nil && (source.Value == "::1" || strings.HasPrefix(source.Value, "127.")):
		c.note(note, 3000, "a remote desktop session came from the machine itself, as through a tunnel", "", source)
	case public && (kind == "10" || kind == "7" && user != nil):
		c.note(note, 1600, "a remote desktop session from the internet began", "", source, user)
	case public && user != nil && privileged(user.Value):
		c.note(note, 1500, "an administrator signed in from the internet", "", user, source)
	case public && (kind == "3" || kind == "8"):
		c.note(note, 900, "a network sign-in from the internet succeeded", "", source, user)
	}
}

func (c *authentication) often(a *alert.Alert, note func(triage.Signal)) {
	count := a.First(alert.SlotCount)
	if count == nil {
		return
	}
	if n, err := strconv.Atoi(count.Value); err == nil && n >= 20 {
		c.note(note, triage.Weight(min(300+n, 700)), "sign-ins failed "+count.Value+" times", "", count)
	}
}

func (c *authentication) note(note func(triage.Signal), w triage.Weight, sentence, part string, fields ...*alert.Field) {
	note(triage.Note(c.Name(), triage.Authentication, w, sentence, part, fields...))
}

func privileged(user string) bool {
	switch strings.ToLower(base(user)) {
	case "root", "administrator", "admin", "administrateur", "toor", "sa":
		return true
	}
	return false
}

func fromInternet(ip string) bool {
	a, err := netip.ParseAddr(ip)
	shared := netip.PrefixFrom(netip.AddrFrom4([4]byte{100, 64}), 10) // carrier-grade NAT, RFC 6598
	return err == nil && a.IsGlobalUnicast() && !a.IsPrivate() && !shared.Contains(a.Unmap())
}

// noSuchUser is said of names that nobody has.
const noSuchUser = "a sign-in with a name that does not exist"

// faintFailure is the weight of one failed sign-in; people mistype every day.
const faintFailure = 120

// signInWords are the words of products and logs for what happened at a sign-in.
// Source: OpenSSH, PAM, Windows' and Entra ID's texts; ATT&CK T1110.001 to T1110.004.
func signInWords() []rule {
	const failure = "failed password|authentication failure|authentication failed|login failed|failed login|logon failure|failed logon|login failure|failed to log|access denied for user|bad password|incorrect password|invalid password|user login failed|failed authentication|failed sign-in|sign-in failed"
	return []rule{
		{1900, "sign-ins succeeded after many had failed", "succe|accepted + fail|brute|guess + after |followed by|following ", `(succe\w+|accepted).{0,60}(after|following)\s.{0,40}(fail|brute)|(fail|brute).{0,60}(followed by|before)\s.{0,40}(succe|accepted)`},
		{1300, "passwords are being guessed", "brute force|brute-force|bruteforce|password guessing|password-guessing|dictionary attack + !successful after", ""},
		{1600, "one password is tried on many accounts, or stolen pairs are tried out", "password spray|password-spray|passwordspray|credential stuffing", ""},
		{1200, "many sign-ins failed", "multiple|too many|maximum authentication|more authentication failures|repeated|excessive|numerous|more than one + fail|attempts exceeded|invalid|too many|bad|missed the password", `(multiple|repeated|excessive|numerous|too many)\s.{0,40}(login|logon|sign-?in|password|auth\w*|user)s?\s.{0,20}(fail|invalid|bad)\w*|(multiple|repeated|excessive|numerous|too many)\s.{0,20}(fail|invalid|bad)\w*\s.{0,20}(login|logon|sign-?in|password|auth)|too many authentication|maximum authentication attempts exceeded|more authentication failures|missed the password more than`},
		{700, "many sign-ins failed", "multiple|repeated|excessive|numerous + fail|invalid|bad|login error|denied user", `(multiple|repeated|excessive|numerous)\s.{0,40}(fail|invalid|bad|login error|denied user)\w*\s?.{0,20}`},
		{400, noSuchUser, "invalid user|non-existent user|nonexistent user|illegal user|unknown user|user does not exist|no such user|user unknown", ""},
		{faintFailure, "a sign-in failed", failure, ""},
		{1400, "a sign-in from two places too far apart", "impossible travel|atypical travel|impossible-travel|improbable travel|geographically improbable", ""},
		{1000, "a sign-in from an anonymising network or a strange place", "anonymous ip|anonymous proxy|from tor|tor exit|unfamiliar sign-in|unfamiliar location|malicious ip address|suspicious sign-in|suspicious login|risky sign-in|infrequent country|unusual location", ""},
		{1700, "somebody is pressed to confirm sign-ins, or denied one", "mfa fatigue|mfa bombing|push bombing|mfa spam|mfa denied|mfa denial|push denied|denied multi-factor|reported fraud|user reported suspicious|suspicious activity reported|multiple mfa|mfa push", ""},
		{3200, "an account was used that exists only as a trap", "honeytoken|honey account|honeyuser|canary account|decoy account|honey user", ""},
		{600, "a sign-in to an account that is disabled or expired", "disabled account|account is disabled|account disabled|account has expired|expired account|0xc0000072", ""},
		{2000, "stolen credentials, tickets or tokens are used", "leaked credential|compromised credential|stolen credential|pass-the-hash|pass the hash|pass-the-ticket|pass the ticket|overpass|golden ticket|silver ticket|token theft|token replay|session hijack|anomalous token|cookie theft|adversary-in-the-middle|aitm", ""},
		{500, "an account was locked after too many failures", "account locked|account lockout|locked out|account was locked|lockout", ""},
		{500, "a way of signing in that knows no second factor", "legacy authentication|legacy protocol|basic authentication + sign|login|authenticat|auth", ""},
		{300, "a client that does not behave like one, as scanners do", "possible break-in|possible breakin|reverse mapping|did not receive identification|bad protocol version|scan from|possible attack on the ssh", ""},
		{600, "root signed in with a password over the network", "accepted password for root|root login accepted|accepted keyboard-interactive/pam for root", ""},
	}
}

// usualSignIns lower, and only where the text is the product's own.
// Source: PAM's and Windows' texts for ordinary sessions.
func usualSignIns() []rule {
	return []rule{
		{-400, "an ordinary session began or ended", "session opened|session closed|logon session|user logoff|user logged off|log off|logout + !fail|suspicious|unusual|multiple|first time|anomal", ""},
		{-300, "a sign-in succeeded in the ordinary way", "authentication success|logon success|successful logon|login success|successful login|successful sudo|successful sign-in|authentication succeeded + !fail|brute|suspicious|unusual|after|anomal|root|administrator|multiple|rare|new", ""},
	}
}
