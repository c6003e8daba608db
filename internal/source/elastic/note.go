package elastic

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/internal/web"
	"github.com/seed-959697dd/soc/respond"
)

// owner is whose cases these are.
const owner = "securitySolution"

func status(err error) int {
	var e *web.Error
	if errors.As(err, &e) {
		return e.Status
	}
	return 0
}

// Note implements respond.Desk. An alert has no comments of its own; cases have. The comment goes to the case that the alert is in, the
// first one where it is in several, else to one that is made for it, once. That case does not synchronise: with it, Kibana would give the
// alert the status of the case, so that one that was just closed would be open again. Comments are Markdown there.
func (c *Client) Note(ctx context.Context, item, key, text string) error {
	index, id, err := split(item)
	if err != nil {
		return err
	}
	_, source, err := c.read(ctx, item)
	if err != nil {
		return err
	}
	cases, err := c.casesOf(ctx, id)
	if err != nil {
		return fmt.Errorf("finding the case of alert %s: %w", short(id), err)
	}
	for _, k := range cases {
		if said, err := c.said(ctx, k, key); err != nil || said {
			return err
		}
	}
	if len(cases) == 0 {
		k, err := c.open(ctx, index, id, source)
		if err != nil {
			return fmt.Errorf("making a case for alert %s: %w", short(id), err)
		}
		if said, err := c.said(ctx, k, key); err != nil || said {
			return err
		}
		cases = append(cases, k)
	}
	if !strings.Contains(text, key) {
		text += "\n\n" + key
	}
	if _, err := c.post(ctx, false, object{"type": "user", "comment": respond.Inert(text), "owner": owner}, "cases", cases[0], "comments"); err != nil {
		return fmt.Errorf("adding a comment to case %s: %w", short(cases[0]), err)
	}
	return nil
}

// casesOf names the cases that an alert is in.
func (c *Client) casesOf(ctx context.Context, id string) (list []string, err error) {
	v, err := c.ask(ctx, http.MethodGet, true, nil, url.Values{"owner": {owner}}, "cases", "alerts", id)
	if err != nil {
		return nil, err
	}
	if !v.IsArray() {
		return nil, errors.New("elastic: its answer is no list of cases")
	}
	for _, k := range v.Array() {
		if name := k.Get("id").Str; name != "" {
			list = append(list, name)
		}
	}
	return list, nil
}

// mostComments bounds how many comments are looked through: a list that always has more has no end.
const mostComments = 100_000

// said tells whether a comment of a case holds the key.
func (c *Client) said(ctx context.Context, kase, key string) (bool, error) {
	const per = 100
	for page := 1; ; page++ {
		v, err := c.ask(ctx, http.MethodGet, true, nil, url.Values{"page": {strconv.Itoa(page)}, "perPage": {strconv.Itoa(per)}}, "cases", kase, "comments", "_find")
		if err != nil {
			return false, fmt.Errorf("reading the comments of case %s: %w", short(kase), err)
		}
		list := v.Get("comments").Array()
		for _, e := range list {
			if strings.Contains(e.Get("comment").Str, key) {
				return true, nil
			}
		}
		if len(list) == 0 || int64(page*per) >= v.Get("total").Int() {
			return false, nil
		}
		if page == mostComments/per { // nobody knows whether it is there
			return false, fmt.Errorf("reading the comments of case %s: there are more than %d", short(kase), mostComments)
		}
	}
}

// open makes the case of an alert, or finds the one that an interruption left without it: by its tag.
func (c *Client) open(ctx context.Context, index, id string, source gjson.Result) (string, error) {
	tag := "soc:" + id
	v, err := c.ask(ctx, http.MethodGet, true, nil, url.Values{"owner": {owner}, "tags": {tag}, "page": {"1"}, "perPage": {"100"}}, "cases", "_find")
	if err != nil {
		return "", err
	}
	kase := v.Get("cases.0.id").Str
	rule := field(source, "kibana.alert.rule.name").Str
	if kase == "" {
		title := "Alert of soc"
		if rule != "" {
			title = rule
		}
		v, err := c.post(ctx, false, object{
			"title": clip(title), "description": "What soc found out about one alert. Its status and that of the alert do not follow each other.", "tags": []string{"soc", tag}, "owner": owner,
			"severity": severity(field(source, "kibana.alert.severity").Str), "connector": object{"id": "none", "name": "none", "type": ".none", "fields": nil}, "settings": object{"syncAlerts": false},
		}, "cases")
		if err != nil {
			return "", err
		}
		if kase = v.Get("id").Str; kase == "" {
			return "", errors.New("elastic: its answer names no case")
		}
	}
	_, err = c.post(ctx, false, object{
		"type": "alert", "alertId": []string{id}, "index": []string{index}, "owner": owner, "rule": object{"id": field(source, "kibana.alert.rule.uuid").Str, "name": rule},
	}, "cases", kase, "comments")
	return kase, err
}

// clip keeps to the length of a title.
func clip(s string) string {
	const most = 150
	if len(s) > most {
		s = s[:most]
	}
	return strings.ToValidUTF8(s, "")
}

func severity(word string) string {
	switch word {
	case "medium", "high", "critical":
		return word
	}
	return "low"
}
