// Package crowdsec bans addresses through the local API of CrowdSec 1.4 or later, whose bouncers then keep them out. A ban has a duration,
// which the API ends by itself. It signs in as a machine: cscli machines add soc --password ...
//
// It sees only that a ban stands in the API, not that a bouncer has fetched it. It touches no ban that is not its own: one of CrowdSec's
// own stays when ours is taken back. Start with New.
//
// Source: the local API's swagger (pkg/models/localapi_swagger.yaml of github.com/crowdsecurity/crowdsec), and what version 1.4.6 answers.
package crowdsec

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/internal/web"
	"github.com/seed-959697dd/soc/respond"
)

// Settings name the API.
type Settings struct {
	URL, CAFile string
	Machine     string // empty: soc
	Password    web.Secret
	Timeout     time.Duration
	Now         func() time.Time
	Sleep       func(context.Context, time.Duration) error // nil waits by the machine's clock
}

// API is a respond.Driver for block-ip.
type API struct {
	set  Settings
	http *web.Client

	mu    sync.Mutex
	token web.Secret
	until time.Time
}

// New makes a driver. It connects to nothing.
func New(set Settings) (*API, error) {
	if set.Password.Reveal() == "" {
		return nil, errors.New("crowdsec needs the password of a machine: cscli machines add soc --password ...")
	}
	if set.Machine == "" {
		set.Machine = "soc"
	}
	quiet := func(body []byte) string {
		return strings.ReplaceAll(gjson.GetBytes(body, "message").String(), set.Password.Reveal(), "REDACTED")
	}
	// A user agent that is not of the form name/version is refused as a wrong password.
	c, err := web.New(web.Settings{BaseURL: set.URL, CAFile: set.CAFile, Timeout: set.Timeout, Sleep: set.Sleep, Detail: quiet, UserAgent: "soc/1"})
	if err != nil {
		return nil, err
	}
	return &API{set: set, http: c}, nil
}

// Does implements respond.Driver. The API ends a ban when its time is over.
func (a *API) Does(action string) (ok, ownTTL bool) { return action == "block-ip", true }

// origin says of a ban that it is ours.
const origin = "soc"

// ban is a decision of ours that is in force.
type ban struct {
	id   int64
	left time.Duration
}

// Probe implements respond.Driver.
func (a *API) Probe(ctx context.Context, _ string, t respond.Target) (respond.State, error) {
	scope, value, err := aim(t)
	if err != nil {
		return respond.State{}, err
	}
	own, others, err := a.bans(ctx, scope, value)
	if err != nil {
		return respond.State{}, err
	}
	s := respond.State{Image: "absent", Detail: "no ban of soc's"}
	if len(own) > 0 {
		s.Done, s.Detail = true, "banned for another "+own[0].left.Round(time.Second).String()
	}
	if others > 0 {
		s.Detail += fmt.Sprintf("; %d of others, which stay", others)
	}
	return s, nil
}

// Do implements respond.Driver.
func (a *API) Do(ctx context.Context, o respond.Order) error {
	scope, value, err := aim(o.Target)
	if err != nil {
		return err
	}
	now := a.set.Now()
	left := o.Until.Sub(now).Round(time.Second)
	switch {
	case o.Until.IsZero():
		return errors.New("crowdsec needs a time at which a ban is over")
	case left <= 0:
		return errors.New("its time is over already")
	}
	own, _, err := a.bans(ctx, scope, value)
	if err != nil || len(own) > 0 {
		return err
	}
	at := now.UTC().Format(time.RFC3339) // a duration counts from stop_at, not from when it arrives
	source := map[string]string{"scope": scope, "value": value}
	if scope == "Ip" {
		source["ip"] = value
	} else {
		source["range"] = value
	}
	v, err := a.call(ctx, web.Request{Method: http.MethodPost, Path: []string{"v1", "alerts"}}, []any{map[string]any{
		"scenario": "soc/block-ip", "scenario_hash": "", "scenario_version": "", "message": "soc " + o.Key, "events_count": 1, "start_at": at, "stop_at": at,
		"capacity": 0, "leakspeed": "0", "simulated": false, "remediation": true, "events": []any{}, "source": source,
		"decisions": []any{map[string]any{"duration": left.String(), "origin": origin, "scenario": "soc " + o.Key, "scope": scope, "type": "ban", "value": value}},
	}})
	if err == nil && len(v.Array()) != 1 {
		err = errors.New("crowdsec: its answer names no alert")
	}
	return err
}

// Undo implements respond.Driver.
func (a *API) Undo(ctx context.Context, o respond.Order) error {
	scope, value, err := aim(o.Target)
	if err != nil {
		return err
	}
	own, _, err := a.bans(ctx, scope, value)
	if err != nil {
		return err
	}
	for _, b := range own { // by id: a value would release the bans of others with ours
		if _, err := a.call(ctx, web.Request{Method: http.MethodDelete, Path: []string{"v1", "decisions", strconv.FormatInt(b.id, 10)}}, nil); err != nil {
			return err
		}
	}
	return nil
}

// bans finds the bans of exactly this value that are in force: ours, and how many others there are.
func (a *API) bans(ctx context.Context, scope, value string) (own []ban, others int, err error) {
	v, err := a.call(ctx, web.Request{Path: []string{"v1", "alerts"}, Query: url.Values{"scope": {scope}, "value": {value}, "has_active_decision": {"true"}, "limit": {"0"}}}, nil)
	if err != nil {
		return nil, 0, err
	}
	if v.Type != gjson.Null && !v.IsArray() { // none is null
		return nil, 0, errors.New("crowdsec: its answer is no list of alerts")
	}
	for _, alert := range v.Array() {
		for _, d := range alert.Get("decisions").Array() { // those that are over stand there too
			left, err := time.ParseDuration(d.Get("duration").Str)
			if err != nil {
				return nil, 0, fmt.Errorf("crowdsec: a decision without a duration: %w", err)
			}
			switch {
			case left <= 0 || d.Get("simulated").Bool() || d.Get("type").Str != "ban" || d.Get("scope").Str != scope || d.Get("value").Str != value:
			case d.Get("origin").Str == origin:
				own = append(own, ban{d.Get("id").Int(), left})
			default:
				others++
			}
		}
	}
	return own, others, nil
}

// aim reads the target anew.
func aim(t respond.Target) (scope, value string, err error) {
	if t.Type != respond.IP {
		return "", "", fmt.Errorf("%q is no address", t.Value)
	}
	if p, err := netip.ParsePrefix(t.Value); err == nil && !p.IsSingleIP() {
		return "Range", p.Masked().String(), nil
	} else if err == nil {
		return "Ip", p.Addr().String(), nil
	}
	addr, err := netip.ParseAddr(t.Value)
	if err != nil {
		return "", "", fmt.Errorf("%q is no address", t.Value)
	}
	return "Ip", addr.String(), nil
}

// call sends a request with a token, and once more with a new one when the API does not know the token any more.
func (a *API) call(ctx context.Context, r web.Request, doc any) (gjson.Result, error) {
	if doc != nil {
		body, err := json.Marshal(doc)
		if err != nil {
			return gjson.Result{}, err
		}
		r.Body, r.Header = body, map[string]string{"Content-Type": "application/json"}
	}
	for n := 0; ; n++ {
		token, err := a.signIn(ctx, n > 0)
		if err != nil {
			return gjson.Result{}, err
		}
		r.Secrets = []web.Header{{Name: "Authorization", Prefix: "Bearer ", Value: token}}
		var body json.RawMessage
		_, err = a.http.JSON(ctx, r, &body)
		var e *web.Error
		if errors.As(err, &e) && e.Status == http.StatusUnauthorized && n == 0 {
			continue
		}
		if err != nil {
			return gjson.Result{}, fmt.Errorf("crowdsec: %w", err)
		}
		return gjson.ParseBytes(body), nil
	}
}

// signIn returns a token that holds for another minute.
func (a *API) signIn(ctx context.Context, anew bool) (web.Secret, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !anew && a.set.Now().Add(time.Minute).Before(a.until) {
		return a.token, nil
	}
	body, err := json.Marshal(map[string]any{"machine_id": a.set.Machine, "password": a.set.Password.Reveal(), "scenarios": []string{"soc/block-ip"}})
	if err != nil {
		return web.Secret{}, err
	}
	var answer struct {
		Token  string
		Expire time.Time
	}
	_, err = a.http.JSON(ctx, web.Request{
		Method: http.MethodPost, Path: []string{"v1", "watchers", "login"}, Header: map[string]string{"Content-Type": "application/json"}, Body: body, Repeatable: true,
	}, &answer)
	if err == nil && answer.Token == "" {
		err = errors.New("its answer has no token")
	}
	if err != nil {
		return web.Secret{}, fmt.Errorf("crowdsec: signing in as %s: %w", a.set.Machine, err)
	}
	a.token, a.until = web.NewSecret(answer.Token), answer.Expire
	return a.token, nil
}
