package playbook

import (
	"slices"
	"strings"

	"github.com/seed-959697dd/soc/respond"
)

// element is one thing of a case that a step may be about.
type element struct {
	value  string
	fields map[string]any // what a condition reads as it
	cites  []string
}

// selector finds the things of one kind in a case.
type selector struct {
	kind respond.TargetType
	of   func(*Case) gathered
}

// selectors are what a step's each may say.
var selectors = map[string]selector{
	"hosts":       {respond.Host, entities("host")},
	"users":       {respond.User, entities("user")},
	"processes":   {respond.Process, entities("process")},
	"files":       {respond.File, entities("file")},
	"mails":       {respond.Mail, entities("mail")},
	"registry":    {respond.Registry, entities("registry")},
	"access_keys": {respond.Key, keys},
	"ips":         {respond.IP, indicators("ip")},
	"domains":     {respond.Domain, indicators("domain")},
	"urls":        {respond.URL, indicators("url")},
	"hashes":      {respond.Hash, indicators("md5", "sha1", "sha256", "sha512")},
	"case":        {respond.Case, itself},
}

func list(v any) []any {
	l, _ := v.([]any)
	return l
}

func object(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

// maxElements bounds what one selector finds: a plan refuses more anyway. The rest is counted.
const maxElements = 1000

// entities finds the entities of the alerts that stand for the case's verdicts, but for machines that only looked on.
func entities(kind string) func(*Case) gathered {
	return func(k *Case) gathered {
		var found gathered
		for _, v := range list(k.doc["verdicts"]) {
			alert := object(object(v)["alert"])
			for _, e := range list(alert["entities"]) {
				if e := object(e); text(e["type"]) == kind && text(e["role"]) != "observer" {
					found.add(text(e["value"]), e, "alert "+text(alert["id"]))
				}
			}
		}
		return found
	}
}

// keys finds the credentials that the alerts and events name.
func keys(k *Case) gathered {
	var found gathered
	for _, v := range list(k.doc["verdicts"]) {
		alert := object(object(v)["alert"])
		for _, e := range list(alert["keys"]) {
			if e := object(e); text(e["type"]) == "credential" {
				found.add(text(e["value"]), e, "alert "+text(alert["id"]))
			}
		}
	}
	return found
}

func indicators(kinds ...string) func(*Case) gathered {
	return func(k *Case) gathered {
		var found gathered
		for _, i := range list(k.doc["indicators"]) {
			i := object(i)
			if !slices.Contains(kinds, text(i["type"])) {
				continue
			}
			cite := ""
			for _, r := range list(i["receipts"]) {
				if a := text(object(r)["alert"]); a != "" && cite == "" {
					cite = "alert " + a
				}
			}
			found.add(text(i["value"]), i, cite)
		}
		return found
	}
}

func itself(k *Case) gathered {
	return gathered{list: []element{{value: text(k.doc["id"]), fields: map[string]any{}}}}
}

// gathered are elements, each value once.
type gathered struct {
	list []element
	more int            // values beyond maxElements
	at   map[string]int // -1: beyond
}

func (g *gathered) add(value string, fields map[string]any, cite string) {
	if value == "" {
		return
	}
	if g.at == nil {
		g.at = map[string]int{}
	}
	key := strings.ToLower(value)
	at, met := g.at[key]
	if !met {
		if len(g.list) == maxElements {
			g.at[key] = -1
			g.more++
			return
		}
		at = len(g.list)
		g.at[key] = at
		g.list = append(g.list, element{value: value, fields: fields})
	}
	if at < 0 {
		return
	}
	if e := &g.list[at]; cite != "" && len(e.cites) < 5 && !slices.Contains(e.cites, cite) {
		e.cites = append(e.cites, cite)
	}
}
