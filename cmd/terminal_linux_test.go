package cmd_test

import (
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// pty is both ends of a terminal that never answers.
func pty(t *testing.T) (master, slave *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { _ = master.Close() })
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		slave, err = os.OpenFile("/dev/pts/"+strconv.Itoa(n), os.O_RDWR|syscall.O_NOCTTY, 0)
	}
	if err != nil {
		t.Skip(err)
	}
	return master, slave
}

// TestNothingIsAskedOfATerminal runs a command that prints one line, and reads all that reached the terminal.
func TestNothingIsAskedOfATerminal(t *testing.T) {
	t.Parallel()
	soc, err := exec.LookPath("soc")
	if err != nil {
		t.Fatal(err)
	}
	for _, term := range []string{"TERM=xterm-256color", "NO_COLOR=1"} {
		t.Run(term, func(t *testing.T) {
			t.Parallel()
			master, slave := pty(t)
			c := exec.Command(soc, "--version")
			c.Env = []string{"HOME=" + t.TempDir(), term}
			c.Stdin, c.Stdout, c.Stderr = slave, slave, slave
			c.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
			err := c.Start()
			_ = slave.Close()
			if err != nil {
				t.Fatal(err)
			}
			seen, _ := io.ReadAll(master) // a terminal whose other end was closed ends with an error
			if err := c.Wait(); err != nil {
				t.Fatalf("%v: %q", err, seen)
			}
			if text := string(seen); !strings.Contains(text, "soc") || strings.Contains(text, "\x1b") {
				t.Errorf("the terminal got %q", text)
			}
		})
	}
}
