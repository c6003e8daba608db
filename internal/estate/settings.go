package estate

// Settings are everything an estate is made of. The zero value is an estate of which nothing is known.
type Settings struct {
	Assets      []HostFile
	Identities  []UserFile
	Hosts       []Host
	Networks    []Network
	Users       []User
	Maintenance []Maintenance
	Domains     []string // DNS names under which everything is the estate's own
	File        string   // where the entries written by hand stand, as receipts show it: soc.yaml
}

// HostFile is an inventory of machines and networks: CSV, JSON or NDJSON, told by its content.
type HostFile struct {
	Path    string
	Columns HostColumns
	Values  HostValues
}

// HostColumns name a file's columns; of those that are empty the common names are looked for. A column inside another is reached
// with a dot: host.name.
type HostColumns struct {
	Name        []string
	FQDN        []string
	Domain      []string
	Aliases     []string
	Address     []string
	CIDR        []string
	CloudID     []string
	Criticality []string
	Role        []string
	Environment []string
	Owner       []string
	Tags        []string
	Protected   []string
}

// HostValues translate a file's words to those that are known here.
type HostValues struct {
	Criticality map[string]string
	Role        map[string]string
	Environment map[string]string
	Protected   map[string]bool
}

// UserFile is an export of accounts: CSV, JSON or NDJSON, told by its content.
type UserFile struct {
	Path    string
	Columns UserColumns
	Values  UserValues
}

// UserColumns name a file's columns, as HostColumns do.
type UserColumns struct {
	Name        []string
	Domain      []string
	UPN         []string
	SID         []string
	DN          []string
	Mail        []string
	Aliases     []string
	Criticality []string
	Department  []string
	Owner       []string
	Tags        []string
	Privileged  []string
	Service     []string
	BreakGlass  []string
	VIP         []string
}

// UserValues translate a file's words to those that are known here.
type UserValues struct {
	Criticality map[string]string
	Privileged  map[string]bool
	Service     map[string]bool
	BreakGlass  map[string]bool
	VIP         map[string]bool
}

// Host is a machine written by hand, or all whose names a pattern covers: * is any text.
type Host struct {
	Name        string
	Addresses   []string
	Aliases     []string
	CloudIDs    []string
	Criticality string
	Role        string
	Environment string
	Owner       string
	Tags        []string
	Protected   bool
	Line        int
}

// Network is a range of addresses.
type Network struct {
	CIDR        string
	Name        string
	Criticality string
	Role        string
	Environment string
	Owner       string
	Tags        []string
	Protected   bool
	Line        int
}

// Maintenance is planned work: Hosts are names, patterns, addresses or ranges, From and Until RFC 3339 times.
type Maintenance struct {
	Hosts  []string
	From   string
	Until  string
	Reason string
	Line   int
}

// User is an account written by hand, or all whose names a pattern covers: * is any text.
type User struct {
	Name        string
	Aliases     []string
	Criticality string
	Department  string
	Owner       string
	Tags        []string
	Service     bool
	Privileged  bool
	BreakGlass  bool
	VIP         bool
	Line        int
}
