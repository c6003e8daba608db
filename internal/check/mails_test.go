package check_test

import (
	"testing"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/check"
	"github.com/seed-959697dd/soc/triage"
)

func letter(from string, more ...any) *alert.Alert {
	return with(alert.EntitySlot(alert.Source, alert.Mail), from, more...)
}

func TestMails(t *testing.T) {
	t.Parallel()
	file, url := alert.EntitySlot(alert.Related, alert.File), alert.EntitySlot(alert.Related, alert.URL)
	const friend = "billing@shop.example.com"
	weighs(t, check.Mails(), map[string]weighed{
		"called phishing":               {1300, letter(friend, alert.SlotVerdict, "Phish")},
		"called malware":                {1500, letter(friend, alert.SlotThreat, "Malware")},
		"disowned":                      {800, letter(friend, alert.SlotMessage, "spf=fail; dkim=none; dmarc=fail action=quarantine")},
		"not allowed to send":           {450, letter(friend, alert.SlotMessage, "spf=fail smtp.mailfrom=shop.example.com")},
		"an attachment that runs":       {1400, letter(friend, file, "invoice.js")},
		"one dressed as a document":     {1900, letter(friend, file, "invoice.pdf.exe")},
		"a disk image":                  {1400, letter(friend, file, "order.iso")},
		"macros":                        {900, letter(friend, file, "order.docm")},
		"a web page":                    {600, letter(friend, file, "voicemail.html")},
		"a link to a bare address":      {900, letter(friend, url, "http://203.0.113.9/login")},
		"a sender made to be mistaken":  {1200, letter("support@micros0ft.com")},
		"bait from a free mailbox":      {600, letter("boss.office@gmail.com", alert.SlotSubject, "Are you available? Gift card needed")},
		"bait":                          {350, letter(friend, alert.SlotSubject, "Final notice: overdue")},
		"an ordinary mail":              {0, letter(friend, alert.SlotSubject, "Minutes of Monday's meeting")},
		"an ordinary attachment":        {0, letter(friend, file, "report.pdf")},
		"a spreadsheet":                 {0, letter(friend, file, "Q3.final.xlsx")},
		"a calendar entry":              {0, letter(friend, file, "invite.ics")},
		"a picture":                     {0, letter(friend, file, "team.photo.jpg")},
		"all proofs hold":               {0, letter(friend, alert.SlotMessage, "spf=pass dkim=pass dmarc=pass compauth=pass")},
		"no policy to fail":             {0, letter(friend, alert.SlotMessage, "spf=none dkim=none dmarc=none")},
		"delivered":                     {0, letter(friend, alert.SlotVerdict, "Delivered")},
		"clean":                         {0, letter(friend, alert.SlotVerdict, "clean")},
		"a private person":              {0, letter("somebody@gmail.com", alert.SlotSubject, "Holiday photos")},
		"a newsletter's link":           {0, letter(friend, url, "https://news.example.com/42")},
		"a link inside":                 {0, letter(friend, url, "http://10.0.0.8/intranet")},
		"no mail at all":                {0, with(alert.SlotVerdict, "Phish", file, "setup.exe")},
		"an account with a mail in it":  {0, with(alert.EntitySlot(alert.Related, alert.Mail), friend, file, "setup.exe")},
		"a sender of the real company":  {0, letter("no-reply@microsoft.com")},
		"a file without an ending":      {0, letter(friend, file, "README")},
		"an archive, as people send it": {0, letter(friend, file, "photos.zip")},
	})
}

func BenchmarkMails(b *testing.B) {
	a, c := letter("billing@shop.example.com", alert.SlotSubject, "Minutes of Monday's meeting", alert.EntitySlot(alert.Related, alert.File), "report.pdf"), check.Mails()
	b.ReportAllocs()
	for b.Loop() {
		c.Check(a, func(triage.Signal) {})
	}
}
