package check

import (
	"strings"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

// What a mail brings and who it pretends to be from. Each of its traits is common among honest mails; the product's own
// verdict, a failed proof of origin and something that runs weigh, the rest are hints.
//
// Source: ATT&CK T1566, T1656; RFC 7601 and RFC 8601 (Authentication-Results), RFC 7489 (DMARC); Microsoft's list of blocked
// attachment types in Outlook; the APWG's and the FBI IC3's yearly reports on business mail fraud.

type mails struct {
	verdicts *ruleset
	origin   *ruleset
	bait     *ruleset
	free     map[string]bool
	names    *nameReader
}

// Mails reads verdicts, proofs of origin, attachments, links, senders and subjects of mails.
func Mails() triage.Check { return mailsOf(newTables()) }

func mailsOf(t *tables) triage.Check {
	m := mails{
		verdicts: newRuleset(func() []rule {
			return []rule{
				{1500, "the mail filter found malware", "malware|virus", ""},
				{1300, "the mail filter calls it phishing or impersonation", "phish|imperson|spoof|business email compromise|<bec>|lookalike|credential harvest|brand abuse", ""},
				{200, "the mail filter calls it spam", "<spam>|<bulk>", ""},
			}
		}),
		origin: newRuleset(func() []rule {
			return []rule{
				{800, "the sender's domain disowns the mail (DMARC)", "dmarc=fail|dmarc: fail|dmarc:fail|dmarc\":\"fail|dmarc=permerror", ""},
				{700, "the receiving service doubts the mail's origin", "compauth=fail", ""},
				{450, "the mail came from a server that may not send for its domain (SPF)", "spf=fail|spf=hardfail|spf: fail|spf:fail|spf\":\"fail", ""},
				{350, "the mail's signature does not hold (DKIM)", "dkim=fail|dkim: fail|dkim:fail|dkim\":\"fail", ""},
			}
		}),
		bait: newRuleset(func() []rule {
			return []rule{
				{350, "the subject uses the words of bait", "verify your|account suspended|account locked|password expire|mailbox full|mailbox is full|mailbox storage|unusual sign|wire transfer|gift card|overdue|final notice|action required|voice message|voicemail|payroll|updated bank|bank details|unpaid invoice|outstanding invoice|shared a document|secure message|urgent request|are you available", ""},
			}
		}),
		free: map[string]bool{}, names: t.names,
	}
	for d := range strings.FieldsSeq("gmail.com googlemail.com outlook.com hotmail.com live.com yahoo.com aol.com gmx.com gmx.de gmx.net web.de mail.ru yandex.ru yandex.com proton.me protonmail.com tutanota.com icloud.com zoho.com mail.com 163.com qq.com") {
		m.free[d] = true
	}
	return m
}

func (mails) Name() string { return "mail" }

func (c mails) Check(a *alert.Alert, note func(triage.Signal)) {
	from := a.First(alert.EntitySlot(alert.Source, alert.Mail))
	if from == nil && (a.First(alert.EntitySlot(alert.Target, alert.Mail)) == nil || a.First(alert.SlotSubject) == nil) {
		return
	}
	c.sender(from, note)
	for i := range a.Fields {
		f := &a.Fields[i]
		switch f.Slot {
		case alert.SlotVerdict, alert.SlotThreat, alert.SlotCategory:
			strongest(c.verdicts, f, note)
		case alert.SlotMessage, alert.SlotDetails, alert.SlotResult:
			strongest(c.origin, f, note)
		case alert.SlotSubject:
			c.subject(f, from, note)
		default:
			c.brought(f, note)
		}
	}
}

// brought reads what a mail carries.
func (mails) brought(f *alert.Field, note func(triage.Signal)) {
	_, typ := f.Slot.Entity()
	if typ == alert.File {
		attached(f, note)
	}
	if typ == alert.URL && bareAddress(f.Value) {
		note(triage.Note("mail", triage.Mailing, 900, "a mail with a link to a bare address", "", f))
	}
}

// strongest notes the gravest rule that a mail's field matches.
func strongest(set *ruleset, f *alert.Field, note func(triage.Signal)) {
	best := found{rule: &rule{}}
	set.match(f.Value, func(m found) {
		if m.weight > best.weight {
			best = m
		}
	})
	if best.weight > 0 {
		note(triage.Note("mail", triage.Mailing, best.weight, best.says, f.Value[best.from:best.to], f))
	}
}

func mailDomain(f *alert.Field) string {
	if f == nil {
		return ""
	}
	return strings.ToLower(f.Value[strings.LastIndexByte(f.Value, '@')+1:])
}

func (c mails) sender(from *alert.Field, note func(triage.Signal)) {
	if from == nil {
		return
	}
	if r := c.names.read(mailDomain(from)); r.weight >= 250 {
		note(triage.Note("mail", triage.Mailing, r.weight, "the sender's domain: "+r.says, "", from))
	}
}

func (c mails) subject(f, from *alert.Field, note func(triage.Signal)) {
	c.bait.match(f.Value, func(m found) {
		if c.free[mailDomain(from)] {
			note(triage.Note("mail", triage.Mailing, 600, m.says+", and the sender uses a free mailbox", f.Value[m.from:m.to], f, from))
			return
		}
		note(triage.Note("mail", triage.Mailing, m.weight, m.says, f.Value[m.from:m.to], f))
	})
}

// attached reads the name of an attachment.
func attached(f *alert.Field, note func(triage.Signal)) {
	name := strings.ToLower(f.Value)
	dot := strings.LastIndexByte(name, '.')
	if dot < 0 {
		return
	}
	before := name[:dot]
	switch ext := name[dot+1:]; {
	case runs(name) && strings.LastIndexByte(before, '.') >= len(before)-5 && strings.Contains(before, "."):
		note(triage.Note("mail", triage.Mailing, 1900, "an attachment that runs and is named like a document", "", f))
	case runs(name), ext == "vhd", ext == "vhdx", ext == "one", ext == "cpl", ext == "chm", ext == "library-ms", ext == "search-ms", ext == "url":
		note(triage.Note("mail", triage.Mailing, 1400, "an attachment that runs when it is opened", "", f))
	case ext == "docm", ext == "xlsm", ext == "pptm", ext == "dotm", ext == "xlam", ext == "xll", ext == "ace":
		note(triage.Note("mail", triage.Mailing, 900, "an attachment that may hold a program", "", f))
	case ext == "html", ext == "htm", ext == "shtml", ext == "svg", ext == "xhtml":
		note(triage.Note("mail", triage.Mailing, 600, "an attachment that is a web page", "", f))
	}
}

// bareAddress tells a URL whose host is an address of the internet.
func bareAddress(url string) bool {
	_, rest, ok := strings.Cut(url, "://")
	if !ok || rest == "" || rest[0]-'0' > 9 {
		return false
	}
	host, _, _ := strings.Cut(rest, "/")
	host, _, _ = strings.Cut(host, ":")
	return isOutside(host)
}
