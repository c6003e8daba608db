package investigate

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"strings"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/alert/indicator"
)

// Script is text that was hidden in a command line or a script.
type Script struct {
	Text  string
	Piece string // of the original text that hid it
	How   string // encoded in Base64 as UTF-16
}

// maxScripts bounds the decoded texts of a case.
const maxScripts = 100

// Decode takes apart the command lines and scripts of the case: what was hidden in them becomes an artifact, each text once, and what
// can be looked up in it an indicator, whose receipt is the piece that hid it. decode returns what is hidden in one text. Call it after
// the last event was added and before Stand.
func (k *Case) Decode(decode func(text string) []Script) {
	met := map[alert.Digest]bool{}
	list := k.Records()
	for i := range list {
		r := &list[i]
		if r.Asked != "" {
			continue // it brings no indicator: see Consult
		}
		for _, t := range r.Things {
			if t.Type != "process_command" && t.Type != "script" {
				continue
			}
			for _, s := range decode(t.Value) {
				digest := alert.Digest(sha256.Sum256([]byte(s.Text)))
				if met[digest] || len(met) == maxScripts {
					continue
				}
				met[digest] = true
				k.Artifacts = append(k.Artifacts, Artifact{
					Name: hex.EncodeToString(digest[:12]) + ".txt", Digest: digest, Bytes: int64(len(s.Text)), Body: []byte(s.Text),
					From: fmt.Sprintf("decoded from %s, %s: %s", r.Cite, t.Path, s.How),
				})
				k.hidden(strings.TrimPrefix(r.Cite, "alert "), t.Path, s)
			}
		}
	}
}

// hidden takes the indicators of a decoded text.
func (k *Case) hidden(id, path string, s Script) {
	indicator.Scan([]byte(s.Text), func(f indicator.Found) bool {
		if !leads(f.Type) {
			return true
		}
		found := [][2]string{{string(f.Type), string(f.Value)}}
		if host := HostOf("url", string(f.Value)); f.Type == indicator.URL && host != "" {
			kind := "domain"
			if _, err := netip.ParseAddr(host); err == nil {
				kind = "ip"
			}
			found = append(found, [2]string{kind, host})
		}
		for _, v := range found {
			before := len(k.Indicators)
			at := k.indicator(v[0], v[1])
			if at == nil {
				return false
			}
			if len(k.Indicators) > before {
				at.Hidden = s.How
			}
			if len(at.Receipts) < maxPlaces {
				at.Receipts = append(at.Receipts, Receipt{id, path, s.Piece})
			}
		}
		return true
	})
}
