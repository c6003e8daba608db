package cmd

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/internal/drive/blocklist"
	"github.com/seed-959697dd/soc/internal/web"
)

// lists serves the block lists of the configured drivers, for firewalls that poll them: GET /NAME, nothing else.
type lists struct {
	byName map[string]*blocklist.List
	now    func() time.Time
	bearer string // empty: none is asked for
	user   string
	word   string
}

// listen begins to serve the lists at an address, and returns what ends it and a channel that tells when it ended by itself. Beyond
// loopback it wants a secret: a list tells an attacker what was noticed.
func (r *responder) listen(ctx context.Context, address string) (stop func() error, ended <-chan error, err error) {
	l := &lists{byName: map[string]*blocklist.List{}, now: r.app.Now, bearer: r.app.Env("SOC_LIST_TOKEN"), user: r.app.Env("SOC_LIST_USER"), word: r.app.Env("SOC_LIST_PASSWORD")}
	for name, d := range r.drivers {
		if b, ok := d.(*blocklist.List); ok {
			l.byName[name] = b
		}
	}
	const hint = "soc respond watch --serve 127.0.0.1:8088"
	host, _, err := net.SplitHostPort(address)
	switch {
	case err != nil:
		return nil, nil, usage(fmt.Errorf("--serve %s: no host:port", address), hint)
	case len(l.byName) == 0:
		return nil, nil, usage(errors.New("--serve: no driver of type blocklist is configured"), "in soc.yaml: drivers: {edge: {type: blocklist, path: FILE, actions: [block-ip]}}")
	case (l.user == "") != (l.word == ""):
		return nil, nil, usage(errors.New("--serve: SOC_LIST_USER and SOC_LIST_PASSWORD belong together"), "export SOC_LIST_PASSWORD=...")
	}
	if a, err := netip.ParseAddr(host); host != "localhost" && (err != nil || !a.IsLoopback()) && l.bearer == "" && l.word == "" {
		return nil, nil, usage(fmt.Errorf("--serve %s: others than this machine read lists with a secret only", address), "export SOC_LIST_TOKEN=...")
	}
	in, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, nil, fmt.Errorf("--serve: %w", err)
	}
	s := &http.Server{Handler: l, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10, ErrorLog: web.ErrorLog(r.app.serverLog("lists"))}
	gone, over := make(chan error, 1), make(chan struct{})
	go func() {
		defer close(over)
		if err := s.Serve(in); !errors.Is(err, http.ErrServerClosed) {
			gone <- fmt.Errorf("serving the lists: %w", err)
		}
	}()
	fmt.Fprintf(r.app.IO.Err, "soc: lists at http://%s/: %s\n", in.Addr(), strings.Join(slices.Sorted(maps.Keys(l.byName)), ", "))
	return func() error {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		err := s.Shutdown(ctx)
		<-over
		return err
	}, gone, nil
}

func (l *lists) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-cache") // ask again, and be told that nothing changed
	list, ok := l.byName[strings.TrimPrefix(r.URL.Path, "/")]
	switch {
	case !l.admits(r):
		w.Header().Set("WWW-Authenticate", `Basic realm="soc lists", charset="UTF-8"`)
		http.Error(w, "a secret is needed", http.StatusUnauthorized)
		return
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "lists are read", http.StatusMethodNotAllowed)
		return
	case !ok:
		http.Error(w, "no such list", http.StatusNotFound)
		return
	}
	changed, err := list.Changed() // before the text: what is written in between is newer than it says
	text, rerr := list.Text()
	if err = errors.Join(err, rerr); err != nil { // an empty list would release everything
		http.Error(w, "the list cannot be read", http.StatusServiceUnavailable)
		return
	}
	sum := sha256.Sum256([]byte(text))
	w.Header().Set("ETag", `"`+hex.EncodeToString(sum[:16])+`"`)
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	http.ServeContent(w, r, "", settled(changed, l.now()), strings.NewReader(text))
}

// settled is the time of a change as a header can say it: in whole seconds, upwards, and one more for the file that is written beside and
// renamed. Until that time is over there is none, and whoever asks by time gets the list: it may change once more within the second.
func settled(changed, now time.Time) time.Time {
	at := changed.Truncate(time.Second).Add(2 * time.Second)
	if changed.IsZero() || now.Before(at) {
		return time.Time{}
	}
	return at
}

// admits compares secrets in constant time.
func (l *lists) admits(r *http.Request) bool {
	if l.bearer == "" && l.word == "" {
		return true
	}
	same := func(a, b string) bool { return b != "" && subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
	bearer, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	user, word, _ := r.BasicAuth()
	known, right := same(user, l.user), same(word, l.word)
	return same(bearer, l.bearer) || known && right
}
