package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
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
