package elastic

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/seed-959697dd/soc/investigate"
)

// how a value is compared with what a field holds.
type how uint8

const (
	fold    how = iota // whatever the letter case
	name               // the same, or it is the first part of a longer host name
	address            // as an address
	number             // as a number
	phrase             // within a text
)

// column is a field that may hold values of a kind.
type column struct {
	field string
	how   how
}

func columns(h how, fields ...string) (list []column) {
	for _, f := range fields {
		list = append(list, column{f, h})
	}
	return list
}

// table names the fields of each kind of value. Source: the Elastic Common Schema, and the fields of Winlogbeat and Elastic Defend.
func table() map[investigate.Kind][]column {
	join := func(lists ...[]column) (all []column) {
		for _, l := range lists {
			all = append(all, l...)
		}
		return all
	}
	paths := []string{"file.name", "file.path", "file.target_path", "dll.name", "dll.path", "process.executable", "process.parent.executable", "email.attachments.file.name"}
	return map[investigate.Kind][]column{
		"host":            columns(name, "host.name", "host.hostname", "agent.name", "source.domain", "destination.domain", "related.hosts", "winlog.computer_name"),
		"user":            columns(fold, "user.name", "user.email", "user.target.name", "user.effective.name", "user.changes.name", "source.user.name", "destination.user.name", "client.user.name", "process.user.name", "related.user", "winlog.event_data.TargetUserName", "winlog.event_data.SubjectUserName"),
		"ip":              columns(address, "source.ip", "destination.ip", "client.ip", "server.ip", "host.ip", "source.nat.ip", "destination.nat.ip", "related.ip", "dns.resolved_ip", "network.forwarded_ip", "winlog.event_data.IpAddress"),
		"domain":          columns(fold, "dns.question.name", "url.domain", "destination.domain", "source.domain", "server.domain", "tls.client.server_name", "dns.answers.data"),
		"url":             columns(fold, "url.full", "url.original", "url.path", "http.request.referrer"),
		"file":            columns(fold, paths...),
		"hash":            columns(fold, "process.hash.md5", "process.hash.sha1", "process.hash.sha256", "process.parent.hash.sha256", "file.hash.md5", "file.hash.sha1", "file.hash.sha256", "file.hash.sha512", "dll.hash.md5", "dll.hash.sha1", "dll.hash.sha256", "email.attachments.file.hash.sha256", "related.hash"),
		"process":         columns(fold, "process.name", "process.executable", "process.parent.name", "process.parent.executable", "process.pe.original_file_name", "Target.process.name", "Target.process.executable"),
		"process_command": columns(fold, "process.command_line", "process.parent.command_line"),
		"mail":            columns(fold, "email.from.address", "email.to.address", "email.cc.address", "email.sender.address", "user.email"),
		"registry":        columns(fold, "registry.path", "registry.key"),
		"cloud":           columns(fold, "cloud.instance.id", "container.id", "container.name", "orchestrator.resource.name"),
		"port":            columns(number, "source.port", "destination.port", "client.port", "server.port"),
		"process.key":     columns(fold, "process.entity_id", "process.parent.entity_id", "Target.process.entity_id"),
		"process.id":      columns(number, "process.pid", "process.parent.pid", "Target.process.pid"),
		"session":         columns(fold, "winlog.logon.id", "winlog.event_data.SubjectLogonId", "winlog.event_data.TargetLogonId", "process.Ext.authentication_id", "process.entry_leader.entity_id"),
		"credential":      columns(fold, "aws.cloudtrail.user_identity.access_key_id", "user.id", "client.user.id"),
		"connection":      columns(fold, "network.community_id", "zeek.session_id"),
		"mail.id":         columns(fold, "email.message_id"),
		"request":         columns(fold, "http.request.id", "transaction.id", "event.id"),
		"event.code":      columns(fold, "event.code", "winlog.event_id"),
		"result":          join(columns(fold, "event.code", "event.outcome", "event.action"), columns(phrase, "message")),
		"rule":            columns(fold, "rule.name", "rule.id", "kibana.alert.rule.name"),
	}
}

// hosts are where a record says which machine it is of.
func hosts() []column {
	return append(columns(name, "host.name", "host.hostname", "agent.name", "winlog.computer_name"), columns(address, "host.ip", "source.ip", "destination.ip", "client.ip", "winlog.event_data.IpAddress")...)
}

// clause is one condition of Query DSL: of a field it wants one of the values.
type clause struct {
	field  string
	how    how
	kind   string // term, prefix, match_phrase
	value  string
	folded bool
}

// spell says how a value is looked for in a column; nothing where it cannot stand there.
func (c column) spell(value string) (list []clause) {
	one := func(kind, v string, folded bool) { list = append(list, clause{c.field, c.how, kind, v, folded}) }
	switch c.how {
	case fold:
		one("term", value, true)
		if _, account, ok := strings.Cut(value, `\`); ok && strings.Contains(c.field, "user") && account != "" { // DOMAIN\user: ECS keeps the domain apart
			one("term", account, true)
		}
	case name:
		one("term", value, true)
		if _, err := netip.ParseAddr(value); err != nil {
			one("prefix", strings.TrimSuffix(value, ".")+".", true)
			if label, _, ok := strings.Cut(value, "."); ok && label != "" {
				one("term", label, true)
			}
		}
	case address:
		if a, err := netip.ParseAddr(value); err == nil { // of anything else the field type ip makes an error of the whole query
			one("term", a.Unmap().WithZone("").String(), false)
		}
	case number:
		if n, err := strconv.ParseUint(value, 0, 32); err == nil {
			one("term", strconv.FormatUint(n, 10), false)
		}
	case phrase:
		one("match_phrase", value, false)
	}
	return list
}

// dsl is the clause as Elasticsearch takes it: the value is data in it.
func (c clause) dsl() object {
	if c.kind == "match_phrase" {
		return object{c.kind: object{c.field: c.value}}
	}
	v := object{"value": c.value}
	if c.folded {
		v["case_insensitive"] = true
	}
	return object{c.kind: object{c.field: v}}
}

// holds tells whether a value of the field meets the clause.
func (c clause) holds(have string) bool {
	switch {
	case c.kind == "match_phrase":
		return strings.Contains(strings.ToLower(have), strings.ToLower(c.value))
	case c.kind == "prefix":
		return len(have) >= len(c.value) && strings.EqualFold(have[:len(c.value)], c.value)
	case c.how == address:
		a, err := netip.ParseAddr(have)
		return have == c.value || err == nil && a.Unmap().WithZone("").String() == c.value
	case c.folded:
		return strings.EqualFold(have, c.value)
	}
	return have == c.value
}
