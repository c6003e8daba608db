package abuseipdb

import (
	"io"
	"net/http"
	"strconv"
	"strings"
)

// Fault is what goes wrong with one request. The zero value is nothing.
type Fault uint8

// The faults.
const (
	None        Fault = iota
	Busy              // 429 that is over in two seconds
	Unavailable       // 503
	Broken            // 500
	Forbidden         // 403
	Slow              // no answer as long as anybody waits
	Cut               // the answer ends in the middle
	HangUp            // the connection is closed without an answer
	Portal            // a page for people, with status 200
	Elsewhere         // a redirect to another host
	Rubbish           // JSON of another shape
	Endless           // far more than an answer has
	Echo              // 500 with all that was sent
)

// strike does the fault in place of an answer; it returns false when there is none.
func (f Fault) strike(w http.ResponseWriter, r *http.Request) bool {
	switch f {
	case Busy:
		w.Header().Set("Retry-After", "2")
		refuse(w, r, http.StatusTooManyRequests, "Too many requests.", "")
	case Unavailable:
		refuse(w, r, http.StatusServiceUnavailable, "The service is down for maintenance.", "")
	case Broken:
		refuse(w, r, http.StatusInternalServerError, "Server error.", "")
	case Forbidden:
		refuse(w, r, http.StatusForbidden, "This endpoint is not part of the plan.", "")
	case Slow:
		<-r.Context().Done()
	case Cut:
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", "900")
		_, _ = w.Write([]byte(`{"data":{"ipAddress":"203.0.113.9","abuseConfidenceScore":0,"totalRep`))
	case HangUp:
		panic(http.ErrAbortHandler) // how net/http is told to close the connection
	case Portal:
		page(w, http.StatusOK, "Please sign in to use the network.")
	case Elsewhere:
		http.Redirect(w, r, "https://portal.example/?from="+r.Header.Get("Key"), http.StatusFound)
	case Rubbish:
		answer(w, http.StatusOK, map[string]any{"data": map[string]string{"status": "ok"}})
	case Endless:
		endless(w, r)
	case Echo:
		refuse(w, r, http.StatusInternalServerError, "Key "+strconv.Quote(r.Header.Get("Key"))+" at "+r.URL.String(), "")
	case None:
		return false
	default:
		return false
	}
	return true
}

// endless writes JSON's white space until the other side has enough.
func endless(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	for r.Context().Err() == nil {
		if _, err := io.WriteString(w, strings.Repeat(" ", 1<<16)); err != nil {
			return
		}
	}
}
