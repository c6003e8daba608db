package cmd

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/config"
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
			list = append(list, brokenCheck(what, err, a.mend(err, conf.TokenEnv, conf.PasswordEnv, conf.ClientSecretEnv, conf.SigningKeyEnv)))
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

// mend is what to do about an error of setting something up: look at the file that is not as it should be, or set the secret that is missing.
func (a *app) mend(err error, secrets ...string) string {
	var file *fs.PathError
	if errors.As(err, &file) {
		return "ls -l " + shellWord(file.Path)
	}
	for _, name := range secrets {
		if name != "" && (strings.HasPrefix(name, config.Keyring) || a.Env(name) == "") {
			return mendSecret(name)
		}
	}
	return ""
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
