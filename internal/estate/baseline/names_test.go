package baseline

import (
	"strings"
	"testing"
)

func TestNames(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		of       func(string) string
		in, want string
	}{
		"a user of a domain":            {userName, `CORP\Alice`, "alice"},
		"a principal name":              {userName, "Alice@Corp.Example", "alice@corp.example"},
		"a machine":                     {userName, `CORP\WS-01$`, ""},
		"a machine's ticket":            {userName, "WS-01$@CORP.EXAMPLE", ""},
		"an account of every machine":   {userName, `NT AUTHORITY\SYSTEM`, ""},
		"a window manager":              {userName, `Window Manager\DWM-3`, ""},
		"a password is not kept":        {userName, "alice:hunter2", "alice"},
		"a service account":             {userName, "system:serviceaccount:web:default", "system:serviceaccount:web:default"},
		"a host with its domain":        {hostName, "WS-12.corp.example", "ws-12"},
		"a short host":                  {hostName, "WS-12", "ws-12"},
		"an address":                    {hostName, "10.1.2.3", "10.1.2.3"},
		"a dot first":                   {hostName, ".x", ".x"},
		"a folder of a user":            {fold, `c:\users\alice\appdata\local\`, `c:\users\*\appdata\local\`},
		"a home":                        {fold, "/home/alice/bin/", "/home/*/bin/"},
		"a version":                     {fold, `c:\program files\app\120.0.6099.71\`, `c:\program files\app\#.#.#.#\`},
		"a name by chance":              {fold, `c:\temp\{3f2504e0-4f89-11d3-9a0c-0305e82c3301}\`, `c:\temp\#\`},
		"a word of hexadecimal letters": {fold, `c:\deadbeef\facade\`, `c:\deadbeef\facade\`},
		"no separator at the end":       {fold, `c:\temp`, `c:\temp\`},
		"a disk by its device":          {fold, `\device\harddiskvolume3\windows\`, `c:\windows\`},
		"a region":                      {regionName, "eu-west-1", "eu-west-1"},
		"a zone":                        {regionName, "us-east-1a", "us-east-1"},
		"a zone with a dash":            {regionName, "us-central1-a", "us-central1"},
		"a region in words":             {regionName, "North Central US", "northcentralus"},
		"no region":                     {regionName, "a-", "a-"},
		"a name outside":                {registrable, "www.Example.co.uk.", "example.co.uk"},
		"somebody's part of a provider": {registrable, "cdn.alice.github.io", "alice.github.io"},
		"the provider itself":           {registrable, "github.io", ""},
		"a name inside":                 {registrable, "printer.local", ""},
		"a short name":                  {registrable, "printer", ""},
		"a question for an address":     {registrable, "7.2.0.192.in-addr.arpa", ""},
		"an address in place of a name": {registrable, "192.0.2.7", ""},
		"a text that is too long":       {cut, strings.Repeat("é", 200), strings.Repeat("é", 128)},
		"a text cut within a character": {cut, "x" + strings.Repeat("é", 200), "x" + strings.Repeat("é", 127)},
	} {
		if got := c.of(c.in); got != c.want {
			t.Errorf("%s: %q is %q, want %q", name, c.in, got, c.want)
		}
	}
}

func TestOutcomes(t *testing.T) {
	t.Parallel()
	for v, want := range map[string]bool{
		"failure": true, "FAILED": true, "0xC000006D": true, "50126": true, "S0": true, "NXDOMAIN": true,
		"success": false, "0x0": false, "0": false, "00000": false, "200": false, "": false, "SF": false, "NOERROR": false,
	} {
		if got := failure(v); got != want {
			t.Errorf("%q: %v", v, got)
		}
	}
}
