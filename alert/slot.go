package alert

// Slot is what a value means, whatever its vendor calls it. The names are the vocabulary of the format files, of
// policy expressions and of the checks. Slots named ROLE.TYPE are entities.
type Slot uint8

// The slots that are not entities. Each stands once in slotNames.
const (
	NoSlot Slot = iota
	SlotID
	SlotTime
	SlotRuleID
	SlotRuleName
	SlotTitle
	SlotSeverity
	SlotConfidence // the vendor's own confidence, word or number
	SlotAction     // what the product did: allowed, blocked, quarantined, ...
	SlotStatus     // the vendor's workflow state: new, resolved, ...
	SlotVerdict    // what the vendor or its analysts concluded
	SlotTechnique  // ATT&CK ids, T1059 or T1059.001
	SlotTactic
	SlotCategory // rule groups, event categories, classes
	SlotThreat   // name of the malware, actor or threat
	SlotVendor
	SlotProduct
	SlotMessage
	SlotCount
	SlotEventCode // Windows event id, syslog mnemonic, ...
	SlotProvider  // log channel, provider, data source
	SlotResult    // outcome of what was tried: success, failure, error code
	SlotMethod    // how someone authenticated, or the protocol's method
	SlotLogonType
	SlotUserAgent
	SlotHTTPMethod
	SlotHTTPStatus
	SlotReferrer
	SlotProtocol
	SlotDirection
	SlotBytesOut
	SlotBytesIn
	SlotSourcePort
	SlotTargetPort
	SlotQuery     // DNS name asked for
	SlotOperation // API call, audit operation
	SlotService   // cloud service, Windows service, application
	SlotRegion
	SlotAccount // cloud account, tenant, subscription
	SlotCountry
	SlotScript  // script text
	SlotDetails // what was written: registry data, new value
	SlotOriginalName
	SlotSignature // code signer, or signed/unsigned
	SlotIntegrity
	SlotAccess // access mask or rights asked for
	SlotSubject
	SlotCVE
	SlotParent        // path or name of the parent process
	SlotParentCommand // its command line
	// What records of one activity have in common, as their product writes it. A key means the same wherever it stands; an id only on
	// one machine, and not for ever.
	SlotProcessKey // of the acting or started process: Sysmon's ProcessGuid, an EDR's process id
	SlotProcessID
	SlotParentKey // of the process that started it
	SlotParentID
	SlotTargetProcessKey // of the process that was opened, injected into, ended
	SlotTargetProcessID
	SlotSession       // logon or session it was done in
	SlotTargetSession // logon or session that it began
	SlotCredential    // access key, token or API key it was done with, never its secret
	SlotNewCredential // one that it made
	SlotConnection    // flow or connection: Zeek's uid, a community id
	SlotMailID        // Message-ID
	SlotRequest       // request or operation that several records tell of
	firstEntity
)

var slotNames = [firstEntity]string{
	SlotID: "id", SlotTime: "time", SlotRuleID: "rule.id", SlotRuleName: "rule.name", SlotTitle: "title", SlotSeverity: "severity",
	SlotConfidence: "confidence", SlotAction: "action", SlotStatus: "status", SlotVerdict: "verdict", SlotTechnique: "technique",
	SlotTactic: "tactic", SlotCategory: "category", SlotThreat: "threat", SlotVendor: "vendor", SlotProduct: "product",
	SlotMessage: "message", SlotCount: "count", SlotEventCode: "event.code", SlotProvider: "event.provider", SlotResult: "result",
	SlotMethod: "method", SlotLogonType: "logon.type", SlotUserAgent: "user_agent", SlotHTTPMethod: "http.method",
	SlotHTTPStatus: "http.status", SlotReferrer: "http.referrer", SlotProtocol: "protocol", SlotDirection: "direction",
	SlotBytesOut: "bytes.out", SlotBytesIn: "bytes.in", SlotSourcePort: "source.port", SlotTargetPort: "target.port",
	SlotQuery: "query", SlotOperation: "operation", SlotService: "service", SlotRegion: "region", SlotAccount: "account",
	SlotCountry: "country", SlotScript: "script", SlotDetails: "details", SlotOriginalName: "original.name",
	SlotSignature: "signature", SlotIntegrity: "integrity", SlotAccess: "access", SlotSubject: "subject", SlotCVE: "cve",
	SlotParent: "parent.process", SlotParentCommand: "parent.command",
	SlotProcessKey: "process.key", SlotProcessID: "process.id", SlotParentKey: "parent.key", SlotParentID: "parent.id",
	SlotTargetProcessKey: "target.process.key", SlotTargetProcessID: "target.process.id", SlotSession: "session",
	SlotTargetSession: "target.session", SlotCredential: "credential", SlotNewCredential: "new.credential",
	SlotConnection: "connection", SlotMailID: "mail.id", SlotRequest: "request",
}

// Key tells the slots that tie the records of one activity together.
func (s Slot) Key() bool { return s >= SlotProcessKey && s <= SlotRequest }

// Role is the part an entity plays in what the alert tells.
type Role uint8

// The roles. The zero value says nothing.
const (
	Related Role = iota
	Source
	Target
	Actor
	Observer
	roles
)

var roleNames = [roles]string{"related", "source", "target", "actor", "observer"}

func (r Role) String() string { return roleNames[r] }

// EntityType is the kind of thing an entity is.
type EntityType uint8

// The entity types.
const (
	NoEntity EntityType = iota
	Host
	User
	IP
	Domain
	URL
	File
	Hash
	Process
	Command
	Mail
	Cloud
	Registry
	Port
	entityTypes
)

var entityNames = [entityTypes]string{
	"", "host", "user", "ip", "domain", "url", "file", "hash", "process", "process_command", "mail", "cloud", "registry", "port",
}

// entityWords are the types as slots spell them.
var entityWords = [entityTypes]string{
	"", "host", "user", "ip", "domain", "url", "file", "hash", "process", "command", "mail", "cloud", "registry", "",
}

func (t EntityType) String() string { return entityNames[t] }

// EntitySlot is the slot ROLE.TYPE.
func EntitySlot(r Role, t EntityType) Slot {
	return firstEntity + Slot(t-1)*Slot(roles) + Slot(r)
}

// Entity splits an entity slot; t is NoEntity for the others. Ports, queries and parents are entities too.
func (s Slot) Entity() (r Role, t EntityType) {
	e := &entityOf[s]
	return e.role, e.typ
}

type entityKind struct {
	role Role
	typ  EntityType
}

// entityOf is asked for every field by every check.
var entityOf = entityTable()

func entityTable() (list [256]entityKind) {
	for r := range roles {
		for t := Host; t < Port; t++ {
			list[EntitySlot(r, t)] = entityKind{r, t}
		}
	}
	list[SlotSourcePort] = entityKind{Source, Port}
	list[SlotTargetPort] = entityKind{Target, Port}
	list[SlotParent] = entityKind{Related, Process}
	list[SlotParentCommand] = entityKind{Related, Command}
	list[SlotQuery] = entityKind{Target, Domain}
	return list
}

func (s Slot) String() string {
	if s < firstEntity {
		return slotNames[s]
	}
	r, t := s.Entity()
	return roleNames[r] + "." + entityWords[t]
}

// slotsByName is the vocabulary: every name a format file may use.
func slotsByName() map[string]Slot {
	m := make(map[string]Slot, 128)
	for s, name := range slotNames {
		if name != "" {
			m[name] = Slot(s)
		}
	}
	for r := range roles {
		for t := Host; t < Port; t++ {
			s := EntitySlot(r, t)
			m[s.String()] = s
		}
	}
	return m
}

// SlotOf is the slot of a name, as format files spell it.
func SlotOf(name string) (Slot, bool) {
	s, ok := slotsByName()[name]
	return s, ok
}

// single tells the slots of which one value counts, the first in the format file's order.
func (s Slot) single() bool {
	switch s {
	case SlotID, SlotTime, SlotRuleID, SlotRuleName, SlotTitle, SlotSeverity, SlotConfidence, SlotAction, SlotVendor, SlotProduct, SlotCount,
		SlotProcessKey, SlotProcessID, SlotParentKey, SlotParentID, SlotTargetProcessKey, SlotTargetProcessID:
		return true
	}
	return false
}

// Trust says who can choose a value's text. The zero value is the least trusted.
type Trust uint8

// The trust classes, least trusted first.
const (
	Attacker Trust = iota // an attacker can choose the text
	Sensor                // the product observed it
	Estate                // the estate's own records
	trustEnds
)

var trustNames = [trustEnds]string{"attacker", "sensor", "context"}

func (t Trust) String() string { return trustNames[t] }
