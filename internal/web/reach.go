package web

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

const (
	clocksApart = time.Minute         // from there on it is a finding: marks and windows are of two clocks
	soonExpired = 14 * 24 * time.Hour // a certificate that a person should look after
)

// Reach finds out whether the service answers, whether its certificate is trusted and how far its clock is from now's: the findings
// reach, tls and clock. Any answer will do, also one that refuses; r is one of the cheapest requests. ok is false where nothing that
// follows can work. It is what an Examiner begins with.
func (c *Client) Reach(ctx context.Context, r Request, now func() time.Time) (found []Finding, ok bool) {
	target, err := c.target(r.Path, r.Query)
	if err != nil {
		return []Finding{{Name: "reach", Detail: err.Error()}}, false
	}
	if r.Method == "" {
		r.Method = http.MethodGet
	}
	asked := now()
	resp, fault := c.attempt(ctx, &r, target)
	answered := now()
	if resp == nil {
		return c.unreached(fault), false
	}
	found = append(found, Finding{Name: "reach", OK: true, Detail: c.base.Host + " answers"})
	if c.base.Scheme == "https" {
		found = append(found, certificate(resp.TLS, answered))
	}
	return append(found, clock(resp.Header.Get("Date"), asked, answered)), true
}

// unreached says where on the way it ended.
func (c *Client) unreached(fault *Error) []Finding {
	name, hint := "reach", "check url in soc.yaml, the port, and whether a firewall lets this machine there: curl -sv "+c.base.Scheme+"://"+c.base.Host+"/"
	var (
		stranger x509.UnknownAuthorityError
		misnamed x509.HostnameError
		invalid  x509.CertificateInvalidError
		any      *tls.CertificateVerificationError
	)
	switch {
	case errors.As(fault, &stranger):
		name, hint = "tls", c.fetchAuthority()
	case errors.As(fault, &misnamed):
		name, hint = "tls", "write the host in url as the certificate names it"
		if misnamed.Certificate != nil && len(misnamed.Certificate.DNSNames) > 0 {
			hint += ": " + c.line(&Request{}, strings.Join(misnamed.Certificate.DNSNames, ", "))
		}
	case errors.As(fault, &invalid) && invalid.Reason == x509.Expired:
		name, hint = "tls", "renew the certificate of "+c.base.Host
	case errors.As(fault, &any):
		name, hint = "tls", c.fetchAuthority()
	case errors.Is(fault, ErrRedirect):
		hint = "write the address that it redirects to as url, when that is the service's own"
	}
	found := []Finding{{Name: name, Detail: fault.Error(), Hint: hint}}
	if name == "tls" {
		found = append([]Finding{{Name: "reach", OK: true, Detail: c.base.Host + " answers"}}, found...)
	}
	return found
}

// fetchAuthority is how one gets the certificate to trust. That it is the right one only its owner can say.
func (c *Client) fetchAuthority() string {
	at := c.base.Host
	if c.base.Port() == "" {
		at += ":443"
	}
	return "openssl s_client -showcerts -connect " + at + " </dev/null | sed -n '/BEGIN/,/END/p' > ca.pem; compare its fingerprint (openssl x509 -noout -fingerprint -sha256 -in ca.pem) with its owner's; then ca_file: ca.pem"
}

func certificate(state *tls.ConnectionState, now time.Time) Finding {
	f := Finding{Name: "tls", OK: true, Detail: "the certificate is trusted"}
	if state == nil || len(state.PeerCertificates) == 0 {
		return f
	}
	end := state.PeerCertificates[0].NotAfter.UTC()
	f.Detail += ", until " + end.Format(time.DateOnly)
	if end.Sub(now) < soonExpired {
		f.OK, f.Hint = false, "renew it before that day"
	}
	return f
}

// clock compares the service's Date, which is of whole seconds, with the time between question and answer.
func clock(date string, asked, answered time.Time) Finding {
	at, err := http.ParseTime(date)
	if err != nil {
		return Finding{Name: "clock", OK: true, Detail: "the service does not say what time it is"}
	}
	var off time.Duration
	switch {
	case at.Before(asked.Add(-time.Second)):
		off = at.Sub(asked).Round(time.Second)
	case at.After(answered):
		off = at.Sub(answered).Round(time.Second)
	}
	f := Finding{Name: "clock", OK: off.Abs() <= clocksApart, Detail: "agrees with this machine's"}
	switch {
	case off > 0:
		f.Detail = fmt.Sprintf("%s ahead of this machine's", off)
	case off < 0:
		f.Detail = fmt.Sprintf("%s behind this machine's", -off)
	}
	if !f.OK {
		f.Hint = "let both keep time by the same server: chronyc tracking, timedatectl"
	}
	return f
}
