package read

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// role is what a column is about.
type role uint8

const (
	colNone role = iota
	colValue
	colFirst
	colLast
	colUntil
	colFamily
	colTags
	colConfidence
	colVerdict
	colTLP
	colReference
	colPort
)

// declared are the names under which --columns maps columns.
var declared = map[string]role{
	"value": colValue, "first": colFirst, "last": colLast, "until": colUntil, "family": colFamily, "tags": colTags,
	"confidence": colConfidence, "verdict": colVerdict, "tlp": colTLP, "reference": colReference, "port": colPort,
}

// roles are the names of columns whose meaning is known: abuse.ch's (URLhaus, ThreatFox, Feodo Tracker, MalwareBazaar, SSLBL) and
// what others commonly write.
var roles = map[string]role{
	"url": colValue, "ioc_value": colValue, "ioc": colValue, "dst_ip": colValue, "dstip": colValue, "ip": colValue, "ip_address": colValue,
	"ipaddress": colValue, "address": colValue, "domain": colValue, "hostname": colValue, "sha256_hash": colValue, "sha256": colValue,
	"sha1_hash": colValue, "sha1": colValue, "md5_hash": colValue, "md5": colValue, "indicator": colValue, "indicator_value": colValue,
	"observable": colValue, "value": colValue, "cidr": colValue, "cve": colValue,
	"first_seen_utc": colFirst, "first_seen": colFirst, "firstseen": colFirst, "dateadded": colFirst, "date_added": colFirst,
	"listingdate": colFirst, "created": colFirst, "date": colFirst, "valid_from": colFirst,
	"last_seen_utc": colLast, "last_seen": colLast, "lastseen": colLast, "last_online": colLast, "modified": colLast,
	"valid_until": colUntil, "expires": colUntil, "expiration": colUntil, "expiry": colUntil,
	"malware_printable": colFamily, "malware": colFamily, "signature": colFamily, "listingreason": colFamily, "family": colFamily, "malware_family": colFamily,
	"threat": colTags, "threat_type": colTags, "tags": colTags, "category": colTags, "labels": colTags,
	"confidence_level": colConfidence, "confidence": colConfidence, "verdict": colVerdict, "tlp": colTLP,
	"reference": colReference, "urlhaus_link": colReference, "link": colReference, "dst_port": colPort, "dstport": colPort, "port": colPort,
}

// shape is a feed known by its columns, with the confidence of entries that a person or a sandbox confirmed before they were listed.
type shape struct {
	name       string
	columns    []string
	confidence uint8
}

// shapes as their publisher describes them: https://abuse.ch and the projects' pages, 2026.
var shapes = []shape{
	{"urlhaus", []string{"url", "url_status"}, 90},
	{"threatfox", []string{"ioc_value", "threat_type"}, 0}, // it says its own
	{"feodo", []string{"dst_ip", "c2_status"}, 95},
	{"malwarebazaar", []string{"sha256_hash", "signature"}, 95},
	{"sslbl", []string{"listingdate", "sha1"}, 90},
}

// header takes the columns from a line if it names them: at least two, one of them a value.
func (t *table) header(text string) bool {
	for _, sep := range []byte{',', ';', '\t', '|'} {
		names, err := split(nil, text, sep)
		if err != nil || len(names) < 2 {
			continue
		}
		columns, known := make([]role, len(names)), 0
		for i, name := range names {
			names[i] = strings.ToLower(strings.Trim(strings.TrimSpace(name), `"`))
			if columns[i] = roles[names[i]]; columns[i] != colNone {
				known++
			}
		}
		if known < 2 || !slices.Contains(columns, colValue) {
			continue
		}
		t.sep, t.columns = sep, columns
		t.res.Kind = "csv"
		for _, s := range shapes {
			if !slices.ContainsFunc(s.columns, func(c string) bool { return !slices.Contains(names, c) }) {
				t.res.Kind, t.usual = s.name, s.confidence
			}
		}
		return true
	}
	return false
}

// declare takes the columns from Options.Columns: by number from 1, or by name, which makes the first line a header.
func (t *table) declare(text string) (header bool, err error) {
	t.res.Kind, t.sep = "csv", ','
	for _, sep := range []byte{';', '\t', '|'} {
		if strings.Count(text, string(sep)) > strings.Count(text, string(t.sep)) {
			t.sep = sep
		}
	}
	names, err := split(nil, text, t.sep)
	if err != nil {
		return false, fmt.Errorf("%w: the header: %w", ErrNotFeed, err)
	}
	t.columns = make([]role, len(names))
	for _, what := range slices.Sorted(maps.Keys(t.o.Columns)) {
		where := t.o.Columns[what]
		i, err := strconv.Atoi(where)
		if i--; err != nil {
			header = true
			i = slices.IndexFunc(names, func(name string) bool { return strings.EqualFold(name, where) })
		}
		if i < 0 || i >= len(names) {
			return false, fmt.Errorf("%w: it has no column %q; its first line has %s", ErrNotFeed, where, strings.Join(names, ", "))
		}
		t.columns[i] = declared[what]
	}
	return header, nil
}

// CheckColumns refuses a declaration of columns that no file can satisfy.
func CheckColumns(columns map[string]string) error {
	for what := range columns {
		if _, ok := declared[what]; !ok {
			return fmt.Errorf("column %q: not one of %s", what, strings.Join(slices.Sorted(maps.Keys(declared)), ", "))
		}
	}
	if columns["value"] == "" {
		return fmt.Errorf("no column is declared to be the value")
	}
	return nil
}
