package config

// Triage is how alerts are read and judged.
type Triage struct {
	Model    string   `yaml:"model"`                      // a name under models; none is called unless it stands here or on the command line
	Calls    *int     `yaml:"calls" range:"0..100000000"` // at most so many model calls a run
	Sigma    []string `yaml:"sigma" is:"path"`            // files and folders of Sigma rules
	Lateness Duration `yaml:"lateness" range:"1s..24h"`   // how long --follow waits for what comes late
	Limits   Limits   `yaml:"limits"`
}

// Limits bound hostile input. Zero keeps the default.
type Limits struct {
	Alert int64 `yaml:"alert" range:"1024..1073741824"`          // bytes of one alert
	Ratio int64 `yaml:"ratio" range:"1..10000"`                  // of decompression
	Total int64 `yaml:"total" range:"1048576..1099511627776000"` // bytes after decompression
}

// Casebook is where cases are kept.
type Casebook struct {
	File         string   `yaml:"file" is:"path"`
	URL          string   `yaml:"url"`     // of a shared one: postgres://USER@HOST/DATABASE, without a password
	URLEnv       string   `yaml:"url_env"` // holds the URL of a shared one
	PasswordEnv  string   `yaml:"password_env"`
	PasswordFile string   `yaml:"password_file" is:"path"`
	Lease        Duration `yaml:"lease" range:"5s..24h"` // after how long the work of a worker that died goes to another (10m)
}

// Display is how things are shown. A soc.yaml in the working directory may set it.
type Display struct {
	Color   string   `yaml:"color" oneof:"auto|always|never"`
	TZ      string   `yaml:"tz" is:"zone"` // of the times that are shown
	ASCII   bool     `yaml:"ascii"`
	Theme   string   `yaml:"theme" oneof:"dark|light|contrast|plain"`
	Columns []string `yaml:"columns"`
	Width   int      `yaml:"width" range:"40..1000"`
}
