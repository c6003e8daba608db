package config

// Assets is what the estate knows about its machines and networks.
type Assets struct {
	Files       []HostFile    `yaml:"files"` // inventories, CSV or JSON
	Hosts       []Host        `yaml:"hosts"`
	Networks    []Network     `yaml:"networks"`
	Domains     []string      `yaml:"domains"` // DNS names under which everything is the estate's own
	Maintenance []Maintenance `yaml:"maintenance"`
}

// HostFile is an inventory; a path alone will do when its columns have common names.
type HostFile struct {
	Path    string      `yaml:"path" is:"required,path,short"`
	Columns HostColumns `yaml:"columns"`
	Values  HostValues  `yaml:"values"`
}

// HostColumns say which columns of an inventory hold what.
type HostColumns struct {
	Name        []string `yaml:"name" is:"single"`
	FQDN        []string `yaml:"fqdn" is:"single"`
	Domain      []string `yaml:"domain" is:"single"`
	Aliases     []string `yaml:"aliases" is:"single"`
	Address     []string `yaml:"address" is:"single"`
	CIDR        []string `yaml:"cidr" is:"single"`
	CloudID     []string `yaml:"cloud_id" is:"single"`
	Criticality []string `yaml:"criticality" is:"single"`
	Role        []string `yaml:"role" is:"single"`
	Environment []string `yaml:"environment" is:"single"`
	Owner       []string `yaml:"owner" is:"single"`
	Tags        []string `yaml:"tags" is:"single"`
	Protected   []string `yaml:"protected" is:"single"`
}

// HostValues translate an inventory's words.
type HostValues struct {
	Criticality map[string]string `yaml:"criticality" oneof:"unknown|low|medium|high|critical"`
	Role        map[string]string `yaml:"role"`
	Environment map[string]string `yaml:"environment"`
	Protected   map[string]bool   `yaml:"protected"`
}

// Host is one machine, or all whose names a pattern covers.
type Host struct {
	Name        string   `yaml:"name" is:"required"` // * is any text
	Addresses   []string `yaml:"addresses"`
	Aliases     []string `yaml:"aliases"`
	CloudIDs    []string `yaml:"cloud_ids"`
	Criticality string   `yaml:"criticality" oneof:"low|medium|high|critical"`
	Role        string   `yaml:"role"` // domain-controller, backup, scanner, ...
	Environment string   `yaml:"environment"`
	Owner       string   `yaml:"owner"`
	Tags        []string `yaml:"tags"`
	Protected   bool     `yaml:"protected"` // no response ever touches it
	Line        int      `yaml:"-" json:"-"`
}

// Network is a range of addresses.
type Network struct {
	CIDR        string   `yaml:"cidr" is:"required,cidr"`
	Name        string   `yaml:"name"`
	Criticality string   `yaml:"criticality" oneof:"low|medium|high|critical"`
	Role        string   `yaml:"role"`
	Environment string   `yaml:"environment"`
	Owner       string   `yaml:"owner"`
	Tags        []string `yaml:"tags"`
	Protected   bool     `yaml:"protected"`
	Line        int      `yaml:"-" json:"-"`
}

// Maintenance is planned work on hosts: names, patterns, addresses or ranges.
type Maintenance struct {
	Hosts  []string `yaml:"hosts" is:"required"`
	From   string   `yaml:"from" is:"required,time"` // RFC 3339
	Until  string   `yaml:"until" is:"required,time"`
	Reason string   `yaml:"reason"`
	Line   int      `yaml:"-" json:"-"`
}

// Identities is what the estate knows about people and accounts.
type Identities struct {
	Files []UserFile `yaml:"files"` // exports of the directory, CSV or JSON
	Users []User     `yaml:"users"`
}

// UserFile is an export of accounts; a path alone will do when its columns have common names.
type UserFile struct {
	Path    string      `yaml:"path" is:"required,path,short"`
	Columns UserColumns `yaml:"columns"`
	Values  UserValues  `yaml:"values"`
}

// UserColumns say which columns of an export hold what.
type UserColumns struct {
	Name        []string `yaml:"name" is:"single"`
	Domain      []string `yaml:"domain" is:"single"`
	UPN         []string `yaml:"upn" is:"single"`
	SID         []string `yaml:"sid" is:"single"`
	DN          []string `yaml:"dn" is:"single"`
	Mail        []string `yaml:"mail" is:"single"`
	Aliases     []string `yaml:"aliases" is:"single"`
	Criticality []string `yaml:"criticality" is:"single"`
	Department  []string `yaml:"department" is:"single"`
	Owner       []string `yaml:"owner" is:"single"`
	Tags        []string `yaml:"tags" is:"single"`
	Privileged  []string `yaml:"privileged" is:"single"`
	Service     []string `yaml:"service" is:"single"`
	BreakGlass  []string `yaml:"break_glass" is:"single"`
	VIP         []string `yaml:"vip" is:"single"`
}

// UserValues translate an export's words.
type UserValues struct {
	Criticality map[string]string `yaml:"criticality" oneof:"unknown|low|medium|high|critical"`
	Privileged  map[string]bool   `yaml:"privileged"`
	Service     map[string]bool   `yaml:"service"`
	BreakGlass  map[string]bool   `yaml:"break_glass"`
	VIP         map[string]bool   `yaml:"vip"`
}

// User is one account, or all whose names a pattern covers.
type User struct {
	Name        string   `yaml:"name" is:"required"`
	Aliases     []string `yaml:"aliases"`
	Criticality string   `yaml:"criticality" oneof:"low|medium|high|critical"`
	Department  string   `yaml:"department"`
	Owner       string   `yaml:"owner"`
	Tags        []string `yaml:"tags"`
	Service     bool     `yaml:"service"`
	Privileged  bool     `yaml:"privileged"`
	BreakGlass  bool     `yaml:"break_glass"` // no response ever touches it
	VIP         bool     `yaml:"vip"`
	Line        int      `yaml:"-" json:"-"`
}

// Baseline is what is usual here.
type Baseline struct {
	File  string `yaml:"file" is:"path"`
	GeoIP string `yaml:"geoip" is:"path"` // countries of addresses, in MaxMind's format
}

// Precedent is what this estate's own decisions taught.
type Precedent struct {
	File   string `yaml:"file" is:"path"`
	Signed bool   `yaml:"signed"` // refuse a file that no approver signed
}

// Feed is one place that knows indicators: a file, a folder or an address that `soc intel import --configured` reads, or a service that
// is asked during a run.
type Feed struct {
	Type        string            `yaml:"type" oneof:"list|csv|stix|misp|warninglist|abuseipdb"` // by its content when nothing is said
	Path        string            `yaml:"path" is:"path"`
	URL         string            `yaml:"url" is:"url"`
	Verdict     string            `yaml:"verdict" oneof:"malicious|suspicious|benign"` // of entries that say none
	Confidence  int               `yaml:"confidence" range:"1..100"`                   // likewise
	TLP         string            `yaml:"tlp"`                                         // likewise
	Expires     Duration          `yaml:"expires" range:"1h..3650d"`                   // after an entry was last seen
	Subdomains  bool              `yaml:"subdomains"`                                  // a domain stands for the names below it, too
	WarningList bool              `yaml:"warning_list"`                                // what is no evidence: it suppresses what other feeds say
	Columns     map[string]string `yaml:"columns"`
	Headers     map[string]string `yaml:"headers"`                   // name to the environment variable that holds the value
	MaxAge      Duration          `yaml:"max_age" range:"1h..3650d"` // an older copy is a gap
	KeyEnv      string            `yaml:"key_env"`
	KeyFile     string            `yaml:"key_file" is:"path"`
	CAFile      string            `yaml:"ca_file" is:"path"`
	Calls       int               `yaml:"calls" range:"0..1000000"` // most questions to a service in a run
	Timeout     Duration          `yaml:"timeout" range:"1s..10m"`
	Disabled    bool              `yaml:"disabled"`
}
