package redact

import (
	"slices"
	"strings"
)

// generic tells the names that everybody has: they identify nobody and say what an account may do.
func generic(name string) bool {
	low := strings.ToLower(name)
	if _, found := slices.BinarySearch(genericNames[:], low); found {
		return true
	}
	return strings.HasPrefix(low, "dwm-") || strings.HasPrefix(low, "umfd-") || strings.HasPrefix(low, "nt authority") ||
		strings.HasPrefix(low, "nt service") || masked(low)
}

// genericNames are built-in accounts and groups, the words that products put where a name is missing, the words of which a prompt is
// made, and the shortest English words. Sorted.
var genericNames = [...]string{
	"account", "accounts", "action", "actor", "adm", "admin", "administrator", "administrators", "agent", "alert", "all", "all users",
	"an", "and", "anonymous", "anonymous logon", "any", "apache", "api", "app", "application", "as", "at", "authenticated users",
	"azuread", "backup", "be", "bin", "builtin", "by", "category", "client", "cloud", "cmd", "cn", "code", "com", "command",
	"computer", "confidence", "content", "country", "daemon", "data", "db", "dc", "default", "default user", "defaultaccount",
	"details", "device", "direction", "dns", "do", "domain", "email", "empty", "end", "event", "everyone", "exe", "false", "field",
	"file", "files", "font driver host", "for", "from", "ftp", "global", "go", "group", "guest", "hash", "host", "hostname", "http",
	"https", "id", "if", "in", "info", "integrity", "interactive", "invalid", "ip", "is", "it", "json", "krbtgt", "local",
	"local service", "local system", "localhost", "localservice", "localsystem", "log", "login", "logon", "logs", "mail", "me",
	"message", "method", "my", "mysql", "n/a", "name", "net", "network", "network service", "networkservice", "nginx", "no", "nobody",
	"none", "not", "null", "object", "observer", "of", "ok", "on", "operation", "or", "org", "original", "os", "ou", "parent", "path",
	"pc", "policy", "port", "postgres", "process", "product", "protocol", "provider", "ps", "public", "query", "referrer", "region",
	"registry", "related", "result", "role", "root", "rule", "script", "security", "self", "server", "service", "severity", "sh",
	"signature", "so", "source", "src", "sshd", "status", "string", "subject", "sys", "system", "tactic", "target", "technique",
	"temp", "test", "the", "threat", "time", "title", "to", "true", "type", "unknown", "up", "url", "us", "user", "user_agent",
	"username", "users", "value", "vendor", "verdict", "version", "vm", "we", "web", "win", "window manager", "windows", "workgroup",
	"workstation", "www", "www-data", "yes",
}
