package record_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/seed-959697dd/soc/internal/model/record"
	"github.com/seed-959697dd/soc/internal/prompt"
)

// parrot answers with what the alert says; an empty one fails.
type parrot struct{ name string }

func (p parrot) Name() string { return p.name }

func (parrot) Chat(_ context.Context, q prompt.Request) (prompt.Answer, error) {
	if q.Alert == "" {
		return prompt.Answer{}, errors.New("nothing to say")
	}
	return prompt.Answer{Text: q.Alert, TokensIn: 3, TokensOut: 1, Finish: "stop", Truncated: strings.HasSuffix(q.Alert, "-")}, nil
}

func ask(t *testing.T, m prompt.Model, n byte, alert string) (prompt.Answer, error) {
	t.Helper()
	return m.Chat(t.Context(), prompt.Request{System: "canary", Shared: "key sk-8f1d", Alert: alert, Key: prompt.Key{1, n}})
}

// TestWhatWasRecordedIsAnswered, to the letter, and nothing else is.
func TestWhatWasRecordedIsAnswered(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new", "answers")
	odd := "llama3.1:8b/../é\x1b"
	rec, err := record.Record(parrot{odd}, dir)
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{"", "first", "\x1b[31m\u202e<&>\"\\", "cut-"}
	var wg sync.WaitGroup
	for i, text := range texts {
		wg.Go(func() {
			if _, err := ask(t, rec, byte(i), text); (err == nil) != (text != "") {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if _, err := ask(t, rec, 1, "second"); err != nil { // the last counts
		t.Fatal(err)
	}
	texts[1] = "second"
	play, err := record.Replay(odd, dir)
	if err != nil {
		t.Fatal(err)
	}
	for i, text := range texts {
		a, err := ask(t, play, byte(i), "whatever")
		if text == "" {
			if !errors.Is(err, record.ErrMiss) {
				t.Errorf("a question that failed: %v", err)
			}
			continue
		}
		if want, _ := ask(t, parrot{}, 0, text); err != nil || a != want {
			t.Errorf("%+v %v", a, err)
		}
	}
	other, err := record.Replay("another", dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ask(t, other, 1, ""); !errors.Is(err, record.ErrMiss) {
		t.Errorf("another model's answer: %v", err)
	}
	if play.Name() != odd || rec.Name() != odd {
		t.Error(play.Name(), rec.Name())
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 3 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil || strings.Contains(string(b), "sk-8f1d") || strings.Contains(string(b), "canary") {
			t.Errorf("%s %v", b, err)
		}
		if info, err := f.Info(); err != nil || info.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/' {
			t.Errorf("%v %v", info.Mode(), err)
		}
	}
}

// TestDamagedRecordings are told from missing ones, and none is answered with.
func TestDamagedRecordings(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(map[string]any){
		"another kind":        func(m map[string]any) { m["kind"] = "verdict" },
		"a later version":     func(m map[string]any) { m["version"] = 2 },
		"another model's":     func(m map[string]any) { m["model"] = "b" },
		"another question's":  func(m map[string]any) { m["key"] = "00" },
		"an answer of a list": func(m map[string]any) { m["answer"] = []int{1} },
		"far too much":        func(m map[string]any) { m["more"] = strings.Repeat("x", 5<<20) },
		"cut off":             nil,
	} {
		dir := t.TempDir()
		rec, err := record.Record(parrot{"a"}, dir)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ask(t, rec, 1, "x"); err != nil {
			t.Fatal(err)
		}
		files, err := filepath.Glob(filepath.Join(dir, "*.json"))
		if err != nil || len(files) != 1 {
			t.Fatal(files, err)
		}
		b, err := os.ReadFile(files[0])
		if err != nil {
			t.Fatal(err)
		}
		if change == nil {
			b = b[:len(b)/2]
		} else {
			var m map[string]any
			if err := json.Unmarshal(b, &m); err != nil {
				t.Fatal(err)
			}
			change(m)
			if b, err = json.Marshal(m); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(files[0], b, 0o600); err != nil {
			t.Fatal(err)
		}
		play, err := record.Replay("a", dir)
		if err != nil {
			t.Fatal(err)
		}
		if a, err := ask(t, play, 1, "x"); !errors.Is(err, record.ErrDamaged) || errors.Is(err, record.ErrMiss) {
			t.Errorf("%s: %+v %v", name, a, err)
		}
	}
}

// TestWhatCannotBeKept is no answer.
func TestWhatCannotBeKept(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "d")
	rec, err := record.Record(parrot{"a"}, dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := rec.Chat(t.Context(), prompt.Request{Alert: "x"}); err == nil {
		t.Error("a question without a name was recorded")
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := ask(t, rec, 1, "x"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the directory is gone: %v", err)
	}
	if _, err := record.Replay("a", dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no directory: %v", err)
	}
	if err := os.WriteFile(dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := record.Record(parrot{"a"}, dir); err == nil {
		t.Error("a file in place of the directory")
	}
	if _, err := record.Replay("a", dir); err == nil || !strings.Contains(err.Error(), "is no directory") {
		t.Errorf("%v", err)
	}
}
