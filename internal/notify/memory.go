package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Memory is a file in which several processes keep what was told and what waits. The zero value keeps nothing.
type Memory struct{ Path string }

// Bounds of the memory: of what is held for each way, and how long a key counts as told.
const (
	mostHeld = 200
	again    = 24 * time.Hour
	maxFile  = 4 << 20
	stale    = 5 * time.Minute
)

// memoirs is the file's content.
type memoirs struct{ Ways map[string]*past }

// past is what one way was told.
type past struct {
	Sent []time.Time          // messages of the last hour
	Keys map[string]time.Time // told within a day
	Held []Message
}

func (m *memoirs) of(way string) *past {
	if m.Ways == nil {
		m.Ways = map[string]*past{}
	}
	if m.Ways[way] == nil {
		m.Ways[way] = &past{}
	}
	return m.Ways[way]
}

func (p *past) take() []Message {
	list := p.Held
	p.Held = nil
	return list
}

func (p *past) told(key string, now time.Time) bool {
	at, ok := p.Keys[key]
	return ok && key != "" && now.Sub(at) < again
}

func (p *past) within(from time.Time) (n int) {
	for _, at := range p.Sent {
		if at.After(from) {
			n++
		}
	}
	return n
}

func (p *past) note(list []Message, now time.Time) {
	p.Sent = append(p.Sent, now)
	if p.Keys == nil {
		p.Keys = map[string]time.Time{}
	}
	for _, m := range list {
		p.Keys[m.Key] = now
	}
}

// hold keeps what was not told, the latest, and counts what it cannot keep.
func (p *past) hold(list []Message) (lost int) {
	if lost = max(0, len(list)-mostHeld); lost > 0 {
		list = list[lost:]
	}
	p.Held = list
	return lost
}

func (m *memoirs) forget(now time.Time) {
	for _, p := range m.Ways {
		var sent []time.Time
		for _, at := range p.Sent {
			if now.Sub(at) < time.Hour {
				sent = append(sent, at)
			}
		}
		p.Sent = sent
		for key, at := range p.Keys {
			if now.Sub(at) >= again {
				delete(p.Keys, key)
			}
		}
	}
}

// with reads the memory, lets f change it and writes it back, alone among processes. f is called only with a memory that could be read.
func (m *Memory) with(ctx context.Context, now time.Time, f func(*memoirs)) (err error) {
	var all memoirs
	if m.Path == "" {
		f(&all)
		return nil
	}
	unlock, err := m.lock(ctx, now)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	st, err := os.Stat(m.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	case st.Size() > maxFile:
		return fmt.Errorf("%s is larger than %d bytes", m.Path, maxFile)
	default:
		text, err := os.ReadFile(m.Path)
		if err == nil {
			err = json.Unmarshal(text, &all)
		}
		if err != nil {
			return fmt.Errorf("reading %s: %w", m.Path, err)
		}
	}
	f(&all)
	all.forget(now)
	text, err := json.Marshal(&all)
	if err != nil {
		return err
	}
	return replace(m.Path, text)
}

func replace(path string, text []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".soc-told-")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(tmp.Name()) }() // gone once renamed
	_, err = tmp.Write(text)
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	return err
}

// lock waits for its turn. One that is older than any Flush takes was left by a process that was killed.
func (m *Memory) lock(ctx context.Context, now time.Time) (unlock func() error, err error) {
	name := m.Path + ".lock"
	for try := 0; ; try++ {
		err := os.Mkdir(name, 0o700)
		if err == nil {
			return func() error { return os.Remove(name) }, nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
		if st, err := os.Stat(name); err == nil && now.Sub(st.ModTime()) > stale {
			_ = os.Remove(name) // whoever removes it, one of those that wait makes the next
			continue
		}
		if try == 200 {
			return nil, fmt.Errorf("another process holds %s; if none runs, remove it", name)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}
