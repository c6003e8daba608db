package cmd

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/render"
)

// lookRespond looks at what a response would use. Platforms are asked who they are, and drivers that can tell, what they may do; others and
// ways of telling are only made ready: asking them would act or tell.
func (a *app) lookRespond(ctx context.Context, s *settings) (list []render.Check) {
	for _, name := range slices.Sorted(maps.Keys(s.SOAR)) {
		list = append(list, a.lookPlatform(ctx, s, name))
	}
	r := &responder{app: a, s: s}
	for _, name := range slices.Sorted(maps.Keys(s.Drivers)) {
		list = append(list, r.lookDriver(ctx, name))
	}
	for _, name := range slices.Sorted(maps.Keys(s.Notify)) {
		conf := s.Notify[name]
		what := "notify " + name
		if _, err := a.way(name, &conf); err != nil {
			list = append(list, brokenCheck(what, err, ""))
			continue
		}
		list = append(list, fine(what, conf.Type+", told of "+strings.Join(conf.On, ", ")))
	}
	return list
}

func (a *app) lookPlatform(ctx context.Context, s *settings, name string) render.Check {
	conf := s.SOAR[name]
	what := "soar " + name
	ctx, cancel := context.WithTimeout(ctx, visit)
	defer cancel()
	hint := "curl -sS " + shellWord(conf.URL)
	if conf.Type == "xsoar" {
		p, err := a.xsoar("soar."+name, &conf)
		if err == nil {
			err = p.Probe(ctx)
		}
		if err != nil {
			return brokenCheck(what, err, orElse(a.mend(err, conf.TokenEnv), hint))
		}
		return fine(what, "Cortex XSOAR answers")
	}
	p, err := a.splunkSOAR("soar."+name, &conf, "")
	if err != nil {
		return brokenCheck(what, err, a.mend(err, conf.TokenEnv))
	}
	version, err := p.Version(ctx)
	if err != nil {
		return brokenCheck(what, err, hint)
	}
	return fine(what, "Splunk SOAR "+version+" answers")
}

// lookDriver makes a driver ready, and says which of its actions it would leave to people.
func (r *responder) lookDriver(ctx context.Context, name string) render.Check {
	conf := r.s.Drivers[name]
	what := "driver " + name
	d, err := r.driver(name, &conf)
	if err != nil {
		return brokenCheck(what, err, "")
	}
	var does, leaves []string
	for _, action := range conf.Actions {
		if ok, _ := d.Does(action); ok {
			does = append(does, action)
		} else {
			leaves = append(leaves, action)
		}
	}
	c := fine(what, conf.Type+": "+strings.Join(does, ", "))
	switch {
	case len(conf.Actions) == 0:
		c = missingCheck(what, conf.Type+" is used for nothing", "in soc.yaml: drivers: {"+name+": {actions: [block-ip]}}")
	case len(leaves) > 0:
		c.OK, c.Class, c.Hint = false, alert.Partial, "in soc.yaml: drivers: {"+name+": {undo: [...], probe: [...]}}"
		c.Detail = conf.Type + ": left to people, because it cannot be taken back and asked for: " + strings.Join(leaves, ", ")
	}
	if e, ok := d.(interface {
		Examine(ctx context.Context) (string, error)
	}); ok {
		ctx, cancel := context.WithTimeout(ctx, visit)
		defer cancel()
		detail, err := e.Examine(ctx)
		switch {
		case err != nil && c.OK:
			return brokenCheck(what, err, "")
		case err != nil:
			c.Detail += "; " + err.Error()
		default:
			c.Detail += "; " + detail
		}
	}
	return c
}
