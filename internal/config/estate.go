package config

// Assets is what the estate knows about its machines and networks.
type Assets struct {
	Files       []string      `yaml:"files" is:"path"` // inventories, CSV or JSON
	Hosts       []Host        `yaml:"hosts"`
	Networks    []Network     `yaml:"networks"`
	Maintenance []Maintenance `yaml:"maintenance"`
}

// Host is one machine, or all whose names a pattern covers.
type Host struct {
	Name        string   `yaml:"name" is:"required"` // * is any text
	Addresses   []string `yaml:"addresses"`
	Criticality string   `yaml:"criticality" oneof:"low|medium|high|critical"`
	Role        string   `yaml:"role"` // domain-controller, backup, scanner, ...
	Owner       string   `yaml:"owner"`
	Tags        []string `yaml:"tags"`
	Protected   bool     `yaml:"protected"` // no response ever touches it
}

// Network is a range of addresses.
type Network struct {
	CIDR        string   `yaml:"cidr" is:"required,cidr"`
	Name        string   `yaml:"name"`
	Criticality string   `yaml:"criticality" oneof:"low|medium|high|critical"`
	Tags        []string `yaml:"tags"`
	Protected   bool     `yaml:"protected"`
}

// Maintenance is planned work on hosts.
type Maintenance struct {
	Hosts  []string `yaml:"hosts"`
	From   string   `yaml:"from" is:"required,time"` // RFC 3339
	Until  string   `yaml:"until" is:"required,time"`
	Reason string   `yaml:"reason"`
}

// Identities is what the estate knows about people and accounts.
type Identities struct {
	Files []string `yaml:"files" is:"path"` // exports of the directory, CSV or JSON
	Users []User   `yaml:"users"`
}

// User is one account, or all whose names a pattern covers.
type User struct {
	Name        string   `yaml:"name" is:"required"`
	Aliases     []string `yaml:"aliases"`
	Criticality string   `yaml:"criticality" oneof:"low|medium|high|critical"`
	Owner       string   `yaml:"owner"`
	Tags        []string `yaml:"tags"`
	Service     bool     `yaml:"service"`
	Privileged  bool     `yaml:"privileged"`
	BreakGlass  bool     `yaml:"break_glass"` // no response ever touches it
}

// Baseline is what is usual here.
type Baseline struct {
	File    string   `yaml:"file" is:"path"`
	History Duration `yaml:"history" range:"1d..3650d"` // how far back sightings count
}

// Precedent is what this estate's own decisions taught.
type Precedent struct {
	File   string `yaml:"file" is:"path"`
	Signed bool   `yaml:"signed"` // refuse a file that no approver signed
}

// Feed is one place that knows indicators.
type Feed struct {
	Type       string   `yaml:"type" is:"required" oneof:"list|stix|misp|taxii|http"`
	Path       string   `yaml:"path" is:"path"`
	URL        string   `yaml:"url" is:"url"`
	KeyEnv     string   `yaml:"key_env"`
	KeyFile    string   `yaml:"key_file" is:"path"`
	CAFile     string   `yaml:"ca_file" is:"path"`
	Collection string   `yaml:"collection"`
	Verdict    string   `yaml:"verdict" oneof:"malicious|suspicious|benign"` // of entries that say none
	MaxAge     Duration `yaml:"max_age" range:"1h..3650d"`                   // older entries do not count
	Timeout    Duration `yaml:"timeout" range:"1s..10m"`
	Disabled   bool     `yaml:"disabled"`
}
