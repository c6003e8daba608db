package cmd

import "github.com/spf13/cobra"

func newIntel(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "intel",
		Short: "Work with indicators: import feeds, look values up, find them in text, defang them",
		Long: `Indicators are addresses, domains, links, hashes and the like. Feeds of them are imported once and looked up here; nobody is asked
on the network but by import, when it is given an address.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newIntelExtract(a), newIntelDefang(a), newIntelRefang(a), newIntelImport(a), newIntelList(a), newIntelLookup(a), newIntelExpire(a))
	return c
}
