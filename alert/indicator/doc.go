// Package indicator finds indicators in any text: addresses, names, links, hashes and the like, however they were written so
// that nobody clicks on them (hxxp, [.], (dot), full-width dots) or by whatever encoded them (JSON, HTML, percent signs).
// It also writes text that way and back.
//
// It does not judge: whether a value is malicious, private or a vendor's own is for others to say. It reads no file and keeps
// nothing. A name inside a link or a mail address is not reported again on its own: who has the link has its host, and a list
// in which every link counts twice misleads. Two things inside a link are, because they are what the link is about: a link to
// which it forwards, and a SHA-256.
//
// Start with Scan, Found and Defang.
package indicator

// Type is what a value is.
type Type string

// The types. A domain is a name whose last label is a top-level domain, .onion or one of those that estates use at home. A
// link has a scheme. Values are in lower case, but for the path of a URL, CVE and technique ids, AS numbers, registry keys and
// Bitcoin addresses.
const (
	IP        Type = "ip" // in the canonical form of net/netip, without its zone
	Domain    Type = "domain"
	URL       Type = "url"
	Mail      Type = "mail"
	MD5       Type = "md5"
	SHA1      Type = "sha1"
	SHA256    Type = "sha256"
	SHA512    Type = "sha512"
	ImpHash   Type = "imphash" // an MD5 over the names a program imports, said to be one
	JA3       Type = "ja3"     // an MD5 over the greeting of a TLS client or server, said to be one
	CVE       Type = "cve"     // CVE-2021-44228
	Technique Type = "technique"
	ASN       Type = "asn"
	MAC       Type = "mac"
	Registry  Type = "registry" // with single backslashes
	Bitcoin   Type = "btc"      // whose checksum is right
	Ethereum  Type = "eth"
)

// Types returns every type.
func Types() []Type {
	return []Type{IP, Domain, URL, Mail, MD5, SHA1, SHA256, SHA512, ImpHash, JA3, CVE, Technique, ASN, MAC, Registry, Bitcoin, Ethereum}
}

// Found is one indicator. The text in which it was found, from Offset for Len bytes, reads as Value when it is scanned alone,
// except where the text around it decided: a word in front of a hash, the length behind a network, lines broken softly or at
// commas around a link.
type Found struct {
	Type  Type
	Value []byte // valid until yield returns
	// Offset and Len say where the original text stands, in bytes.
	Offset, Len int
}

// Scan finds the indicators of b, in order of their beginnings, and hands them to yield until it returns false. A mail address
// comes behind what stands in its front part. Time grows
// linearly with the text whatever it holds. To scan much text keep a Scanner.
func Scan(b []byte, yield func(Found) bool) {
	var s Scanner
	s.Scan(b, yield)
}
