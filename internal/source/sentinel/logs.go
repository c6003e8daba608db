package sentinel

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/kql"
	"github.com/seed-959697dd/soc/internal/web"
	"github.com/seed-959697dd/soc/investigate"
)

// Search implements investigate.Source over the workspace's tables.
func (c *Client) Search(ctx context.Context, q investigate.Query, found func(*alert.Alert) error) (investigate.Answer, error) {
	if c.set.WorkspaceID == "" || c.set.Formats == nil {
		gap := alert.Gap{Source: c.set.Name, Class: alert.Unconfigured, Reason: "no table was asked: workspace_id, the workspace's own id, is not set"}
		return investigate.Answer{Counts: make([]int64, len(q.Terms)), Gaps: []alert.Gap{gap}}, ctx.Err()
	}
	return c.tables.Search(ctx, q, found)
}

// mostWait is how long the service lets a query run at most.
const mostWait = 10 * time.Minute

// query asks the workspace. An answer that holds an error beside its rows is not whole, though its status is 200.
func (c *Client) query(ctx context.Context, text string, from, to time.Time) (kql.Result, error) {
	v, _, err := c.logs.Do(ctx, web.Request{
		Method: http.MethodPost, Path: []string{"v1", "workspaces", c.set.WorkspaceID, "query"}, Repeatable: true, Header: map[string]string{"Prefer": "wait=" + strconv.Itoa(int(min(c.wait-c.wait/10, mostWait)/time.Second))},
	}, map[string]string{"query": text, "timespan": kql.Span(from, to)})
	if err != nil {
		return kql.Result{}, err
	}
	t := v.Get("tables.0")
	if !t.Get("columns").IsArray() || !t.Get("rows").IsArray() {
		return kql.Result{}, errors.New("the answer to a query has no table")
	}
	r := kql.Result{Fault: fault(v.Get("error"))}
	var names []string
	for _, col := range t.Get("columns").Array() {
		names = append(names, col.Get("name").String())
	}
	for _, row := range t.Get("rows").Array() {
		r.Rows = append(r.Rows, object(names, row.Array()))
	}
	return r, nil
}

// fault is what the service says is missing, with its details.
func fault(e gjson.Result) string {
	if !e.Exists() {
		return ""
	}
	parts := []string{e.Get("code").String(), e.Get("message").String()}
	for _, d := range e.Get("details").Array() {
		parts = append(parts, d.Get("message").String())
	}
	return "the answer is partial: " + strings.Join(parts, ": ")
}

// object makes a record of a row. What is null or an empty text says nothing and is left out.
func object(names []string, values []gjson.Result) []byte {
	out := []byte{'{'}
	for i, v := range values {
		if i >= len(names) || v.Type == gjson.Null || v.Type == gjson.String && v.Str == "" {
			continue
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		name, _ := json.Marshal(names[i]) // a text
		out = append(append(append(out, name...), ':'), v.Raw...)
	}
	return append(out, '}')
}
