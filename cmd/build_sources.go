package cmd

import (
	"fmt"

	"github.com/seed-959697dd/soc/internal/config"
	"github.com/seed-959697dd/soc/internal/source/dir"
)

// system makes what a block of sources describes. What it can do is found out by assertion: hand over alerts (alert.Puller, alert.Feeder),
// answer questions (investigate.Source), be written to (respond.Desk), say what it lacks (web.Examiner). It connects to nothing yet.
func (a *app) system(name string, conf *config.Source) (any, error) {
	if a.World.System != nil {
		if sys := a.World.System(name); sys != nil {
			return sys, nil
		}
	}
	switch conf.Type {
	case "dir":
		return dir.New(dir.Settings{Path: conf.Path})
	case "sentinel":
		return a.sentinel(name, conf)
	case "defender":
		return a.defender(name, conf)
	}
	return nil, fmt.Errorf("this version cannot use a source of type %s, as %s is", conf.Type, name)
}
