package investigate

import (
	"strings"
	"unicode/utf8"

	"github.com/seed-959697dd/soc/alert"
)

// maxSummary bounds a summary, in bytes; maxPiece one value in it.
const (
	maxSummary = 300
	maxPiece   = 160
)

// summarize says in one line what a record tells of.
func summarize(t *trace) string {
	a := t.a
	text := func(s alert.Slot) string { return piece(a.Text(s)) }
	entity := func(r alert.Role, e alert.EntityType) string { return text(alert.EntitySlot(r, e)) }
	who := piece(fileOf(t.actor.image))
	if who == "" {
		who = cmpText(entity(alert.Actor, alert.User), entity(alert.Target, alert.User), text(alert.SlotService), "something")
	}
	var s string
	switch {
	case t.is(start):
		if t.actor.image == "" && t.actor.none() && a.First(alert.EntitySlot(alert.Actor, alert.Command)) != nil {
			s = "command: " + entity(alert.Actor, alert.Command)
			break
		}
		s = who + " started" + phrase(" by ", piece(fileOf(t.parent.image))) + phrase(": ", entity(alert.Actor, alert.Command))
	case t.is(ended):
		s = who + " ended"
	case t.is(network):
		s = who + phrase(" connected from ", end(t.source)) + phrase(" to ", end(t.remote)) + phrase(" by ", protocol(text(alert.SlotProtocol)))
		if t.actor.image == "" {
			s = cmpText(strings.ToLower(text(alert.SlotProtocol)), "connection") + phrase(" from ", end(t.source)) + phrase(" to ", end(t.remote)) + sent(a)
		}
	case t.is(dns):
		s = cmpText(piece(fileOf(t.actor.image)), end(endpoint{t.source.addr, ""}), "somebody") + " asked for " + cmpText(text(alert.SlotQuery), "a name") + phrase(", which is ", text(alert.EntitySlot(alert.Related, alert.IP)))
	case t.is(file):
		s = who + " wrote " + cmpText(entity(alert.Target, alert.File), "a file")
	case t.is(remove):
		s = who + " deleted " + cmpText(entity(alert.Target, alert.File), "a file")
	case t.is(module):
		s = who + " loaded " + cmpText(entity(alert.Target, alert.File), "a module")
	case t.is(registry):
		s = who + " " + verb(text(alert.SlotOperation)) + " " + cmpText(entity(alert.Target, alert.Registry), "a registry value") + phrase(" to ", text(alert.SlotDetails))
	case t.is(object):
		s = who + " opened " + cmpText(entity(alert.Target, alert.Registry), entity(alert.Target, alert.File), text(alert.SlotService), "an object") + phrase(" with access ", text(alert.SlotAccess))
	case t.is(access):
		s = who + " opened the process " + cmpText(fileOf(entity(alert.Target, alert.Process)), t.target.id) + phrase(" with access ", text(alert.SlotAccess))
	case t.is(inject):
		s = who + " reached into the process " + cmpText(fileOf(entity(alert.Target, alert.Process)), t.target.id)
	case t.is(pipe):
		s = who + " used the pipe " + entity(alert.Target, alert.File)
	case t.is(script):
		s = cmpText(piece(fileOf(t.actor.image)), "a shell") + " ran a script: " + text(alert.SlotScript)
	case t.is(logon, failed):
		s = map[bool]string{true: "logon", false: "failed logon"}[t.kind == logon] + phrase(" of ", cmpText(entity(alert.Target, alert.User), entity(alert.Actor, alert.User))) +
			phrase(" from ", cmpText(end(endpoint{t.source.addr, ""}), entity(alert.Source, alert.Host))) + phrase(", type ", text(alert.SlotLogonType)) + phrase(", ", text(alert.SlotMethod))
	case t.is(logoff):
		s = "logoff" + phrase(" of ", cmpText(entity(alert.Target, alert.User), entity(alert.Actor, alert.User)))
	case t.is(service):
		s = "service " + cmpText(text(alert.SlotService), "without a name") + " installed" + phrase(": ", entity(alert.Target, alert.Command))
	case t.is(task):
		s = "task scheduled" + phrase(": ", cmpText(text(alert.SlotDetails), entity(alert.Target, alert.Command)))
	case t.is(share):
		s = cmpText(entity(alert.Actor, alert.User), "somebody") + " used the share file " + entity(alert.Target, alert.File) + phrase(" from ", end(endpoint{t.source.addr, ""}))
	case t.is(account):
		s = cmpText(entity(alert.Actor, alert.User), "somebody") + " changed the account " + cmpText(entity(alert.Target, alert.User), "of somebody") + phrase(": ", piece(a.Title))
	case t.is(call):
		s = cmpText(entity(alert.Actor, alert.User), "somebody") + " called " + cmpText(text(alert.SlotOperation), "something") + phrase(" of ", text(alert.SlotService)) +
			phrase(" on ", cmpText(entity(alert.Target, alert.User), entity(alert.Target, alert.Cloud))) + phrase(" from ", cmpText(end(endpoint{t.source.addr, ""}), entity(alert.Source, alert.Domain)))
		if succeeds(a) < 0 {
			s += ", refused" + phrase(": ", text(alert.SlotResult))
		}
	case t.is(web):
		s = cmpText(end(endpoint{t.source.addr, ""}), piece(fileOf(t.actor.image)), "somebody") + " asked for " + phrase("", text(alert.SlotHTTPMethod)+" ") + cmpText(entity(alert.Target, alert.URL), entity(alert.Target, alert.Domain)) +
			phrase(", answered ", text(alert.SlotHTTPStatus))
	case t.is(mail):
		s = "mail" + phrase(" from ", entity(alert.Source, alert.Mail)) + phrase(" to ", entity(alert.Target, alert.Mail)) + phrase(": ", text(alert.SlotSubject)) + phrase(" with the link ", entity(alert.Target, alert.URL))
	default:
		s = cmpText(piece(a.Title), piece(a.Rule.Name), text(alert.SlotMessage), "a record of "+a.Format)
		if t.actor.image != "" {
			s = who + ": " + s
		}
		s += phrase(", ", entity(alert.Target, alert.File))
	}
	return cut(strings.Join(strings.Fields(s), " "), maxSummary)
}

// verb is what was done to a registry key.
func verb(operation string) string {
	op := strings.ToLower(operation)
	switch {
	case strings.Contains(op, "delete"):
		return "deleted"
	case strings.Contains(op, "create"):
		return "created"
	case strings.Contains(op, "rename"):
		return "renamed"
	}
	return "set"
}

func sent(a *alert.Alert) string {
	out, in := a.Text(alert.SlotBytesOut), a.Text(alert.SlotBytesIn)
	if out == "" && in == "" {
		return ""
	}
	return ", " + cmpText(out, "?") + " bytes out, " + cmpText(in, "?") + " in"
}

func end(e endpoint) string {
	switch {
	case !e.addr.IsValid():
		return ""
	case e.port == "":
		return e.addr.String()
	case e.addr.Is6():
		return "[" + e.addr.String() + "]:" + e.port
	}
	return e.addr.String() + ":" + e.port
}

// phrase is a value behind its word, nothing without it.
func phrase(before, value string) string {
	if strings.TrimSpace(value) == "" {
		return ""
	}
	return before + value
}

func cmpText(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}

// protocol gives the most common numbers of IANA's protocol registry their names.
func protocol(s string) string {
	switch s {
	case "1":
		return "icmp"
	case "6":
		return "tcp"
	case "17":
		return "udp"
	}
	return s
}

func piece(s string) string { return cut(strings.TrimSpace(s), maxPiece) }

// cut shortens a text at a letter's end.
func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	s = s[:most-3]
	for len(s) > 0 && !utf8.RuneStart(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	if r, n := utf8.DecodeLastRuneInString(s); r == utf8.RuneError {
		s = s[:len(s)-n]
	}
	return s + "..."
}
