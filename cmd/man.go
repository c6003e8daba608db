package cmd

import (
	"fmt"
	"os"
	"path/filepath"

	mango "github.com/muesli/mango-cobra"
	"github.com/muesli/roff"
	"github.com/spf13/cobra"
)

// newMan writes the manual page that the packages ship. It is hidden: only the release calls it.
func newMan(a *app) *cobra.Command {
	return &cobra.Command{
		Use:    "man DIR",
		Short:  "Write the manual page into a directory",
		Hidden: true,
		Args:   cobra.ExactArgs(1),
		RunE:   func(c *cobra.Command, args []string) error { return a.man(c.Root(), args[0]) },
	}
}

func (a *app) man(root *cobra.Command, dir string) error {
	page, err := mango.NewManPage(1, root)
	if err != nil {
		return fmt.Errorf("making the manual page: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "soc.1"), []byte(page.Build(roff.NewDocument())), 0o644)
}
