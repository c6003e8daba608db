package kql

import _ "embed"

//go:embed device.txt
var device string

// Device is the tables of Microsoft Defender, for ReadTables: a hunting query and a workspace know them under the same names.
func Device() string { return device }
