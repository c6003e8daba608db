package check

import (
	"strings"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

// Names that give guessing away: those of users that nobody has, and of the computers that tools run on.

// guessed weighs a name that nobody here has, and that lists for guessing begin with.
func (c *authentication) guessed(a *alert.Alert, note func(triage.Signal)) {
	for f := range a.Entities(alert.User) {
		if w := c.names[strings.ToLower(base(f.Value))]; w > 0 {
			c.note(note, w, "a name that does not exist here and stands in lists for guessing", "", f)
			return
		}
	}
}

// guessedNames are users that tools try first, and tools' own.
// Source: the reports of SSH honeypots on the names tried most; the defaults of Hydra, Metasploit and Nmap.
func guessedNames() map[string]triage.Weight {
	m := map[string]triage.Weight{}
	for _, n := range strings.Fields("test test1 test2 testuser guest oracle postgres mysql ftpuser ftp www user user1 ubnt pi nagios hadoop jenkins git minecraft support deploy tomcat admin administrator root ubuntu debian centos ec2-user ansible zabbix backup demo anonymous default a 123456 password") {
		m[n] = 1500
	}
	for _, n := range strings.Fields("hydra nmap kali hacker attacker metasploit msf pwned hack") {
		m[n] = 2500
	}
	return m
}

// attackersHost tells names that attack distributions and tools give the computer they run on.
// Source: the defaults of Kali, Parrot, BlackArch and Commando VM; what Nmap's and Metasploit's SMB clients call themselves.
func attackersHost(name string) bool {
	name = strings.TrimLeft(strings.ToLower(name), `\`)
	name, _, _ = strings.Cut(name, ".")
	switch name {
	case "kali", "kali-linux", "parrot", "parrotsec", "blackarch", "commando", "nmap", "metasploit", "hydra", "impacket":
		return true
	}
	return false
}
