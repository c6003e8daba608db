package notify_test

import (
	"bufio"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"mime/quotedprintable"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/internal/notify"
	"github.com/seed-959697dd/soc/internal/web"
)

// hostile is what an attacker would like a chat to make of an alert's title.
const hostile = `<!channel> <https://evil.example|ok> [ok](https://evil.example) *b* ![x](http://evil.example/x.png) &lt;`

func message() notify.Message {
	return notify.Message{On: "escalate", Key: "v-1", Title: hostile, Lines: []string{"because " + hostile}, Paste: "soc cases show c-1", Urgent: true}
}

// hook is a service that answers as it is told and keeps what it gets.
func hook(t *testing.T, status int, answer string) (notify.Hook, *[]*http.Request, *[]string) {
	t.Helper()
	var requests []*http.Request
	var bodies []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		requests, bodies = append(requests, r), append(bodies, string(b))
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(s.Close)
	return notify.Hook{
		URL: web.NewSecret(s.URL + "/services/T0SECRET/workflow?api-version=1&sig=s3cr3t%2Fsig"), Now: func() time.Time { return time.Unix(1772510400, 0) },
		Sleep: func(context.Context, time.Duration) error { return nil },
	}, &requests, &bodies
}

func TestSlackTakesItAsText(t *testing.T) {
	t.Parallel()
	h, _, bodies := hook(t, 200, "ok")
	s, err := notify.NewSlack(h)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Send(t.Context(), message()); err != nil {
		t.Fatal(err)
	}
	v := gjson.Parse((*bodies)[0])
	if strings.ContainsAny(v.Get("text").Str, "<>") {
		t.Errorf("the fallback has markup: %s", v.Get("text").Str)
	}
	v.Get("blocks").ForEach(func(_, b gjson.Result) bool {
		if b.Get("text.type").Str != "plain_text" {
			t.Errorf("a block with markup: %s", b.Raw)
		}
		return true
	})
	if v.Get("blocks.2.text.text").Str != "soc cases show c-1" {
		t.Error(v.Raw)
	}
}

func TestTeamsTakesItAsText(t *testing.T) {
	t.Parallel()
	h, requests, bodies := hook(t, 202, "")
	s, err := notify.NewTeams(h)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Send(t.Context(), message()); err != nil {
		t.Fatal(err)
	}
	if got := (*requests)[0].URL.Query().Get("sig"); got != "s3cr3t/sig" {
		t.Errorf("the address lost its signature: %q", got)
	}
	for _, b := range gjson.Get((*bodies)[0], "attachments.0.content.body").Array() {
		if b.Get("type").Str != "RichTextBlock" { // a TextBlock would be read as Markdown
			t.Errorf("%s", b.Raw)
		}
	}
}

func TestPagerDuty(t *testing.T) {
	t.Parallel()
	h, _, bodies := hook(t, 202, `{"status":"success","dedup_key":"x"}`)
	h.Key = web.NewSecret("routing-key-123")
	s, err := notify.NewPagerDuty(h)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Send(t.Context(), message()); err != nil {
		t.Fatal(err)
	}
	v := gjson.Parse((*bodies)[0])
	if v.Get("payload.severity").Str != "critical" || v.Get("dedup_key").Str != "soc v-1" || v.Get("payload.custom_details.paste").Str == "" {
		t.Error(v.Raw)
	}
}

func TestAWebhookIsSigned(t *testing.T) {
	t.Parallel()
	h, requests, bodies := hook(t, 204, "")
	h.Key = web.NewSecret("shared")
	s, err := notify.NewWebhook(h)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Send(t.Context(), message()); err != nil {
		t.Fatal(err)
	}
	r := (*requests)[0]
	mac := hmac.New(sha256.New, []byte("shared"))
	mac.Write([]byte(r.Header.Get("Soc-Timestamp") + "." + (*bodies)[0]))
	if r.Header.Get("Soc-Signature") != "v1="+hex.EncodeToString(mac.Sum(nil)) || r.Header.Get("Soc-Timestamp") != "1772510400" {
		t.Error(r.Header)
	}
	if v := gjson.Parse((*bodies)[0]); v.Get("kind").Str != "notification" || v.Get("title").Str != hostile {
		t.Error(v.Raw)
	}
}

// What is not taken is an error, also when the status says 200, and no error shows what makes an address a secret.
func TestWhatIsNotTaken(t *testing.T) {
	t.Parallel()
	makers := map[string]func(notify.Hook) (notify.Sender, error){"slack": notify.NewSlack, "teams": notify.NewTeams, "pagerduty": notify.NewPagerDuty, "webhook": notify.NewWebhook}
	for name, row := range map[string]struct {
		who    string
		status int
		answer string
	}{
		"slack, a channel that is gone":      {"slack", 404, "channel_not_found /services/T0SECRET/workflow"},
		"slack, an error in a 200":           {"slack", 200, "invalid_payload"},
		"teams, an error in a 200":           {"teams", 200, "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429"}, // trap
		"teams, sig shown":                   {"teams", 401, "sig s3cr3t/sig is wrong"},
		"pagerduty, an error in a 202":       {"pagerduty", 202, `{"status":"invalid event"}`},
		"pagerduty, its key shown":           {"pagerduty", 400, `routing-key-123 is no key`},
		"pagerduty, too much for 30 seconds": {"pagerduty", 429, "later"},
		"a webhook that fails":               {"webhook", 500, "boom"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, _, _ := hook(t, row.status, row.answer)
			h.Key = web.NewSecret("routing-key-123")
			s, err := makers[row.who](h)
			if err != nil {
				t.Fatal(err)
			}
			err = s.Send(t.Context(), message())
			if err == nil {
				t.Fatal("it was taken")
			}
			for _, secret := range []string{"s3cr3t", "T0SECRET", "routing-key-123"} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("%s stands in: %v", secret, err)
				}
			}
		})
	}
	for _, address := range []string{"", "hooks.slack.com/x", "http://hooks.slack.com/services/x"} {
		if _, err := notify.NewSlack(notify.Hook{URL: web.NewSecret(address)}); err == nil || strings.Contains(err.Error(), "services") {
			t.Errorf("%q: %v", address, err)
		}
	}
}

// smtp is a server that takes mail and says nothing that it need not.
func smtp(t *testing.T) (address string, letters <-chan string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	out := make(chan string, 10)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			converse(c, out)
		}
	}()
	return l.Addr().String(), out
}

func converse(c net.Conn, out chan<- string) {
	defer c.Close() //nolint:errcheck // the test is over
	say := func(s string) { _, _ = io.WriteString(c, s+"\r\n") }
	say("220 mail.example ESMTP")
	in, letter, data := bufio.NewScanner(c), "", false
	for in.Scan() {
		line := in.Text()
		switch verb, _, _ := strings.Cut(strings.ToUpper(line), " "); {
		case data && line == ".":
			out <- letter
			data = false
			say("250 queued")
		case data:
			letter += line + "\n"
		case verb == "DATA":
			data, letter = true, ""
			say("354 go on")
		case verb == "QUIT":
			say("221 bye")
			return
		default:
			say("250 fine")
		}
	}
}

func TestMailHasNoHeaderOfTheAttackers(t *testing.T) {
	t.Parallel()
	address, letters := smtp(t)
	s, err := notify.NewMail(notify.Mail{Server: address, From: "soc@corp.example", To: []string{"night@corp.example"}})
	if err != nil {
		t.Fatal(err)
	}
	m := message()
	m.Title = "beacon\r\nBcc: evil@evil.example\r\n\r\nforged body"
	if err := s.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	head, body, _ := strings.Cut(<-letters, "\n\n")
	if strings.Contains(head, "\nBcc:") || strings.Contains(head, "\nforged") || !strings.Contains(head, "Auto-Submitted: auto-generated") || !strings.Contains(head, "To: <night@corp.example>") {
		t.Errorf("%s", head)
	}
	plain, _ := io.ReadAll(quotedprintable.NewReader(strings.NewReader(body)))
	if !strings.Contains(string(plain), "soc cases show c-1") {
		t.Errorf("%s", plain)
	}
}

func TestMailThatCannotBeSent(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]notify.Mail{
		"no port":      {Server: "mail.example", From: "a@b.example", To: []string{"c@d.example"}},
		"nobody":       {Server: "mail.example:25", From: "a@b.example"},
		"no address":   {Server: "mail.example:25", From: "a@b.example", To: []string{"c\r\nBcc: x@y.example"}},
		"from nowhere": {Server: "mail.example:25", From: "a", To: []string{"c@d.example"}},
	} {
		if _, err := notify.NewMail(set); err == nil {
			t.Error(name)
		}
	}
	s, err := notify.NewMail(notify.Mail{Server: "127.0.0.1:9", From: "a@b.example", To: []string{"c@d.example"}, User: "u", Password: web.NewSecret("hunter2")})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Send(t.Context(), message()); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Error(err)
	}
}
