package indicator

import (
	"crypto/sha256"
	"strings"
)

// coin reports an address of Bitcoin whose checksum is right, or one of Ethereum.
func (s *Scanner) coin(l label) {
	v := s.b[l.from:l.to]
	t := Type("")
	switch c := v[0]; {
	case c == '0' && len(v) == 42 && v[1]|0x20 == 'x' && allHex(v[2:]):
		s.found(Ethereum, s.lowered(l.from, l.to), l.from, l.to)
		return
	case (c == '1' || c == '3') && len(v) <= 35 && base58(v):
		t = Bitcoin
	case hasFold(v, 0, "bc1") && len(v) >= 42 && len(v) <= 62 && bech32(v):
		t = Bitcoin
	}
	if t != "" {
		s.found(t, append(s.value[:0], v...), l.from, l.to)
	}
}

func allHex(b []byte) bool {
	for _, c := range b {
		if unhex(c) > 15 {
			return false
		}
	}
	return true
}

// base58 tells whether an address of the old form carries its checksum: the first four bytes of a double SHA-256.
func base58(v []byte) bool {
	const alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
	var n [25]byte
	for _, c := range v {
		carry := strings.IndexByte(alphabet, c)
		if carry < 0 {
			return false
		}
		for i := len(n) - 1; i >= 0; i-- {
			carry += int(n[i]) * 58
			n[i] = byte(carry)
			carry >>= 8
		}
		if carry != 0 {
			return false
		}
	}
	sum := sha256.Sum256(n[:21])
	sum = sha256.Sum256(sum[:])
	return string(sum[:4]) == string(n[21:])
}

// bech32 tells whether an address of the new form carries its checksum. Source: BIP 173 and BIP 350.
func bech32(v []byte) bool {
	const alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
	sum := uint32(1)
	step := func(x uint32) {
		top := sum >> 25
		sum = sum&0x1ffffff<<5 ^ x
		for i, g := range [...]uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
			if top>>i&1 == 1 {
				sum ^= g
			}
		}
	}
	for _, x := range [...]uint32{'b' >> 5, 'c' >> 5, 0, 'b' & 31, 'c' & 31} {
		step(x)
	}
	for _, c := range v[3:] {
		x := strings.IndexByte(alphabet, toLower(c))
		if x < 0 {
			return false
		}
		step(uint32(x))
	}
	return sum == 1 || sum == 0x2bc830a3
}
