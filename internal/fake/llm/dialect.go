package llm

import (
	"encoding/json"
	"net/http"
	"strings"
)

// Dialect is whose chat completions a server speaks: what it demands of a request, and what it makes of one.
type Dialect string

// The dialects. The zero value is OpenAI's own, under any path.
const (
	// Azure wants the deployment in the path, api-version in the query and the key as api-key.
	// Source: https://learn.microsoft.com/azure/ai-services/openai/reference.
	Azure Dialect = "azure"
	// Anthropic answers at /v1/chat/completions and holds nobody to a schema: the answer stands in a Markdown fence, as models like it.
	// Source: https://docs.anthropic.com/en/api/openai-sdk.
	Anthropic Dialect = "anthropic"
	// Gemini answers below /v1beta/openai and refuses a member that it does not know in a list of errors.
	// Source: https://ai.google.dev/gemini-api/docs/openai.
	Gemini Dialect = "gemini"
)

// demands answers a request that the dialect does not take, and says whether it did.
func (s *Server) demands(w http.ResponseWriter, r *http.Request, body []byte) bool {
	switch s.Dialect {
	case Azure:
		switch {
		case r.URL.Path != "/openai/deployments/"+s.Model+"/chat/completions" || r.URL.Query().Get("api-version") == "":
			answer(w, http.StatusNotFound, object{"error": object{"code": "404", "message": "Resource not found"}})
		case r.Header.Get("Api-Key") != s.Key || r.Header.Get("Authorization") != "":
			answer(w, http.StatusUnauthorized, object{"error": object{"code": "401", "message": "Access denied due to invalid subscription key or wrong API endpoint."}})
		default:
			return false
		}
		return true
	case Anthropic:
		if r.URL.Path == "/v1/chat/completions" {
			return false
		}
		answer(w, http.StatusNotFound, object{"type": "error", "error": object{"type": "not_found_error", "message": "Not found"}})
		return true
	case Gemini:
		var sent map[string]json.RawMessage
		switch {
		case !strings.HasPrefix(r.URL.Path, "/v1beta/openai/"):
			http.NotFound(w, r)
		case json.Unmarshal(body, &sent) == nil && sent["seed"] != nil:
			answer(w, http.StatusBadRequest, []object{{"error": object{
				"code": http.StatusBadRequest, "message": `Invalid JSON payload received. Unknown name "seed": Cannot find field.`, "status": "INVALID_ARGUMENT",
			}}})
		default:
			return false
		}
		return true
	}
	return false
}
