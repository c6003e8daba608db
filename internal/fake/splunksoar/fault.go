package splunksoar

import (
	"net/http"
)

// Fault is what goes wrong with one request. The zero value is nothing.
type Fault uint8

// The faults.
const (
	None    Fault = iota
	Busy          // 429 that is over in two seconds; nothing was done
	Denied        // 401
	Failed        // 200 whose body says failed
	Slow          // no answer as long as anybody waits
	Cut           // it was done, and the answer ends in the middle
	HangUp        // it was done, and the connection is closed without an answer
	Portal        // a page for people, with status 200
	Echo          // 200 whose body says failed, and shows what was sent
	Endless       // far more than an answer has
)

// before does the faults that come in place of doing anything.
func (f Fault) before(w http.ResponseWriter, r *http.Request) bool {
	switch f {
	case Busy:
		w.Header().Set("Retry-After", "2")
		refuse(w, http.StatusTooManyRequests, "Too many requests")
	case Denied:
		refuse(w, http.StatusUnauthorized, "Invalid token "+r.Header.Get("ph-auth-token"))
	case Failed:
		refuse(w, http.StatusOK, "the asset is not configured")
	case Slow:
		<-r.Context().Done()
	case Echo:
		refuse(w, http.StatusOK, "no permission for "+r.Header.Get("ph-auth-token"))
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

// damaged answers as a fault has it what was done all the same.
func (f Fault) damaged(w http.ResponseWriter, body []byte) bool {
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
