package cmd

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-959697dd/soc/alert/indicator"
	"github.com/seed-959697dd/soc/alert/stream"
	"github.com/seed-959697dd/soc/internal/term"
)

func newIntelDefang(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "defang [FILE | VALUE]...",
		Short: "Write the indicators of a text so that nobody clicks on them",
		Long: `Prints the text with its links, domains and addresses defanged: hxxp://example[.]com. soc intel refang gives back the very
same text, also where it was defanged in part before: that gets one bracket or x more.

Without an argument, or with -, it reads standard input. An argument that is no file is a value.

EXIT STATUS
  0 done, 1 failed, 2 wrong command line or file`,
		Example: "  soc intel defang http://example.com/a.php 192.0.2.7\n  soc intel defang alerts.json > for-the-mail.txt",
		RunE: func(c *cobra.Command, args []string) error {
			return a.rewrite(c.Context(), "defang", args, func() rewriter { return new(indicator.Scanner).Defang })
		},
	}
}

func newIntelRefang(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "refang [FILE | VALUE]...",
		Short: "Give back the text of defanged indicators",
		Long: `Prints the text with hxxp and fxp as http and ftp and with [.] (.) {.} [dot] [@] [at] [:] [://] [/] as the sign inside: the
inverse of soc intel defang. soc intel extract understands more, and reads no sign where there is no indicator.

Without an argument, or with -, it reads standard input. An argument that is no file is a value.

EXIT STATUS
  0 done, 1 failed, 2 wrong command line or file`,
		Example: "  soc intel refang hxxp://example[.]com/a.php\n  echo 'c2 at example[.]com' | soc intel refang",
		RunE: func(c *cobra.Command, args []string) error {
			return a.rewrite(c.Context(), "refang", args, func() rewriter { return indicator.Refang })
		},
	}
}

// rewriter appends a text, written another way, to dst.
type rewriter func(dst, text []byte) []byte

// rewrite prints files and values as write does them. What goes to a terminal is cleaned, line by line.
func (a *app) rewrite(ctx context.Context, verb string, args []string, write func() rewriter) error {
	out := bufio.NewWriterSize(a.IO.Out, 64<<10)
	if len(args) == 0 {
		args = []string{"-"}
	}
	for _, arg := range args {
		if err := a.rewriteOne(ctx, out, verb, arg, write); err != nil {
			return errors.Join(err, out.Flush())
		}
	}
	return out.Flush()
}

func (a *app) rewriteOne(ctx context.Context, out *bufio.Writer, verb, arg string, write func() rewriter) error {
	if arg != "-" && !isFile(arg) {
		text := write()(nil, []byte(arg))
		if string(text) == arg {
			return usage(fmt.Errorf("%s: no file, and nothing in it to %s", arg, verb), "soc intel "+verb+" --help")
		}
		return a.printText(out, append(text, '\n'))
	}
	sources, err := stream.Expand([]string{arg}, a.IO.In)
	if err != nil {
		return err
	}
	use := func() func(*piece) {
		rewrite := write()
		return func(p *piece) { p.out = rewrite(p.out, p.text[p.from:]) }
	}
	return pieces(ctx, sources, use, func(p *piece, more bool) error {
		if p.gap != "" {
			_, err := fmt.Fprintln(a.IO.Err, "soc: gap: "+term.Clean(p.gap))
			return err
		}
		err := a.printText(out, p.out)
		if err == nil && !more {
			err = out.Flush()
		}
		return err
	})
}

// isFile tells whether an argument names something on the disk. A link never does: some systems have another error for it.
func isFile(arg string) bool {
	_, err := os.Lstat(arg)
	return err == nil || !errors.Is(err, fs.ErrNotExist) && !strings.Contains(arg, ":")
}

// printText prints text as it is, or cleaned when a terminal would obey it.
func (a *app) printText(out *bufio.Writer, text []byte) error {
	if !a.IO.OutTTY {
		_, err := out.Write(text)
		return err
	}
	for line := range bytes.Lines(text) {
		bare, ended := bytes.CutSuffix(line, []byte{'\n'})
		clean := term.AppendClean(nil, string(bytes.TrimSuffix(bare, []byte{'\r'})))
		if ended {
			clean = append(clean, '\n')
		}
		if _, err := out.Write(clean); err != nil {
			return err
		}
	}
	return nil
}
