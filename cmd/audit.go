package cmd

import (
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/seed-959697dd/soc/internal/casebook"
)

func newAudit(a *app) *cobra.Command {
	var book string
	c := &cobra.Command{
		Use:   "audit",
		Short: "Verify the casebook's journal, sign where it stands, show what it says",
		Long: `Every write to the casebook is a record in its journal: each holds the hash of the one before it and a digest of what was
written. Whoever changes the file leaves a trace; whoever writes the whole journal anew is found by a checkpoint that was signed before.`,
		Example: "  soc triage alerts.json\n  soc audit verify\n  soc audit show",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.PersistentFlags().StringVar(&book, "book", "", "the casebook `FILE` (default: $SOC_BOOK, then the user's state directory)")
	c.AddCommand(newAuditVerify(a, &book), newAuditSign(a, &book), newAuditShow(a, &book))
	return c
}

// checkpointsOf is the file in which a casebook's checkpoints are kept unless another is named: beside it, for a database in the user's state
// directory.
func (a *app) checkpointsOf(book string) string {
	if !casebook.Shared(book) {
		return book + ".checkpoints"
	}
	sum := sha256.Sum256([]byte(casebook.Plain(book)))
	name := "book-" + hex.EncodeToString(sum[:8]) + ".checkpoints"
	if dir, err := a.stateDir(); err == nil {
		return filepath.Join(dir, name)
	}
	return name
}
