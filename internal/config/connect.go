package config

// Model is one language model, or several of them one after the other.
type Model struct {
	Cascade    []string          `yaml:"cascade"` // names of models, the cheapest first; stands alone
	Provider   string            `yaml:"provider" is:"required" unless:"cascade" oneof:"ollama|openai|anthropic"`
	URL        string            `yaml:"url" is:"url"`
	Model      string            `yaml:"model" is:"required" unless:"cascade"` // its name at the provider
	KeyEnv     string            `yaml:"key_env"`
	KeyFile    string            `yaml:"key_file" is:"path"`
	Headers    map[string]string `yaml:"headers"`     // no secrets: they go to key_env or key_file
	APIVersion string            `yaml:"api_version"` // Azure's addresses by deployment
	CAFile     string            `yaml:"ca_file" is:"path"`
	Timeout    Duration          `yaml:"timeout" range:"1s..30m"`
	NumCtx     int               `yaml:"num_ctx" range:"256..4194304"`  // tokens, Ollama
	NumThread  int               `yaml:"num_thread" range:"1..1024"`    // Ollama
	MaxTokens  int               `yaml:"max_tokens" range:"1..1000000"` // of an answer
	Price      Price             `yaml:"price"`                         // to account for what a run costs
	Redact     []string          `yaml:"redact"`                        // slots that never leave the estate
	Parallel   int               `yaml:"parallel" range:"1..10000"`     // an upper bound: the right number is found
	Local      bool              `yaml:"local"`                         // it stays within the estate
	Line       int               `yaml:"-" json:"-"`
}

// Price is in a currency of your own per million tokens.
type Price struct {
	Input  float64 `yaml:"input" range:"0..1000000"`
	Output float64 `yaml:"output" range:"0..1000000"`
}

// Source is a place that holds alerts or logs.
type Source struct {
	Type             string   `yaml:"type" is:"required" oneof:"splunk|sentinel|defender|elastic|xsoar|splunksoar|nats|webhook|dir"`
	URL              string   `yaml:"url" is:"url"`
	Path             string   `yaml:"path" is:"path"` // dir
	TokenEnv         string   `yaml:"token_env"`
	TokenFile        string   `yaml:"token_file" is:"path"`
	User             string   `yaml:"user"`
	PasswordEnv      string   `yaml:"password_env"`
	PasswordFile     string   `yaml:"password_file" is:"path"`
	ClientID         string   `yaml:"client_id"`
	ClientSecretEnv  string   `yaml:"client_secret_env"`
	ClientSecretFile string   `yaml:"client_secret_file" is:"path"`
	CAFile           string   `yaml:"ca_file" is:"path"`
	CertFile         string   `yaml:"cert_file" is:"path"` // the client's own
	KeyFile          string   `yaml:"key_file" is:"path"`
	Cloud            string   `yaml:"cloud" oneof:"public|government|china"`
	Tenant           string   `yaml:"tenant"`
	Subscription     string   `yaml:"subscription"`
	ResourceGroup    string   `yaml:"resource_group"`
	Workspace        string   `yaml:"workspace"`
	WorkspaceID      string   `yaml:"workspace_id"`
	Space            string   `yaml:"space"`
	Index            string   `yaml:"index"`
	App              string   `yaml:"app"`
	Query            string   `yaml:"query"`
	Kind             string   `yaml:"kind" oneof:"notables|findings|investigations"` // splunk: what is pulled
	Stream           string   `yaml:"stream"`                                        // NATS
	Subject          string   `yaml:"subject"`
	Consumer         string   `yaml:"consumer"` // NATS: its durable name, which workers share
	CredsFile        string   `yaml:"creds_file" is:"path"`
	MaxDeliver       int      `yaml:"max_deliver" range:"1..1000000"` // NATS: how often what is not kept is sent; without end unless set
	AckWait          Duration `yaml:"ack_wait" range:"1s..1h"`        // NATS
	Listen           string   `yaml:"listen"`                         // webhook: host:port
	Version          string   `yaml:"version"`
	SigningKeyEnv    string   `yaml:"signing_key_env"` // webhook: what bodies are signed with
	SigningKeyFile   string   `yaml:"signing_key_file" is:"path"`
	Since            Duration `yaml:"since" range:"1m..3650d"`
	Every            Duration `yaml:"every" range:"1s..24h"`   // from one pull to the next
	Overlap          Duration `yaml:"overlap" range:"0s..24h"` // how much of what was read is read again
	Late             Duration `yaml:"late" range:"1m..30d"`    // how far back is looked, now and then, for what came later than that
	Limit            int      `yaml:"limit" range:"1..10000000"`
	Timeout          Duration `yaml:"timeout" range:"1s..30m"`
	WriteBack        bool     `yaml:"write_back"`                         // notes and states go back to it
	ElasticsearchURL string   `yaml:"elasticsearch_url" is:"url"`         // elastic: where logs are asked; url is Kibana's
	BuildingBlocks   bool     `yaml:"building_blocks"`                    // elastic: alerts that are parts of others, too
	SOAR             string   `yaml:"soar"`                               // xsoar, splunksoar: a name under soar, in place of url and key
	KeyID            string   `yaml:"key_id"`                             // XSOAR 8
	KeyType          string   `yaml:"key_type" oneof:"standard|advanced"` // XSOAR 8
	DispositionField string   `yaml:"disposition_field"`                  // splunksoar: the custom field of containers that holds it
}

// SOAR is a platform that runs playbooks of its own.
type SOAR struct {
	Type      string   `yaml:"type" is:"required" oneof:"xsoar|splunksoar"`
	URL       string   `yaml:"url" is:"required,url"`
	TokenEnv  string   `yaml:"token_env"`
	TokenFile string   `yaml:"token_file" is:"path"`
	KeyID     string   `yaml:"key_id"`                             // XSOAR 8
	KeyType   string   `yaml:"key_type" oneof:"standard|advanced"` // XSOAR 8
	CAFile    string   `yaml:"ca_file" is:"path"`
	Version   string   `yaml:"version" oneof:"5|6|8"` // XSOAR: 6, or 8 when there is a key_id
	Label     string   `yaml:"label"`                 // of containers, type of incidents
	Playbooks []string `yaml:"playbooks"`             // the only ones that may be started
	// Automation lets the platform start its own playbooks on what arrives.
	Automation bool     `yaml:"automation"`
	Timeout    Duration `yaml:"timeout" range:"1s..30m"`
}

// Driver is something that acts.
type Driver struct {
	Type         string   `yaml:"type" is:"required" oneof:"webhook|exec|nftables|ldap|blocklist|unbound|crowdsec|xsoar|splunksoar"`
	Actions      []string `yaml:"actions"` // what it may be used for; nothing unless said
	URL          string   `yaml:"url" is:"url"`
	TokenEnv     string   `yaml:"token_env"`
	TokenFile    string   `yaml:"token_file" is:"path"`
	PasswordEnv  string   `yaml:"password_env"`
	PasswordFile string   `yaml:"password_file" is:"path"`
	CAFile       string   `yaml:"ca_file" is:"path"`
	Command      []string `yaml:"command"`
	Undo         []string `yaml:"undo" is:"single"` // webhook: an address
	Probe        []string `yaml:"probe" is:"single"`
	Path         string   `yaml:"path" is:"path"`
	Table        string   `yaml:"table"`
	Set          string   `yaml:"set"`
	Namespace    string   `yaml:"namespace"`
	BaseDN       string   `yaml:"base_dn"`
	BindDN       string   `yaml:"bind_dn"`
	ConfigFile   string   `yaml:"config_file" is:"path"` // unbound: what unbound-control reads
	Zone         string   `yaml:"zone"`                  // unbound: of the response-policy zone whose file is path
	Sinkhole     string   `yaml:"sinkhole"`              // unbound: the address that sinkhole-domain answers with
	Server       string   `yaml:"server"`                // unbound: host:port of the resolver
	User         string   `yaml:"user"`                  // crowdsec: the machine's name
	PolicyDN     string   `yaml:"policy_dn"`             // the default password policy, where the directory's overlay has one
	SOAR         string   `yaml:"soar"`                  // a name under soar
	Incident     string   `yaml:"incident"`              // SOAR: the investigation or container in which actions run
	InForce      InForce  `yaml:"in_force"`              // SOAR and webhook: how the answer to a probe is read
	TTL          Duration `yaml:"ttl" range:"1s..90d"`
	Timeout      Duration `yaml:"timeout" range:"1s..30m"`
	Protected    []string `yaml:"protected"` // targets it never touches, besides the estate's own
}

// InForce says where the answer to a probe tells whether an action is in force.
type InForce struct {
	At  string   `yaml:"at"`
	Is  []string `yaml:"is" is:"single"`
	Not []string `yaml:"not" is:"single"`
}

// Notify is a way to tell people.
type Notify struct {
	Type         string   `yaml:"type" is:"required" oneof:"webhook|slack|teams|mail|pagerduty"`
	URL          string   `yaml:"url" is:"url"`
	URLEnv       string   `yaml:"url_env"` // a webhook's address often is its secret
	URLFile      string   `yaml:"url_file" is:"path"`
	KeyEnv       string   `yaml:"key_env"` // PagerDuty's integration key; what a webhook's body is signed with
	KeyFile      string   `yaml:"key_file" is:"path"`
	Server       string   `yaml:"server"` // mail: host:port
	From         string   `yaml:"from"`
	To           []string `yaml:"to"`
	User         string   `yaml:"user"`
	PasswordEnv  string   `yaml:"password_env"`
	PasswordFile string   `yaml:"password_file" is:"path"`
	On           []string `yaml:"on" oneof:"escalate|review|approval|receipt|drift"`
	Quiet        string   `yaml:"quiet"` // 22:00-06:00, by this machine's clock: only what is critical is told then
	PerHour      int      `yaml:"per_hour" range:"1..3600"`
	CAFile       string   `yaml:"ca_file" is:"path"`
	Timeout      Duration `yaml:"timeout" range:"1s..1m"`
}
