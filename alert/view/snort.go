package view

import (
	"net/netip"
	"regexp"
	"strings"
)

var (
	snortRule  = regexp.MustCompile(`^(?:[0-9/:.-]+ +)?(?:\[\w+\] *)?(?:\[\*\*\] *)?\[(\d+):(\d+):(\d+)\] `)
	snortStamp = regexp.MustCompile(`\d\d/\d\d(?:/\d{2,4})?-\d\d:\d\d:\d\d(?:\.\d+)?`)
)

// snort reads the fast and the full alerts of Snort and Suricata. The message and the classification are the rule's;
// nothing here is written by the traffic.
func snort(o *object, s string) bool {
	if s == "" || s[0] != '[' && !digit(s[0]) || !strings.Contains(s, " -> ") {
		return false
	}
	m := snortRule.FindStringSubmatchIndex(s[:min(len(s), headerWindow)])
	if m == nil || !strings.Contains(s[m[1]:], "[Priority: ") && !strings.Contains(s, "[**]") {
		return false
	}
	text := s[m[1]:]
	msg := text
	for _, stop := range [...]string{"[**]", "[Classification: ", "[Priority: ", "{", "\n"} {
		msg, _, _ = strings.Cut(msg, stop)
	}
	source, target, found := addresses(text[len(msg):])
	if !found {
		return false
	}
	protocol := between(text[len(msg):], "{", "}")
	if protocol == "" { // the full form has it at the begin of a line
		protocol, _, _ = strings.Cut(text[strings.Index(text, target)+len(target):], " TTL:")
		protocol = strings.TrimSpace(protocol)
	}
	if len(protocol) > 16 || strings.ContainsAny(protocol, " \n") {
		protocol = ""
	}
	priority := between(text, "[Priority: ", "]")
	if digits(priority) != len(priority) {
		priority = ""
	}
	o.open("snort")
	o.known("time", snortStamp.FindString(s))
	o.member("gid", s[m[2]:m[3]])
	o.member("sid", s[m[4]:m[5]])
	o.member("rev", s[m[6]:m[7]])
	o.known("msg", strings.TrimSpace(msg))
	o.known("classification", between(text, "[Classification: ", "]"))
	o.known("priority", priority)
	o.known("protocol", protocol)
	endpoint(o, "src", source, protocol)
	endpoint(o, "dst", target, protocol)
	o.end()
	return true
}

// addresses returns the words on both sides of the arrow.
func addresses(s string) (source, target string, found bool) {
	before, after, found := strings.Cut(s, " -> ")
	if i := strings.LastIndexAny(before, " \n"); i >= 0 {
		before = before[i+1:]
	}
	if i := strings.IndexAny(after, " \r\n"); i >= 0 {
		after = after[:i]
	}
	return before, after, found && before != "" && after != ""
}

// endpoint writes an address and its port. ICMP has none, so that the last group of an IPv6 address is not one.
func endpoint(o *object, side, s, protocol string) {
	_, err := netip.ParseAddr(s)
	whole := err == nil && (strings.Count(s, ":") == 0 || strings.Contains(strings.ToUpper(protocol), "ICMP"))
	i := strings.LastIndexByte(s, ':')
	if whole || i < 0 {
		o.known(side+"_ip", s)
		return
	}
	o.known(side+"_ip", strings.Trim(s[:i], "[]"))
	o.known(side+"_port", s[i+1:])
}

// between returns the text between the first open and the next shut; empty when they are not there.
func between(s, open, shut string) string {
	_, rest, ok := strings.Cut(s, open)
	if !ok {
		return ""
	}
	text, _, ok := strings.Cut(rest, shut)
	if !ok {
		return ""
	}
	return text
}
