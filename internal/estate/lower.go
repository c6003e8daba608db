package estate

import (
	"strings"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

// What lowers, in milli-nats: judgement, not measured. Note makes nothing of these where an attacker could have written what was read.
const (
	approved = -1800
	planned  = -1200
	routine  = -800
	isTest   = -400
)

// explain lowers what the estate's own machines do all day. The alert has to be about that, and about nobody else.
func (e *Estate) explain(s *sight, a *alert.Alert, note func(triage.Signal)) {
	if m := s.only(e, source, scanner); m != nil {
		if f := about(a, looksLikeScan); f != nil {
			e.lower(approved, "%s is the approved scanner "+e.assets[m.id].label(), m, f, note)
		}
	}
	for _, at := range [...]side{source, target} {
		if m := s.only(e, at, backup); m != nil {
			if f := about(a, looksLikeBackup); f != nil {
				e.lower(routine, "%s is the backup server "+e.assets[m.id].label()+", which reads much and makes shadow copies", m, f, note)
				break
			}
		}
	}
	if m := s.only(e, target, testing); m != nil {
		env := either(e.assets[m.id].Environment, "test")
		e.lower(isTest, "the target %s is of the environment "+env, m, nil, note)
	}
}

// lower notes an explanation; f is the field that tells what the alert is about.
func (e *Estate) lower(w triage.Weight, says string, m *sighting, f *alert.Field, note func(triage.Signal)) {
	says = strings.Replace(says, "%s", m.f.Value, 1)
	note(triage.Note(checkName, triage.Assets, w, says, "", m.f, f).From(e.assets[m.id].Place))
}

// about is the most trusted field that says what an alert is about, nil when none does. One that says something worse spoils it.
func about(a *alert.Alert, fits func(low string, slot alert.Slot) (yes, worse bool)) *alert.Field {
	var found *alert.Field
	for i := range a.Fields {
		f := &a.Fields[i]
		switch f.Slot {
		case alert.SlotRuleName, alert.SlotTitle, alert.SlotCategory, alert.SlotTechnique, alert.SlotThreat:
		default:
			continue
		}
		yes, worse := fits(strings.ToLower(f.Value), f.Slot)
		if worse {
			return nil
		}
		if yes && (found == nil || f.Trust > found.Trust) {
			found = f
		}
	}
	return found
}

// looksLikeScan knows what vulnerability scanners set off.
// Source: ATT&CK TA0043, T1046, T1018, T1190; the class types and rule categories of Suricata's and Emerging Threats' rules.
func looksLikeScan(low string, slot alert.Slot) (yes, worse bool) {
	if slot == alert.SlotTechnique {
		return containsAny(low, "t1046", "t1018", "t1190", "t1595", "t1592", "t1590"), containsAny(low, "t1071", "t1105", "t1486", "t1041")
	}
	low = strings.ReplaceAll(strings.ReplaceAll(low, "unsuccessful", ""), "successful-recon", "recon")
	if slot == alert.SlotThreat || containsAny(low, "malware", "trojan", "ransom", "virus", "command and control", "command-and-control", "beacon", "exfil", "webshell", "web shell", "reverse shell", "successful") {
		return false, true
	}
	return containsAny(low, "scan", "recon", "nmap", "nessus", "nikto", "openvas", "qualys", "probe", "sweep", "vulnerab", "web_server", "web server", "web_specific_apps", "web-application", "web application", "web attack", "sql injection", "sqli", "cross-site", "cross site", "xss", "traversal", "file inclusion", "enumerat"), false
}

// looksLikeBackup knows what backup software does all night. Deleting shadow copies is no part of it: ransomware does that.
// Source: ATT&CK T1490 for the latter.
func looksLikeBackup(low string, slot alert.Slot) (yes, worse bool) {
	if slot == alert.SlotTechnique {
		return false, containsAny(low, "t1490", "t1486", "t1485", "t1003")
	}
	if containsAny(low, "delet", "remov", "resiz", "wipe", "encrypt", "ransom", "malware", "credential", "ntds", "inhibit") {
		return false, true
	}
	much := containsAny(low, "large", "mass ", "unusual volume", "high volume", "many files")
	return containsAny(low, "shadow cop", "shadowcop", "vss ") || much && containsAny(low, "read", "transfer", "download", "upload", "cop", "access", "bytes"), false
}

func containsAny(s string, words ...string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}
