package defender

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
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/entra"
	"github.com/seed-959697dd/soc/internal/web"
)

const (
	alertsPage    = 1000 // as many as Graph hands over
	incidentsPage = 50   // each brings its alerts
	skips         = 500
)

// errEnough ends a walk that brought as many as wanted.
var errEnough = errors.New("enough")

// Pull implements alert.Puller.
func (c *Client) Pull(ctx context.Context, p alert.Pull, found func(alert.Pulled) error) (gaps []alert.Gap, err error) {
	states := equal("status", "unknown", "new", "inProgress", "resolved")
	if c.set.Incidents {
		states = equal("status", "active", "inProgress", "resolved", "redirected")
	}
	grades := equal("severity", "unknown", "informational", "low", "medium", "high")
	w := entra.Walk{Field: "lastUpdateDateTime", From: p.From, To: p.To, Query: p.Query, Skips: skips, Page: c.page, Split: [][]string{grades, states}}
	n := 0
	lacks, err := w.Do(ctx, func(i entra.Item) error {
		if p.Most > 0 && n == p.Most {
			return errEnough
		}
		n++
		return found(alert.Pulled{Raw: i.Raw, Item: i.ID, Edition: edition(gjson.ParseBytes(i.Raw)), Changed: i.At})
	})
	if errors.Is(err, errEnough) {
		lacks, err = append(lacks, fmt.Sprintf("there are more than the %d that were asked for", p.Most)), nil
	}
	for _, l := range lacks {
		gaps = append(gaps, alert.Gap{Source: c.set.Name, Class: alert.Partial, Reason: l})
	}
	if err != nil {
		err = fmt.Errorf("pulling %s: %w", c.list(), err)
	}
	return gaps, err
}

func equal(name string, values ...string) (list []string) {
	for _, v := range values {
		list = append(list, name+" eq '"+v+"'")
	}
	return list
}

// page asks for one page of the list, unsorted from the first time on that the service refuses to sort.
func (c *Client) page(ctx context.Context, a entra.Ask) (entra.Page, error) {
	if a.Link == "" && !c.unordered.Load() {
		p, err := c.pageOf(ctx, a, "lastUpdateDateTime asc")
		if entra.Status(err) != http.StatusBadRequest {
			return p, err
		}
		if p, again := c.pageOf(ctx, a, ""); again == nil {
			c.unordered.Store(true)
			return p, nil
		}
		return p, err
	}
	return c.pageOf(ctx, a, "")
}

func (c *Client) pageOf(ctx context.Context, a entra.Ask, order string) (entra.Page, error) {
	r := web.Request{Path: c.path(), Link: a.Link}
	if a.Link == "" {
		r.Query = url.Values{"$filter": {a.Filter}, "$top": {strconv.Itoa(alertsPage)}}
		if order != "" {
			r.Query.Set("$orderby", order)
		}
		if c.set.Incidents {
			r.Query.Set("$top", strconv.Itoa(incidentsPage))
			r.Query.Set("$expand", "alerts")
		}
		if a.Skip > 0 {
			r.Query.Set("$skip", strconv.Itoa(a.Skip))
		}
	}
	v, err := c.ask(ctx, r, nil)
	if err != nil {
		return entra.Page{}, err
	}
	if !v.Get("value").IsArray() {
		return entra.Page{}, errors.New("the answer has no list of " + c.list())
	}
	p := entra.Page{Link: v.Get("@odata\\.nextLink").String()}
	for _, one := range v.Get("value").Array() {
		id := one.Get("id").String()
		at, err := time.Parse(time.RFC3339Nano, one.Get("lastUpdateDateTime").String())
		if err != nil || id == "" {
			return entra.Page{}, fmt.Errorf("item %q has no id or no time of its last change", id)
		}
		p.Items = append(p.Items, entra.Item{ID: id, At: at, Raw: []byte(one.Raw)})
	}
	return p, nil
}

// edition names the evidence of an alert, or of all alerts of an incident, in whatever order.
func edition(v gjson.Result) string {
	list := proofs(v)
	for _, a := range v.Get("alerts").Array() {
		for _, p := range proofs(a) {
			list = append(list, "alert "+a.Get("id").String()+" "+p)
		}
	}
	slices.Sort(list)
	sum := sha256.Sum256([]byte(strings.Join(slices.Compact(list), "\n")))
	return hex.EncodeToString(sum[:12])
}

// proofs are the pieces of evidence of one alert; the alert itself is one, so that one without any counts, too.
func proofs(v gjson.Result) []string {
	list := []string{"id " + v.Get("id").String()}
	for _, e := range v.Get("evidence").Array() {
		var b strings.Builder
		essence(&b, e)
		list = append(list, b.String())
	}
	return list
}

// essence writes what a piece of evidence is: not how the machine is now, nor what was done about it, both of which change when an alert is
// worked on.
func essence(b *strings.Builder, v gjson.Result) {
	if !v.IsObject() {
		b.WriteString(v.Raw)
		return
	}
	fields := v.Map()
	names := make([]string, 0, len(fields))
	for name := range fields {
		switch name {
		case "remediationStatus", "remediationStatusDetails", "tags", "riskScore", "healthStatus", "onboardingStatus", "defenderAvStatus", "lastIpAddress", "lastExternalIpAddress",
			"ipInterfaces", "loggedOnUsers", "version", "osBuild", "rbacGroupId", "rbacGroupName", "vmMetadata", "resourceAccessEvents":
		default:
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		b.WriteString(name + "{")
		essence(b, fields[name])
		b.WriteString("}")
	}
}
