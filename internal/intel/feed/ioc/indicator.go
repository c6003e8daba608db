// Package ioc is an indicator of compromise as a feed hands it over: what kind of value it is, the one spelling of that value that
// feeds and alerts are compared by, and what the feed says about it.
//
// It reads no file and looks nothing up. Start with Indicator, Parse and Type.Normal.
package ioc

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Type is the kind of value. The zero value is none.
type Type uint8

// The types. Their numbers stand in stored files: new ones come at the end.
const (
	None Type = iota
	IP
	CIDR
	Domain
	URL
	Mail
	MD5
	SHA1
	SHA256
	SHA512
	CVE
	Substring // of warning lists only: a text that a value contains
	Regex     // of warning lists only: an expression that a value matches
	Types     // how many there are
)

var typeNames = [Types]string{"", "ip", "cidr", "domain", "url", "mail", "md5", "sha1", "sha256", "sha512", "cve", "substring", "regex"}

func (t Type) String() string { return typeNames[min(t, Types-1)] }

// TypeOf returns the type of that name.
func TypeOf(name string) (Type, bool) {
	i := slices.Index(typeNames[1:], name) + 1
	return Type(i), i > 0
}

// Hash tells the types that name a file by its content. They do not age.
func (t Type) Hash() bool { return t >= MD5 && t <= SHA512 }

// Verdict is what a feed says a value is, the worst last.
type Verdict uint8

// The verdicts. Their numbers stand in stored files.
const (
	Unsaid Verdict = iota
	Benign
	Suspicious
	Malicious
)

var verdictNames = [...]string{"", "benign", "suspicious", "malicious"}

func (v Verdict) String() string { return verdictNames[min(v, Malicious)] }

// VerdictOf returns the verdict of that name.
func VerdictOf(name string) (Verdict, bool) {
	i := slices.Index(verdictNames[1:], strings.ToLower(name)) + 1
	return Verdict(i), i > 0
}

// TLP is the Traffic Light Protocol's label, the zero value none. Source: FIRST, TLP 2.0.
type TLP uint8

// The labels, the most open first. Their numbers stand in stored files.
const (
	NoTLP TLP = iota
	Clear
	Green
	Amber
	AmberStrict
	Red
)

var tlpNames = [...]string{"", "clear", "green", "amber", "amber+strict", "red"}

func (t TLP) String() string { return tlpNames[min(t, Red)] }

// TLPOf reads a label with or without its "tlp:"; white is what clear was called before 2022.
func TLPOf(name string) (TLP, bool) {
	name = strings.TrimPrefix(strings.ToLower(strings.TrimSpace(name)), "tlp:")
	if name == "white" {
		return Clear, true
	}
	i := slices.Index(tlpNames[1:], name) + 1
	return TLP(i), i > 0
}

// Indicator is one entry of a feed. A zero time was not said; times count to the second.
type Indicator struct {
	Type       Type
	Value      string // in its normal spelling
	Wild       bool   // a domain that stands for every name below it, too
	Verdict    Verdict
	Confidence uint8 // 1..100; 0 when nobody said
	TLP        TLP
	First      time.Time // first seen
	Last       time.Time // last seen
	Until      time.Time // not valid from then on
	Tags       []string  // malware family first, at most MaxTags
	Reference  string    // where to read on: a URL or an id
	File       string    // the file within a feed of several, else empty
	Line       int64     // where the entry stands, from 1
}

// What an entry may carry, so that a feed of essays stays a feed.
const (
	MaxTags      = 8
	maxTag       = 64  // bytes
	maxReference = 256 // bytes
)

// AddTag appends a tag unless it is empty, there already, or one too many.
func (in *Indicator) AddTag(tag string) {
	tag = Cut(strings.TrimSpace(tag), maxTag)
	if tag != "" && len(in.Tags) < MaxTags && !slices.Contains(in.Tags, tag) {
		in.Tags = append(in.Tags, tag)
	}
}

// Refer sets the reference unless one is there or the text is no use to a person.
func (in *Indicator) Refer(to string) {
	if to = strings.TrimSpace(to); in.Reference == "" && len(to) <= maxReference && to != "None" {
		in.Reference = to
	}
}

// Cut returns at most n bytes of s, whole characters only.
func Cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// Better tells which of two entries for one value says more: the worse verdict, then the greater confidence, then the later sighting.
func (in *Indicator) Better(than *Indicator) bool {
	switch {
	case in.Verdict != than.Verdict:
		return in.Verdict > than.Verdict
	case in.Confidence != than.Confidence:
		return in.Confidence > than.Confidence
	case !in.Last.Equal(than.Last):
		return in.Last.After(than.Last)
	}
	return in.First.After(than.First)
}
