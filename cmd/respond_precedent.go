package cmd

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/seed-959697dd/soc/internal/learn"
	"github.com/seed-959697dd/soc/internal/sign"
	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/triage"
)

// signPrecedent writes a signature into a precedent file, over one that stands there. What does not follow from its own figures is not
// signed.
func (a *app) signPrecedent(o signOptions) error {
	p, err := unsigned(o.precedent)
	if err != nil {
		return usage(fmt.Errorf("--precedent %s: %w", o.precedent, err), "soc learn --decisions FILE --alerts FILE --out precedent.json")
	}
	s, err := a.settings("")
	if err != nil {
		return err
	}
	key, err := readKey(o.key)
	if err != nil {
		return err
	}
	if p.By, err = s.signer(key.Public()); err != nil {
		return err
	}
	if p.By == "" {
		p.By = key.Public().String()
		fmt.Fprintln(a.IO.Err, "soc: this key is not among the approvers: the precedent will not be used")
	}
	payload, err := learn.Payload(p)
	if err != nil {
		return err
	}
	p.Signature = sign.Sign(key, learn.Context, payload)
	text, err := learn.Write(p)
	if err != nil {
		return err
	}
	if err := writeBeside(o.precedent, func(w io.Writer) error { _, err := w.Write(text); return err }); err != nil {
		return fmt.Errorf("writing the signed precedent: %w", err)
	}
	return a.say("signature", []pair{{"precedent", o.precedent}, {"by", p.By}, {"signature", p.Signature}}, term.Clean(fmt.Sprintf("signed %s as %s", o.precedent, p.By))+"\n")
}

// unsigned reads a precedent without the signature that it may have.
func unsigned(file string) (*triage.Precedent, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var p triage.Precedent
	if err := json.Unmarshal(text, &p); err != nil {
		return nil, learn.ErrKind
	}
	p.By, p.Signature = "", ""
	if text, err = learn.Write(&p); err != nil {
		return nil, err
	}
	return learn.Read(text, nil)
}
