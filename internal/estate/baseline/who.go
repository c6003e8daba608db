package baseline

import (
	"strings"

	"github.com/seed-959697dd/soc/alert"
)

// principal is the field of the user who did it. Windows names the one who signed in as the target of the sign-in.
func principal(a *alert.Alert) *alert.Field {
	first, second := alert.EntitySlot(alert.Actor, alert.User), alert.EntitySlot(alert.Target, alert.User)
	if signIn(a.Text(alert.SlotEventCode)) {
		first, second = second, first
	}
	for _, s := range [...]alert.Slot{first, alert.EntitySlot(alert.Source, alert.User), second} {
		if f := a.First(s); f != nil {
			return f
		}
	}
	return nil
}

// signIn tells the Windows events whose target is who signed in: 4624 and 4625, and the tickets and passwords of a domain controller.
// Source: Microsoft, Advanced security auditing, Account Logon and Logon/Logoff.
func signIn(code string) bool {
	switch code {
	case "4624", "4625", "4768", "4769", "4770", "4771", "4776":
		return true
	}
	return false
}

// endpoint is the field of the machine on which a process ran.
func endpoint(a *alert.Alert) *alert.Field {
	for _, r := range [...]alert.Role{alert.Target, alert.Observer, alert.Source, alert.Related, alert.Actor} {
		if f := a.First(alert.EntitySlot(r, alert.Host)); f != nil {
			return f
		}
	}
	return nil
}

// outcome is how what an alert tells ended.
type outcome uint8

const (
	done   outcome = iota
	denied         // somebody known was not allowed to
	failed         // nobody got in: the name in it proves nothing about its owner
)

func outcomeOf(a *alert.Alert) outcome {
	code := a.Text(alert.SlotEventCode)
	if code == "4625" || code == "4771" || a.Action == alert.ActionFailed {
		return failed
	}
	for f := range a.Each(alert.SlotCategory) {
		if strings.Contains(f.Value, "authentication_fail") { // Wazuh's groups of rules
			return failed
		}
	}
	for f := range a.Each(alert.SlotResult) {
		if failure(f.Value) {
			return failed
		}
	}
	if a.Action.Stopped() {
		return denied
	}
	return done
}

// failure reads an outcome: a word, a status of Windows (0xc000006d), an error number of Entra ID (50126), a state of a connection
// that nobody answered (Zeek).
func failure(v string) bool {
	if len(v) >= 5 && strings.Trim(v, "0123456789") == "" {
		return strings.Trim(v, "0") != ""
	}
	if len(v) > 2 && v[0] == '0' && v[1]|0x20 == 'x' {
		return strings.Trim(v[2:], "0") != ""
	}
	for _, word := range [...]string{"failure", "failed", "fail", "invalid", "false", "rejected", "rej", "s0", "nxdomain", "authentication failure"} {
		if strings.EqualFold(v, word) {
			return true
		}
	}
	return false
}
