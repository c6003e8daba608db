package cmd

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/seed-959697dd/soc/internal/playbook"
)

func newPlaybook(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "playbook",
		Short: "List playbooks, and exchange them as CACAO 2.0",
		Long: `Playbook lists the playbooks that come along, writes one as a document of CACAO 2.0 (OASIS, Security Playbooks Version 2.0), and reads such a
document back. What soc does with a step stands in an extension of the document, and a person who reads it elsewhere finds the
same in words. Of a document that others wrote, what a command of OpenC2 says exactly becomes an action of the catalogue, on a target that the
case has to name; everything else, conditions included, becomes a task for a person with the command's text. Nothing of it is run. What is
not taken over is said, step by step, on standard error.

EXIT STATUS
  0 done, 1 failed, 2 wrong command line or document`,
		Example: "  soc respond playbook",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := a.playbooks([]string{"list"})
			return err
		},
	}
	c.AddCommand(newPlaybookExport(a), newPlaybookImport(a))
	return c
}

func newPlaybookExport(a *app) *cobra.Command {
	var by string
	c := &cobra.Command{
		Use:     "export NAME",
		Short:   "Write a playbook, a shipped one or a file, as CACAO 2.0",
		Example: "  soc respond playbook export beaconing > beaconing.json",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			by, err := a.person(by)
			if err != nil {
				return err
			}
			books, err := a.playbooks(args)
			if err != nil {
				return err
			}
			if books == nil || len(books.named) != 1 {
				return usage(fmt.Errorf("%s: one playbook is exported", args[0]), "soc respond playbook")
			}
			text, err := books.named[0].Export(by, a.Now())
			if err == nil {
				_, err = a.IO.Out.Write(text)
			}
			return err
		},
	}
	c.Flags().StringVar(&by, "by", "", "who made it, unless it says so itself (default: $SOC_USER, then the login `NAME`)")
	return c
}

func newPlaybookImport(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "import FILE",
		Short:   "Read a document of CACAO 2.0, and print the playbook that it is",
		Example: "  soc respond playbook export beaconing | soc respond playbook import -",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			var in io.Reader = a.IO.In
			if args[0] != "-" {
				f, err := os.Open(args[0])
				if err != nil {
					return usage(err, "soc respond playbook import FILE")
				}
				defer f.Close() //nolint:errcheck // only read
				in = f
			}
			p, notes, err := playbook.Import(args[0], in)
			if err != nil {
				return usage(err, "")
			}
			for _, note := range notes {
				fmt.Fprintln(a.IO.Err, "soc: "+note)
			}
			text, err := p.YAML()
			if err == nil {
				_, err = a.IO.Out.Write(text)
			}
			return err
		},
	}
}
