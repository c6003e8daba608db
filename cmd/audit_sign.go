package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/internal/term"
)

type auditSignOptions struct{ book, key, checkpoints string }

func newAuditSign(a *app, book *string) *cobra.Command {
	var o auditSignOptions
	c := &cobra.Command{
		Use:   "sign --key FILE",
		Short: "Verify the journal and sign where it stands, in a file outside the casebook",
		Long: `Appends a checkpoint: the number and the hash of the journal's last record, signed. What does not hold is not signed. Keep the
file where those who may write the casebook cannot write: whoever has both can cut both.

EXIT STATUS
  0 signed, 1 the casebook is not as its journal tells it, 2 wrong command line, key or no casebook`,
		Example: "  soc triage alerts.json\n  soc respond keygen --out sam.key --name sam\n  soc audit sign --key sam.key",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			o.book = *book
			return a.auditSign(c.Context(), o)
		},
	}
	c.Flags().StringVar(&o.key, "key", "", "the `FILE` with your private key")
	c.Flags().StringVar(&o.checkpoints, "checkpoints", "", "append to `FILE` (default: beside the casebook, with .checkpoints behind its name)")
	_ = c.MarkFlagRequired("key") // the flag stands above
	return c
}

var errNotHolding = errors.New("the casebook is not as its journal tells it: nothing is signed")

func (a *app) auditSign(ctx context.Context, o auditSignOptions) error {
	key, err := readKey(o.key)
	if err != nil {
		return err
	}
	named := o.checkpoints
	if _, err := os.Stat(named); err != nil { // a file that is about to be made
		named = ""
	}
	v, err := a.verification(ctx, auditVerifyOptions{book: o.book, checkpoints: named})
	if err != nil {
		return err
	}
	if len(v.proof.Findings) > 0 {
		return &failure{errNotHolding, statusFailed, "soc audit verify --text"}
	}
	if v.proof.Records == 0 {
		return usage(errors.New("the journal is empty: there is nothing to sign"), "soc triage alerts.json")
	}
	conf, err := a.settings("")
	if err != nil {
		return err
	}
	c := casebook.Checkpoint{Seq: v.proof.Records, Hash: v.proof.Head, At: a.Now().UTC()}
	if c.By, err = conf.signer(key.Public()); err != nil {
		return err
	}
	if c.By == "" {
		c.By = key.Public().String()
		fmt.Fprintln(a.IO.Err, "soc: this key is not among the approvers: soc audit verify will not count the checkpoint")
	}
	c.Sign(key)
	file := o.checkpoints
	if file == "" {
		file = v.file
		err = os.MkdirAll(filepath.Dir(file), 0o700)
	}
	if err != nil {
		return usage(fmt.Errorf("writing the checkpoint: %w", err), "soc audit sign --key FILE --checkpoints FILE")
	}
	if err := appendTo(file, append(c.AppendJSON(nil), '\n')); err != nil {
		return usage(fmt.Errorf("writing the checkpoint: %w", err), "soc audit sign --key FILE --checkpoints FILE")
	}
	b := append(c.AppendJSON(nil), '\n')
	if !a.wantsJSON() {
		b = fmt.Appendf(nil, "signed %s as %s, in %s\n", render.Plural(c.Seq, "record", "records"), term.Clean(c.By), term.Clean(file))
	}
	_, err = a.IO.Out.Write(b)
	return err
}

// appendTo adds to a file and brings it to the disk.
func appendTo(file string, text []byte) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Sync(), f.Close())
}
