package cmd

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/learn"
	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/triage"
)

// precedent loads what the estate's decisions taught: from the named file, else from the configured one. A file that is not there is
// a wrong command line. One that cannot be trusted is left aside and becomes a gap of every verdict: triage goes on without it,
// and closes nothing.
func (r *run) precedent(s *settings, named string) error {
	file := named
	if file == "" {
		file = s.Precedent.File
	}
	if file == "" {
		return nil
	}
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) && named != "" {
		return usage(fmt.Errorf("--precedent %s: no such file", file), "soc learn --decisions FILE --alerts FILE --out precedent.json")
	}
	approvers, terr := s.trusted()
	if terr != nil {
		return terr
	}
	if err == nil {
		r.policy.Precedent, err = learn.Read(text, approvers)
	}
	if err == nil && s.Precedent.Signed && r.policy.Precedent.Trusted == "" {
		r.policy.Precedent, err = nil, errors.New("nobody trusted has signed it, and soc.yaml asks for that")
	}
	if err != nil {
		r.stands.Gaps = append(r.stands.Gaps, alert.Gap{Check: "precedent", Class: alert.Failed, Reason: fmt.Sprintf("%s is not used: %v", file, err)})
		_, werr := fmt.Fprintf(r.app.IO.Err, "soc: precedent %s is not used, nothing will be closed: %s\n", term.Clean(file), term.Clean(err.Error()))
		return werr
	}
	p := r.policy.Precedent
	r.stands.Digests.Precedent = p.Digest
	switch missing, fresh := r.unheardOf(p.Checks), r.unweighed(p.Checks); {
	case p.Scoring != r.policy.Scoring():
		p.Void = "it was learned under other weights or caps than the policy has now"
	case missing != "":
		p.Void = "it was learned with the check " + missing + ", which does not run here"
	case fresh != "":
		p.Void = "it was learned without the check " + fresh + ", which runs here: learn again with the same context"
	}
	if p.Void != "" {
		r.stands.Gaps = append(r.stands.Gaps, alert.Gap{Check: "precedent", Class: alert.Partial, Reason: "its certificate does not hold here: " + p.Void})
	}
	if p.Labels != "estate" {
		p.Revoked = "its labels are " + p.Labels
	}
	return nil
}

// unweighed is a check of this run that the precedent never saw: its evidence could lower a score past a threshold that was found
// without it.
func (r *run) unweighed(checks []string) string {
	for _, c := range r.checks {
		if !slices.Contains(checks, c.Name()) {
			return c.Name()
		}
	}
	return ""
}

// unheardOf is a check whose evidence was weighed and which this run does not have: its scores are lower than those that the thresholds
// were found among. A run that only decides again has no checks, and the evidence of those that ran.
func (r *run) unheardOf(checks []string) string {
	if r.known == nil {
		return ""
	}
	for _, name := range checks {
		if !slices.ContainsFunc(r.checks, func(c triage.Check) bool { return c.Name() == name }) {
			return name
		}
	}
	return ""
}
