package sentinel

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/internal/fake/entra"
	"github.com/seed-959697dd/soc/internal/fake/kusto"
)

// query answers the workspace's query endpoint. An answer that is cut says so beside the rows, with status 200.
func (s *Server) query(r entra.Request) entra.Answer {
	s.queries++
	var q struct{ Query, Timespan string }
	if r.Method != http.MethodPost || json.Unmarshal([]byte(r.Body), &q) != nil {
		return entra.Refuse(http.StatusBadRequest, "BadArgumentError", "The request had some invalid properties")
	}
	if s.Query != nil {
		if a, ok := s.Query(s.queries, q.Query); ok {
			return a
		}
	}
	if !s.Logs {
		return entra.Refuse(http.StatusForbidden, "InsufficientAccessError", "The provided credentials have insufficient access to perform the requested operation")
	}
	db := kusto.Database{}
	from, to := span(q.Timespan)
	for name, t := range s.Tables {
		db[name] = t.Reach("TimeGenerated", from, to)
	}
	out, err := db.Query(q.Query)
	if err != nil {
		a := entra.Refuse(http.StatusBadRequest, "BadArgumentError", "The request had some invalid properties")
		code, text, _ := strings.Cut(strings.TrimPrefix(err.Error(), kusto.ErrQuery.Error()+": "), ": ")
		a.Doc.(map[string]any)["error"].(map[string]any)["innererror"] = map[string]any{
			"code": "SemanticError", "message": "A semantic error occurred.", "innererror": map[string]any{"code": code, "message": text},
		}
		return a
	}
	doc := map[string]any{}
	if s.Rows > 0 && len(out.Rows) > s.Rows {
		out.Rows = out.Rows[:s.Rows]
		doc["error"] = map[string]any{
			"code": "PartialError", "message": "There were some errors when processing your query.",
			"details": []any{map[string]any{"code": "EngineError", "message": "Query result set has exceeded the internal record count limit"}},
		}
	}
	doc["tables"] = []any{table(out)}
	return entra.Answer{Status: http.StatusOK, Doc: doc}
}

func span(text string) (from, to time.Time) {
	a, b, _ := strings.Cut(text, "/")
	from, _ = time.Parse(time.RFC3339Nano, a) // no timespan is an open one
	to, _ = time.Parse(time.RFC3339Nano, b)
	return from, to
}

func table(t *kusto.Table) map[string]any {
	columns, rows := []any{}, []any{}
	for _, c := range t.Columns {
		columns = append(columns, map[string]any{"name": c.Name, "type": c.Type})
	}
	for _, row := range t.Rows {
		line := make([]any, len(t.Columns))
		for i, c := range t.Columns {
			line[i] = row[c.Name]
		}
		rows = append(rows, line)
	}
	return map[string]any{"name": "PrimaryResult", "columns": columns, "rows": rows}
}
