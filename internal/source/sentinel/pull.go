package sentinel

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/entra"
	"github.com/seed-959697dd/soc/internal/web"
)

const (
	page    = 200 // incidents asked for at a time
	abreast = 8   // incidents whose alerts and entities are asked for at a time
)

// errEnough ends a walk that brought as many as wanted.
var errEnough = errors.New("enough")

// Pull implements alert.Puller. An incident comes as ARM shows it, with its alerts and entities in its properties, where the trigger of an
// automation rule has them too. One whose alerts the service refuses comes without them, and that is a gap.
func (c *Client) Pull(ctx context.Context, p alert.Pull, found func(alert.Pulled) error) ([]alert.Gap, error) {
	b := &batch{c: c, most: p.Most, found: found}
	w := entra.Walk{Field: "properties/lastModifiedTimeUtc", From: p.From, To: p.To, Query: p.Query, Linked: true, Page: c.page}
	lacks, err := w.Do(ctx, func(i entra.Item) error { return b.add(ctx, i) })
	if err == nil {
		err = b.flush(ctx)
	}
	for _, l := range lacks {
		b.gap(l)
	}
	if errors.Is(err, errEnough) {
		b.gap(fmt.Sprintf("there are more than the %d incidents that were asked for", p.Most))
		err = nil
	}
	if err != nil {
		err = fmt.Errorf("pulling incidents of %s: %w", c.set.Workspace, err)
	}
	return b.gaps, err
}

// page asks for one page of the list.
func (c *Client) page(ctx context.Context, a entra.Ask) (entra.Page, error) {
	r := web.Request{Path: c.incident(), Link: a.Link}
	if a.Link == "" {
		r.Query = url.Values{"$filter": {a.Filter}, "$orderby": {"properties/lastModifiedTimeUtc asc"}, "$top": {strconv.Itoa(page)}}
	}
	v, err := c.ask(ctx, r, nil)
	if err != nil {
		return entra.Page{}, err
	}
	if !v.Get("value").IsArray() {
		return entra.Page{}, errors.New("its answer has no list of incidents")
	}
	p := entra.Page{Link: v.Get("nextLink").String()}
	for _, one := range v.Get("value").Array() {
		at, err := time.Parse(time.RFC3339Nano, one.Get("properties.lastModifiedTimeUtc").String())
		if name := one.Get("name").String(); err != nil || name == "" {
			return entra.Page{}, fmt.Errorf("incident %q has no name or no time of its last change", name)
		}
		p.Items = append(p.Items, entra.Item{ID: one.Get("name").String(), At: at, Raw: []byte(one.Raw)})
	}
	return p, nil
}

// batch is incidents that wait for their alerts and entities, which are asked for side by side and handed on in order.
type batch struct {
	c     *Client
	most  int
	found func(alert.Pulled) error
	items []entra.Item
	gaps  []alert.Gap
	count int
}

func (b *batch) gap(reason string) {
	b.gaps = append(b.gaps, alert.Gap{Source: b.c.set.Name, Class: alert.Partial, Reason: reason})
}

func (b *batch) add(ctx context.Context, i entra.Item) error {
	if b.most > 0 && b.count == b.most {
		if err := b.flush(ctx); err != nil {
			return err
		}
		return errEnough
	}
	b.count++
	if b.items = append(b.items, i); len(b.items) < 2*abreast {
		return nil
	}
	return b.flush(ctx)
}

func (b *batch) flush(ctx context.Context) error {
	parts := make([]evidence, len(b.items))
	turns := make(chan struct{}, abreast)
	var all sync.WaitGroup
	for i := range b.items {
		turns <- struct{}{}
		all.Go(func() {
			parts[i] = b.c.evidence(ctx, b.items[i].ID)
			<-turns
		})
	}
	all.Wait()
	items := b.items
	b.items = nil
	for i := range items {
		e := &parts[i]
		if e.err != nil && !entra.AboutItem(e.err) {
			return e.err // it is asked for again by whoever goes on from the last change
		}
		if e.err != nil {
			b.gap(fmt.Sprintf("incident %s came without its alerts or entities: %v", items[i].ID, e.err))
		}
		if err := b.found(alert.Pulled{Raw: e.into(items[i].Raw), Item: items[i].ID, Edition: e.edition(), Changed: items[i].At}); err != nil {
			return err
		}
	}
	return nil
}

// evidence is what an incident rests on: two lists in JSON.
type evidence struct {
	alerts, entities gjson.Result
	err              error
}

func (c *Client) evidence(ctx context.Context, id string) (e evidence) {
	for path, into := range map[string]*gjson.Result{"alerts": &e.alerts, "entities": &e.entities} {
		key := map[string]string{"alerts": "value", "entities": "entities"}[path]
		v, err := c.ask(ctx, web.Request{Method: http.MethodPost, Path: c.incident(id, path), Repeatable: true}, nil)
		if *into = v.Get(key); err == nil && !into.IsArray() {
			err = errors.New("its answer has no list of " + path)
		}
		if err != nil {
			return evidence{err: err}
		}
	}
	return e
}

// into puts the evidence into the incident's properties. All else stays byte for byte.
func (e *evidence) into(raw []byte) []byte {
	p := gjson.GetBytes(raw, "properties")
	if e.err != nil || !p.IsObject() || p.Index == 0 || p.Get("alerts").Exists() || p.Get("relatedEntities").Exists() {
		return raw
	}
	at := p.Index + 1
	var out []byte
	out = append(out, raw[:at]...)
	out = append(out, `"alerts":`+e.alerts.Raw+`,"relatedEntities":`+e.entities.Raw...)
	if len(p.Map()) > 0 {
		out = append(out, ',')
	}
	return append(out, raw[at:]...)
}

// edition names the evidence by the ids of the alerts and by what the entities are, in whatever order: what people and the service say about
// the incident is not in it.
func (e *evidence) edition() string {
	var list []string
	for _, a := range e.alerts.Array() {
		id := a.Get("properties.systemAlertId").String()
		if id == "" {
			id = a.Get("name").String()
		}
		list = append(list, "alert "+id)
	}
	for _, o := range e.entities.Array() {
		id := o.Get("name").String()
		if id == "" {
			id = o.Get("properties").Raw
		}
		list = append(list, "entity "+strings.ToLower(o.Get("kind").String())+" "+id)
	}
	slices.Sort(list)
	sum := sha256.Sum256([]byte(strings.Join(slices.Compact(list), "\n")))
	return hex.EncodeToString(sum[:12])
}
