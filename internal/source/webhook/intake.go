package webhook

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/alert/stream"
	"github.com/seed-959697dd/soc/internal/web"
)

// intake answers while a feed lasts.
type intake struct {
	*Hook
	found  func(alert.Fed) error
	one    sync.Mutex // found is called by one at a time
	crowd  *crowd
	room   chan struct{} // of what is being kept
	broken chan error    // the first error of found
}

func (in *intake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", "POST")
		refuse(w, "alerts are posted", http.StatusMethodNotAllowed)
		return
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err == nil && strings.HasPrefix(kind, "multipart/") {
		refuse(w, "alerts are posted as they are, not as a form", http.StatusUnsupportedMediaType)
		return
	}
	known, why := in.admits(r) // before anything is read
	if why != "" {
		w.Header().Set("WWW-Authenticate", "Bearer")
		refuse(w, why, http.StatusUnauthorized)
		return
	}
	if r.ContentLength > in.set.Body {
		refuse(w, fmt.Sprintf("more than %d bytes", in.set.Body), http.StatusRequestEntityTooLarge)
		return
	}
	address := addressOf(r)
	if known {
		address = "" // who has the token may send as much as there is room for
	}
	leave, ok := in.crowd.enter(address)
	if !ok {
		w.Header().Set("Connection", "close") // else the answer waits for the body
		later(w, "too many at a time")
		return
	}
	body, free, err := in.read(w, r)
	leave()
	defer free()
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &long):
		refuse(w, fmt.Sprintf("more than %d bytes", in.set.Body), http.StatusRequestEntityTooLarge)
	case errors.Is(err, errFull):
		w.Header().Set("Connection", "close")
		later(w, errFull.Error())
	case errors.Is(err, errSlow):
		refuse(w, errSlow.Error(), http.StatusRequestTimeout)
	case err != nil:
		refuse(w, "the body ended early", http.StatusBadRequest)
	case len(bytes.TrimSpace(body)) == 0:
		http.Error(w, "an empty body", http.StatusBadRequest)
	default:
		in.take(w, r, body, known)
	}
}

// refuse answers without reading on.
func refuse(w http.ResponseWriter, why string, status int) {
	w.Header().Set("Connection", "close")
	http.Error(w, why, status)
}

// admits tells whether a request comes with the token, or else why it cannot be signed.
func (in *intake) admits(r *http.Request) (known bool, why string) {
	switch {
	case in.knows(r):
		return true, ""
	case in.set.Key.Reveal() == "" || r.Header.Get("Soc-Signature") == "":
		return false, "a token or a signature is needed"
	}
	if err := web.Claims(in.set.Now(), r.Header); err != nil {
		return false, strings.TrimPrefix(err.Error(), "web: ")
	}
	return false, ""
}

// take checks a signature and keeps what is in a body.
func (in *intake) take(w http.ResponseWriter, r *http.Request, body []byte, known bool) {
	signature := ""
	if !known {
		if err := web.Verify(in.set.Key, in.set.Now(), r.Header, body); err != nil {
			http.Error(w, strings.TrimPrefix(err.Error(), "web: "), http.StatusUnauthorized)
			return
		}
		signature = r.Header.Get("Soc-Signature")
		if in.taken(signature) {
			w.WriteHeader(http.StatusAccepted)
			return
		}
	}
	select {
	case in.room <- struct{}{}:
		defer func() { <-in.room }()
	default:
		later(w, "too many at a time")
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), in.set.Wait)
	defer cancel()
	if err := in.keep(ctx, body); err != nil {
		later(w, "it could not be kept: send it again")
		return
	}
	if signature != "" {
		in.remember(signature)
	}
	w.WriteHeader(http.StatusAccepted)
}

func later(w http.ResponseWriter, why string) {
	w.Header().Set("Retry-After", "5")
	http.Error(w, why, http.StatusServiceUnavailable)
}

// knows compares the token in constant time.
func (in *intake) knows(r *http.Request) bool {
	said, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	want := in.set.Token.Reveal()
	return ok && want != "" && subtle.ConstantTimeCompare([]byte(said), []byte(want)) == 1
}

// taken tells whether a body with this signature was kept.
func (in *intake) taken(signature string) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	_, ok := in.seen[signature]
	return ok
}

// rememberFor is longer than any signature is good for.
const rememberFor = 11 * time.Minute

func (in *intake) remember(signature string) {
	in.mu.Lock()
	defer in.mu.Unlock()
	now := in.set.Now()
	for s, at := range in.seen {
		if now.Sub(at) > rememberFor {
			delete(in.seen, s)
		}
	}
	in.seen[signature] = now
}

// keep cuts a body into records, hands them over and waits until all of them are on disk.
func (in *intake) keep(ctx context.Context, body []byte) error {
	var feds []alert.Fed
	src := stream.Source{Name: "body", Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }}
	err := stream.Read(ctx, src, in.set.Limits, func(b stream.Batch) error {
		for i := range b.Records {
			feds = append(feds, fed(b.Records[i].Raw, b.Records[i].View, ""))
		}
		for i := range b.Rejects {
			feds = append(feds, fed(b.Rejects[i].Raw, nil, b.Rejects[i].Reason))
		}
		for _, g := range b.Gaps {
			feds = append(feds, alert.Fed{Gaps: []alert.Gap{{Class: alert.Partial, Reason: "a body was not read to its end: " + g.Reason}}})
		}
		b.Done()
		return nil
	})
	if err != nil {
		return err
	}
	kept := make(chan error, len(feds))
	for i := range feds {
		feds[i].Kept = func(err error) { kept <- err }
		if err := in.hand(feds[i]); err != nil {
			return err
		}
	}
	for range feds {
		select {
		case err := <-kept:
			if err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// hand hands one over. An error of found ends the feed.
func (in *intake) hand(f alert.Fed) error {
	in.one.Lock()
	defer in.one.Unlock()
	err := in.found(f)
	if err != nil {
		select {
		case in.broken <- err:
		default:
		}
	}
	return err
}

// fed copies a record: a batch's memory is lent.
func fed(raw, view []byte, fault string) alert.Fed {
	sum := sha256.Sum256(raw)
	name := hex.EncodeToString(sum[:16])
	f := alert.Fed{Pulled: alert.Pulled{Raw: bytes.Clone(raw), Item: name, Edition: name}, Fault: fault}
	if view != nil {
		f.View = bytes.Clone(view)
	}
	return f
}

func inUse(err error) bool { return errors.Is(err, syscall.EADDRINUSE) }
