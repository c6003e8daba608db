package report

import (
	"crypto/sha1" //nolint:gosec // RFC 9562 makes a UUID of version 5 with SHA-1; it protects nothing
	"encoding/hex"
)

// The namespaces of ids. That of observables is STIX's own, so that two programs give one observable one id; everything else is ours.
// Source: STIX 2.1, section 2.9.
var (
	observables = [16]byte{0x00, 0xab, 0xed, 0xb4, 0xaa, 0x42, 0x46, 0x6c, 0x9c, 0x01, 0xfe, 0xd2, 0x33, 0x15, 0xa9, 0xb7}
	ours        = [16]byte{0x6a, 0x1f, 0x9c, 0x52, 0x03, 0x7e, 0x4b, 0xd1, 0x8e, 0x60, 0x3b, 0xc4, 0x95, 0x2d, 0x70, 0x18}
)

// uuid5 is the name-based UUID of version 5. Source: RFC 9562, section 5.5.
func uuid5(space [16]byte, name string) string {
	sum := sha1.New() //nolint:gosec // see above
	_, _ = sum.Write(space[:])
	_, _ = sum.Write([]byte(name)) // never fails
	b := sum.Sum(nil)[:16]
	b[6], b[8] = b[6]&0x0f|0x50, b[8]&0x3f|0x80
	h := hex.EncodeToString(b)
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
