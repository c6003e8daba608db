package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Sign makes the headers by which a receiver knows the sender and the age of a body: Soc-Timestamp, in seconds, and Soc-Signature, v1=
// and the HMAC-SHA256, in hexadecimal, over the timestamp, a dot and the body.
func Sign(key Secret, now time.Time, body []byte) map[string]string {
	at := strconv.FormatInt(now.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(key.Reveal()))
	mac.Write([]byte(at + "."))
	mac.Write(body)
	return map[string]string{"Soc-Timestamp": at, "Soc-Signature": "v1=" + hex.EncodeToString(mac.Sum(nil))}
}

// signatureAge is how old a signed body may be, and how far ahead the sender's clock.
const signatureAge = 5 * time.Minute

// What is wrong with a signature, for errors.Is.
var (
	ErrUnsigned = errors.New("web: it is not signed with the key")
	ErrOld      = errors.New("web: it was signed too long ago, or its sender's clock is wrong")
)

// Claims tells from the headers alone whether a body can be signed at all: whoever reads it first asks this.
func Claims(now time.Time, header http.Header) error {
	seconds, err := strconv.ParseInt(header.Get("Soc-Timestamp"), 10, 64)
	said, ok := strings.CutPrefix(header.Get("Soc-Signature"), "v1=")
	if mac, herr := hex.DecodeString(said); err != nil || !ok || herr != nil || len(mac) != sha256.Size {
		return ErrUnsigned
	}
	if age := now.Sub(time.Unix(seconds, 0)); age > signatureAge || age < -signatureAge {
		return ErrOld
	}
	return nil
}

// Verify checks what Sign made. It cannot tell a body that is sent twice within five minutes: who must not take it twice remembers its
// signature for ten.
func Verify(key Secret, now time.Time, header http.Header, body []byte) error {
	at, said := header.Get("Soc-Timestamp"), header.Get("Soc-Signature")
	seconds, err := strconv.ParseInt(at, 10, 64)
	if err != nil || key.Reveal() == "" {
		return ErrUnsigned
	}
	want := Sign(key, time.Unix(seconds, 0), body)["Soc-Signature"]
	if !hmac.Equal([]byte(said), []byte(want)) {
		return ErrUnsigned
	}
	if age := now.Sub(time.Unix(seconds, 0)); age > signatureAge || age < -signatureAge {
		return ErrOld
	}
	return nil
}
