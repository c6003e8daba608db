package render

import (
	"fmt"
	"math"

	"github.com/seed-959697dd/soc/triage"
)

// appendSeverity walks from the vendor's rating to the recommended one, each step with its reason.
func appendSeverity(b []byte, p Paper, v *triage.Verdict) []byte {
	b = p.field(b, "severity", v.Severity.String())
	for _, reason := range severityReasons(v) {
		b = p.field(b, "", reason)
	}
	return b
}

func severityReasons(v *triage.Verdict) []string {
	at := triage.StepOf(v.Vendor.Score)
	list := []string{vendorReason(v, at)}
	step := func(to triage.Severity, why string) {
		if to != at {
			list = append(list, to.String()+": "+why)
			at = to
		}
	}
	switch prob := v.Probability; {
	case prob >= 0.9:
		step(min(max(at+1, triage.High), triage.Critical), "the evidence is strong")
	case prob >= 0.5:
		step(max(at, triage.Medium), "the evidence outweighs the base rate")
	case prob < 0.02:
		step(min(at, triage.Low), "the evidence speaks against an attack")
	case prob < 0.1:
		step(min(at, triage.Medium), "little speaks for an attack")
	}
	if hard(v) != nil {
		step(max(at, triage.High), "a hard signal asks for no less")
	}
	step(v.Severity, "another alert of the group is rated so, or the policy asks for it")
	return list
}

func vendorReason(v *triage.Verdict, at triage.Severity) string {
	switch {
	case v.Vendor.Score < 0:
		return at.String() + ": the vendor gave no rating that is known"
	case v.Vendor.Vendor == "":
		return fmt.Sprintf("%s: the vendor's rating, %d of 100", at, v.Vendor.Score)
	}
	return fmt.Sprintf("%s: the vendor's rating \"%s\", %d of 100", at, clean(v.Vendor.Vendor), v.Vendor.Score)
}

// hard returns the first signal that is enough on its own.
func hard(v *triage.Verdict) *triage.Signal {
	for i := range v.Signals {
		if v.Signals[i].Hard {
			return &v.Signals[i]
		}
	}
	return nil
}

// routeReason says why a verdict goes where it goes.
func routeReason(v *triage.Verdict, p *triage.Policy) string {
	threshold := Score(logit(p.Escalate))
	switch {
	case v.Route == triage.Closed && v.ClosedBy == "":
		return "the score " + Score(v.Score) + " lies below the certified threshold of a precedent that a trusted key signed"
	case v.Route == triage.Closed:
		return "rule " + clean(v.ClosedBy) + " is signed by a trusted key and has not expired"
	case v.Route == triage.Escalate && v.Probability >= p.Escalate:
		return "the score " + Score(v.Score) + " reaches the threshold " + threshold
	case v.Route == triage.Escalate && hard(v) != nil:
		return "a hard signal is enough on its own: " + clean(hard(v).Sentence)
	case v.Route == triage.Escalate:
		return "a critical asset is involved and the score " + Score(v.Score) + " reaches its threshold " + Score(logit(p.EscalateCrit))
	case v.WouldClose && v.Certificate != "":
		return "the score " + Score(v.Score) + " lies below the certified threshold: it would be closed, and may not be yet"
	case v.WouldClose:
		return "an allow rule would close it, and may not do so alone"
	}
	return "the score " + Score(v.Score) + " is below the threshold " + threshold
}

// logit is the score in milli-nats at which a probability is reached. Certainty is out of reach; it is shown as a score
// that no sum of evidence gets to.
func logit(p float64) triage.Weight {
	const edge = 1e-9
	p = min(max(p, edge), 1-edge)
	return triage.Weight(math.Round(1000 * math.Log(p/(1-p))))
}
