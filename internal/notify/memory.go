package notify

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/seed-959697dd/soc/internal/lock"
)

// Memory is a file in which several processes keep what was told and what waits. The zero value forgets with the process.
type Memory struct {
	Path string

	kept *memoirs // what the file does not have
}

// Bounds of the memory: of what is held and known as told for each way, how long a key counts as told, and the file, in bytes.
const (
	mostHeld = 200
	mostKeys = 10_000
	again    = 24 * time.Hour
	maxFile  = 8 << 20
)

// memoirs is the file's content.
type memoirs struct{ Ways map[string]*past }

// past is what one way was told.
type past struct {
	Sent []time.Time          // messages of the last hour
	Keys map[string]time.Time // told within a day
	Held []Message
	More map[string]int `json:",omitempty"` // what waits and was too much to hold, by what it is about
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

func (p *past) take() (list []Message, more map[string]int) {
	list, more = p.Held, p.More
	p.Held, p.More = nil, nil
	return list, more
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
		if m.Key != "" {
			p.Keys[m.Key] = now
		}
	}
	p.fewer(mostKeys)
}

// fewer drops the keys told longest ago.
func (p *past) fewer(most int) {
	if len(p.Keys) <= most {
		return
	}
	oldest := slices.SortedFunc(maps.Keys(p.Keys), func(a, b string) int {
		return cmp.Or(p.Keys[a].Compare(p.Keys[b]), cmp.Compare(a, b))
	})
	for _, key := range oldest[:len(oldest)-most] {
		delete(p.Keys, key)
	}
}

// hold keeps what was not told, the latest, and counts the rest.
func (p *past) hold(list []Message, more map[string]int, most int) (lost int) {
	p.More = maps.Clone(more)
	if lost = max(0, len(list)-most); lost > 0 {
		if p.More == nil {
			p.More = map[string]int{}
		}
		for _, m := range list[:lost] {
			p.More[m.On]++
		}
		list = list[lost:]
	}
	p.Held = list
	return lost
}

func (m *memoirs) forget(now time.Time) {
	for way, p := range m.Ways {
		if p == nil {
			delete(m.Ways, way)
			continue
		}
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
		if len(p.Sent)+len(p.Keys)+len(p.Held)+len(p.More) == 0 {
			delete(m.Ways, way)
		}
	}
}

// with reads the memory, lets f change it and writes it back, alone among processes. What cannot be written stays with the process. A file
// that cannot be made sense of is begun anew: gap says so. Without an error f was called.
func (m *Memory) with(ctx context.Context, now time.Time, f func(*memoirs)) (gap, err error) {
	if m.Path == "" {
		if m.kept == nil {
			m.kept = &memoirs{}
		}
		f(m.kept)
		m.kept.forget(now)
		return nil, nil
	}
	unlock, err := lock.Take(ctx, m.Path+".lock")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	all := m.kept
	if all == nil {
		if all, gap, err = read(m.Path); err != nil {
			return nil, err
		}
	}
	f(all)
	all.forget(now)
	m.kept = all
	text, err := all.text()
	if err == nil {
		err = replace(m.Path, text)
	}
	if err != nil {
		return errors.Join(gap, fmt.Errorf("what was told and what waits is kept by this process alone: %w", err)), nil
	}
	m.kept = nil
	return gap, nil
}

// read tells a file that is not there or makes no sense, which is begun anew, from one that cannot be read.
func read(path string) (all *memoirs, gap, err error) {
	all = &memoirs{}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return all, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, nil, err
	}
	if len(text) > maxFile {
		gap = fmt.Errorf("%s is larger than %d bytes", path, maxFile)
	} else if err := json.Unmarshal(text, all); err != nil {
		gap = fmt.Errorf("reading %s: %w", path, err)
	}
	if gap != nil {
		return &memoirs{}, fmt.Errorf("%w; it is begun anew: what waited is lost, and something may be told twice", gap), nil
	}
	return all, nil, nil
}

// text is the file's content, with less in it when it would be too large to be read again.
func (m *memoirs) text() ([]byte, error) {
	for most := mostKeys; ; most /= 2 {
		text, err := json.Marshal(m)
		if err != nil || len(text) <= maxFile {
			return text, err
		}
		if most == 0 {
			return nil, fmt.Errorf("it is larger than %d bytes", maxFile)
		}
		for _, p := range m.Ways {
			p.fewer(most / 2)
			p.hold(p.Held, p.More, min(mostHeld, most/100))
		}
	}
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
