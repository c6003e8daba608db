package splunk

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/respond"
)

// itemKind is which interface an item answers to.
type itemKind uint8

const (
	notableEvent itemKind = iota
	finding
	investigation
)

// spot is where an item is.
type spot struct {
	kind itemKind
	id   string
	time string // of a finding, as its id spells it
}

var (
	guid     = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
	display  = regexp.MustCompile(`^ES-\d+$`)
	compound = regexp.MustCompile(`^(.+)\+(\d+(?:\.\d+)?)$`)
	eventID  = regexp.MustCompile(`^[^@]+@@[^@]+@@[^@]+$`)
)

// spot tells by an id what it is the id of. The compound of a search's id and a result's number, which adaptive responses hand on, is looked up.
func (c *Client) spot(ctx context.Context, item string) (spot, error) {
	m := ref.FindStringSubmatch(item)
	mission := m != nil || guid.MatchString(item) || display.MatchString(item)
	if mission {
		v, err := c.suite(ctx)
		if err != nil {
			return spot{}, err
		}
		mission = v.least(8, 0)
	}
	switch {
	case mission && m != nil:
		return spot{finding, item, m[1]}, nil
	case mission:
		return spot{investigation, item, ""}, nil
	case eventID.MatchString(item):
		return spot{notableEvent, item, ""}, nil
	}
	if m := compound.FindStringSubmatch(item); m != nil {
		id, err := c.resolve(ctx, m[1], m[2])
		if err != nil {
			return spot{}, err
		}
		return c.spot(ctx, id)
	}
	return spot{}, fmt.Errorf("%w: %q is the id of no notable, finding or investigation", respond.ErrNoItem, item)
}

// resolve finds the notable that result rid of search sid made.
func (c *Client) resolve(ctx context.Context, sid, rid string) (string, error) {
	spl := "search `notable` | search (orig_sid=" + quote(sid) + " OR sid=" + quote(sid) + ") (orig_rid=" + quote(rid) + " OR rid=" + quote(rid) + ") | fields event_id"
	var found string
	err := c.few(ctx, spl, func(row gjson.Result) error {
		id := row.Get("event_id").String()
		if !eventID.MatchString(id) {
			return nil
		}
		if found != "" && found != id {
			return fmt.Errorf("%s+%s is the id of more than one notable", sid, rid)
		}
		found = id
		return nil
	})
	if err == nil && found == "" {
		err = fmt.Errorf("%w: nothing was made of result %s of search %s", respond.ErrNoItem, rid, sid)
	}
	return found, err
}

// few runs a search for a handful of rows at any time, all of which must come.
func (c *Client) few(ctx context.Context, spl string, each func(gjson.Result) error) error {
	warned, err := c.export(ctx, inquiry{spl: spl}, each)
	if err == nil && len(warned) > 0 {
		err = errors.New("splunk warns: " + warned[0])
	}
	return err
}

// seconds are a time as the mission control interface takes it.
func seconds(t time.Time) string { return fmt.Sprint(t.Unix()) }
