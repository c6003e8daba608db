package nats_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	client "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/source/nats"
	"github.com/seed-959697dd/soc/internal/web"
)

// serve runs a server with JetStream in this process.
func serve(t *testing.T, change func(*server.Options)) *server.Server {
	t.Helper()
	o := &server.Options{Host: "127.0.0.1", Port: -1, JetStream: true, StoreDir: t.TempDir(), NoLog: true, NoSigs: true}
	if change != nil {
		change(o)
	}
	s, err := server.NewServer(o)
	if err != nil {
		t.Fatal(err)
	}
	go s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(time.Minute) {
		t.Fatal("the server does not answer")
	}
	return s
}

// stream makes the stream ALERTS with n messages.
func stream(t *testing.T, s *server.Server, n int, options ...client.Option) jetstream.JetStream {
	t.Helper()
	c, err := client.Connect(s.ClientURL(), options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	js, err := jetstream.New(c)
	if err == nil {
		_, err = js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "ALERTS", Subjects: []string{"alerts.>"}})
	}
	for i := range n {
		if err == nil {
			_, err = js.Publish(t.Context(), "alerts.edr", fmt.Appendf(nil, `{"id":"a-%d"}`, i))
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return js
}

func feeder(t *testing.T, s *server.Server, change func(*nats.Settings)) *nats.Feeder {
	t.Helper()
	set := nats.Settings{URL: "nats://" + s.Addr().String(), Stream: "ALERTS", AckWait: time.Second}
	if change != nil {
		change(&set)
	}
	f, err := nats.New(set)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// pending waits until so many messages are neither delivered nor acknowledged.
func pending(t *testing.T, js jetstream.JetStream, want int) {
	t.Helper()
	for range 600 {
		c, err := js.Consumer(t.Context(), "ALERTS", "soc")
		if err != nil {
			t.Fatal(err)
		}
		i, err := c.Info(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if int(i.NumPending)+i.NumAckPending == want {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("not %d messages wait in the end", want)
}

var errEnough = errors.New("enough")

// What was not kept comes again, to whoever asks next; what was kept does not.
func TestAMessageStaysUntilItIsKept(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	js := stream(t, s, 5)
	var first []string
	err := feeder(t, s, nil).Feed(t.Context(), func(one alert.Fed) error {
		first = append(first, one.Item)
		if len(first) == 4 {
			return errEnough // this one and the fifth are nobody's
		}
		if len(first) != 2 {
			one.Kept(nil)
		} else {
			one.Kept(errors.New("the disk is full"))
		}
		return nil
	})
	if !errors.Is(err, errEnough) || strings.Join(first, " ") != "ALERTS/1 ALERTS/2 ALERTS/3 ALERTS/4" {
		t.Fatalf("%v: %q", err, first)
	}
	ctx, cancel := context.WithCancel(t.Context())
	again := map[string]string{}
	err = feeder(t, s, nil).Feed(ctx, func(one alert.Fed) error {
		again[one.Item] = string(one.Raw)
		one.Kept(nil)
		if len(again) == 3 {
			cancel()
		}
		return nil
	})
	if err != nil || len(again) != 3 || again["ALERTS/2"] != `{"id":"a-1"}` || again["ALERTS/4"] == "" || again["ALERTS/5"] == "" {
		t.Errorf("%v: %q", err, again)
	}
	pending(t, js, 0)
}

// The server is told that work on a message goes on, so that nobody else gets it meanwhile.
func TestTheServerHearsThatWorkGoesOn(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	js := stream(t, s, 1)
	c, err := client.Connect(s.ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	heard := make(chan string, 100)
	if _, err := c.Subscribe("$JS.ACK.ALERTS.soc.>", func(m *client.Msg) { heard <- string(m.Data) }); err != nil {
		t.Fatal(err)
	}
	if err := c.Flush(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	got, ended := make(chan alert.Fed, 10), make(chan error, 1)
	go func() { ended <- feeder(t, s, nil).Feed(ctx, func(one alert.Fed) error { got <- one; return nil }) }()
	one := <-got
	for range 3 {
		if word := <-heard; word != "+WPI" {
			t.Fatalf("the server heard %q", word)
		}
	}
	one.Kept(nil)
	pending(t, js, 0)
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// A server that is not there, a stream that is not, a wrong token: an error each, which shows no secret.
func TestWhatCannotBeReachedIsAnError(t *testing.T) {
	t.Parallel()
	s := serve(t, func(o *server.Options) { o.Authorization = "right-token" })
	stream(t, s, 1, client.Token("right-token"))
	for name, row := range map[string]struct {
		change func(*nats.Settings)
		want   string
	}{
		"nobody listens": {func(n *nats.Settings) { n.URL = "nats://127.0.0.1:1" }, "connecting to"},
		"a wrong token":  {func(n *nats.Settings) { n.Token = web.NewSecret("wrong-token") }, "Authorization"},
		"no stream":      {func(n *nats.Settings) { n.Token, n.Stream = web.NewSecret("right-token"), "OTHER" }, "stream OTHER"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := feeder(t, s, row.change)
			err := f.Feed(t.Context(), func(alert.Fed) error { return nil })
			if err == nil || !strings.Contains(err.Error(), row.want) || strings.Contains(err.Error(), "-token") {
				t.Errorf("error %v, want %q", err, row.want)
			}
			if list := f.Examine(t.Context()); len(list) != 1 || list[0].OK || list[0].Hint == "" {
				t.Errorf("examined: %+v", list)
			}
		})
	}
	f := feeder(t, s, func(n *nats.Settings) { n.Token = web.NewSecret("right-token") })
	if list := f.Examine(t.Context()); len(list) != 1 || !list[0].OK || !strings.Contains(list[0].Detail, "1 wait") {
		t.Errorf("examined: %+v", list)
	}
}

func TestSettingsThatCannotWork(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]nats.Settings{
		"no url":                {Stream: "A"},
		"another protocol":      {URL: "https://nats.example.com", Stream: "A"},
		"a password in the url": {URL: "nats://soc:hidden@nats.example.com", Stream: "A"},
		"no stream":             {URL: "nats://nats.example.com"},
		"half a certificate":    {URL: "nats://nats.example.com", Stream: "A", CertFile: "a.pem"},
		"no credentials":        {URL: "nats://nats.example.com", Stream: "A", CredsFile: "nothing.creds"},
		"no authorities":        {URL: "tls://nats.example.com", Stream: "A", CAFile: "nothing.pem"},
	} {
		if _, err := nats.New(set); err == nil || strings.Contains(err.Error(), "hidden") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A secret is not sent where others can read along: the server that offers no TLS is refused.
func TestASecretNeedsTLS(t *testing.T) {
	t.Parallel()
	s := serve(t, func(o *server.Options) { o.Host, o.Authorization = "0.0.0.0", "right-token" })
	_, port, _ := strings.Cut(s.Addr().String()[strings.LastIndex(s.Addr().String(), "]")+1:], ":")
	f := feeder(t, s, func(n *nats.Settings) { n.URL, n.Token = "nats://0.0.0.0:"+port, web.NewSecret("right-token") })
	err := f.Feed(t.Context(), func(alert.Fed) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "secure connection not available") {
		t.Errorf("error %v", err)
	}
}
