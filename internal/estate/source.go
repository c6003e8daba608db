package estate

import (
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// every is how often files are asked whether they changed, and retry how soon one that could not be read is tried again when it did not:
// permissions leave no trace in a file's time.
const (
	every = 2 * time.Second
	retry = time.Minute
)

// Source keeps an estate up to date with its files. It is safe for concurrent use.
type Source struct {
	settings Settings
	now      atomic.Pointer[state]
	next     atomic.Int64 // when to ask the files again, in nanoseconds since 1970
	reading  sync.Mutex
}

// state is one reading. It does not change.
type state struct {
	estate *Estate
	err    error // what the last reading could not read
	stamps []stamp
	read   int64 // when, in nanoseconds since 1970; 0 for the first
}

// stamp tells whether a file is the one that was read.
type stamp struct {
	size  int64
	mtime time.Time
}

// Open reads the estate. As with Load, what could be read is there even when err tells what could not.
func Open(s Settings) (*Source, error) {
	src := &Source{settings: s}
	stamps := src.stamps()
	e, err := Load(s)
	src.now.Store(&state{estate: e, err: err, stamps: stamps})
	return src, err
}

// Current returns the estate as of now: at most every two seconds it asks whether a file's size or time changed, and rereads all of
// them when one did. A file that became unreadable changes nothing: the estate stays the last that was read whole, and err, to be
// shown as a gap, tells why until the file is mended. The caller that finds a change waits for the reading, others do not.
func (src *Source) Current(now time.Time) (*Estate, error) {
	t := now.UnixNano()
	if t >= src.next.Load() && src.reading.TryLock() {
		if t >= src.next.Load() {
			src.refresh(t)
			src.next.Store(t + int64(every))
		}
		src.reading.Unlock()
	}
	s := src.now.Load()
	return s.estate, s.err
}

func (src *Source) refresh(now int64) {
	old := src.now.Load()
	stamps := src.stamps()
	if same(stamps, old.stamps) && (old.err == nil || now-old.read < int64(retry)) {
		return
	}
	e, err := Load(src.settings)
	if err != nil {
		e = old.estate
	}
	src.now.Store(&state{e, err, stamps, now})
}

func (src *Source) stamps() []stamp {
	var list []stamp
	add := func(path string) {
		var s stamp
		if info, err := os.Stat(path); err == nil {
			s = stamp{info.Size(), info.ModTime()}
		}
		list = append(list, s) // of a file that is not there, a stamp that no file has
	}
	for _, f := range src.settings.Assets {
		add(f.Path)
	}
	for _, f := range src.settings.Identities {
		add(f.Path)
	}
	return list
}

func same(a, b []stamp) bool {
	for i := range a {
		if a[i].size != b[i].size || !a[i].mtime.Equal(b[i].mtime) {
			return false
		}
	}
	return true
}
