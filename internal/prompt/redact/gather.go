package redact

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed-959697dd/soc/alert"
)

// own is what one alert tells about who is who.
type own struct {
	names   trie
	domains []string // in lower case
	count   int
	full    bool // there were more: what one does not know one cannot replace
}

// maxOwn bounds the names of one alert: with more it is not sent. maxName bounds the bytes of one.
const (
	maxOwn  = 1024
	maxName = 256
)

func (o *own) add(name, kind string) {
	name = trim(name)
	if len(name) < 2 || generic(name) {
		return
	}
	if o.full = o.full || o.count == maxOwn; o.full {
		return
	}
	o.count++
	name = name[:min(len(name), maxName)]
	o.names.add(name, kind)
	for _, other := range [...]string{strings.ToLower(name), strings.ToUpper(name)} {
		if len(other) != len(name) || name[0] >= 0x80 || other != name {
			o.names.add(other, kind)
		}
	}
}

func trim(name string) string { return strings.Trim(name, " \t\r\n\"'.,;:") }

// gather reads the fields for names. The session knows them afterwards wherever they stand.
func (s *Session) gather(fields []alert.Field) {
	for i := range fields {
		f := &fields[i]
		if slices.Contains(s.r.slots, f.Slot) && f.Slot != alert.NoSlot {
			s.held[f.Path] = true
		}
		switch role, typ := f.Slot.Entity(); {
		case typ == alert.Host:
			s.host(f.Value)
		case typ == alert.User:
			s.user(f.Value)
		case typ == alert.Mail:
			s.mail(f.Value, role != alert.Source)
		case typ == alert.Domain:
			s.windowsDomain(f.Value)
		default:
			s.byKey(f)
		}
	}
	texts := make([]string, 0, len(fields))
	for i := range fields {
		f := &fields[i]
		if s.isSecret(f.Path) {
			s.keep(f.Value, "secret-value")
			continue
		}
		texts = append(texts, f.Value)
		within(f.Value, 0, func(inner string) { texts = append(texts, inner) })
	}
	s.inTexts(texts)
	if s.own.full {
		s.err = fmt.Errorf("%w: the alert names more than %d hosts and users", ErrResidue, maxOwn)
	}
}

// byKey takes a value for what its key says, where no format knows the path.
func (s *Session) byKey(f *alert.Field) {
	if len(f.Value) > maxName || strings.ContainsAny(f.Value, "\r\n") {
		return
	}
	steps := f.Path.Steps()
	switch letters(steps[len(steps)-1]) {
	case "host", "hostname", "computer", "computername", "machine", "machinename", "device", "devicename", "devicehostname", "workstation", "workstationname",
		"fqdn", "hostfqdn", "dnshostname", "agentname", "servername", "endpoint", "endpointname", "netbiosname", "vmname", "instancename", "shost", "dhost", "dvchost":
		s.host(f.Value)
	case "user", "username", "usr", "account", "accountname", "login", "loginname", "logonname", "samaccountname", "upn", "userprincipalname", "displayname",
		"fullname", "firstname", "lastname", "givenname", "surname", "owner", "employee", "employeename", "manager", "srcuser", "dstuser", "suser", "duser",
		"targetusername", "subjectusername", "targetuser", "sourceuser", "requestedby", "createdby", "modifiedby", "assignedto", "callername":
		s.user(f.Value)
	case "userdomain", "accountdomain", "ntdomain", "subjectdomainname", "targetdomainname", "domainname", "dnsdomain", "addomain", "workgroup":
		s.windowsDomain(f.Value)
	}
}

// inTexts finds what texts name by its form.
func (s *Session) inTexts(texts []string) {
	for _, t := range texts {
		if len(t) <= 4 {
			continue
		}
		for _, re := range s.r.shapes.named {
			for _, m := range re.FindAllStringSubmatch(t, -1) {
				s.user(m[1])
			}
		}
		s.mails(t)
		s.secretsIn(t)
	}
	for _, t := range texts {
		for _, m := range s.r.shapes.account.FindAllStringSubmatch(t, -1) {
			if s.own.names.has(m[2]) {
				s.windowsDomain(m[1])
			}
		}
	}
}

// mails makes the domains of mail addresses in a text the estate's, but those of senders: which side somebody is on, a text does not tell.
func (s *Session) mails(text string) {
	if !strings.Contains(text, "@") {
		return
	}
	for _, m := range s.r.shapes.mail.FindAllString(text, -1) {
		_, d, _ := strings.Cut(strings.ToLower(m), "@")
		if dot := strings.LastIndexByte(d, '.'); dot > 0 && d[dot+1]-'0' > 9 && !slices.Contains(s.foreign, d) {
			s.domain(d)
		}
	}
}

// secretsIn keeps the secrets of a text: who knows one by its place knows it in every other.
func (s *Session) secretsIn(text string) {
	low := strings.ToLower(text)
	for i := range s.r.secrets {
		for _, p := range s.r.secrets[i].find(text, low) {
			s.keep(text[p.from:p.to], p.kind)
		}
	}
}

// keep bounds what of a long secret is remembered: its beginning tells it.
func (s *Session) keep(v, kind string) {
	if v = trim(v); len(v) >= minSecret && !generic(v) {
		s.own.add(v, kind)
		s.secrets = append(s.secrets, strings.ToLower(v[:min(len(v), maxName)]))
	}
}

// minSecret is the shortest secret that is looked for where nothing says that it is one, in bytes.
const minSecret = 6
