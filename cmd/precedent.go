package cmd

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/learn"
	"github.com/seed-959697dd/soc/internal/term"
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
	if p.Scoring != r.policy.Scoring() {
		p.Void = "it was learned under other weights or caps than the policy has now"
		r.stands.Gaps = append(r.stands.Gaps, alert.Gap{Check: "precedent", Class: alert.Partial, Reason: "its certificate does not hold here: " + p.Void})
	}
	if p.Labels != "estate" {
		p.Revoked = "its labels are " + p.Labels
	}
	return nil
}
