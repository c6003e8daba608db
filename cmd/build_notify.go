package cmd

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/internal/config"
	"github.com/seed-959697dd/soc/internal/notify"
	"github.com/seed-959697dd/soc/internal/web"
)

// herald makes ready who is told; nil when nobody is to be. What cannot be made ready is said, and the run goes on without it.
func (a *app) herald(s *settings) *herald {
	if len(s.Notify) == 0 {
		return nil
	}
	h := &herald{app: a, desk: &notify.Desk{Now: a.Now}, said: map[string]string{}}
	dir, err := a.stateDir()
	if err == nil {
		err = os.MkdirAll(dir, 0o700)
	}
	if err != nil {
		h.complain("", fmt.Errorf("what was told cannot be kept: %w", err))
	} else {
		h.desk.Memory = &notify.Memory{Path: filepath.Join(dir, "told.json")}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Notify)) {
		conf := s.Notify[name]
		w, err := a.way(name, &conf)
		if err != nil {
			h.complain(name, err)
			continue
		}
		h.desk.Ways = append(h.desk.Ways, w)
	}
	return h
}

// way makes what a block of notify describes.
func (a *app) way(name string, conf *config.Notify) (w notify.Way, err error) {
	w = notify.Way{Name: name, On: conf.On, PerHour: conf.PerHour}
	if len(conf.On) == 0 {
		return w, errors.New("on: it is told nothing; there are escalate, review, approval, receipt, drift")
	}
	if w.Quiet, err = quiet(conf.Quiet); err != nil {
		return w, err
	}
	w.Sender, err = a.sender(name, conf)
	return w, err
}

func (a *app) sender(name string, conf *config.Notify) (notify.Sender, error) {
	what := "notify." + name
	if conf.Type == "mail" {
		var password web.Secret
		if err := a.secrets(what, kept{conf.PasswordEnv, conf.PasswordFile, &password}); err != nil {
			return nil, err
		}
		trust, err := web.Trust(conf.CAFile)
		if err != nil {
			return nil, err
		}
		return notify.NewMail(notify.Mail{Server: conf.Server, From: conf.From, To: conf.To, User: conf.User, Password: password, TLS: trust, Timeout: conf.Timeout.Duration})
	}
	var address, key web.Secret
	if err := a.secrets(what, kept{conf.URLEnv, conf.URLFile, &address}, kept{conf.KeyEnv, conf.KeyFile, &key}); err != nil {
		return nil, err
	}
	if conf.URL != "" {
		address = web.NewSecret(conf.URL)
	}
	if address.Reveal() == "" && conf.Type == "pagerduty" {
		address = web.NewSecret("https://events.pagerduty.com/v2/enqueue")
	}
	h := notify.Hook{URL: address, CAFile: conf.CAFile, Timeout: conf.Timeout.Duration, Key: key, Now: a.Now}
	switch conf.Type {
	case "slack":
		return notify.NewSlack(h)
	case "teams":
		return notify.NewTeams(h)
	case "pagerduty":
		return notify.NewPagerDuty(h)
	}
	return notify.NewWebhook(h)
}

// quiet reads a time of day like 22:00-06:00.
func quiet(text string) (q notify.Quiet, err error) {
	if text == "" {
		return q, nil
	}
	from, to, ok := strings.Cut(text, "-")
	begin, err := time.Parse("15:04", strings.TrimSpace(from))
	end, err2 := time.Parse("15:04", strings.TrimSpace(to))
	if !ok || err != nil || err2 != nil {
		return q, fmt.Errorf("quiet: %q is no time of day like 22:00-06:00", text)
	}
	since := func(t time.Time) time.Duration {
		return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute
	}
	return notify.Quiet{From: since(begin), To: since(end), Zone: time.Local}, nil
}
