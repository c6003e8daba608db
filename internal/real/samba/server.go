// Package samba runs a real domain controller of Active Directory for a test: Samba's, with a domain, a directory and an address
// on this machine (127.x.y.z, port 389 and 636) of its own. Nothing of it is left when the test ends.
//
// It wants root, because the ports are fixed, and the Debian packages samba and samba-ad-provision. Without them the test is skipped,
// or fails where the caller says that they are required. Only the directory runs: no Kerberos, no files, no names. It is for tests
// only. Start with Serve; SignsIn asks whether the directory lets somebody in.
package samba

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// The domain, who rules it, and the account that may write userAccountControl of people below Staff, and nothing else.
const (
	Base     = "DC=corp,DC=example"
	Admin    = "Administrator@corp.example"
	Staff    = "OU=Staff," + Base
	Service  = "svc-soc@corp.example"
	Password = "Sesame-4-all" // of everybody
)

// Server is a running domain controller.
type Server struct {
	Address string // of this machine, without a port
	CAFile  string // who vouches for its certificate
	dir     string
	process *exec.Cmd
	stdin   io.Closer
}

var instances atomic.Uint32

// program is where Debian has it; schema is of the package without which no domain can be made.
const (
	program = "/usr/sbin/samba"
	schema  = "/usr/share/samba/setup/ad-schema"
)

// Serve makes a domain and runs its controller.
func Serve(t *testing.T, required bool) *Server {
	t.Helper()
	missing := func(why string) {
		if required {
			t.Fatal("samba: " + why)
		}
		t.Skip("samba: " + why)
	}
	for _, name := range []string{program, schema, "/usr/bin/samba-tool"} {
		if _, err := os.Stat(name); err != nil {
			missing("no " + name)
		}
	}
	if os.Geteuid() != 0 {
		missing("its ports are for root only")
	}
	s := &Server{}
	if s.Address = free(); s.Address == "" {
		missing("no address of this machine has port 389 free")
	}
	var err error
	if s.dir, err = os.MkdirTemp("/tmp", "soc-ad-"); err != nil { // sockets want a short path
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(s.dir) })
	s.certify(t)
	s.provision(t)
	s.people(t)
	s.Start(t)
	t.Cleanup(s.Stop)
	return s
}

// free is an address of this machine on which nobody serves a directory.
func free() string {
	for range 50 {
		n := instances.Add(1)
		address := fmt.Sprintf("127.%d.%d.%d", 77+n%100, os.Getpid()>>8&0xff, 1+os.Getpid()%250)
		if l, err := net.Listen("tcp", address+":389"); err == nil {
			_ = l.Close()
			return address
		}
	}
	return ""
}

func (s *Server) provision(t *testing.T) {
	t.Helper()
	args := []string{
		"domain", "provision", "--targetdir=" + s.dir, "--realm=CORP.EXAMPLE", "--domain=CORP", "--server-role=dc", "--adminpass=" + Password,
		"--dns-backend=NONE", "--host-name=dc1", "--host-ip=" + s.Address, "--quiet",
	}
	for _, option := range []string{
		"interfaces=" + s.Address + "/8", "bind interfaces only=yes", "server services=ldap",
		"pid directory=" + s.dir, "ncalrpc dir=" + s.dir + "/rpc", "log file=" + s.dir + "/log", "tls enabled=yes",
		"tls certfile=" + s.dir + "/cert.pem", "tls keyfile=" + s.dir + "/key.pem", "tls cafile=" + s.CAFile,
	} {
		args = append(args, "--option="+option)
	}
	if out, err := exec.Command("samba-tool", args...).CombinedOutput(); err != nil {
		t.Fatalf("samba-tool domain provision: %v: %s", err, out)
	}
}

// Tool runs samba-tool on the directory itself, with the rights of its owner.
func (s *Server) Tool(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command("samba-tool", append(args, "-H", filepath.Join(s.dir, "private", "sam.ldb"))...).CombinedOutput()
	if err != nil {
		t.Fatalf("samba-tool %s: %v: %s", args, err, out)
	}
	return string(out)
}

// Start runs the controller, and returns when it answers.
func (s *Server) Start(t *testing.T) {
	t.Helper()
	s.process = exec.Command(program, "-i", "-M", "single", "-s", filepath.Join(s.dir, "etc", "smb.conf"))
	stdin, err := s.process.StdinPipe() // it ends when this closes: with the test, however that ends
	if err != nil {
		t.Fatal(err)
	}
	s.stdin = stdin
	if err := s.process.Start(); err != nil {
		t.Fatal(err)
	}
	for range 1200 { // a minute
		c, err := net.Dial("tcp", s.Address+":636")
		if err == nil {
			_ = c.Close()
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	log, _ := os.ReadFile(filepath.Join(s.dir, "log"))
	t.Fatalf("samba does not answer: %s", log)
}

// Stop ends the controller; what it knows stays for Start.
func (s *Server) Stop() {
	if s.process == nil {
		return
	}
	_ = s.stdin.Close()
	_ = s.process.Process.Kill()
	_ = s.process.Wait()
	s.process = nil
}

// Freeze makes the controller take connections and answer none, until Stop.
func (s *Server) Freeze(t *testing.T) {
	t.Helper()
	if err := s.process.Process.Signal(syscall.Signal(19)); err != nil { // SIGSTOP, by the number that it has on Linux
		t.Fatal(err)
	}
}
