package sigma

import (
	"strings"
)

// sysmonCategories are the Sigma categories of Sysmon's events, by id.
// Source: https://sigmahq.io/docs/basics/log-sources.html and https://learn.microsoft.com/sysinternals/downloads/sysmon.
func sysmonCategories(id, change string) []string {
	switch id {
	case "12":
		switch {
		case strings.HasPrefix(change, "Delete"):
			return []string{"registry_event", "registry_delete"}
		case strings.HasPrefix(change, "Create"):
			return []string{"registry_event", "registry_add"}
		}
		return []string{"registry_event", "registry_add", "registry_delete"}
	case "13":
		return []string{"registry_event", "registry_set"}
	case "14":
		return []string{"registry_event", "registry_rename"}
	case "17", "18":
		return []string{"pipe_created"}
	case "19", "20", "21":
		return []string{"wmi_event"}
	case "26":
		return []string{"file_delete", "file_delete_detected"}
	case "4", "16":
		return []string{"sysmon_status"}
	}
	if word := sysmonWords[id]; word != "" {
		return []string{word}
	}
	return nil
}

var sysmonWords = map[string]string{
	"1": "process_creation", "2": "file_change", "3": "network_connection", "5": "process_termination", "6": "driver_load",
	"7": "image_load", "8": "create_remote_thread", "9": "raw_access_thread", "10": "process_access", "11": "file_event",
	"15": "create_stream_hash", "22": "dns_query", "23": "file_delete", "24": "clipboard_change", "25": "process_tampering",
	"27": "file_block_executable", "28": "file_block_shredding", "29": "file_executable_detected", "255": "sysmon_error",
}

// windowsCategories are those of other channels' events.
func windowsCategories(service, id string) []string {
	switch service + " " + id {
	case "security 4688":
		return []string{"process_creation"}
	case "security 4657":
		return []string{"registry_event", "registry_set"}
	case "security 5156", "security 5158":
		return []string{"network_connection"}
	case "powershell 4103":
		return []string{"ps_module"}
	case "powershell 4104":
		return []string{"ps_script"}
	case "powershell-classic 400":
		return []string{"ps_classic_start"}
	case "powershell-classic 600":
		return []string{"ps_classic_provider_start"}
	case "powershell-classic 800":
		return []string{"ps_classic_script"}
	case "kernel-file 12", "kernel-file 14":
		return []string{"file_access"}
	case "kernel-file 19", "kernel-file 27":
		return []string{"file_rename"}
	}
	if service == "windefend" && (id == "1006" || id == "1015" || id == "1116" || id == "1117") {
		return []string{"antivirus"}
	}
	return nil
}

// channels are Windows event channels in lower case and the Sigma service they are.
// Source: https://sigmahq.io/docs/basics/log-sources.html, the logsource guides, and the channels' own manifests.
var channels = map[string]string{
	"application": "application", "security": "security", "system": "system", "windows powershell": "powershell-classic",
	"microsoft-windows-sysmon/operational":                                     "sysmon",
	"microsoft-windows-powershell/operational":                                 "powershell",
	"powershellcore/operational":                                               "powershell",
	"microsoft-windows-taskscheduler/operational":                              "taskscheduler",
	"microsoft-windows-wmi-activity/operational":                               "wmi",
	"microsoft-windows-dhcp-server/operational":                                "dhcp",
	"microsoft-windows-printservice/admin":                                     "printservice-admin",
	"microsoft-windows-printservice/operational":                               "printservice-operational",
	"microsoft-windows-smbclient/security":                                     "smbclient-security",
	"microsoft-windows-smbclient/connectivity":                                 "smbclient-connectivity",
	"microsoft-windows-smbserver/connectivity":                                 "smbserver-connectivity",
	"microsoft-windows-codeintegrity/operational":                              "codeintegrity-operational",
	"microsoft-windows-ntlm/operational":                                       "ntlm",
	"dns server":                                                               "dns-server",
	"microsoft-windows-dnsserver/audit":                                        "dns-server-audit",
	"microsoft-windows-dnsserver/analytical":                                   "dns-server-analytic",
	"microsoft-windows-dns-client/operational":                                 "dns-client",
	"microsoft-windows-driverframeworks-usermode/operational":                  "driver-framework",
	"msexchange management":                                                    "msexchange-management",
	"microsoft-servicebus-client/admin":                                        "microsoft-servicebus-client",
	"microsoft-servicebus-client/operational":                                  "microsoft-servicebus-client",
	"microsoft-windows-ldap-client/debug":                                      "ldap",
	"microsoft-windows-windows defender/operational":                           "windefend",
	"microsoft-windows-windows firewall with advanced security/firewall":       "firewall-as",
	"microsoft-windows-bits-client/operational":                                "bits-client",
	"microsoft-windows-security-mitigations/kernelmode":                        "security-mitigations",
	"microsoft-windows-security-mitigations/usermode":                          "security-mitigations",
	"microsoft-windows-diagnosis-scripted/operational":                         "diagnosis-scripted",
	"microsoft-windows-shell-core/operational":                                 "shell-core",
	"microsoft-windows-applocker/exe and dll":                                  "applocker",
	"microsoft-windows-applocker/msi and script":                               "applocker",
	"microsoft-windows-applocker/packaged app-execution":                       "applocker",
	"microsoft-windows-applocker/packaged app-deployment":                      "applocker",
	"microsoft-windows-appxdeploymentserver/operational":                       "appxdeployment-server",
	"microsoft-windows-appxpackaging/operational":                              "appxpackaging-om",
	"microsoft-windows-appmodel-runtime/admin":                                 "appmodel-runtime",
	"microsoft-windows-lsa/operational":                                        "lsa-server",
	"microsoft-windows-capi2/operational":                                      "capi2",
	"microsoft-windows-certificateservicesclient-lifecycle-system/operational": "certificateservicesclient-lifecycle-system",
	"microsoft-windows-terminalservices-localsessionmanager/operational":       "terminalservices-localsessionmanager",
	"microsoft-iis-configuration/operational":                                  "iis-configuration",
	"microsoft-windows-vhdmp/operational":                                      "vhdmp",
	"microsoft-windows-sense/operational":                                      "sense",
	"openssh/operational":                                                      "openssh",
	"microsoft-windows-kernel-file/analytic":                                   "kernel-file",
}

// windows classifies an event of Windows, or of Sysmon for Linux; it tells whether the record is one.
func (k *kinds) windows(e *event) bool {
	channel, provider := strings.ToLower(e.first(fieldChannel)), strings.ToLower(e.first(fieldProvider))
	if provider == "" {
		provider = channel
	}
	if at := strings.LastIndexByte(channel, ':'); at >= 0 { // WinEventLog:Security
		channel = channel[at+1:]
	}
	id := e.first(fieldEventID)
	product, service := "windows", channels[channel]
	switch {
	case channel == "linux-sysmon/operational" || provider == "linux-sysmon":
		product, service = "linux", "sysmon"
	case service != "":
	case provider == "microsoft-windows-sysmon" || provider == "sysmon":
		service = "sysmon"
	case strings.HasPrefix(provider, "microsoft-windows-security-auditing"):
		service = "security"
	case provider == "microsoft-windows-kernel-file":
		service = "kernel-file"
	case provider == "service control manager":
		service = "system"
	case provider == "powershell":
		service = "powershell-classic"
	case strings.HasPrefix(provider, "microsoft-windows-"):
		service = channels[provider+"/operational"]
	case id != "" && channel != "" && strings.Contains(windowsFormats, " "+e.alert.Format+" "):
	default:
		return false
	}
	k.add(product, service)
	if service == "sysmon" {
		k.categories = append(k.categories, sysmonCategories(id, e.first(fieldEventType))...)
		return true
	}
	k.categories = append(k.categories, windowsCategories(service, id)...)
	return true
}

const windowsFormats = " windows-event windows-event-flat windows-event-list winlogbeat azure-windows-event windows-defender chainsaw "
