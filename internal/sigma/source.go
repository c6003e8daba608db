package sigma

import (
	"slices"
	"strings"

	"github.com/seed-959697dd/soc/alert"
)

// source is the log source of a rule; what is empty says nothing.
type source struct{ product, category, service string }

// kinds is what log source a record may be.
type kinds struct {
	products, categories, services []string
	guessed                        bool // from what the record tells, not from where it comes
}

// reset keeps the memory.
func (k *kinds) reset() {
	*k = kinds{products: k.products[:0], categories: k.categories[:0], services: k.services[:0]}
}

func (k *kinds) add(product string, services ...string) {
	k.products = append(k.products, product)
	k.services = append(k.services, services...)
}

// fits reports whether a rule for the source applies. A source that names nothing applies to nothing: its rule would search every
// record of every product.
func (k *kinds) fits(s source) bool {
	return s != source{} &&
		(s.product == "" || slices.Contains(k.products, s.product)) &&
		(s.category == "" || slices.Contains(k.categories, s.category)) &&
		(s.service == "" || slices.Contains(k.services, s.service))
}

// format is what the records of one format of package alert are.
type format struct {
	product, services, categories string
	weak                          bool // the record itself may tell more
}

// formats are the log sources of the formats that are one.
var formats = map[string]format{
	"aws-cloudtrail":         {"aws", "cloudtrail", "", false},
	"google-cloud-audit":     {"gcp", "gcp.audit", "", false},
	"google-workspace":       {"gcp", "google_workspace.admin google_workspace.login", "", false},
	"office-365":             {"m365", "audit exchange threat_management threat_detection", "", false},
	"okta":                   {"okta", "okta", "", false},
	"onelogin":               {"onelogin", "onelogin.events", "", false},
	"duo":                    {"cisco", "duo", "", false},
	"github-audit":           {"github", "audit", "", false},
	"kubernetes-audit":       {"kubernetes", "audit", "application", false},
	"thinkst-canary":         {"opencanary", "", "application", false},
	"auditd":                 {"linux", "auditd", "", true},
	"linux-auth":             {"linux", "auth syslog", "", false},
	"syslog":                 {"linux", "syslog", "", false},
	"access":                 {"", "apache nginx", "webserver proxy", false},
	"w3c":                    {"", "", "webserver proxy", false},
	"modsecurity":            {"", "apache nginx", "webserver", false},
	"aws-waf":                {"", "", "webserver", false},
	"cloudflare":             {"", "", "webserver", false},
	"f5":                     {"", "", "webserver", false},
	"zscaler":                {"", "", "proxy", false},
	"netskope":               {"", "", "proxy", false},
	"cisco-umbrella":         {"", "", "proxy dns", false},
	"dns-bind":               {"", "", "dns", false},
	"dns-windows":            {"", "", "dns", false},
	"suricata":               {"", "", "proxy dns firewall", false},
	"fortigate":              {"fortigate", "event", "firewall proxy", false},
	"paloalto-ngfw":          {"paloalto", "", "firewall proxy", false},
	"paloalto-globalprotect": {"paloalto", "globalprotect", "appliance", false},
	"checkpoint":             {"checkpoint", "", "firewall proxy", false},
	"sophos-firewall":        {"", "", "firewall proxy", false},
	"sonicwall":              {"", "", "firewall", false},
	"netfilter":              {"linux", "", "firewall", false},
	"stormshield-network":    {"", "", "firewall", false},
	"aws-flow-log":           {"aws", "", "firewall", false},
	"cisco-secure-firewall":  {"cisco", "asa", "firewall", false},
	"cisco-meraki":           {"cisco", "", "firewall proxy", false},
	"cisco-ios":              {"cisco", "aaa bgp ldp syslog", "", false},
	"juniper":                {"juniper", "bgp", "firewall", false},
	"symantec-endpoint":      {"", "", "antivirus", true},
	"trellix-epo":            {"", "", "antivirus", true},
	"sophos-central":         {"", "", "antivirus", true},
	"eset-protect":           {"", "", "antivirus", true},
	"trend-micro-apex":       {"", "", "antivirus", true},
	"bitdefender-gravityzone": {
		"", "", "antivirus", true,
	},
}

// classify finds out what log source the record may be: by its Windows channel, by its format, by what it says of itself.
func (e *event) classify() {
	k := &e.kinds
	windows := k.windows(e)
	f, known := formats[e.alert.Format]
	if known && f.product != "" {
		k.products = append(k.products, f.product)
	}
	k.services = append(k.services, strings.Fields(f.services)...)
	k.categories = append(k.categories, strings.Fields(f.categories)...)
	switch e.alert.Format {
	case "azure-monitor", "entra-id":
		k.azure(e)
		return
	case "zeek", "zeek-notice":
		k.add("zeek", e.alert.Text(alert.SlotProvider), e.alert.Text(alert.SlotRuleID))
		k.zeek()
		return
	}
	if e.alert.Format == "linux-auth" || e.alert.Format == "syslog" {
		k.program(strings.ToLower(e.alert.Text(alert.SlotService)))
	}
	if windows || known && !f.weak {
		return
	}
	if k.embedded(e) {
		return
	}
	k.observed(e)
}

// azure tells the logs of Azure and Entra ID apart.
func (k *kinds) azure(e *event) {
	k.products = append(k.products, "azure")
	category := strings.ToLower(e.first(fieldCategory) + " " + e.first(fieldType))
	switch {
	case strings.Contains(category, "signinlogs"):
		k.services = append(k.services, "signinlogs")
	case strings.Contains(category, "risk"):
		k.services = append(k.services, "riskdetection")
	case strings.Contains(category, "auditlogs"):
		k.services = append(k.services, "auditlogs", "pim")
	case e.alert.Format == "azure-monitor":
		k.services = append(k.services, "activitylogs")
	default:
		k.services = append(k.services, "auditlogs", "signinlogs", "riskdetection", "pim")
	}
}

// zeek adds the generic categories of some logs.
func (k *kinds) zeek() {
	switch {
	case slices.Contains(k.services, "dns"):
		k.categories = append(k.categories, "dns")
	case slices.Contains(k.services, "http"):
		k.categories = append(k.categories, "proxy", "webserver")
	case slices.Contains(k.services, "conn"):
		k.categories = append(k.categories, "firewall")
	}
}

// program adds the service that a syslog program is.
func (k *kinds) program(app string) {
	switch {
	case strings.HasPrefix(app, "sshd"):
		k.services = append(k.services, "sshd")
	case strings.HasPrefix(app, "cron") || app == "crond" || app == "anacron":
		k.services = append(k.services, "cron")
	case app != "":
		k.services = append(k.services, app)
	}
}

// embedded tells the cloud records that a relay, such as Wazuh, carries inside its own.
func (k *kinds) embedded(e *event) bool {
	switch {
	case strings.HasSuffix(e.first(fieldEventSource), ".amazonaws.com"):
		k.add("aws", "cloudtrail")
	case e.first(fieldWorkload) != "" && e.first(fieldOperation) != "":
		k.add("m365", "audit", "exchange", "threat_management", "threat_detection")
	case strings.HasSuffix(e.first(fieldServiceName), ".googleapis.com"):
		k.add("gcp", "gcp.audit")
	case e.alert.Format != "auditd" && e.first(fieldAuditType) != "" && e.first(fieldAuditExe)+e.first(fieldAuditA0) != "":
		k.add("linux", "auditd")
	default:
		return false
	}
	return true
}

// observed takes the record of any product for what it tells about: a process, a file, a registry value, a request.
func (k *kinds) observed(e *event) {
	k.guessed = true
	command, image := e.first(fieldCommand), e.first(fieldImage)
	if system := systemOf(image, command, e.first(fieldFile)); system != "" {
		k.products = append(k.products, system)
	}
	switch {
	case command != "":
		k.categories = append(k.categories, "process_creation")
	case e.first(fieldRegistry) != "":
		k.categories = append(k.categories, "registry_event", "registry_set")
		k.products = append(k.products, "windows")
	case e.first(fieldFile) != "":
		k.categories = append(k.categories, "file_event")
	}
	if e.first(fieldQuery) != "" {
		k.categories = append(k.categories, "dns", "dns_query")
	}
	if e.first(fieldURL) != "" {
		k.categories = append(k.categories, "proxy", "webserver")
	}
	if vendor := strings.ToLower(e.alert.Product); vendor != "" {
		k.add(vendor, vendor)
		k.categories = append(k.categories, "application")
	}
}

// systemOf tells the operating system from the first text that shows one.
func systemOf(texts ...string) string {
	for _, s := range texts {
		low := strings.ToLower(s)
		switch {
		case strings.Contains(low, `:\`) || strings.HasPrefix(s, `\`) || strings.Contains(low, ".exe"):
			return "windows"
		case strings.HasPrefix(s, "/Applications/") || strings.HasPrefix(s, "/Users/") || strings.HasPrefix(s, "/Library/"):
			return "macos"
		case strings.HasPrefix(s, "/"):
			return "linux"
		}
	}
	return ""
}
