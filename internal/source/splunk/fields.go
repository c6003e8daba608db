package splunk

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/seed-959697dd/soc/investigate"
)

// fields are where the Common Information Model keeps values of a kind. No other name ever stands in a search. Source: CIM manual, data model
// reference: Authentication, Endpoint, Network Traffic, Network Resolution, Web, Email, Malware.
func fields(k investigate.Kind) []string {
	switch k {
	case "ip":
		return []string{"src", "dest", "src_ip", "dest_ip", "dvc"}
	case "host":
		return []string{"host", "dest", "src", "dvc", "dest_nt_host", "src_nt_host"}
	case "user":
		return []string{"user", "src_user", "dest_user"}
	case "domain":
		return []string{"query", "url_domain", "dest", "dest_dns", "src_dns"}
	case "url":
		return []string{"url", "http_referrer"}
	case "file":
		return []string{"file_name", "file_path"}
	case "hash":
		return []string{"file_hash", "process_hash"}
	case "process", "process_command":
		return []string{"process_name", "process_path", "process", "parent_process_name"}
	case "process.key":
		return []string{"process_guid", "parent_process_guid"}
	case "process.id":
		return []string{"process_id", "parent_process_id"}
	case "port":
		return []string{"src_port", "dest_port"}
	case "mail":
		return []string{"src_user", "recipient"}
	case "mail.id":
		return []string{"message_id"}
	case "registry":
		return []string{"registry_path", "registry_key_name"}
	case "session":
		return []string{"session_id"}
	case "event.code":
		return []string{"signature_id"}
	case "result":
		return []string{"action"}
	}
	return nil // by its text alone
}

// clause makes the part of a search that finds a term; why says what keeps it from being searched.
func clause(t investigate.Term) (spl, why string) {
	value := strings.TrimSpace(t.Value)
	text := run(value)
	if len(text) < least {
		return "", fmt.Sprintf("shorter than %d letters", least)
	}
	if t.Host == "" && common(value) {
		return "", "short numbers that only one host understands, and no host was named"
	}
	any := literals(text)
	if text == value { // a field holds the whole value, and of one with an asterisk that could not be asked for
		for _, f := range fields(t.Kind) {
			any = append(any, f+"="+quote(value))
		}
	}
	spl = "(" + strings.Join(any, " OR ") + ")"
	if h := hostName(t.Host); h != "" {
		if len(run(h)) != len(h) || h == "" {
			return "", "of a host whose name cannot be searched"
		}
		spl = "(" + spl + " (" + quote(h) + " OR host=" + quote(h) + " OR host=" + quote(h+".*") + " OR dest=" + quote(h) + " OR src=" + quote(h) + "))"
	}
	return spl, ""
}

// literals are the ways in which an event's text may spell a value: JSON doubles backslashes.
func literals(text string) []string {
	list := []string{quote(text)}
	if strings.Contains(text, `\`) {
		list = append(list, quote(strings.ReplaceAll(text, `\`, `\\`)))
	}
	return list
}

// hostName is what a record of a host holds, whether it writes the name with its domain or without.
func hostName(name string) string {
	name = strings.TrimSuffix(strings.TrimSpace(name), "$") // the account of a machine
	if _, err := netip.ParseAddr(name); err != nil {
		name, _, _ = strings.Cut(name, ".")
	}
	return name
}

// common tells the numbers that every log is full of: up to five digits, or as many behind 0x.
func common(value string) bool {
	digits := strings.TrimPrefix(strings.ToLower(value), "0x")
	if len(digits) > 5 {
		return false
	}
	hex := len(digits) < len(value)
	for _, c := range []byte(digits) {
		if (c < '0' || c > '9') && (!hex || c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
