package config

// Respond bounds what a response may do. Zero keeps the default; there is no unbounded.
type Respond struct {
	Valid      Duration      `yaml:"valid" range:"5m..30d"` // how long a plan waits for its approval
	Key        string        `yaml:"key" is:"path"`         // the file with the private key of the person at the screen
	Stop       string        `yaml:"stop" is:"path"`        // while this file exists nothing is carried out
	Protected  []string      `yaml:"protected"`             // targets that no response touches, besides what the inventories protect
	Partners   []string      `yaml:"partners"`              // networks that are not the estate's and must stay reachable
	Laboratory []string      `yaml:"laboratory"`            // documentation ranges that this estate uses for real
	Limits     RespondLimits `yaml:"limits"`
	// Drills name, by action, a harmless target on which the way back is practised: an address for documentation, an account nobody uses.
	Drills map[string]string `yaml:"drills"`
}

// RespondLimits are the caps of decision and carrying out.
type RespondLimits struct {
	Each       int     `yaml:"each" range:"1..1000"`       // targets of one action in a plan
	Share      float64 `yaml:"share" range:"0..1"`         // of all hosts, or users, taken away at a time
	Blind      int     `yaml:"blind" range:"1..1000"`      // hosts, or users, when their number is unknown
	Left       float64 `yaml:"left" range:"0..1"`          // of those with one role that stay
	Privileged int     `yaml:"privileged" range:"1..1000"` // accounts at a time
	PerHour    int     `yaml:"per_hour" range:"1..10000"`  // actions, over all plans
}
