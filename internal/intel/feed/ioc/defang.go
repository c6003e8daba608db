package ioc

import "strings"

// Defang writes a value so that nobody clicks on it: hxxp, and brackets around the dots of its host.
func (v Value) Defang() string {
	if v.Type == URL {
		scheme, rest, _ := strings.Cut(v.Text, "://")
		host, path, _ := strings.Cut(rest, "/")
		return strings.Replace(scheme, "tt", "xx", 1) + "://" + dots(host) + "/" + path
	}
	if v.Type == Mail {
		name, host, _ := strings.Cut(v.Text, "@")
		return name + "@" + dots(host)
	}
	if v.Type == IP || v.Type == CIDR || v.Type == Domain {
		return dots(v.Text)
	}
	return v.Text
}

func dots(host string) string { return strings.ReplaceAll(host, ".", "[.]") }
