// Package sign makes and checks the ed25519 signatures by which a person answers for a rule, a plan or a journal
// checkpoint, and knows which keys this estate trusts.
//
// It is not for transport security and not for secrets of other systems. It decides nothing: that a signature holds
// says who agreed, not that the thing is wise. Start with Generate, Sign and Approvers.Verify.
package sign

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
)

// ErrBadSignature means that the signature does not belong to that key, context and payload.
var ErrBadSignature = errors.New("signature does not hold")

// Sign returns the signature of key over payload in base64. The context says what kind of promise it is ("soc policy
// rule v1"): a signature made for one context never holds in another. The zero Key signs nothing and returns "", which
// no Verify accepts.
func Sign(key Key, context string, payload []byte) string {
	if len(key.private) == 0 {
		return ""
	}
	return base64.StdEncoding.EncodeToString(ed25519.Sign(key.private, message(context, payload)))
}

// Verify returns nil when signature is what Sign gave for this key, context and payload, and ErrBadSignature when it is
// not. It says nothing about trust: see Approvers.Verify.
func Verify(pub Public, context string, payload []byte, signature string) error {
	raw, err := decode(signature, ed25519.SignatureSize)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrBadSignature, err)
	}
	if pub == (Public{}) || !ed25519.Verify(pub.key[:], message(context, payload), raw) {
		return ErrBadSignature
	}
	return nil
}

// message is what is really signed. The length before the context keeps apart contexts of which one begins with another.
func message(context string, payload []byte) []byte {
	m := append([]byte("soc signature v1\n"), binary.AppendUvarint(nil, uint64(len(context)))...)
	m = append(m, context...)
	return append(m, payload...)
}

// decode reads exactly n bytes of base64 in its one canonical spelling: what may be spelled in two ways could be
// changed without notice.
func decode(s string, n int) ([]byte, error) {
	raw, err := base64.StdEncoding.DecodeString(s)
	if err != nil || base64.StdEncoding.EncodeToString(raw) != s {
		return nil, errors.New("not canonical base64")
	}
	if len(raw) != n {
		return nil, fmt.Errorf("%d bytes where %d belong", len(raw), n)
	}
	return raw, nil
}
