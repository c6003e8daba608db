package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/internal/web"
)

// Hook is where a message is posted. The address often is the secret.
type Hook struct {
	URL     web.Secret
	CAFile  string
	Timeout time.Duration // 0: 10 s
	Key     web.Secret    // PagerDuty's integration key, or what a webhook's body is signed with
	Now     func() time.Time
	Sleep   func(context.Context, time.Duration) error // nil waits by the machine's clock
}

// post is a sender that posts JSON.
type post struct {
	Hook
	http  *web.Client
	query url.Values
	shape func(Message) any
	fine  func(*web.Response) error // nil: every 2xx is
}

// newPost makes a sender over an address, which may have a query: Teams' addresses hold their signature there.
func newPost(h Hook, shape func(Message) any, fine func(*web.Response) error) (*post, error) {
	u, err := url.Parse(h.URL.Reveal())
	if err != nil || u.Host == "" {
		return nil, errors.New("the address is no URL") // never shown: it may be a secret
	}
	p := &post{Hook: h, query: u.Query(), shape: shape, fine: fine}
	u.RawQuery, u.Fragment = "", ""
	if h.Timeout == 0 {
		h.Timeout = 10 * time.Second
	}
	p.http, err = web.New(web.Settings{
		BaseURL: u.String(), CAFile: h.CAFile, Timeout: h.Timeout, Patience: 5 * time.Second, MaxBody: 64 << 10, Sleep: h.Sleep, Detail: p.quiet,
	})
	if err == nil {
		err = web.Confidential(u.String()) // the address often is its own key
	}
	return p, err
}

// quiet is what a service said, without what makes the address a secret.
func (p *post) quiet(body []byte) string {
	text := string(body)
	secrets := []string{p.Key.Reveal()}
	if u, err := url.Parse(p.URL.Reveal()); err == nil {
		secrets = append(secrets, u.RawQuery, strings.Trim(u.Path, "/"))
		for _, list := range u.Query() {
			secrets = append(secrets, list...)
		}
	}
	for _, s := range secrets {
		if len(s) > 4 {
			text = strings.ReplaceAll(text, s, "REDACTED")
		}
	}
	return text
}

// Send implements Sender. What a broken connection left unclear is sent again: told twice is better than not told.
func (p *post) Send(ctx context.Context, m Message) error {
	body, err := json.Marshal(p.shape(m))
	if err != nil {
		return err
	}
	header := map[string]string{"Content-Type": "application/json"}
	if p.Key.Reveal() != "" && p.fine == nil {
		maps.Copy(header, web.Sign(p.Key, p.Now(), body))
	}
	resp, err := p.http.Do(ctx, web.Request{Method: http.MethodPost, Query: p.query, Header: header, Body: body, Repeatable: true})
	if err != nil || p.fine == nil {
		return err
	}
	return p.fine(resp)
}

// NewWebhook posts the message as a document, signed where there is a key.
func NewWebhook(h Hook) (Sender, error) {
	return newPost(h, func(m Message) any {
		return struct {
			Kind    string   `json:"kind"`
			Version int      `json:"version"`
			On      string   `json:"on"`
			Key     string   `json:"key,omitempty"`
			Keys    []string `json:"keys,omitempty"`
			Title   string   `json:"title"`
			Lines   []string `json:"lines,omitempty"`
			Paste   string   `json:"paste,omitempty"`
			Urgent  bool     `json:"urgent"`
		}{"notification", 1, m.On, m.Key, m.Keys, m.Title, m.Lines, m.Paste, m.Urgent}
	}, nil)
}

// text is a message as lines.
func text(m Message) string {
	lines := append([]string{m.Title}, m.Lines...)
	if m.Paste != "" {
		lines = append(lines, m.Paste)
	}
	return strings.Join(lines, "\n")
}

// NewSlack posts to an incoming webhook. Blocks of plain text make neither links nor mentions; the fallback is escaped.
// Source: https://api.slack.com/messaging/webhooks and Block Kit's text object (3,000 characters).
func NewSlack(h Hook) (Sender, error) {
	type obj = map[string]any
	plain := func(s string, most int) obj { return obj{"type": "plain_text", "text": cut(s, most), "emoji": false} }
	escape := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	return newPost(h, func(m Message) any {
		blocks := []obj{{"type": "header", "text": plain(m.Title, 150)}}
		if len(m.Lines) > 0 {
			blocks = append(blocks, obj{"type": "section", "text": plain(strings.Join(m.Lines, "\n"), 3000)})
		}
		if m.Paste != "" {
			blocks = append(blocks, obj{"type": "section", "text": plain(m.Paste, 3000)})
		}
		return obj{"text": escape.Replace(cut(m.Title, 3000)), "blocks": blocks, "unfurl_links": false, "unfurl_media": false}
	}, func(r *web.Response) error { return saysOK("slack", r, "ok") })
}

// NewTeams posts an adaptive card to a workflow or an incoming webhook. Runs of text are not read as Markdown.
// Source: https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors (adaptive cards in webhooks).
func NewTeams(h Hook) (Sender, error) {
	type obj = map[string]any
	run := func(s string, more obj) obj {
		one := obj{"type": "TextRun", "text": cut(s, 5000)}
		for k, v := range more {
			one[k] = v
		}
		return obj{"type": "RichTextBlock", "inlines": []obj{one}}
	}
	return newPost(h, func(m Message) any {
		body := []obj{run(m.Title, obj{"weight": "Bolder", "size": "Medium"})}
		for _, l := range m.Lines {
			body = append(body, run(l, nil))
		}
		if m.Paste != "" {
			body = append(body, run(m.Paste, obj{"fontType": "Monospace"}))
		}
		return obj{"type": "message", "attachments": []obj{{
			"contentType": "application/vnd.microsoft.card.adaptive",
			"content":     obj{"$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.4", "body": body},
		}}}
	}, func(r *web.Response) error { return saysOK("teams", r, "", "1") })
}

// saysOK refuses a body other than those: Teams and Slack tell failures in the body of a 200.
func saysOK(who string, r *web.Response, fine ...string) error {
	body := strings.TrimSpace(string(r.Body))
	for _, f := range fine {
		if body == f {
			return nil
		}
	}
	if who == "teams" && r.Status == http.StatusAccepted {
		return nil
	}
	return fmt.Errorf("%s did not take it: %s", who, strings.Join(strings.Fields(cut(body, 120)), " "))
}

// NewPagerDuty sends an event to PagerDuty; the same key is the same incident.
// Source: https://developer.pagerduty.com/docs/events-api-v2 (trigger; summary of 1,024 characters, 512 KB).
func NewPagerDuty(h Hook) (Sender, error) {
	type obj = map[string]any
	if h.Key.Reveal() == "" {
		return nil, errors.New("pagerduty needs an integration key")
	}
	return newPost(h, func(m Message) any {
		severity := "warning"
		if m.Urgent {
			severity = "critical"
		}
		e := obj{
			"routing_key": h.Key.Reveal(), "event_action": "trigger",
			"payload": obj{"summary": cut(m.Title, 1024), "source": "soc", "severity": severity, "custom_details": obj{"lines": m.Lines, "paste": m.Paste, "on": m.On}},
		}
		if m.Key != "" {
			e["dedup_key"] = cut("soc "+m.Key, 255)
		}
		return e
	}, func(r *web.Response) error {
		var v struct{ Status, Message string }
		if err := json.Unmarshal(r.Body, &v); err != nil || v.Status != "success" {
			return fmt.Errorf("pagerduty did not take it: %s", cut(v.Status+" "+v.Message, 120))
		}
		return nil
	})
}

// cut bounds a text in characters, and shows that it did.
func cut(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-4]) + " ..."
	}
	return s
}
