//go:build unix

package ollama

import (
	"os/exec"
	"syscall"
)

// group lets end reach the process that computes too, which the server starts.
func group(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func end(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
