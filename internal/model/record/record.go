// Package record keeps what a model answered, and answers with it again: Recorder stands before a prompt.Model and writes each answer
// to a file, Player is a prompt.Model that has nothing but such files. With them a run can be repeated without the model, to the byte.
//
// A file holds the name of the question (prompt.Key), the model's name and the answer. What was sent is not kept, nor who was asked, nor
// with which key. The answer is as the model gave it: in pseudonyms when the question was, in plain names when a local model was
// asked plainly. The files are the user's alone, like a casebook. This is no cache: it answers no question that it was not asked
// to replay. Start with Record, Replay and ErrMiss.
package record

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/seed-959697dd/soc/internal/prompt"
)

// What can be wrong with a recording, for errors.Is.
var (
	ErrMiss    = errors.New("no answer to this question was recorded")
	ErrDamaged = errors.New("no recorded answer")
)

const (
	kind    = "model-answer"
	version = 1
	most    = 4 << 20 // bytes of a file
)

// page is what a file holds.
type page struct {
	Kind    string        `json:"kind"`
	Version int           `json:"version"`
	Model   string        `json:"model"`
	Key     string        `json:"key"`
	Answer  prompt.Answer `json:"answer"`
}

// Recorder is a prompt.Model.
type Recorder struct {
	inner prompt.Model
	dir   string
}

// Record stands before inner and keeps its answers in dir, which it makes.
func Record(inner prompt.Model, dir string) (*Recorder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("recording model %s: %w", inner.Name(), err)
	}
	return &Recorder{inner, dir}, nil
}

// Name implements prompt.Model.
func (r *Recorder) Name() string { return r.inner.Name() }

// Chat implements prompt.Model. An answer that cannot be kept is an error: a recording with holes would not repeat the run. The last
// answer to a question counts. Errors of the model are not kept; replayed, they are misses, and a gap either way.
func (r *Recorder) Chat(ctx context.Context, q prompt.Request) (prompt.Answer, error) {
	a, err := r.inner.Chat(ctx, q)
	if err != nil {
		return a, err
	}
	if err := r.keep(q.Key, a); err != nil {
		return prompt.Answer{}, fmt.Errorf("recording model %s: %w", r.Name(), err)
	}
	return a, nil
}

// keep writes beside and moves, so that no reader finds half a file.
func (r *Recorder) keep(key prompt.Key, a prompt.Answer) error {
	if key == (prompt.Key{}) {
		return errors.New("the question has no name")
	}
	b, err := json.Marshal(page{kind, version, r.Name(), key.String(), a})
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(r.dir, ".new-*") // mode 0600
	if err != nil {
		return err
	}
	_, err = f.Write(append(b, '\n'))
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), filepath.Join(r.dir, file(r.Name(), key)))
	}
	if err != nil {
		_ = os.Remove(f.Name()) // what could not be written is no loss
	}
	return err
}

// Player is a prompt.Model.
type Player struct {
	name string
	dir  string
}

// Replay answers for the model of this name with what was recorded in dir.
func Replay(name, dir string) (*Player, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, fmt.Errorf("replaying model %s: %w", name, err)
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("replaying model %s: %s is no directory", name, dir)
	}
	return &Player{name, dir}, nil
}

// Name implements prompt.Model.
func (p *Player) Name() string { return p.name }

// Chat implements prompt.Model. Errors: ErrMiss, ErrDamaged, and those of reading a file.
func (p *Player) Chat(ctx context.Context, q prompt.Request) (prompt.Answer, error) {
	if err := ctx.Err(); err != nil {
		return prompt.Answer{}, context.Cause(ctx)
	}
	a, err := p.find(q.Key)
	if err != nil {
		return prompt.Answer{}, fmt.Errorf("replaying model %s: %w", p.name, err)
	}
	return a, nil
}

func (p *Player) find(key prompt.Key) (prompt.Answer, error) {
	name := file(p.name, key)
	f, err := os.Open(filepath.Join(p.dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return prompt.Answer{}, ErrMiss
	}
	if err != nil {
		return prompt.Answer{}, err
	}
	defer func() { _ = f.Close() }()
	b, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return prompt.Answer{}, fmt.Errorf("%s: %w", name, err)
	}
	var got page
	switch err := json.Unmarshal(b, &got); {
	case len(b) > most:
		return prompt.Answer{}, fmt.Errorf("%s: %w: more than %d bytes", name, ErrDamaged, most)
	case err != nil:
		return prompt.Answer{}, fmt.Errorf("%s: %w: %w", name, ErrDamaged, err)
	case got.Kind != kind || got.Version != version:
		return prompt.Answer{}, fmt.Errorf("%s: %w: kind %q, version %d", name, ErrDamaged, got.Kind, got.Version)
	case got.Model != p.name || got.Key != key.String():
		return prompt.Answer{}, fmt.Errorf("%s: %w: it is about another question", name, ErrDamaged)
	}
	return got.Answer, nil
}

// file is the name of a question's file. The model's name is hashed with it: it may hold what no file name can.
func file(model string, key prompt.Key) string {
	h := sha256.New()
	_, _ = h.Write(key[:])
	_, _ = io.WriteString(h, model)
	return hex.EncodeToString(h.Sum(nil)) + ".json"
}
