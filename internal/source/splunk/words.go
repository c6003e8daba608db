package splunk

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-959697dd/soc/triage"
)

// word is a status or a disposition as a site has it: people see the label, the interface takes the id.
type word struct {
	id, label string
	ends      bool // a status that ends the work
	begins    bool // one from which it begins
	off       bool // it cannot be chosen any more
}

// number is that at the end of an id.
func (w word) number() int {
	n, err := strconv.Atoi(w.id[strings.LastIndexByte(w.id, ':')+1:])
	if err != nil {
		return math.MaxInt
	}
	return n
}

// words are the vocabulary of a site.
type words struct {
	statuses, dispositions []word
}

// vocabulary reads the words of the site, once. Source: reviewstatuses.conf of SA-ThreatIntelligence.
func (c *Client) vocabulary(ctx context.Context) (*words, error) {
	c.mu.Lock()
	known := c.words
	c.mu.Unlock()
	if known != nil {
		return known, nil
	}
	doc, err := c.get(ctx, url.Values{"count": {"0"}}, place("services/alerts/reviewstatuses")...)
	if err != nil {
		return nil, fmt.Errorf("reading the statuses and dispositions: %w", err)
	}
	w := &words{}
	for _, e := range doc.Get("entry").Array() {
		in := e.Get("content")
		one := word{id: e.Get("name").String(), label: in.Get("label").String(), ends: in.Get("end").Bool(), off: in.Get("disabled").Bool()}
		one.label = cmp.Or(strings.TrimSpace(one.label), one.id)
		switch kind := in.Get("status_type").String(); {
		case kind == "disposition" || strings.HasPrefix(one.id, "disposition:"):
			one.begins = one.id == "disposition:0"
			w.dispositions = append(w.dispositions, one)
		case kind == "" || kind == "notable":
			one.begins = one.id == "0" || one.id == "1" || in.Get("default").Bool()
			w.statuses = append(w.statuses, one)
		}
	}
	if len(w.statuses) == 0 {
		return nil, fmt.Errorf("splunk names no statuses: %w", ErrNoSuite)
	}
	for _, list := range [][]word{w.statuses, w.dispositions} {
		slices.SortStableFunc(list, func(a, b word) int { return cmp.Or(cmp.Compare(a.number(), b.number()), strings.Compare(a.id, b.id)) })
	}
	c.mu.Lock()
	c.words = w
	c.mu.Unlock()
	return w, nil
}

// label is what people call an id; the id itself where the site has no name for it.
func label(list []word, id string) string {
	for _, w := range list {
		if w.id == id {
			return w.label
		}
	}
	return id
}

// id is what the interface takes for what people call it.
func id(what string, list []word, label string) (string, error) {
	for _, off := range []bool{false, true} {
		for _, w := range list {
			if w.off == off && (w.label == label || w.id == label) {
				return w.id, nil
			}
		}
	}
	return "", fmt.Errorf("splunk has no %s %q: it has %s", what, label, labels(list))
}

func labels(list []word) string {
	var all []string
	for _, w := range list {
		if !w.off {
			all = append(all, w.label)
		}
	}
	return strings.Join(all, ", ")
}

// ending is the status that ends the work: the shipped one where the site kept it, else the first that does.
func (w *words) ending() (string, error) {
	for _, want := range []func(word) bool{
		func(o word) bool { return o.ends && o.id == "5" },
		func(o word) bool { return o.ends },
		func(o word) bool { return strings.EqualFold(o.label, "closed") },
	} {
		if i := slices.IndexFunc(w.statuses, func(o word) bool { return !o.off && want(o) }); i >= 0 {
			return w.statuses[i].label, nil
		}
	}
	return "", fmt.Errorf("none of splunk's statuses ends the work: it has %s", labels(w.statuses))
}

// disposition is the site's word for one of ours: the shipped one where it still says so, else the first whose name begins with ours.
func (w *words) disposition(d triage.Disposition) (string, error) {
	ours, shipped := "Undetermined", "disposition:6"
	switch d {
	case triage.TruePositive:
		ours, shipped = "True Positive", "disposition:1"
	case triage.BenignPositive:
		ours, shipped = "Benign Positive", "disposition:2"
	case triage.FalsePositive:
		ours, shipped = "False Positive", "disposition:3"
	case triage.Undetermined:
	}
	says := func(o word) bool {
		return !o.off && len(o.label) >= len(ours) && strings.EqualFold(o.label[:len(ours)], ours)
	}
	if i := slices.IndexFunc(w.dispositions, func(o word) bool { return o.id == shipped && says(o) }); i >= 0 {
		return w.dispositions[i].label, nil
	}
	if i := slices.IndexFunc(w.dispositions, says); i >= 0 {
		return w.dispositions[i].label, nil
	}
	return "", fmt.Errorf("splunk has no disposition that says %s: it has %s", strings.ToLower(ours), labels(w.dispositions))
}
