package learn

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"

	"github.com/seed-959697dd/soc/internal/sign"
	"github.com/seed-959697dd/soc/triage"
)

// Version is that of the precedent file.
const Version = 1

// Context is what a signature under a precedent promises.
const Context = "soc precedent v1"

// maxFile bounds a precedent file in bytes.
const maxFile = 256 << 20

// What a file can be refused for.
var (
	ErrKind        = errors.New("not a precedent file")
	ErrNewer       = errors.New("written by a newer soc")
	ErrCertificate = errors.New("its certificate does not follow from its own figures")
	ErrSignature   = errors.New("its signature does not hold: it was changed after it was signed, or the key is unknown")
)

// Write spells a precedent: one JSON document with its maps in order, so that equal precedents are equal bytes.
func Write(p *triage.Precedent) ([]byte, error) {
	text, err := json.MarshalIndent(p, "", " ")
	if err != nil {
		return nil, fmt.Errorf("writing a precedent: %w", err)
	}
	return append(text, '\n'), nil
}

// Payload is what is signed: the document without its signature.
func Payload(p *triage.Precedent) ([]byte, error) {
	q := *p
	q.By, q.Signature = "", ""
	return Write(&q)
}

// Read reads a precedent and checks everything that can be checked: that the bounds follow from their counts, that the signature, if
// there is one, is by one of the approvers and holds. What it returns beside an error is nil.
func Read(text []byte, approvers sign.Approvers) (*triage.Precedent, error) {
	if len(text) > maxFile {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrKind, maxFile)
	}
	var head struct {
		Kind    string `json:"kind"`
		Version int    `json:"version"`
	}
	if err := json.Unmarshal(text, &head); err != nil || head.Kind != "precedent" {
		return nil, ErrKind
	}
	switch {
	case head.Version > Version:
		return nil, fmt.Errorf("%w: version %d, this one knows %d", ErrNewer, head.Version, Version)
	case head.Version < Version:
		return nil, fmt.Errorf("%w: version %d", ErrKind, head.Version)
	}
	p := &triage.Precedent{}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(p); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKind, err)
	}
	if err := check(p); err != nil {
		return nil, err
	}
	if p.Signature != "" {
		payload, err := Payload(p)
		if err != nil {
			return nil, err
		}
		who, err := approvers.Verify(p.By, Context, payload, p.Signature)
		if err != nil {
			return nil, fmt.Errorf("%w (%w)", ErrSignature, err)
		}
		p.Trusted = who.Name
	}
	sum := sha256.Sum256(text)
	p.Digest = "sha256:" + hex.EncodeToString(sum[:])
	return p, nil
}

// check recomputes what the file claims.
func check(p *triage.Precedent) error {
	c := &p.Certificate
	if !(c.Alpha > 0 && c.Alpha < 1 && c.Delta > 0 && c.Delta < 1) {
		return fmt.Errorf("%w: alpha %v, delta %v", ErrCertificate, c.Alpha, c.Delta)
	}
	spent, attacks := 0.0, 0
	for i := range p.Strata {
		s := &p.Strata[i]
		spent += s.Delta
		attacks += s.Groups.N
		for of, b := range []*triage.Bound{&s.Groups, &s.Incidents} {
			if err := checkBound(b, c.Alpha, s.Delta); err != nil {
				return fmt.Errorf("%w: stratum %s, %s: %w", ErrCertificate, strconv.Quote(cut(s.Name, 60)), [...]string{"groups", "incidents"}[of], err)
			}
		}
		if s.Incidents.N > s.Groups.N {
			return fmt.Errorf("%w: stratum %s: more incidents than groups", ErrCertificate, s.Name)
		}
	}
	switch {
	case !(math.Abs(spent-c.Delta) <= 1e-9):
		return fmt.Errorf("%w: the strata spend %v of delta %v", ErrCertificate, spent, c.Delta)
	case !share(c.Closed) || !share(c.CalibrationError) || !share(c.Brier):
		return fmt.Errorf("%w: closed %v, calibration error %v, Brier score %v", ErrCertificate, c.Closed, c.CalibrationError, c.Brier)
	case float64(attacks) < math.Floor(p.All.Attacks) || attacks > p.All.Decided:
		return fmt.Errorf("%w: %d attacks in the strata, %v counted", ErrCertificate, attacks, p.All.Attacks)
	}
	for _, err := range []error{summed(p), follows(p), mixed(p)} {
		if err != nil {
			return fmt.Errorf("%w: %w", ErrCertificate, err)
		}
	}
	return nil
}

// mixed checks the detectors that are left to people. Whether one is missing cannot be told from counts.
func mixed(p *triage.Precedent) error {
	below, k := 0, 0
	for i := range p.Strata {
		k += p.Strata[i].Groups.K
	}
	for rule, m := range p.Mixed {
		below += m.Attacks
		if m.Attacks < 1 || m.Attacks > m.Groups || m.Groups > p.Rules[rule].Decided {
			return fmt.Errorf("%s: %d attacks in %d groups below the threshold", strconv.Quote(cut(rule, 60)), m.Attacks, m.Groups)
		}
	}
	if below > k {
		return fmt.Errorf("%d attacks below the threshold where there are %d", below, k)
	}
	return nil
}

func share(f float64) bool { return f >= 0 && f <= 1 }

var errBound = errors.New("the bound is another")

// leastDelta is where a risk stops being one that anybody could check.
const leastDelta = 1e-9

func checkBound(b *triage.Bound, alpha, delta float64) error {
	if !(delta > leastDelta && delta < 1) || b.K < 0 || b.K > b.N || b.N > math.MaxInt32 {
		return fmt.Errorf("%w: %d of %d with delta %v", errBound, b.K, b.N, delta)
	}
	u := Upper(b.K, b.N, delta)
	if !(math.Abs(u-b.Upper) <= 1e-9) {
		return fmt.Errorf("%w: %d of %d give %.6f, not %.6f", errBound, b.K, b.N, u, b.Upper)
	}
	switch {
	case b.Certified && u > alpha:
		return fmt.Errorf("%w: %.6f is more than alpha", errBound, u)
	case b.Certified && (b.Threshold < gridFrom || b.Threshold > gridTo || b.Threshold%gridStep != 0 || b.Needs != 0):
		return fmt.Errorf("%w: no test stops at %d", errBound, b.Threshold)
	case !b.Certified && (b.Threshold != 0 || b.K != 0 || b.Needs != max(1, Needed(alpha, delta)-b.N)):
		return fmt.Errorf("%w: %d further attacks are not what is needed", errBound, b.Needs)
	}
	return nil
}
