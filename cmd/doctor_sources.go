package cmd

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/internal/web"
)

// lookSources examines every configured source: one check for each thing that was looked at.
func (a *app) lookSources(ctx context.Context, s *settings) (list []render.Check) {
	for _, name := range slices.Sorted(maps.Keys(s.Sources)) {
		conf := s.Sources[name]
		what := "source " + name
		sys, err := a.system(name, &conf)
		if err != nil {
			list = append(list, brokenCheck(what, err, ""))
			continue
		}
		e, ok := sys.(web.Examiner)
		if !ok {
			list = append(list, fine(what, conf.Type+" is set up; it cannot be asked without using it"))
			continue
		}
		list = append(list, examined(ctx, what, e)...)
	}
	return list
}

func examined(ctx context.Context, what string, e web.Examiner) (list []render.Check) {
	ctx, cancel := context.WithTimeout(ctx, visit)
	defer cancel()
	for _, f := range e.Examine(ctx) {
		c := render.Check{Name: what + " " + f.Name, OK: f.OK, Detail: f.Detail, Hint: strings.ReplaceAll(f.Hint, "--from NAME", "--from "+shellWord(strings.TrimPrefix(what, "source ")))}
		if !f.OK {
			c.Class = alert.Failed
		}
		list = append(list, c)
	}
	return list
}
