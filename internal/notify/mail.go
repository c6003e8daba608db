package notify

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"github.com/seed-959697dd/soc/internal/web"
)

// Mail is a server that takes mail, and from and to whom.
type Mail struct {
	Server   string // host:port; port 465 speaks TLS from the start, others by STARTTLS, which may be missing on this machine only
	From     string
	To       []string
	User     string
	Password web.Secret
	TLS      *tls.Config   // whom to trust
	Timeout  time.Duration // 0: 10 s
}

type mailer struct {
	set    Mail
	client *mail.Client
}

// NewMail makes a sender. It connects to nothing.
func NewMail(set Mail) (Sender, error) {
	host, port, err := net.SplitHostPort(set.Server)
	n, nerr := strconv.Atoi(port)
	switch {
	case err != nil || nerr != nil:
		return nil, fmt.Errorf("server: %q is no host:port", set.Server)
	case set.From == "" || len(set.To) == 0:
		return nil, errors.New("mail needs from and to")
	}
	if set.Timeout == 0 {
		set.Timeout = 10 * time.Second
	}
	trust := set.TLS.Clone()
	if trust == nil {
		trust = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	trust.ServerName = host
	options := []mail.Option{mail.WithPort(n), mail.WithTimeout(set.Timeout), mail.WithTLSConfig(trust), mail.WithTLSPolicy(mail.TLSMandatory), mail.WithHELO("soc.localdomain")}
	switch {
	case n == 465:
		options = append(options, mail.WithSSL())
	case local(host):
		options = append(options, mail.WithTLSPolicy(mail.TLSOpportunistic))
	}
	if set.User != "" {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(set.User), mail.WithPassword(set.Password.Reveal()))
	}
	c, err := mail.NewClient(host, options...)
	if err != nil {
		return nil, err
	}
	m := &mailer{set, c}
	_, err = m.letter(Message{Title: "a test of the addresses"})
	return m, err
}

// letter writes a message. A title is one line of the header whatever it holds: the library encodes it, and line breaks are gone before.
func (s *mailer) letter(m Message) (*mail.Msg, error) {
	one := mail.NewMsg()
	if err := one.From(s.set.From); err != nil {
		return nil, fmt.Errorf("from: %w", err)
	}
	if err := one.To(s.set.To...); err != nil {
		return nil, fmt.Errorf("to: %w", err)
	}
	one.Subject(strings.Join(strings.Fields(cut(m.Title, 200)), " "))
	one.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no out-of-office answers
	if m.Urgent {
		one.SetImportance(mail.ImportanceHigh)
	}
	one.SetBodyString(mail.TypeTextPlain, text(m)+"\n")
	return one, nil
}

// Send implements Sender.
func (s *mailer) Send(ctx context.Context, m Message) error {
	one, err := s.letter(m)
	if err != nil {
		return err
	}
	if err := s.client.DialAndSendWithContext(ctx, one); err != nil {
		said := err.Error()
		if p := s.set.Password.Reveal(); p != "" {
			said = strings.ReplaceAll(said, p, "REDACTED")
		}
		return fmt.Errorf("mail by %s: %s", s.set.Server, strings.Join(strings.Fields(said), " ")) //nolint:errorlint // its text may hold the password
	}
	return nil
}
