package respond

import (
	"time"

	"github.com/seed-959697dd/soc/investigate"
)

// Class says what way back an action has. The zero value has none.
type Class uint8

// The classes. Only the last three have an executor.
const (
	Task        Class = iota // a person does it; there is no way back for a machine
	AppendOnly               // it adds, it changes nothing: a note, a ticket, a message
	SelfHealing              // it comes back by itself: a session, by logging in
	Reversible               // its inverse is on disk before it runs
)

var classNames = [...]string{"task", "append-only", "self-healing", "reversible"}

func (c Class) String() string { return classNames[c] }

// Phase is the part of a response that an action serves.
type Phase uint8

// The phases, in the order of a plan (NIST SP 800-61).
const (
	Containment Phase = iota
	Eradication
	Recovery
)

var phaseNames = [...]string{"containment", "eradication", "recovery"}

func (p Phase) String() string { return phaseNames[p] }

// Need is how many people other than the plan's author have to agree. The zero value is the strictest.
type Need uint8

// The needs.
const (
	Two Need = iota
	One
	Nobody
)

var needNames = [...]string{"two", "one", "nobody"}

func (n Need) String() string { return needNames[n] }

// People is the number behind the word.
func (n Need) People() int { return int(Nobody - n) }

// Action is an entry of the catalogue: what a response may consist of. Its name is also the name of its risk, which is accepted by
// that name and no other.
type Action struct {
	Name           string
	Targets        []TargetType
	Phase          Phase
	Class          Class
	Needs          Need
	Inverse        string        // the action that takes it back; empty unless Reversible
	TTL            time.Duration // after which it is taken back; 0: it stays until somebody does
	Mitigation     string        // ATT&CK mitigation
	Countermeasure string        // D3FEND technique
	Risk           string        // what it can break
	Steps          []string      // of a task: what to do, and how to see that it is done
}

// Catalogue returns every action there is, by name. What a playbook, a model or a case asks for beyond it does not exist.
// Source: the mitigations are those of MITRE ATT&CK Enterprise, the countermeasures those of MITRE D3FEND 1.0.
func Catalogue() map[string]Action {
	m := make(map[string]Action, len(actions)+len(tasks))
	for _, list := range [...][]Action{actions, tasks} {
		for _, a := range list {
			a.Risk = investigate.Risk(a.Name)
			m[a.Name] = a
		}
	}
	return m
}

const hours4 = 4 * time.Hour

// actions are those with a way back.
var actions = []Action{
	{Name: "block-ip", Targets: []TargetType{IP}, Class: Reversible, Needs: One, Inverse: "unblock-ip", TTL: hours4, Mitigation: "M1037", Countermeasure: "D3-NTF"},
	{Name: "block-domain", Targets: []TargetType{Domain}, Class: Reversible, Needs: One, Inverse: "unblock-domain", TTL: hours4, Mitigation: "M1021", Countermeasure: "D3-DNSDL"},
	{Name: "sinkhole-domain", Targets: []TargetType{Domain}, Class: Reversible, Needs: One, Inverse: "unsinkhole-domain", TTL: hours4, Mitigation: "M1021", Countermeasure: "D3-DNSDL"},
	{Name: "block-url", Targets: []TargetType{URL}, Class: Reversible, Needs: One, Inverse: "unblock-url", TTL: 24 * time.Hour, Mitigation: "M1021", Countermeasure: "D3-NTF"},
	{Name: "block-hash", Targets: []TargetType{Hash}, Class: Reversible, Needs: One, Inverse: "unblock-hash", Mitigation: "M1038", Countermeasure: "D3-EDL"},
	{Name: "isolate-host", Targets: []TargetType{Host}, Class: Reversible, Needs: One, Inverse: "release-host", Mitigation: "M1030", Countermeasure: "D3-NI"},
	{Name: "quarantine-file", Targets: []TargetType{File}, Class: Reversible, Needs: One, Inverse: "restore-file", Mitigation: "M1049", Countermeasure: "D3-CQ"},
	{Name: "disable-account", Targets: []TargetType{User}, Class: Reversible, Needs: Two, Inverse: "enable-account", Mitigation: "M1036", Countermeasure: "D3-AL"},
	{Name: "force-mfa", Targets: []TargetType{User}, Class: Reversible, Needs: One, Inverse: "relax-mfa", Mitigation: "M1032", Countermeasure: "D3-MFA"},
	{Name: "revoke-sessions", Targets: []TargetType{User, Cloud}, Class: SelfHealing, Needs: One, Mitigation: "M1036", Countermeasure: "D3-ST"},
	{Name: "disable-access-key", Targets: []TargetType{Key, Cloud}, Class: Reversible, Needs: One, Inverse: "enable-access-key", Mitigation: "M1018", Countermeasure: "D3-CR"},
	{Name: "detach-policy", Targets: []TargetType{User}, Class: Reversible, Needs: One, Inverse: "attach-policy", Mitigation: "M1018", Countermeasure: "D3-APA"},
	{Name: "snapshot-instance", Targets: []TargetType{Cloud, Host}, Class: AppendOnly, Needs: Nobody, Mitigation: "M1053"},
	{Name: "quarantine-mail", Targets: []TargetType{Mail}, Class: Reversible, Needs: One, Inverse: "release-mail", Mitigation: "M1021", Countermeasure: "D3-CQ"},
	{Name: "stop-service", Targets: []TargetType{Service, Host}, Class: Reversible, Needs: One, Inverse: "start-service", Mitigation: "M1042", Countermeasure: "D3-PT"},
	{Name: "ticket", Targets: []TargetType{Case}, Class: AppendOnly, Needs: Nobody},
	{Name: "notify", Targets: []TargetType{Case}, Class: AppendOnly, Needs: Nobody},
}

// ManualStep is the action of what a playbook asks of people in its own words (the manual command of CACAO 2.0).
const ManualStep = "manual-step"

// tasks are those for people.
var tasks = []Action{
	{Name: ManualStep, Targets: []TargetType{Case}, Steps: []string{"do what the playbook says, if it fits this case"}},
	{Name: "kill-process", Targets: []TargetType{Process}, Mitigation: "M1040", Countermeasure: "D3-PT", Steps: []string{"keep a memory image first", "end the process and what it started", "see that nothing starts it again"}},
	{Name: "reset-credentials", Targets: []TargetType{User}, Phase: Eradication, Mitigation: "M1027", Countermeasure: "D3-CR", Steps: []string{"reset over a channel that the intruder does not read", "revoke sessions and application passwords", "see that the next sign-in uses the new one"}},
	{Name: "purge-mail", Targets: []TargetType{Mail}, Phase: Eradication, Mitigation: "M1021", Countermeasure: "D3-CNE", Steps: []string{"export the message with its headers", "remove it from every mailbox that has it", "search again: no mailbox has it"}},
	{Name: "remove-persistence", Targets: []TargetType{Registry, File, Service, Host}, Phase: Eradication, Mitigation: "M1047", Countermeasure: "D3-FEV", Steps: []string{"export what is to be removed", "remove it", "restart: it does not come back"}},
	{Name: "patch", Targets: []TargetType{Host}, Phase: Eradication, Mitigation: "M1051", Countermeasure: "D3-SU", Steps: []string{"find the version that mends it", "install it in a window", "see that the flaw is gone by trying it"}},
	{Name: "release-host", Targets: []TargetType{Host}, Phase: Recovery, Countermeasure: "D3-RNA", Steps: []string{"see that eradication is verified", "undo the isolation", "watch the machine for two weeks"}},
	{Name: "rebuild", Targets: []TargetType{Host}, Phase: Recovery, Mitigation: "M1053", Countermeasure: "D3-RS", Steps: []string{"keep an image of disk and memory", "install from known media", "restore data, not programs", "watch the machine for two weeks"}},
	{Name: "restore-from-backup", Targets: []TargetType{Host}, Phase: Recovery, Mitigation: "M1053", Countermeasure: "D3-RF", Steps: []string{"choose a backup from before the first event of the case", "restore beside, compare, then replace", "see that the service answers as before"}},
}
