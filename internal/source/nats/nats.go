// Package nats takes alerts from a stream of NATS JetStream, one message each, through a durable pull consumer. Any number of processes that
// name the same consumer share its messages: each goes to one of them, and to another when that one dies before it has kept it.
//
// A message is acknowledged once it is kept on this side, and stays with the server until then. It makes no stream and publishes nothing.
// Start with New; Feeder.Feed is an alert.Feeder.
package nats

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/web"
)

// Settings say where the stream is.
type Settings struct {
	URL        string // nats://host:4222 or tls://host:4222
	Stream     string
	Subject    string // of it, with wildcards; empty: all
	Consumer   string // its durable name, which workers share; empty: soc
	MaxDeliver int    // how often the server sends a message that is not kept; 0: without end
	AckWait    time.Duration
	Token      web.Secret
	User       string
	Password   web.Secret
	CredsFile  string // a JWT and its key, as nsc writes them
	CAFile     string // PEM; empty: the system's authorities
	CertFile   string // of this client
	KeyFile    string
}

// ackWait is how long the server waits for word of a message unless the settings say otherwise. Meanwhile it is told that work goes on.
const ackWait = 30 * time.Second

// Feeder takes messages from one stream. It is safe for concurrent use.
type Feeder struct {
	set     Settings
	options []nats.Option
}

var (
	_ alert.Feeder = (*Feeder)(nil)
	_ web.Examiner = (*Feeder)(nil)
)

// New checks the settings. It connects to nothing yet.
func New(set Settings) (*Feeder, error) {
	u, err := url.Parse(set.URL)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "nats" && u.Scheme != "tls":
		return nil, errors.New("nats: url is not of the form nats://host:4222 or tls://host:4222")
	case u.User != nil:
		return nil, errors.New("nats: url holds a user or a password; they have keys of their own")
	case set.Stream == "":
		return nil, errors.New("nats: no stream is named")
	case (set.CertFile == "") != (set.KeyFile == ""):
		return nil, errors.New("nats: a client certificate needs both its file and its key's")
	}
	if set.Consumer == "" {
		set.Consumer = "soc"
	}
	if set.AckWait <= 0 {
		set.AckWait = ackWait
	}
	f := &Feeder{set: set}
	return f, f.secure(u)
}

// secure settles who is believed and who we are. What proves that never goes over a network in the clear.
func (f *Feeder) secure(u *url.URL) error {
	set := &f.set
	conf, err := web.Trust(set.CAFile)
	if err != nil {
		return err
	}
	if set.CertFile != "" {
		pair, err := tls.LoadX509KeyPair(set.CertFile, set.KeyFile)
		if err != nil {
			return fmt.Errorf("nats: reading the client certificate %s: %w", set.CertFile, err)
		}
		conf.Certificates = []tls.Certificate{pair}
	}
	if set.CredsFile != "" {
		if _, err := os.Stat(set.CredsFile); err != nil {
			return fmt.Errorf("nats: credentials: %w", err)
		}
		f.options = append(f.options, nats.UserCredentials(set.CredsFile))
	}
	token, password := set.Token.Reveal(), set.Password.Reveal()
	if token != "" {
		f.options = append(f.options, nats.Token(token))
	}
	if set.User != "" {
		f.options = append(f.options, nats.UserInfo(set.User, password))
	}
	proof := token != "" || password != "" || set.CredsFile != ""
	if u.Scheme == "tls" || set.CAFile != "" || set.CertFile != "" || proof && !loopback(u.Hostname()) {
		f.options = append(f.options, nats.Secure(conf))
	} else if proof {
		f.options = append(f.options, nats.IgnoreDiscoveredServers()) // it would be told what proves who we are, in the clear
	}
	f.options = append(f.options, nats.Name("soc"), nats.Timeout(10*time.Second), nats.MaxReconnects(3), nats.ReconnectWait(time.Second))
	return nil
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// connect connects and finds the consumer, or makes it.
func (f *Feeder) connect(ctx context.Context) (*nats.Conn, jetstream.Consumer, error) {
	conn, err := nats.Connect(f.set.URL, f.options...)
	if err != nil {
		return nil, nil, fmt.Errorf("nats: connecting to %s: %w", f.set.URL, err)
	}
	consumer, err := f.consumer(ctx, conn)
	if err != nil {
		conn.Close()
		return nil, nil, err
	}
	return conn, consumer, nil
}

func (f *Feeder) consumer(ctx context.Context, conn *nats.Conn) (jetstream.Consumer, error) {
	js, err := jetstream.New(conn)
	if err != nil {
		return nil, fmt.Errorf("nats: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	want := jetstream.ConsumerConfig{
		Durable: f.set.Consumer, AckPolicy: jetstream.AckExplicitPolicy, DeliverPolicy: jetstream.DeliverAllPolicy,
		AckWait: f.set.AckWait, MaxDeliver: -1, MaxAckPending: 20_000, FilterSubject: f.set.Subject,
	}
	if f.set.MaxDeliver > 0 {
		want.MaxDeliver = f.set.MaxDeliver
	}
	consumer, err := js.CreateConsumer(ctx, f.set.Stream, want)
	if errors.Is(err, jetstream.ErrConsumerExists) || err != nil && ctx.Err() == nil {
		// Another worker made it, an administrator did in their own way, or we may use it and not make it.
		there, ferr := js.Consumer(ctx, f.set.Stream, f.set.Consumer)
		if ferr == nil {
			return there, nil
		}
	}
	if err != nil {
		return nil, fmt.Errorf("nats: consumer %s of stream %s: %w", f.set.Consumer, f.set.Stream, err)
	}
	return consumer, nil
}

// fed is a message as an alert. What the server calls it is its number in the stream: the same message keeps it, however often it is sent.
func (f *Feeder) fed(m jetstream.Msg, held *hands) alert.Fed {
	one := alert.Fed{Pulled: alert.Pulled{Raw: m.Data(), Item: m.Subject(), Edition: "1"}}
	if meta, err := m.Metadata(); err == nil {
		one.Item = meta.Stream + "/" + strconv.FormatUint(meta.Sequence.Stream, 10)
		one.Changed = meta.Timestamp.UTC()
	}
	if len(one.Raw) == 0 || strings.TrimSpace(string(one.Raw)) == "" {
		one.Raw, one.Fault = []byte(" "), "an empty message"
	}
	one.Kept = func(err error) { held.release(m, err) }
	return one
}
