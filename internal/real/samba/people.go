package samba

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"
)

// people makes the accounts: alice and bob of Staff, boss who is of Domain Admins by way of a group, outside who is not of Staff, and
// the service account with the right to disable those of Staff.
func (s *Server) people(t *testing.T) {
	t.Helper()
	s.Tool(t, "ou", "create", Staff)
	for _, name := range []string{"alice", "bob", "boss"} {
		s.Tool(t, "user", "create", name, Password, "--userou=OU=Staff", "--mail-address="+name+"@mail.example")
	}
	for _, name := range []string{"outside", "svc-soc"} {
		s.Tool(t, "user", "create", name, Password)
	}
	s.Tool(t, "group", "add", "chiefs")
	s.Tool(t, "group", "addmembers", "chiefs", "boss")
	s.Tool(t, "group", "addmembers", "Domain Admins", "chiefs")
	s.Tool(t, "computer", "create", "ws-12")
	sid := ""
	for line := range strings.Lines(s.Tool(t, "user", "show", "svc-soc", "--attributes=objectSid")) {
		if after, ok := strings.CutPrefix(line, "objectSid: "); ok {
			sid = strings.TrimSpace(after)
		}
	}
	// Write property (WP) userAccountControl of what is a user; source: the schema's GUIDs, MS-ADA3 and MS-ADSC.
	s.Tool(t, "dsacl", "set", "--action=allow", "--objectdn="+Staff, "--sddl=(OA;CIIO;WP;bf967a68-0de6-11d0-a285-00aa003049e2;bf967aba-0de6-11d0-a285-00aa003049e2;"+sid+")")
}

// Connect signs in as the administrator, for what a test does behind the driver's back.
func (s *Server) Connect(t *testing.T) *ldap.Conn {
	t.Helper()
	c := s.dial(t)
	t.Cleanup(func() { _ = c.Close() })
	if err := c.Bind(Admin, Password); err != nil {
		t.Fatal(err)
	}
	return c
}

func (s *Server) dial(t *testing.T) *ldap.Conn {
	t.Helper()
	authority, err := os.ReadFile(s.CAFile)
	if err != nil {
		t.Fatal(err)
	}
	trust := x509.NewCertPool()
	trust.AppendCertsFromPEM(authority)
	c, err := ldap.DialURL("ldaps://"+s.Address, ldap.DialWithTLSConfig(&tls.Config{RootCAs: trust, MinVersion: tls.VersionTLS12}))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// SignsIn tells whether the directory lets somebody of the domain in.
func (s *Server) SignsIn(t *testing.T, name string) bool {
	t.Helper()
	c := s.dial(t)
	defer func() { _ = c.Close() }()
	return c.Bind(`CORP\`+name, Password) == nil
}

// certify makes an authority that vouches for the server at its address.
func (s *Server) certify(t *testing.T) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	page := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "dc1.corp.example"}, NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<32, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, IPAddresses: []net.IP{net.ParseIP(s.Address)},
	}
	cert, err := x509.CreateCertificate(rand.Reader, page, page, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	s.CAFile = filepath.Join(s.dir, "cert.pem")
	for name, block := range map[string]*pem.Block{"cert.pem": {Type: "CERTIFICATE", Bytes: cert}, "key.pem": {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(filepath.Join(s.dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
