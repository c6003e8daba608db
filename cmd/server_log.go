package cmd

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"

	"github.com/seed-959697dd/soc/internal/term"
)

// serverLog is where a server says what goes wrong with connections: on stderr, each thing once and then when it has happened ten times, a
// hundred times and so on, whoever connects. What strangers send goes through term.Clean.
type serverLog struct {
	app  *app
	name string

	mu    sync.Mutex
	times map[string]int
}

// mostSayings bounds how many different things are told apart.
const mostSayings = 100

// peer is who connected, which differs each time.
var peer = regexp.MustCompile(`(\[[0-9a-fA-F:.%a-z]+\]|[0-9]+\.[0-9.]+):[0-9]+`)

// serverLog makes a log for a server.
func (a *app) serverLog(name string) io.Writer {
	return &serverLog{app: a, name: name, times: map[string]int{}}
}

// Write implements io.Writer: one call is one message, and some of them, after a panic, have many lines.
func (l *serverLog) Write(p []byte) (int, error) {
	text := strings.TrimPrefix(strings.Join(strings.Fields(string(p)), " "), "http: ")
	key := peer.ReplaceAllString(text, "ADDRESS")
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, known := l.times[key]; !known && len(l.times) >= mostSayings {
		key, text = "", "other trouble with connections"
	}
	l.times[key]++
	if n := l.times[key]; n == 1 {
		fmt.Fprintf(l.app.IO.Err, "soc: %s: %s\n", term.Clean(l.name), term.Clean(text))
	} else if powerOfTen(n) {
		fmt.Fprintf(l.app.IO.Err, "soc: %s: %d times by now: %s\n", term.Clean(l.name), n, term.Clean(text))
	}
	return len(p), nil
}

func powerOfTen(n int) bool {
	for n%10 == 0 && n > 0 {
		n /= 10
	}
	return n == 1
}
