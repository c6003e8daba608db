package investigate

// risks are what an action of the response catalogue can break, for cases and for plans, in one place.
var risks = map[string]string{
	"block-ip":            "others behind the same address are cut off, and addresses change hands",
	"block-domain":        "everything else under the name is cut off",
	"sinkhole-domain":     "everything under the name is answered by the sinkhole",
	"block-url":           "nothing else, unless the page has a use",
	"block-hash":          "a program that has a use stops wherever it runs",
	"isolate-host":        "everything the machine serves stops; not for a domain controller, DNS, DHCP, backup or hypervisor",
	"quarantine-file":     "a program that needs the file stops",
	"disable-account":     "the person cannot work; services that run under the account stop",
	"force-mfa":           "who has no second factor at hand is locked out",
	"revoke-sessions":     "the person has to sign in again; what runs with the session asks for a new one",
	"disable-access-key":  "programs that use the key fail",
	"detach-policy":       "the account can no longer do its work",
	"snapshot-instance":   "storage costs; the snapshot holds whatever secrets the disk holds",
	"quarantine-mail":     "a message that turns out harmless arrives late",
	"stop-service":        "what depends on the service stops",
	"ticket":              "none: it adds a ticket",
	"notify":              "none: it sends a message",
	"manual-step":         "whatever it says: it was written elsewhere, and nobody here has judged it",
	"kill-process":        "unsaved work is lost, and what its memory would have shown",
	"reset-credentials":   "everything that has the old ones stored fails until it is told",
	"purge-mail":          "the message, which is evidence, is gone",
	"remove-persistence":  "the machine may no longer start as before",
	"patch":               "a restart, and whatever the update changes",
	"release-host":        "an attacker who was overlooked goes on",
	"rebuild":             "hours without the machine; what is only on its disk is lost",
	"restore-from-backup": "what was written since the backup is lost; check that the backup is older than the attack",
}

// Risk is what an action of the response catalogue can break; empty for one that is not in it.
func Risk(action string) string { return risks[action] }
