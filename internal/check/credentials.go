package check

import (
	"strings"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

// credentials sees reading of what holds secrets: LSASS, the directory, ticket requests, browsers, key files.
// Source: ATT&CK T1003.001, T1003.006, T1555, T1552, T1558; Microsoft, events 4662, 4768, 4769 and Sysmon 10; [MS-ADTS]
// (the control access rights DS-Replication-Get-Changes); the cloud providers' documentation of instance metadata.
type credentials struct {
	kinds       func() map[string]kind
	stores      *ruleset
	replication *ruleset
	metadata    *ruleset
}

// Credentials returns the check of access to secrets.
func Credentials() triage.Check {
	return credentialsOf(newTables())
}

func credentialsOf(t *tables) triage.Check {
	return &credentials{t.kinds, newRuleset(stores), newRuleset(replication), newRuleset(metadata)}
}

func (c *credentials) Name() string { return "credentials" }

func (c *credentials) Check(a *alert.Alert, note func(triage.Signal)) {
	actor := a.First(alert.EntitySlot(alert.Actor, alert.Process))
	if target := a.First(alert.EntitySlot(alert.Target, alert.Process)); target != nil && len(target.Value) >= 9 && lowerBase(target.Value) == "lsass.exe" {
		c.lsass(a, actor, target, note)
	}
	for f := range a.Entities(alert.File) {
		c.stored(actor, f, note)
	}
	for f := range a.Entities(alert.URL) {
		c.metadata.match(f.Value, func(h found) { c.note(note, h.weight, h.says, f.Value[h.from:h.to], f) })
	}
	switch f, code := eventCode(a); {
	case code != 4662 && code != 4768 && code != 4769 && code != 4692 || journalOf(a, code) != security:
	case code == 4662:
		c.replicated(a, f, note)
	case code == 4768 || code == 4769:
		c.ticket(a, f, code, note)
	case code == 4692:
		c.note(note, 300, "the master key of somebody's protected data was backed up", "", f)
	}
}

func (c *credentials) stored(actor, f *alert.Field, note func(triage.Signal)) {
	c.stores.match(f.Value, func(h found) {
		weight := h.weight
		if actor != nil {
			switch kind := c.kinds()[lowerBase(actor.Value)]; {
			case kind&browser != 0:
				return
			case kind&(powershell|command|scriptHost|fetcher|unixShell|rundll) != 0:
				weight += 500
			}
		}
		c.note(note, weight, h.says, f.Value[h.from:h.to], f, actor)
	})
}

// replicated sees DCSync: somebody who is no domain controller asks the directory for its secrets.
func (c *credentials) replicated(a *alert.Alert, event *alert.Field, note func(triage.Signal)) {
	user := a.First(alert.EntitySlot(alert.Actor, alert.User))
	if user != nil && (strings.HasSuffix(user.Value, "$") || strings.HasPrefix(strings.ToUpper(user.Value), "MSOL_")) {
		return
	}
	said := false
	tell := func(f *alert.Field) {
		c.replication.match(f.Value, func(h found) {
			if !said {
				said = true
				c.note(note, h.weight, h.says, f.Value[h.from:h.to], f, event, user)
			}
		})
	}
	for i := range a.Fields {
		tell(&a.Fields[i])
	}
	if p := eventData(a, a.First(alert.SlotAccess), "Properties"); p != nil {
		tell(p)
	}
}

// ticket weighs Kerberos tickets with RC4, which can be cracked. The accounts of computers and krbtgt are no prey.
func (c *credentials) ticket(a *alert.Alert, event *alert.Field, code int, note func(triage.Signal)) {
	f := eventData(a, a.First(alert.SlotService), "TicketEncryptionType")
	if f == nil {
		for m := range a.Each(alert.SlotMessage) {
			if strings.Contains(m.Value, "0x17") {
				f = m
			}
		}
	}
	if f == nil || !strings.Contains(f.Value, "0x17") {
		return
	}
	for _, s := range [...]alert.Slot{alert.SlotService, alert.EntitySlot(alert.Target, alert.User)} {
		if v := a.Text(s); code == 4769 && s == alert.SlotService && (strings.HasSuffix(v, "$") || strings.EqualFold(v, "krbtgt")) {
			return
		}
	}
	if code == 4769 {
		c.note(note, 900, "a ticket for a service account is asked for with weak encryption, as Kerberoasting does", "0x17", f, event)
		return
	}
	if p := eventData(a, f, "PreAuthType"); p != nil && p.Value == "0" {
		c.note(note, 1300, "a ticket is given without pre-authentication and with weak encryption (AS-REP roasting)", "", p, f, event)
	}
}

func (c *credentials) note(note func(triage.Signal), w triage.Weight, sentence, part string, fields ...*alert.Field) {
	note(triage.Note(c.Name(), triage.Credentials, w, sentence, part, fields...))
}

// stores are files that hold secrets.
// Source: ATT&CK T1555.003, T1552.001, T1552.004, T1552.006.
func stores() []rule {
	return []rule{
		{900, "holds the passwords of a browser", `\login data|\logins.json|\key4.db|/logins.json|/key4.db|/login data|\web data|\local state`, `[\\/](login data|logins\.json|key4\.db|web data)$`},
		{600, "holds keys of Windows' protected data", `\microsoft\protect\s-1|\microsoft\credentials\|\microsoft\vault\`, ""},
		{600, "holds passwords of a password manager", ".kdbx|.1pif|.agilekeychain|.opvault", ""},
		{700, "holds a private key or a service's key", "krb5.keytab|id_rsa|id_ed25519|id_ecdsa|.ppk|.pfx + !.pub", `(krb5\.keytab|[\\/]id_(rsa|ed25519|ecdsa)|\.ppk)$`},
		{800, "holds keys of a cloud account or cluster", ".aws/credentials|.aws\\credentials|.kube/config|.kube\\config|application_default_credentials|accesstokens.json|.vault-token|.docker/config.json|.git-credentials", ""},
		{1200, "may hold passwords of group policies or installations", `\sysvol\|unattend.xml|sysprep.inf`, `\\sysvol\\.*\\(groups|services|scheduledtasks|printers|drives)\.xml$|unattend\.xml$|sysprep\.inf$`},
		{600, "is named like a list of passwords", "password|passwort|kennwort|credential", `[\\/](passw(ord|ort)e?s?|kennw.rter|credentials?|logins?)[^\\/]{0,12}\.(txt|xlsx?|docx?|csv|rtf)$`},
	}
}

// replication are the rights that DCSync uses.
// Source: [MS-ADTS] 5.1.3.2.1, control access rights.
func replication() []rule {
	return []rule{
		{3200, "somebody who is no domain controller asks for the directory's secrets (DCSync)", "1131f6ad-9c07-11d1-f79f-00c04fc2dcd2|1131f6aa-9c07-11d1-f79f-00c04fc2dcd2|89e95b76-444d-4c62-991a-0facbeda640c|ds-replication-get-changes", ""},
	}
}

// metadata are the places where a cloud machine finds its own credentials.
// Source: the documentation of AWS IMDS, of ECS task roles, of Google's metadata server and of Azure's managed identities.
func metadata() []rule {
	return []rule{
		{1300, "asks for the cloud's credentials of this machine", "169.254.169.254|169.254.170.2|metadata.google.internal|fd00:ec2::254 + security-credentials|/v2/credentials|service-accounts|oauth2/token|user-data", ""},
		{900, "reads secrets of a vault", "/v1/secret/|/v1/kv/|/v1/sys/raw + vault", ""},
	}
}
