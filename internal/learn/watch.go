package learn

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"math"

	"gonum.org/v1/gonum/mathext"

	"github.com/seed-959697dd/soc/triage"
)

// Every closed group is looked at again with a probability between these two.
const (
	LeastAudited = 0.01
	MostAudited  = 0.20
)

// auditBand is how far below the threshold, in nats, every fifth group is looked at again.
const auditBand = 1.25

// AuditProbability is that with which a group of this score, closed below the threshold, is looked at again: MostAudited down to
// auditBand below the threshold, then e times less for every nat, at least LeastAudited. Attacks that begin to slip through come from
// just above; why the band is that wide stands in docs/decisions/0005-precedent.md.
func AuditProbability(score, threshold triage.Weight) float64 {
	below := float64(max(0, int64(threshold)-int64(score)))/1000 - auditBand
	return max(LeastAudited, MostAudited*math.Exp(-max(0, below)))
}

// Audited picks a group with probability q. The pick depends on the key and the group's id only: it is the same for every process and
// every run, and nobody without the key can tell which groups nobody will look at.
func Audited(key []byte, groupID string, q float64) bool {
	mac := hmac.New(sha256.New, key)
	_, _ = mac.Write([]byte("soc audit v1\n" + groupID)) // never fails
	const bits = 53                                      // all that a float64 holds
	draw := float64(binary.BigEndian.Uint64(mac.Sum(nil))>>(64-bits)) / (1 << bits)
	return draw < q
}

// Audit is what a person found in a closed group that was picked with probability Q.
type Audit struct {
	Attack bool
	Q      float64
}

func (a Audit) x() float64 {
	if a.Attack {
		return 1
	}
	return 0
}

// Lambda is what the certificate stakes on each audit: the whole of it, so that clean audits certify soonest.
const Lambda = 1

// Prove is the any-time valid certificate after one more audit: e times 1 + lambda*(alpha - x), from e = 1. Once it reaches
// 1/delta, the share of attacks among closed groups is at most alpha with confidence 1-delta, whenever one looks: 302 clean audits for
// 1 %, 2,998 for 0.1 %. An audit that was picked more often than others counts that much less, or the closed groups near the
// threshold would stand for all. lambda is between 0 and 1. Source: I. Waudby-Smith, A. Ramdas, "Estimating means of bounded random
// variables by betting", JRSS B 86 (2024).
func Prove(e float64, a Audit, alpha, lambda float64) float64 {
	return e * (1 + lambda*weight(a)*(alpha-a.x()))
}

func weight(a Audit) float64 {
	if a.Q <= LeastAudited {
		return 1
	}
	return LeastAudited / min(a.Q, 1)
}

// AlarmAt is the value of Drift that turns closing off at once; only a person turns it on again.
const AlarmAt = 20

// Drift is the alarm after one more audit: a times 1 + 4*(x - tolerated), from a = 1. It never rests below 1: a long calm would else make
// it deaf. tolerated is the share of audits that may find an attack, see Tolerated.
func Drift(a float64, one Audit, tolerated float64) float64 {
	return max(1, a) * (1 + 4*(one.x()-tolerated))
}

// Tolerated is the share of audits that finds an attack when alpha of all attacks are closed, every one of them at the threshold:
// attacks and audits are how many there are of each in the same time. It is at most 0.2, where an alarm stops being one.
func Tolerated(alpha, attacks, audits float64) float64 {
	if audits <= 0 {
		return 0
	}
	return min(0.2, alpha*attacks*MostAudited/audits)
}

// Omission estimates the share of attacks among closed groups by Horvitz and Thompson, the sum of x/q over the audits divided by the
// number of closed groups, with an interval of confidence 1-delta that holds for few finds and for none. Source of the interval:
// M. P. Fay, E. J. Feuer, Statistics in Medicine 16 (1997), for weighted sums of rare events.
func Omission(audits []Audit, closed int, delta float64) (estimate, low, high float64) {
	if closed <= 0 {
		return 0, 0, 1
	}
	var sum, squares float64
	for _, a := range audits {
		if a.Attack {
			w := 1 / (max(a.Q, LeastAudited) * float64(closed))
			sum, squares = sum+w, squares+w*w
		}
	}
	largest := 1 / (LeastAudited * float64(closed))
	if sum > 0 {
		low = squares / sum * mathext.GammaIncRegInv(sum*sum/squares, delta/2)
	}
	up, var2 := sum+largest, squares+largest*largest
	high = var2 / up * mathext.GammaIncRegInv(up*up/var2, 1-delta/2)
	return min(1, sum), min(1, low), min(1, high)
}
