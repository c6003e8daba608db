// Package fault is what goes wrong with a request to a fake server: a server asks it before it does anything, and again before it
// answers. It is for tests only, and knows no product: how one refuses is handed in. Start with Fault.
package fault

import "net/http"

// Fault is what goes wrong with one request. The zero value is nothing.
type Fault uint8

// The faults.
const (
	None    Fault = iota
	Busy          // 429 that is over in two seconds; nothing was done
	Denied        // 401
	Failed        // 200 whose body is an error of the platform
	Slow          // no answer as long as anybody waits
	Cut           // it was done, and the answer ends in the middle
	HangUp        // it was done, and the connection is closed without an answer
	Portal        // a page for people, with status 200
	Echo          // 200 whose body is an error, and shows what was sent
	Endless       // far more than an answer has
)

// Refuse is how a product says no: with a status, and a body of its own shape that holds the message.
type Refuse func(w http.ResponseWriter, status int, message string)

// Before does the faults that come in place of doing anything, and tells whether it did. token is what the request came with: careless
// products show it.
func (f Fault) Before(w http.ResponseWriter, r *http.Request, token string, refuse Refuse) bool {
	switch f {
	case Busy:
		w.Header().Set("Retry-After", "2")
		refuse(w, http.StatusTooManyRequests, "Too many requests")
	case Denied:
		refuse(w, http.StatusUnauthorized, "Invalid token "+token)
	case Failed:
		refuse(w, http.StatusOK, "the asset is not configured")
	case Slow:
		<-r.Context().Done()
	case Echo:
		refuse(w, http.StatusOK, "no permission for "+token)
	case Portal:
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<!DOCTYPE html><p>Please sign in."))
	case Endless:
		w.Header().Set("Content-Type", "application/json")
		blank := make([]byte, 1<<16)
		for i := range blank {
			blank[i] = ' '
		}
		for r.Context().Err() == nil {
			if _, err := w.Write(blank); err != nil {
				return true
			}
		}
	case None, Cut, HangUp:
		return false
	}
	return true
}

// Damaged answers as a fault has it what was done all the same, and tells whether it did.
func (f Fault) Damaged(w http.ResponseWriter, body []byte) bool {
	switch f {
	case Cut:
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", "9999")
		_, _ = w.Write(body[:len(body)/2])
	case HangUp:
		panic(http.ErrAbortHandler) // how net/http is told to close the connection
	case None, Busy, Denied, Failed, Slow, Echo, Portal, Endless:
		return false
	}
	return true
}
